#include "ui/cli/explore.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "protocol/api_key.h"
#include "producer/nearest_word.h"
#include "scenarios/explore.h"
#include "scenarios/scenario_writer.h"
#include "ui/cli/inputs.h"
#include "ui/cli/interrupt.h"
#include "ui/report/output_file.h"
#include "ui/cli/progress.h"
#include "ui/cli/story_words.h"

namespace linger::cli {
namespace {

using scenarios::Exploration;
using scenarios::ExploredOutcome;
using scenarios::ExploreOptions;
using scenarios::Finding;
using scenarios::Standing;

struct Limits {
  std::int64_t seconds = 60;
  std::int64_t megabytes = 1024;
};

/// The most memory that this process has used so far.
std::int64_t peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

std::optional<std::string> read_bounds(const Arguments& arguments, ExploreOptions& options, Limits& limits) {
  const auto read = [&](const char* name, std::uint64_t least, std::uint64_t most, auto& into) -> std::optional<std::string> {
    const std::string* given = arguments.value(name);
    if (given == nullptr) return std::nullopt;
    const auto number = parse_count(*given, least);
    if (!number || *number > most) {
      return std::string(name) + " \"" + *given + "\"; expected a whole number from " + std::to_string(least) + " to " + std::to_string(most);
    }
    into = static_cast<std::remove_reference_t<decltype(into)>>(*number);
    return std::nullopt;
  };
  if (auto sentence = read("--faults", 0, 9, options.faults)) return sentence;
  if (auto sentence = read("--leader-changes", 0, 9, options.leader_changes)) return sentence;
  if (auto sentence = read("--ties", 0, 9, options.ties)) return sentence;
  if (auto sentence = read("--seconds", 1, 1'000'000, limits.seconds)) return sentence;
  if (auto sentence = read("--memory", 16, 1'000'000, limits.megabytes)) return sentence;
  options.merge = !arguments.has("--no-merge");
  if (const std::string* list = arguments.value("--apis")) {
    options.apis.clear();
    for (std::size_t at = 0; at <= list->size();) {
      const std::size_t end = std::min(list->find(',', at), list->size());
      const std::string name = list->substr(at, end - at);
      const auto api = api_key_from_name(name);
      if (!api) {
        std::vector<std::string> known;
        for (const ApiInfo& info : all_apis()) known.emplace_back(info.constant);
        const std::string nearest = nearest_word(name, known);
        return "--apis: no API \"" + name + "\"" + (nearest.empty() ? "; expected Kafka's names, as PRODUCE,END_TXN" : "; did you mean " + nearest + "?");
      }
      options.apis.push_back(*api);
      at = end + 1;
    }
  }
  return std::nullopt;
}

std::string bounds_in_words(const ExploreOptions& options) {
  return "up to " + counted(options.faults, "fault") + ", " + counted(options.leader_changes, "leader change") + " and " +
         counted(options.ties, "reordered tie");
}

/// `3 acked-present, 1 failed-absent` for a list with a word a record.
std::string folded(const std::string& fates) {
  if (fates.empty()) return "no records";
  std::vector<std::pair<std::string, std::int64_t>> kinds;
  for (std::size_t at = 0; at < fates.size();) {
    const std::size_t end = std::min(fates.find(", ", at), fates.size());
    const std::string word = fates.substr(at, end - at);
    const auto found = std::find_if(kinds.begin(), kinds.end(), [&](const auto& kind) { return kind.first == word; });
    if (found == kinds.end()) {
      kinds.emplace_back(word, 1);
    } else {
      ++found->second;
    }
    at = end + 2;
  }
  std::string out;
  for (const auto& [word, count] : kinds) out += (out.empty() ? "" : ", ") + std::to_string(count) + " " + word;
  return out;
}

bool is_broken(const ExploredOutcome& outcome) { return !outcome.findings.empty() && outcome.findings.front().standing == Standing::broken; }

std::string findings_in_words(const ExploredOutcome& outcome) {
  std::string words;
  for (const Finding& finding : outcome.findings) {
    if (finding.standing == Standing::allowed) continue;
    words += (words.empty() ? "" : ", ") + scenarios::describe(finding);
  }
  return words;
}

/// In how many outcomes this anomaly stands, whatever its standing.
std::int64_t outcomes_with(const Exploration& all, std::string_view name) {
  return std::count_if(all.outcomes.begin(), all.outcomes.end(), [&](const ExploredOutcome& outcome) {
    return std::any_of(outcome.findings.begin(), outcome.findings.end(), [&](const Finding& f) { return f.name == name; });
  });
}

std::string conclusion(const Exploration& all, const ExploreOptions& options) {
  const std::int64_t duplicated = outcomes_with(all, "duplicated");
  const std::int64_t lost = outcomes_with(all, "acked-lost");
  const std::int64_t reordered = outcomes_with(all, "reordered");
  const std::string size = "case up to this size (" + bounds_in_words(options) + ")";
  if (!all.complete) return "the search was stopped: what it has not met is not impossible";
  if (duplicated + lost + reordered == 0) return "for every " + size + ": 0 duplicates, 0 lost, 0 reordered";
  std::vector<std::string> absent;
  for (const auto& [count, word] : {std::pair{duplicated, "duplicated"}, std::pair{lost, "lost"}, std::pair{reordered, "reordered"}}) {
    if (count == 0) absent.emplace_back(word);
  }
  return absent.empty() ? "of every " + size + ", some lose, some duplicate and some reorder" : "in no " + size + " is a record " + listed(absent, 3, " or ");
}

void print_words(const Exploration& all, const ExploreOptions& options, const std::vector<std::string>& files, double seconds, const Look& look, std::ostream& out) {
  out << "choices            " << all.choices << "\n"
      << "runs               " << all.runs << ", of which " << all.merged << " met a state that had been gone on from before\n"
      << "distinct states    " << all.states << "\n"
      << "judged runs        " << all.judged << "\n"
      << "distinct outcomes  " << all.outcomes.size() << "\n"
      << "time               " << static_cast<std::int64_t>(seconds * 1000) << " ms, " << static_cast<std::int64_t>(static_cast<double>(all.runs) / std::max(seconds, 1e-3))
      << " runs a second\n"
      << "covered            ";
  if (all.complete) {
    out << "everything: " << bounds_in_words(options) << "\n\n";
  } else {
    out << static_cast<std::int64_t>(all.covered * 1000) / 10 << "." << static_cast<std::int64_t>(all.covered * 1000) % 10
        << " % of all ways, when each way that a choice offers weighs the same; stopped at a limit of time or memory\n\n";
  }
  out << "  faults      runs  records\n";
  for (std::size_t i = 0; i < all.outcomes.size(); ++i) {
    const ExploredOutcome& outcome = all.outcomes[i];
    std::string runs = std::to_string(outcome.runs);
    runs.insert(0, runs.size() < 9 ? 9 - runs.size() : 0, ' ');
    out << "  " << outcome.faults << "      " << runs << "  " << folded(outcome.fates);
    const std::string words = findings_in_words(outcome);
    if (!words.empty()) out << "  " << painted(spelled((is_broken(outcome) ? "! broken: " : "◆ known defect: ") + words, look), Tone::failed, look);
    out << "\n";
    if (i < files.size()) out << "                     linger run " << files[i] << "\n";
  }
  out << "\n" << conclusion(all, options) << "\n";
}

void print_json(const Exploration& all, const ExploreOptions& options, const std::vector<std::string>& files, std::ostream& out) {
  using Json = nlohmann::ordered_json;
  Json json;
  json["schema"] = 1;
  json["verb"] = "explore";
  json["bounds"] = Json{{"faults", options.faults}, {"leader_changes", options.leader_changes}, {"ties", options.ties}, {"merge", options.merge}};
  json["choices"] = all.choices;
  json["explored"] = all.runs;
  json["merged"] = all.merged;
  json["states"] = all.states;
  json["judged"] = all.judged;
  json["complete"] = all.complete;
  json["covered_permille"] = static_cast<std::int64_t>(all.covered * 1000);
  json["fates"] = Json::object();
  for (const auto& [fate, count] : all.fates) json["fates"][fate] = count;
  json["outcomes"] = Json::array();
  for (std::size_t i = 0; i < all.outcomes.size(); ++i) {
    const ExploredOutcome& outcome = all.outcomes[i];
    Json one{{"faults", outcome.faults}, {"runs", outcome.runs}, {"records", outcome.fates}};
    one["findings"] = Json::array();
    for (const Finding& finding : outcome.findings) {
      one["findings"].push_back(Json{{"standing", scenarios::standing_name(finding.standing)}, {"name", finding.name}, {"source", finding.source}});
    }
    if (i < files.size()) one["file"] = files[i];
    json["outcomes"].push_back(std::move(one));
  }
  json["conclusion"] = conclusion(all, options);
  out << json.dump(2) << "\n";
}

/// One plan an outcome, numbered in the order of the table.
std::optional<std::string> save(const Exploration& all, const std::string& folder, std::vector<std::string>& files) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return folder + " cannot be made: " + error.message();
  for (std::size_t i = 0; i < all.outcomes.size(); ++i) {
    const std::string number = std::to_string(i + 1);
    files.push_back((std::filesystem::path(folder) / ("outcome-" + std::string(number.size() < 2 ? 1 : 0, '0') + number + ".json")).string());
    if (auto sentence = report::write_file(files.back(), scenarios::write_scenario(all.outcomes[i].plan))) return sentence;
  }
  return std::nullopt;
}

}  // namespace

ExitStatus explore_scenario_file(const Arguments& arguments, const Streams& streams) {
  ExploreOptions options;
  Limits limits;
  if (const auto sentence = read_bounds(arguments, options, limits)) {
    streams.err << "linger: " << *sentence << "\n";
    return ExitStatus::bad_input;
  }
  const auto overrides = read_overrides(arguments, streams.err);
  if (!overrides) return ExitStatus::bad_input;
  const auto scenario = load_scenario(*arguments.operand, *overrides, streams.err);
  if (!scenario) return ExitStatus::bad_input;
  note_interrupts();
  // The clock decides only when to stop; what has been met by then depends on the machine, and the report says so.
  using Clock = std::chrono::steady_clock;
  const Clock::time_point begin = Clock::now();
  std::int64_t asked = 0;
  options.stop = [&, asked]() mutable {
    if (++asked % 256 != 0) return false;
    return interrupted() || Clock::now() - begin > std::chrono::seconds(limits.seconds) || peak_megabytes() > limits.megabytes;
  };
  Progress progress(streams.err, streams.err_is_terminal, 1000);
  options.progress = [&](std::int64_t runs, double covered) {
    progress.show(static_cast<std::uint64_t>(covered * 1000), std::to_string(runs) + " ways followed");
  };
  const Exploration all = scenarios::explore(*scenario, options);
  progress.clear();
  std::vector<std::string> files;
  if (const std::string* folder = arguments.value("--output")) {
    if (const auto sentence = save(all, *folder, files)) {
      streams.err << "linger: " << *sentence << "\n";
      return ExitStatus::bad_input;
    }
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  if (arguments.has("--json")) {
    print_json(all, options, files, streams.out);
  } else {
    print_words(all, options, files, seconds, look_of(arguments, streams), streams.out);
  }
  if (interrupted()) return ExitStatus::interrupted;
  return std::any_of(all.outcomes.begin(), all.outcomes.end(), is_broken) ? ExitStatus::guarantee_broken : ExitStatus::as_expected;
}

}  // namespace linger::cli

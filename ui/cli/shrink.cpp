#include "ui/cli/shrink.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <utility>
#include <vector>

#include "producer/nearest_word.h"
#include "scenarios/runner.h"
#include "scenarios/scenario_reader.h"
#include "scenarios/scenario_writer.h"
#include "scenarios/shrink.h"
#include "ui/cli/inputs.h"
#include "ui/cli/interrupt.h"
#include "ui/report/output_file.h"
#include "ui/cli/progress.h"
#include "ui/cli/story_words.h"

namespace linger::cli {
namespace {

using scenarios::Finding;
using scenarios::Shrunk;
using scenarios::Standing;

/// What is to be kept: the finding of this name, or without one the worst that the run showed.
std::optional<Finding> choose(const std::vector<Finding>& shown, const std::string* name, std::string& sentence) {
  if (name == nullptr) {
    if (!shown.empty() && shown.front().standing != Standing::allowed) return shown.front();
    sentence = "breaks no guarantee";
    for (const Finding& finding : shown) sentence += (sentence.back() == 'e' ? "; --for keeps what is allowed: " : ", ") + finding.name;
    return std::nullopt;
  }
  const auto found = std::find_if(shown.begin(), shown.end(), [&](const Finding& f) { return f.name == *name; });
  if (found != shown.end()) return *found;
  std::vector<std::string> names;
  for (const Finding& finding : shown) names.push_back(finding.name);
  sentence = "does not show \"" + *name + "\"; " + (names.empty() ? std::string("it shows nothing to shrink for") : "it shows " + listed(names, 12, ", "));
  return std::nullopt;
}

std::string default_path(const std::string& file) {
  const std::filesystem::path path(file);
  return (path.parent_path() / (path.stem().string() + "-shrunk.json")).string();
}

/// `2 workload steps and 1 fault, 3 brokers`
std::string size_in_words(const scenarios::Scenario& plan) {
  const auto faults = static_cast<std::int64_t>(plan.faults.size());
  return counted(scenarios::plan_steps(plan) - faults, "workload step") + " and " + counted(faults, "fault") + ", " +
         counted(plan.cluster.brokers, "broker");
}

void print_json(const Shrunk& shrunk, const Finding& kept, const scenarios::Scenario& before, const std::string& path, std::ostream& out) {
  nlohmann::ordered_json json;
  json["schema"] = 1;
  json["verb"] = "shrink";
  json["finding"] = {{"standing", scenarios::standing_name(kept.standing)}, {"name", kept.name}, {"source", kept.source}};
  json["steps"] = {{"before", scenarios::plan_steps(before)}, {"after", scenarios::plan_steps(shrunk.plan)}};
  json["tried"] = shrunk.runs;
  json["smaller"] = shrunk.smaller;
  json["at_fixed_point"] = shrunk.at_fixed_point;
  json["file"] = path;
  json["runs"] = nlohmann::ordered_json::array({nlohmann::ordered_json::parse(scenarios::to_json(shrunk.result, false))});
  out << json.dump(2) << "\n";
}

}  // namespace

ExitStatus shrink_scenario_file(const Arguments& arguments, const Streams& streams) {
  const auto overrides = read_overrides(arguments, streams.err);
  if (!overrides) return ExitStatus::bad_input;
  scenarios::ShrinkOptions options;
  if (const std::string* runs = arguments.value("--runs")) {
    const auto most = parse_count(*runs, 1);
    if (!most) {
      streams.err << "linger: --runs \"" << *runs << "\"; expected a whole number of at least 1\n";
      return ExitStatus::bad_input;
    }
    options.most_runs = static_cast<std::int64_t>(*most);
  }
  const auto scenario = load_scenario(*arguments.operand, *overrides, streams.err);
  if (!scenario) return ExitStatus::bad_input;
  note_interrupts();
  const scenarios::Run first = scenarios::run_scenario(*scenario);
  std::string sentence;
  const auto kept = choose(scenarios::findings_of(first.result), arguments.value("--for"), sentence);
  if (!kept) {
    streams.err << "linger: " << *arguments.operand << " " << sentence << "\n";
    return ExitStatus::bad_input;
  }
  Progress progress(streams.err, streams.err_is_terminal, options.most_runs);
  options.interrupted = interrupted;
  options.progress = [&](const scenarios::ShrinkProgress& so_far) {
    progress.show(static_cast<std::uint64_t>(so_far.runs), counted(so_far.steps, "step") + " left");
  };
  Shrunk shrunk = scenarios::shrink(*scenario, *kept, options);
  progress.finish(static_cast<std::uint64_t>(shrunk.runs));
  shrunk.plan.title = scenario->title.empty() ? std::string() : scenario->title + ", shrunk";
  shrunk.plan.teaches.clear();
  const std::string* given = arguments.value("--output");
  const std::string path = given != nullptr ? *given : default_path(*arguments.operand);
  if (const auto failure = report::write_file(path, scenarios::write_scenario(shrunk.plan))) {
    streams.err << "linger: " << *failure << "\n";
    return ExitStatus::bad_input;
  }
  if (arguments.has("--json")) {
    print_json(shrunk, *kept, *scenario, path, streams.out);
  } else {
    streams.out << scenarios::describe(*kept) << "\n"
                << "  before  " << size_in_words(*scenario) << "\n"
                << "  after   " << size_in_words(shrunk.plan) << "\n"
                << "  " << counted(shrunk.runs, "plan") << " run, " << shrunk.smaller << " of them smaller and kept"
                << (shrunk.at_fixed_point ? "; no single change makes it smaller" : "; stopped before the end") << "\n\n"
                << "Now:  " << command_line({"run", path}) << "\n";
  }
  return interrupted() ? ExitStatus::interrupted : ExitStatus::as_expected;
}

}  // namespace linger::cli

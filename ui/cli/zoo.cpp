#include "ui/cli/zoo.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/random_plan.h"
#include "scenarios/runner.h"
#include "scenarios/shrink.h"
#include "scenarios/zoo.h"
#include "ui/cli/interrupt.h"
#include "ui/cli/smallest.h"
#include "ui/cli/story_layout.h"
#include "ui/cli/story_words.h"
#include "ui/cli/worker_pool.h"

namespace linger::cli {
namespace {

using scenarios::ZooBug;

/// Random plans that must be silent without the bug, unless fewer are searched.
constexpr std::uint64_t most_silent_seeds = 1000;
/// So many seeds go to the processes at a time; between them the clock is looked at.
constexpr std::uint64_t seeds_at_a_time = 200;

struct Budget {
  std::uint64_t seeds = 20'000;
  std::uint64_t seconds = 60;
  std::int64_t shrink_runs = 2'000;

  std::uint64_t silent_seeds() const { return std::min(seeds, most_silent_seeds); }
};

/// What came out for one bug.
struct Row {
  const ZooBug* bug = nullptr;
  std::vector<std::string> own_mistakes;      ///< none: its own scenario shows it, and is silent without it
  std::optional<std::uint64_t> seed;          ///< of the first random plan that finds it
  std::uint64_t searched = 0;                 ///< seeds, from 1
  std::int64_t plan_steps = 0;                ///< of the plan that was found
  std::int64_t steps = 0;                     ///< of what it shrinks to
  bool smallest = false;                      ///< no single change makes that smaller
  std::string checker;                        ///< as it reported there
  std::optional<std::uint64_t> loud_without;  ///< the first random plan that reports something without the bug

  bool fine() const { return own_mistakes.empty() && seed && !loud_without; }
};

struct Wanted {
  std::vector<const ZooBug*> bugs;
  Budget budget;
};

std::optional<std::string> read_wanted(const Arguments& arguments, Wanted& wanted) {
  const auto number = [&](const char* option, std::uint64_t least, auto& into) -> std::optional<std::string> {
    const std::string* text = arguments.value(option);
    if (text == nullptr) return std::nullopt;
    const auto value = parse_count(*text, least);
    if (!value)
      return std::string(option) + " \"" + *text + "\"; expected a whole number of at least " + std::to_string(least);
    into = static_cast<std::remove_reference_t<decltype(into)>>(*value);
    return std::nullopt;
  };
  if (auto sentence = number("--seeds", 1, wanted.budget.seeds)) return sentence;
  if (auto sentence = number("--seconds", 1, wanted.budget.seconds)) return sentence;
  if (auto sentence = number("--runs", 1, wanted.budget.shrink_runs)) return sentence;
  if (!arguments.operand) {
    for (const ZooBug& bug : scenarios::zoo()) wanted.bugs.push_back(&bug);
    return std::nullopt;
  }
  for (std::size_t at = 0; at <= arguments.operand->size();) {
    const std::size_t comma = std::min(arguments.operand->find(',', at), arguments.operand->size());
    const std::string id = arguments.operand->substr(at, comma - at);
    const ZooBug* bug = scenarios::find_zoo_bug(id);
    if (bug == nullptr) {
      std::string known;
      for (const ZooBug& one : scenarios::zoo()) known += (known.empty() ? "" : " ") + std::string(one.id);
      return "no bug \"" + id + "\" in the zoo; there are " + known;
    }
    wanted.bugs.push_back(bug);
    at = comma + 1;
  }
  return std::nullopt;
}

/// Random plans without any bug's switch are the same for every bug: they are looked at once.
class Silence {
 public:
  Silence(std::uint64_t seeds, std::int64_t processes) : seeds_(seeds), processes_(processes) {}

  std::optional<std::uint64_t> loud_without(const ZooBug& bug) {
    if (scenarios::in_4_3_1(bug)) return look(bug);
    if (!usual_) usual_ = look(bug);
    return *usual_;
  }

 private:
  std::optional<std::uint64_t> look(const ZooBug& bug) const {
    return smallest(1, seeds_, processes_,
                    [&bug](std::uint64_t seed) { return scenarios::reports_without_bug(bug, seed); });
  }

  std::uint64_t seeds_;
  std::int64_t processes_;
  std::optional<std::optional<std::uint64_t>> usual_;
};

void search(Row& row, const Budget& budget, std::int64_t processes) {
  const auto begin = std::chrono::steady_clock::now();
  const auto is_one = [&row](std::uint64_t seed) { return scenarios::found_in_random_plan(*row.bug, seed); };
  while (!row.seed && row.searched < budget.seeds && !interrupted()) {
    const std::uint64_t count = std::min(seeds_at_a_time, budget.seeds - row.searched);
    row.seed = smallest(row.searched + 1, count, processes, is_one);
    row.searched = row.seed ? *row.seed : row.searched + count;
    if (std::chrono::steady_clock::now() - begin > std::chrono::seconds(budget.seconds)) break;
  }
}

void shrink_found(Row& row, const Budget& budget) {
  const scenarios::Scenario plan = scenarios::with_bug(scenarios::random_plan(*row.seed), *row.bug);
  const auto finding = scenarios::reported(scenarios::run_scenario(plan).result, *row.bug);
  scenarios::ShrinkOptions options;
  options.most_runs = budget.shrink_runs;
  options.interrupted = interrupted;
  row.plan_steps = scenarios::plan_steps(plan);
  const scenarios::Shrunk shrunk = scenarios::shrink(plan, *finding, options);
  row.steps = scenarios::plan_steps(shrunk.plan);
  row.smallest = shrunk.at_fixed_point;
  row.checker = std::string(row.bug->oracle) + " " + finding->name;
}

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size() + 2, width), ' ');
  return text;
}

constexpr std::size_t issue_width = 20;
constexpr std::size_t own_width = 14;
constexpr std::size_t random_width = 24;
constexpr std::size_t steps_width = 22;
constexpr std::size_t silent_width = 14;

std::string heading() {
  return "  " + padded("bug", 5) + padded("issue", issue_width) + padded("own scenario", own_width) +
         padded("random search", random_width) + padded("shrunk", steps_width) + padded("silent off", silent_width) +
         "caught by\n";
}

std::string line_of(const Row& row) {
  const std::string random = row.seed ? "after " + std::to_string(*row.seed) + (*row.seed == 1 ? " seed" : " seeds")
                                      : "not in " + std::to_string(row.searched) + " seeds";
  const std::string steps = row.seed ? "from " + std::to_string(row.plan_steps) + " to " + std::to_string(row.steps) +
                                           (row.smallest ? "" : " or less")
                                     : "";
  const bool silent = row.own_mistakes.empty() && !row.loud_without;
  const std::string checker =
      row.seed ? row.checker : std::string(row.bug->oracle) + " " + std::string(row.bug->violation);
  return "  " + padded(std::string(row.bug->id), 5) + padded(std::string(row.bug->issue), issue_width) +
         padded(row.own_mistakes.empty() ? "found" : "WRONG", own_width) + padded(random, random_width) +
         padded(steps, steps_width) + padded(silent ? "silent" : "NOT SILENT", silent_width) + checker + "\n";
}

void print_words(const std::vector<Row>& rows, const Budget& budget, std::ostream& out) {
  std::int64_t fine = 0;
  for (const Row& row : rows) {
    fine += row.fine() ? 1 : 0;
    for (const std::string& mistake : row.own_mistakes)
      out << "  " << row.bug->id << ", " << row.bug->file << ": " << mistake << "\n";
    if (row.loud_without)
      out << "  " << row.bug->id << ": without it, the random plan of seed " << *row.loud_without
          << " reports something\n";
  }
  out << "\n  " << fine << " of " << counted(static_cast<std::int64_t>(rows.size()), "bug")
      << " found by both, and silent when corrected, in its own scenario and in " << budget.silent_seeds()
      << " random plans.\n"
      << "  Searched: at most " << budget.seeds << " seeds or " << budget.seconds
      << " s for each bug. Steps of a plan: its workload and its faults.\n";
}

void print_json(const std::vector<Row>& rows, const Budget& budget, bool stopped, std::ostream& out) {
  using Json = nlohmann::ordered_json;
  Json all;
  all["schema"] = 1;
  all["verb"] = "zoo";
  all["seeds"] = budget.seeds;
  all["seconds"] = budget.seconds;
  all["silent_seeds"] = budget.silent_seeds();
  all["interrupted"] = stopped;
  all["bugs"] = Json::array();
  for (const Row& row : rows) {
    Json bug;
    bug["id"] = row.bug->id;
    bug["issue"] = row.bug->issue;
    bug["title"] = row.bug->title;
    bug["behaviour"] = row.bug->behaviour;
    bug["historical"] = row.bug->historical;
    bug["corrected"] = row.bug->corrected;
    bug["oracle"] = row.bug->oracle;
    bug["violation"] = row.bug->violation;
    bug["file"] = row.bug->file;
    bug["own_scenario"] = Json{{"found", row.own_mistakes.empty()}, {"mistakes", row.own_mistakes}};
    bug["random"] = Json{{"searched", row.searched}, {"seed", row.seed ? Json(*row.seed) : Json(nullptr)}};
    bug["shrunk"] =
        row.seed ? Json{{"from", row.plan_steps}, {"steps", row.steps}, {"smallest", row.smallest}} : Json(nullptr);
    bug["silent_without"] = row.own_mistakes.empty() && !row.loud_without;
    bug["loud_seed"] = row.loud_without ? Json(*row.loud_without) : Json(nullptr);
    all["bugs"].push_back(std::move(bug));
  }
  out << all.dump(2) << "\n";
}

}  // namespace

ExitStatus show_zoo(const Arguments& arguments, const Streams& streams) {
  Wanted wanted;
  if (const auto sentence = read_wanted(arguments, wanted)) {
    streams.err << "linger: " << *sentence << "\n";
    return ExitStatus::bad_input;
  }
  note_interrupts();
  const std::int64_t processes = usable_processors();
  const bool json = arguments.has("--json");
  Silence silence(wanted.budget.silent_seeds(), processes);
  std::vector<Row> rows;
  if (!json) streams.out << heading();
  try {
    for (const ZooBug* bug : wanted.bugs) {
      if (interrupted()) break;
      Row row;
      row.bug = bug;
      row.own_mistakes = scenarios::own_scenario_mistakes(*bug);
      row.loud_without = silence.loud_without(*bug);
      search(row, wanted.budget, processes);
      if (row.seed) shrink_found(row, wanted.budget);
      if (interrupted()) break;
      if (!json) streams.out << line_of(row) << std::flush;
      rows.push_back(std::move(row));
    }
  } catch (const std::runtime_error& error) {
    if (interrupted()) return ExitStatus::interrupted;
    streams.err << "linger: " << error.what() << "\n";
    return ExitStatus::own_defect;
  }
  if (json) {
    print_json(rows, wanted.budget, interrupted(), streams.out);
  } else {
    print_words(rows, wanted.budget, streams.out);
  }
  if (interrupted()) return ExitStatus::interrupted;
  return std::all_of(rows.begin(), rows.end(), [](const Row& row) { return row.fine(); })
             ? ExitStatus::as_expected
             : ExitStatus::guarantee_broken;
}

}  // namespace linger::cli

#include "ui/cli/sweep.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <utility>
#include <vector>

#include "scenarios/random_plan.h"
#include "scenarios/runner.h"
#include "scenarios/scenario_writer.h"
#include "ui/cli/coverage.h"
#include "ui/cli/inputs.h"
#include "ui/cli/interrupt.h"
#include "ui/cli/output_file.h"
#include "ui/cli/progress.h"
#include "ui/cli/story_layout.h"
#include "ui/cli/story_words.h"

namespace linger::cli {
namespace {

using scenarios::Run;
using scenarios::Scenario;

/// So many failing runs are kept for JSON, and so many told; all of them are saved and counted.
constexpr std::size_t most_kept = 200;
constexpr std::size_t most_told = 20;

struct Failure {
  std::uint64_t seed = 0;
  std::string file;
  std::string what;
  std::string json;
};

struct SweepPlan {
  std::optional<Scenario> scenario;  ///< none: random plans
  std::uint64_t first = 1;
  std::uint64_t seeds = 1000;
  std::vector<std::string> behaviours;
  std::string folder = "linger-failures";
  std::string stem = "swarm";
  bool strict = false;
  bool json = false;
};

std::optional<std::string> read_numbers(const Arguments& arguments, SweepPlan& plan) {
  if (const std::string* seeds = arguments.value("--seeds")) {
    const auto count = parse_count(*seeds, 1);
    if (!count) return "--seeds \"" + *seeds + "\"; expected a whole number of at least 1";
    plan.seeds = *count;
  }
  if (const std::string* first = arguments.value("--first")) {
    const auto seed = parse_count(*first, 0);
    if (!seed) return "--first \"" + *first + "\"; expected a seed, a whole number from 0";
    plan.first = *seed;
  }
  if (const std::string* folder = arguments.value("--output")) plan.folder = *folder;
  plan.strict = arguments.has("--strict");
  plan.json = arguments.has("--json");
  return std::nullopt;
}

std::optional<std::string> read_swarm(const Arguments& arguments, SweepPlan& plan) {
  if (arguments.operand) return "sweep takes a FILE or --swarm, not both";
  for (const char* option : {"--set", "--producer-property", "--producer-config", "--input"}) {
    if (arguments.has(option)) return std::string(option) + " goes with a FILE; random plans take --behaviour";
  }
  Scenario probe = scenarios::random_plan(plan.first);
  for (const std::string& behaviour : arguments.all("--behaviour")) {
    if (auto sentence = scenarios::apply_behaviour(probe, behaviour))
      return "--behaviour " + behaviour + ": " + *sentence;
  }
  plan.behaviours = arguments.all("--behaviour");
  return std::nullopt;
}

std::optional<SweepPlan> read_plan(const Arguments& arguments, std::ostream& err) {
  SweepPlan plan;
  std::optional<std::string> sentence = read_numbers(arguments, plan);
  const bool swarm = arguments.has("--swarm");
  if (!sentence && swarm) sentence = read_swarm(arguments, plan);
  if (!sentence && !swarm && !arguments.operand) sentence = "sweep needs a FILE, or --swarm for random plans";
  if (sentence) {
    err << "linger: " << *sentence << "\n";
    return std::nullopt;
  }
  if (swarm) return plan;
  const auto overrides = read_overrides(arguments, err);
  if (!overrides) return std::nullopt;
  plan.scenario = load_scenario(*arguments.operand, *overrides, err);
  if (!plan.scenario) return std::nullopt;
  plan.stem = std::filesystem::path(*arguments.operand).stem().string();
  return plan;
}

Scenario draw(const SweepPlan& plan, std::uint64_t seed) {
  Scenario scenario = plan.scenario ? scenarios::vary(*plan.scenario, seed) : scenarios::random_plan(seed);
  for (const std::string& behaviour : plan.behaviours) scenarios::apply_behaviour(scenario, behaviour);
  return scenario;
}

bool fails(const Run& run, bool strict) {
  return !run.result.violations.empty() || (strict && !run.result.known_defects.empty());
}

/// Writes the plan into the folder, which is made when it is needed; the sentence that says why not.
std::optional<std::string> save(const SweepPlan& plan, const Run& run, std::uint64_t seed, std::string& file) {
  std::error_code error;
  std::filesystem::create_directories(plan.folder, error);
  file = (std::filesystem::path(plan.folder) / (plan.stem + "-" + std::to_string(seed) + ".json")).string();
  if (error) return plan.folder + " cannot be made: " + error.message();
  return write_file(file, scenarios::write_scenario(run.setup->scenario));
}

std::string what_failed(const Run& run) {
  if (run.result.violations.empty()) return run.result.known_defects.front().issue + ", a known defect";
  const scenarios::Violation& violation = run.result.violations.front();
  const std::size_t more = run.result.violations.size() - 1;
  return violation.name + " (" + violation.oracle + "): " + violation.detail +
         (more > 0 ? ", and " + std::to_string(more) + " more" : "");
}

void print_json(const Coverage& coverage, const std::vector<Failure>& failures, const SweepPlan& plan, bool interrupted,
                std::ostream& out) {
  using Json = nlohmann::ordered_json;
  Json all;
  all["schema"] = 1;
  all["verb"] = "sweep";
  all["plans"] = plan.scenario ? "variations" : "random";
  all["first"] = plan.first;
  all["seeds"] = plan.seeds;
  all["done"] = coverage.runs;
  all["interrupted"] = interrupted;
  all["failing"] = coverage.failing;
  const scenarios::Counts& r = coverage.records;
  all["records"] = Json{{"sent", r.sent},
                        {"acked", r.acked},
                        {"failed", r.failed},
                        {"refused", r.refused},
                        {"stuck", r.stuck},
                        {"untold", r.untold},
                        {"aborted", r.aborted},
                        {"lost", r.lost},
                        {"deleted", r.deleted},
                        {"unavailable", r.unavailable},
                        {"failed_present", r.failed_present},
                        {"duplicated", r.duplicated},
                        {"duplicated_payloads", r.duplicated_payloads},
                        {"reordered", r.reordered}};
  Json covered;
  covered["events"] = coverage.events;
  covered["frames"] = coverage.frames;
  covered["runs_with_election"] = coverage.with_election;
  covered["runs_with_retry"] = coverage.with_retry;
  covered["runs_with_transactions"] = coverage.with_transactions;
  covered["transactions"] =
      Json{{"begun", coverage.transactions}, {"committed", coverage.committed}, {"aborted", coverage.aborted}};
  covered["faults"] = Json{{"planned", coverage.faults.planned}, {"hit", coverage.faults.hit}};
  covered["by_kind"] = Json::object();
  for (const auto& [kind, faults] : coverage.by_kind)
    covered["by_kind"][kind] = Json{{"planned", faults.planned}, {"hit", faults.hit}};
  covered["forged"] = Json::object();
  for (const auto& [answer, count] : coverage.forged) covered["forged"][answer] = count;
  all["coverage"] = std::move(covered);
  all["known_defects"] = Json::object();
  for (const auto& [defect, count] : coverage.defects) all["known_defects"][defect] = count;
  all["violations"] = Json::object();
  for (const auto& [violation, count] : coverage.violations) all["violations"][violation] = count;
  all["runs"] = Json::array();
  for (const Failure& failure : failures) {
    Json run = Json::parse(failure.json);
    run["file"] = failure.file;
    all["runs"].push_back(std::move(run));
  }
  out << all.dump(2) << "\n";
}

void print_words(const Coverage& coverage, const std::vector<Failure>& failures, const SweepPlan& plan,
                 bool interrupted, const Look& look, std::ostream& out) {
  out << counted(coverage.runs, "run") << " of "
      << (plan.scenario ? "variations of " + plan.stem : std::string("random plans")) << ", seeds " << plan.first
      << " to " << plan.first + static_cast<std::uint64_t>(std::max<std::int64_t>(coverage.runs, 1)) - 1
      << (interrupted ? ", then interrupted" : "") << "\n\n"
      << coverage_in_words(coverage) << "\n";
  const std::size_t told = std::min(failures.size(), most_told);
  for (std::size_t i = 0; i < told; ++i) {
    const Failure& failure = failures[i];
    out << "  "
        << painted(spelled("! seed " + std::to_string(failure.seed) + ": " + failure.what, look), Tone::failed, look)
        << "\n      linger run " << failure.file << "\n";
  }
  const std::int64_t more = coverage.failing - static_cast<std::int64_t>(told);
  if (more > 0) out << "  and " << more << " more in " << plan.folder << "\n";
  if (coverage.failing == 0)
    out << "  " << painted(spelled("✓ no guarantee broken", look), Tone::fine, look) << "\n";
  else
    out << "  " << counted(coverage.failing, "run") << " with a broken guarantee; their plans are in " << plan.folder
        << "\n";
}

}  // namespace

ExitStatus sweep(const Arguments& arguments, const Streams& streams) {
  const auto plan = read_plan(arguments, streams.err);
  if (!plan) return ExitStatus::bad_input;
  note_interrupts();
  Coverage coverage{arguments.has("--swarm")};
  std::vector<Failure> failures;
  Progress progress(streams.err, streams.err_is_terminal, static_cast<std::int64_t>(plan->seeds));
  scenarios::RunOptions options;
  options.interrupted = interrupted;
  for (std::uint64_t i = 0; i < plan->seeds && !interrupted(); ++i) {
    const std::uint64_t seed = plan->first + i;
    const Run run = scenarios::run_scenario(draw(*plan, seed), options);
    if (run.interrupted) break;
    coverage.add(run);
    if (fails(run, plan->strict)) {
      ++coverage.failing;
      Failure failure{seed, {}, what_failed(run), {}};
      if (const auto sentence = save(*plan, run, seed, failure.file)) {
        streams.err << "linger: " << *sentence << "\n";
        return ExitStatus::bad_input;
      }
      if (plan->json) failure.json = scenarios::to_json(run.result, false);
      if (failures.size() < most_kept) failures.push_back(std::move(failure));
    }
    progress.show(i + 1, std::to_string(coverage.failing) + " failing");
  }
  progress.finish(static_cast<std::uint64_t>(coverage.runs));
  if (plan->json) {
    print_json(coverage, failures, *plan, interrupted(), streams.out);
  } else {
    print_words(coverage, failures, *plan, interrupted(), look_of(arguments, streams), streams.out);
  }
  if (interrupted()) return ExitStatus::interrupted;
  return coverage.failing > 0 ? ExitStatus::guarantee_broken : ExitStatus::as_expected;
}

}  // namespace linger::cli

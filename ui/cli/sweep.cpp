#include "ui/cli/sweep.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <set>
#include <utility>
#include <variant>
#include <vector>

#include "scenarios/random_plan.h"
#include "scenarios/runner.h"
#include "scenarios/scenario_reader.h"
#include "scenarios/scenario_writer.h"
#include "ui/cli/coverage.h"
#include "ui/cli/inputs.h"
#include "ui/cli/interrupt.h"
#include "ui/report/output_file.h"
#include "ui/cli/progress.h"
#include "ui/cli/sweep_journal.h"
#include "ui/cli/sweep_report.h"
#include "ui/cli/worker_pool.h"

namespace linger::cli {
namespace {

using scenarios::Run;
using scenarios::Scenario;
using Json = nlohmann::ordered_json;

/// Seeds that one process runs before it tells what came out.
constexpr std::uint64_t seeds_a_piece = 32;

/// What the command line asks for.
struct SweepPlan {
  SweepReport report;                ///< the question, and which part of it
  std::optional<Scenario> scenario;  ///< none: random plans
  std::string folder = "linger-failures";
  std::int64_t processes = 1;
  std::optional<std::string> journal, junit;
  bool json = false;
};

std::optional<std::string> read_shard(const std::string& text, SweepReport& report) {
  const std::size_t slash = text.find('/');
  const auto shard = parse_count(text.substr(0, slash), 1);
  const auto shards = slash == std::string::npos ? std::nullopt : parse_count(text.substr(slash + 1), 1);
  if (!shard || !shards || *shard > *shards) return "--shard \"" + text + "\"; expected the number of the shard and how many there are, as 1/3, 2/3, 3/3";
  report.shard = *shard;
  report.shards = *shards;
  return std::nullopt;
}

std::optional<std::string> read_numbers(const Arguments& arguments, SweepPlan& plan) {
  SweepQuestion& question = plan.report.question;
  if (const std::string* seeds = arguments.value("--seeds")) {
    const auto count = parse_count(*seeds, 1);
    if (!count) return "--seeds \"" + *seeds + "\"; expected a whole number of at least 1";
    question.seeds = *count;
  }
  if (const std::string* first = arguments.value("--first")) {
    const auto seed = parse_count(*first, 0);
    if (!seed) return "--first \"" + *first + "\"; expected a seed, a whole number from 0";
    question.first = *seed;
  }
  plan.processes = usable_processors();
  if (const std::string* processes = arguments.value("--processes")) {
    const auto count = parse_count(*processes, 1);
    if (!count || *count > 1024) return "--processes \"" + *processes + "\"; expected a whole number from 1 to 1024";
    plan.processes = static_cast<std::int64_t>(*count);
  }
  if (const std::string* shard = arguments.value("--shard")) {
    if (auto sentence = read_shard(*shard, plan.report)) return sentence;
  }
  if (const std::string* folder = arguments.value("--output")) plan.folder = *folder;
  if (const std::string* file = arguments.value("--journal")) plan.journal = *file;
  if (const std::string* file = arguments.value("--junit")) plan.junit = *file;
  question.strict = arguments.has("--strict");
  plan.json = arguments.has("--json");
  return std::nullopt;
}

std::optional<std::string> read_swarm(const Arguments& arguments, SweepPlan& plan) {
  if (arguments.operand) return "sweep takes a FILE or --swarm, not both";
  for (const char* option : {"--set", "--producer-property", "--producer-config", "--input"}) {
    if (arguments.has(option)) return std::string(option) + " goes with a FILE; random plans take --behaviour";
  }
  Scenario probe = scenarios::random_plan(plan.report.question.first);
  for (const std::string& behaviour : arguments.all("--behaviour")) {
    if (auto sentence = scenarios::apply_behaviour(probe, behaviour)) return "--behaviour " + behaviour + ": " + *sentence;
  }
  plan.report.question.behaviours = arguments.all("--behaviour");
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
  SweepQuestion& question = plan.report.question;
  question.random_plans = swarm;
  plan.report.coverage = Coverage{swarm};
  if (swarm) return plan;
  const auto overrides = read_overrides(arguments, err);
  if (!overrides) return std::nullopt;
  plan.scenario = load_scenario(*arguments.operand, *overrides, err);
  if (!plan.scenario) return std::nullopt;
  question.stem = std::filesystem::path(*arguments.operand).stem().string();
  question.plan = scenarios::dump_compact(scenarios::scenario_to_json(*plan.scenario));
  return plan;
}

Scenario draw(const SweepPlan& plan, std::uint64_t seed) {
  Scenario scenario = plan.scenario ? scenarios::vary(*plan.scenario, seed) : scenarios::random_plan(seed);
  for (const std::string& behaviour : plan.report.question.behaviours) scenarios::apply_behaviour(scenario, behaviour);
  return scenario;
}

/// Random plans expect something only where they have a quiet period: that the cluster has settled in it.
bool fails(const Run& run, bool strict) {
  return !run.result.violations.empty() || !run.result.unmet.empty() || (strict && !run.result.known_defects.empty());
}

/// Writes the plan into the folder, which is made when it is needed; the sentence that says why not.
std::optional<std::string> save(const SweepPlan& plan, const Run& run, std::uint64_t seed, std::string& file) {
  std::error_code error;
  std::filesystem::create_directories(plan.folder, error);
  if (error) return plan.folder + " cannot be made: " + error.message();
  file = (std::filesystem::path(plan.folder) / (plan.report.question.stem + "-" + std::to_string(seed) + ".json")).string();
  return report::write_file(file, scenarios::write_scenario(run.setup->scenario));
}

std::string what_failed(const Run& run) {
  if (run.result.violations.empty() && !run.result.unmet.empty()) return "expectation not met: " + run.result.unmet.front();
  if (run.result.violations.empty()) return run.result.known_defects.front().issue + ", a known defect";
  const scenarios::Violation& violation = run.result.violations.front();
  const std::size_t more = run.result.violations.size() - 1;
  return violation.name + " (" + violation.oracle + "): " + violation.detail + (more > 0 ? ", and " + std::to_string(more) + " more" : "");
}

/// What came of a piece's seeds, as one line. Nothing: it was broken off.
std::optional<std::string> run_piece(const SweepPlan& plan, std::uint64_t piece) {
  Coverage coverage{false};
  std::vector<SweepFailure> failures;
  scenarios::RunOptions options;
  options.interrupted = interrupted;
  const std::uint64_t end = std::min((piece + 1) * seeds_a_piece, plan.report.seeds_of_part());
  for (std::uint64_t i = piece * seeds_a_piece; i < end; ++i) {
    const std::uint64_t seed = plan.report.seed(i);
    const Run run = scenarios::run_scenario(draw(plan, seed), options);
    if (run.interrupted || interrupted()) return std::nullopt;
    coverage.add(run);
    if (!fails(run, plan.report.question.strict)) continue;
    ++coverage.failing;
    SweepFailure failure{seed, {}, what_failed(run), Json::parse(scenarios::to_json(run.result, false))};
    if (const auto sentence = save(plan, run, seed, failure.file)) return Json{{"cannot", *sentence}}.dump();
    failures.push_back(std::move(failure));
  }
  Json line{{"piece", piece}, {"runs", coverage.runs}, {"failing", coverage.failing}};
  line["sums"] = coverage_to_json(coverage);
  line["failures"] = failures_to_json(failures);
  return line.dump();
}

/// Puts the lines of pieces together.
class Collector {
 public:
  explicit Collector(SweepReport& report) : report_(report) {}

  /// False: this is no such line, or the line says that the piece could not be done.
  bool take(const std::string& text) {
    const Json line = Json::parse(text, nullptr, false);
    if (line.is_discarded()) return false;
    if (line.contains("cannot")) {
      cannot_ = line.at("cannot").get<std::string>();
      return false;
    }
    try {
      Coverage coverage = coverage_from_json(line.at("sums"));
      coverage.runs = line.at("runs").get<std::int64_t>();
      coverage.failing = line.at("failing").get<std::int64_t>();
      if (!done_.insert(line.at("piece").get<std::uint64_t>()).second) return false;
      report_.add(coverage, failures_from_json(line.at("failures")));
      return true;
    } catch (const nlohmann::json::exception&) {
      return false;
    }
  }
  bool is_done(std::uint64_t piece) const { return done_.contains(piece); }
  const std::optional<std::string>& cannot() const { return cannot_; }

 private:
  SweepReport& report_;
  std::set<std::uint64_t> done_;
  std::optional<std::string> cannot_;
};

ExitStatus tell(const std::string& sentence, std::ostream& err) {
  err << "linger: " << sentence << "\n";
  return ExitStatus::bad_input;
}

ExitStatus finish(const SweepReport& report, const SweepPlan& plan, const Arguments& arguments, const Streams& streams) {
  if (plan.junit) {
    if (const auto sentence = report::write_file(*plan.junit, to_junit(report))) return tell(*sentence, streams.err);
  }
  streams.out << (plan.json ? to_json(report) : in_words(report, report.failures.empty() ? std::string() : plan.folder, look_of(arguments, streams)));
  if (report.interrupted) return ExitStatus::interrupted;
  return report.coverage.failing > 0 ? ExitStatus::guarantee_broken : ExitStatus::as_expected;
}

}  // namespace

ExitStatus sweep(const Arguments& arguments, const Streams& streams) {
  auto plan = read_plan(arguments, streams.err);
  if (!plan) return ExitStatus::bad_input;
  note_interrupts();
  SweepReport& report = plan->report;
  Collector collector{report};
  SweepJournal journal;
  if (plan->journal) {
    Json question = question_to_json(report.question);
    question["shard"] = std::to_string(report.shard) + "/" + std::to_string(report.shards);
    question["journal"] = 1;
    const auto sentence = journal.open(*plan->journal, question.dump(), [&](const std::string& line) { return collector.take(line); });
    if (sentence) return tell(*sentence, streams.err);
  }
  const auto all = static_cast<std::int64_t>(report.seeds_of_part());
  Progress progress(streams.err, streams.err_is_terminal, all);
  PooledWork work;
  work.pieces = (report.seeds_of_part() + seeds_a_piece - 1) / seeds_a_piece;
  work.is_done = [&](std::uint64_t piece) { return collector.is_done(piece); };
  work.work = [&](std::uint64_t piece) { return run_piece(*plan, piece); };
  std::optional<std::string> failure;
  work.take = [&](std::uint64_t, const std::string& line) {
    if (!collector.take(line)) {
      failure = collector.cannot();
      return false;
    }
    if (journal.is_open()) failure = journal.add(line);
    progress.show(static_cast<std::uint64_t>(report.coverage.runs), std::to_string(report.coverage.failing) + " failing");
    return !failure && !interrupted();
  };
  const auto died = work_in_processes(plan->processes, work);
  progress.finish(static_cast<std::uint64_t>(report.coverage.runs));
  if (failure) return tell(*failure, streams.err);
  if (died && !interrupted()) {
    streams.err << "linger: " << *died << " of " << seeds_a_piece << " seeds each\n";
    return ExitStatus::own_defect;
  }
  report.interrupted = interrupted();
  return finish(report, *plan, arguments, streams);
}

ExitStatus merge_reports(const Arguments& arguments, const Streams& streams) {
  std::vector<std::pair<std::string, SweepReport>> parts;
  for (const std::string& file : arguments.operands) {
    const scenarios::FileText text = scenarios::read_file(file);
    if (!text.bytes) return tell(file + ": " + text.error, streams.err);
    auto part = report_from_json(*text.bytes);
    if (const auto* sentence = std::get_if<std::string>(&part)) return tell(file + " " + *sentence, streams.err);
    parts.emplace_back(file, std::get<SweepReport>(std::move(part)));
  }
  const std::uint64_t shards = parts.front().second.shards;
  auto joined = join(std::move(parts));
  if (const auto* sentence = std::get_if<std::string>(&joined)) return tell(*sentence, streams.err);
  const SweepReport& report = std::get<SweepReport>(joined);
  if (arguments.operands.size() < shards) {
    streams.err << "linger: warning: " << arguments.operands.size() << " of " << shards << " shards; the rest is not in this report\n";
  }
  SweepPlan plan;
  plan.folder.clear();
  plan.json = arguments.has("--json");
  if (const std::string* file = arguments.value("--junit")) plan.junit = *file;
  return finish(report, plan, arguments, streams);
}

}  // namespace linger::cli

#include "ui/cli/run.h"

#include <algorithm>
#include <ostream>

#include "scenarios/explanation.h"
#include "scenarios/question.h"
#include "ui/cli/explanation_words.h"
#include "ui/cli/inputs.h"
#include "ui/cli/interrupt.h"
#include "ui/cli/story.h"

namespace linger::cli {

ExitStatus status_of(const scenarios::Run& run, bool strict) {
  const scenarios::RunResult& result = run.result;
  if (run.interrupted) return ExitStatus::interrupted;
  bool broken = !result.violations.empty() || !result.unmet.empty() || result.faults_missed();
  if (strict) {
    broken = broken || !result.known_defects.empty() ||
             std::any_of(result.faults.begin(), result.faults.end(),
                         [](const scenarios::FaultResult& fault) { return fault.hits == 0; });
  }
  return broken ? ExitStatus::guarantee_broken : ExitStatus::as_expected;
}

namespace {

void print_metrics(const scenarios::Run& run, std::ostream& out) {
  for (const scenarios::ProducerResult& producer : run.result.producers) {
    std::size_t longest = 0;
    for (const Metric& metric : producer.metrics) longest = std::max(longest, metric.full_name().size());
    out << "Metrics of " << producer.name << ", when the workload was over\n";
    for (const Metric& metric : producer.metrics) {
      const std::string name = metric.full_name();
      out << "  " << name << std::string(longest - name.size() + 2, ' ') << describe(metric.value) << "\n";
    }
    out << "\n";
  }
}

/// Why the record fared so that fared worst.
void print_causes(const scenarios::Run& run, const Look& look, std::ostream& out) {
  const scenarios::RecordIndex record = scenarios::worst_record(run);
  if (run.interrupted || record == scenarios::no_record) return;
  scenarios::ExplainOptions how;
  how.preventions = false;
  how.interrupted = interrupted;
  out << explanation_in_lines(run, scenarios::explain_record(run, record, how), look);
}

}  // namespace

ExitStatus run_scenario_file(const Arguments& arguments, const Streams& streams) {
  const auto overrides = read_overrides(arguments, streams.err);
  if (!overrides) return ExitStatus::bad_input;
  auto scenario = load_scenario(*arguments.operand, *overrides, streams.err);
  if (!scenario) return ExitStatus::bad_input;
  note_interrupts();
  const bool json = arguments.has("--json");
  const bool brief = arguments.has("--brief") && !json;
  scenarios::RunOptions options = brief ? scenarios::options_to_explain() : scenarios::RunOptions{};
  options.keep_trace = !json;
  options.interrupted = interrupted;
  options.metrics = json || arguments.has("--metrics");
  const scenarios::Run run = scenarios::run_scenario(std::move(*scenario), options);
  if (json) {
    streams.out << scenarios::to_json(run.result, true) << "\n";
    return status_of(run, arguments.has("--strict"));
  }
  const Look look = look_of(arguments, streams);
  streams.out << story_header(*run.setup, look);
  if (brief) {
    print_causes(run, look, streams.out);
  } else if (arguments.has("--verbose")) {
    print_every_event(run, streams.out);
  } else {
    streams.out << story_body(run, look);
  }
  if (arguments.has("--metrics")) print_metrics(run, streams.out);
  if (run.interrupted) streams.out << "  interrupted: this is what there was so far\n";
  streams.out << story_verdict(run, look) << "\n"
              << "Again:  " << command_line(arguments.words) << "\n";
  const std::string suggestion = story_suggestion(run, *arguments.operand);
  if (!suggestion.empty()) streams.out << suggestion << "\n";
  return status_of(run, arguments.has("--strict"));
}

}  // namespace linger::cli

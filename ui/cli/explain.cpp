#include "ui/cli/explain.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <set>
#include <string>
#include <variant>

#include "producer/nearest_word.h"
#include "scenarios/explanation.h"
#include "ui/cli/explanation_words.h"
#include "ui/cli/inputs.h"
#include "ui/cli/interrupt.h"
#include "ui/report/output_file.h"
#include "ui/cli/story.h"
#include "ui/cli/story_words.h"
#include "ui/report/formats.h"

namespace linger::cli {
namespace {

using namespace scenarios;
using Json = nlohmann::ordered_json;

ExitStatus refuse(const std::string& sentence, const Streams& streams) {
  streams.err << "linger: " << sentence << "\n";
  return ExitStatus::bad_input;
}

/// What the command line asks, as far as it can be judged before the run.
struct Asked {
  std::optional<std::uint64_t> number;
  std::optional<Question> question;
  const report::Format* format = nullptr;
  std::string output;
};

std::variant<Asked, std::string> read_question(const Arguments& arguments) {
  Asked asked;
  if (const std::string* number = arguments.value("--record")) {
    asked.number = parse_count(*number, 0);
    if (!asked.number) return "--record \"" + *number + "\"; expected the number of a record, as 7";
  }
  if (const std::string* word = arguments.value("--why")) {
    asked.question = question_from_name(*word);
    if (!asked.question) {
      std::string all;
      std::vector<std::string> names;
      for (const std::string_view name : question_names()) {
        (all += all.empty() ? "" : ", ").append(name);
        names.emplace_back(name);
      }
      const std::string nearest = nearest_word(*word, names);
      return "--why \"" + *word + "\"; expected one of " + all +
             (nearest.empty() ? "" : "; did you mean " + nearest + "?");
    }
  }
  const std::string* output = arguments.value("--output");
  if (const std::string* to = arguments.value("--to")) {
    asked.format = report::find_format(*to);
    if (*to != "svg" && *to != "mermaid") return "--to \"" + *to + "\"; explain draws svg or mermaid";
    if (output == nullptr || output->empty())
      return std::string("explain --to needs --output PATH, or --output - for standard output");
    asked.output = *output;
  } else if (output != nullptr) {
    return std::string("--output needs --to svg or --to mermaid");
  }
  return asked;
}

/// The record that is meant; the sentence that says which there are.
std::variant<RecordIndex, std::string> find_record(const Run& run, const Arguments& arguments, const Asked& asked) {
  const auto& producers = run.setup->scenario.producers;
  if (producers.empty()) return std::string("the plan has no producer, so there is no record to explain");
  std::uint32_t producer = 0;
  const std::string* name = arguments.value("--producer");
  if (name != nullptr) {
    std::string all;
    std::vector<std::string> names;
    for (const ProducerSpec& one : producers) {
      (all += all.empty() ? "" : ", ").append(one.name);
      names.push_back(one.name);
    }
    const auto found = std::find(names.begin(), names.end(), *name);
    if (found == names.end())
      return "no producer is called " + *name + "; there " + (names.size() == 1 ? "is " : "are ") + listed({all}, 1);
    producer = static_cast<std::uint32_t>(found - names.begin());
  }
  std::uint64_t count = 0;
  RecordIndex worst = no_record;
  Question worst_question = Question::nothing;
  for (RecordIndex i = 0; i < run.ledger.records.size(); ++i) {
    const LedgerRecord& record = run.ledger.records[i];
    if (!asked.number && name == nullptr) producer = record.producer;
    if (record.producer != producer) continue;
    count = std::max(count, record.number + 1);
    // A process that begins again at an earlier record uses its number once more.
    if (asked.number && record.number != *asked.number) continue;
    const Question question = question_of(run, i);
    const bool fits = !asked.question || question == *asked.question;
    if (worst == no_record || (fits && question < worst_question)) {
      worst = i;
      worst_question = fits ? question : Question::nothing;
    }
  }
  const std::string& who = producers[producer].name;
  if (count == 0) return who + " sent nothing in this run";
  if (worst != no_record) return worst;
  return who + " has no record " + std::to_string(*asked.number) + "; it sent " +
         (count == 1 ? "record 0 only" : "records 0 to " + std::to_string(count - 1));
}

void print_words(const Run& run, const Explanation& explanation, const Arguments& arguments, const Streams& streams) {
  const Look look = look_of(arguments, streams);
  streams.out << story_header(*run.setup, look) << explanation_in_lines(run, explanation, look);
  if (explanation.question == Question::nothing) return;
  if (explanation.preventions.empty()) {
    streams.out << "Nothing that was tried would have prevented it: settings and faults, one at a time.\n";
  } else {
    streams.out << "What would have prevented it (each was run: same seed, same plan, one change)\n";
    for (const Prevention& prevention : explanation.preventions) {
      streams.out << wrapped(spelled("  " + prevention_in_words(prevention, explanation.question), look), look) << "\n";
    }
  }
  streams.out << "\nAgain:  " << command_line(arguments.words) << "\n";
}

Json counts_as_json(const Counts& counts) {
  return Json{{"acked", counts.acked},
              {"failed", counts.failed},
              {"refused", counts.refused},
              {"stuck", counts.stuck},
              {"untold", counts.untold},
              {"lost", counts.lost},
              {"unavailable", counts.unavailable},
              {"aborted", counts.aborted},
              {"duplicated", counts.duplicated},
              {"duplicated_payloads", counts.duplicated_payloads},
              {"reordered", counts.reordered}};
}

Json as_json(const Run& run, const Explanation& explanation) {
  const LedgerRecord& entry = run.ledger.records[explanation.record];
  Json out;
  out["schema"] = 1;
  out["verb"] = "explain";
  out["scenario"] = run.result.scenario;
  out["seed"] = run.result.seed;
  out["hash"] = hex64(run.result.fingerprint);
  out["record"] = {{"index", explanation.record},
                   {"producer", run.setup->scenario.producers[entry.producer].name},
                   {"number", entry.number},
                   {"verdict", verdict_name(run.result.fates[explanation.record].verdict)}};
  out["question"] = question_name(explanation.question);
  out["answer"] = answer_in_words(run, explanation);
  out["chain"] = Json::array();
  for (const LinkWords& link : links_in_words(run, explanation)) {
    out["chain"].push_back({{"virtual_ns", link.at.ns()},
                            {"event", link.number.value()},
                            {"who", link.who},
                            {"what", link.what},
                            {"why", link.why}});
  }
  out["paths"] = Json::array();
  for (const Strand& strand : explanation.strands) {
    Json path = Json::array();
    for (std::size_t i = 0; i < strand.path.size(); ++i) {
      Json step{{"event", run.events[strand.path[i]].number.value()}};
      if (i > 0) step["by"] = edge_kind_name(*explanation.graph->edge(strand.path[i - 1], strand.path[i]));
      path.push_back(std::move(step));
    }
    out["paths"].push_back(std::move(path));
  }
  out["preventions"] = Json::array();
  for (const Prevention& prevention : explanation.preventions) {
    Json one;
    one["set"] = Json::array();
    for (const auto& [pointer, value] : prevention.change.set)
      one["set"].push_back({{"pointer", pointer}, {"value", value}});
    one["without_fault"] =
        prevention.change.without_fault.empty() ? Json(nullptr) : Json(prevention.change.without_fault);
    one["sentence"] = prevention_in_words(prevention, explanation.question);
    one["concerned"] = {{"before", prevention.before}, {"after", 0}};
    one["before"] = counts_as_json(prevention.counts_before);
    one["after"] = counts_as_json(prevention.counts_after);
    out["preventions"].push_back(std::move(one));
  }
  return out;
}

std::string drawn(const Run& run, const Explanation& explanation, const report::Format& format) {
  report::Wanted wanted;
  wanted.events.emplace();
  const auto add = [&](EventIndex event) {
    const EventGraph::Records records{run.events[event].first_record, event + 1 < run.events.size()
                                                                          ? run.events[event + 1].first_record
                                                                          : run.trace.stored()};
    wanted.events->insert(run.events[event].number);
    // An answer that leaves later than it was decided belongs to the event that decided.
    for (std::uint64_t r = records.first; r < records.end; ++r) wanted.events->insert(run.trace.at(r).event);
  };
  for (const Strand& strand : explanation.strands) std::for_each(strand.path.begin(), strand.path.end(), add);
  // The last link often comes in the final phase, which a picture of the whole run leaves out.
  wanted.from = run.trace.at(explanation.links.front().record).at;
  wanted.until = run.trace.at(explanation.links.back().record).at + sim::Duration::ms(1);
  return format.write(run, wanted);
}

}  // namespace

ExitStatus explain_scenario_file(const Arguments& arguments, const Streams& streams) {
  const auto read = read_question(arguments);
  if (const auto* sentence = std::get_if<std::string>(&read)) return refuse(*sentence, streams);
  const Asked& asked = std::get<Asked>(read);
  const auto overrides = read_overrides(arguments, streams.err);
  if (!overrides) return ExitStatus::bad_input;
  auto scenario = load_scenario(*arguments.operand, *overrides, streams.err);
  if (!scenario) return ExitStatus::bad_input;
  note_interrupts();
  RunOptions options = options_to_explain();
  options.interrupted = interrupted;
  const Run run = run_scenario(std::move(*scenario), options);
  if (run.interrupted) return ExitStatus::interrupted;
  const auto record = find_record(run, arguments, asked);
  if (const auto* sentence = std::get_if<std::string>(&record)) return refuse(*sentence, streams);
  ExplainOptions how;
  how.question = asked.question;
  how.preventions = asked.format == nullptr;
  how.interrupted = interrupted;
  const Explanation explanation = explain_record(run, std::get<RecordIndex>(record), how);
  if (interrupted()) return ExitStatus::interrupted;
  if (asked.format != nullptr) {
    if (explanation.question == Question::nothing) return refuse(answer_in_words(run, explanation), streams);
    const std::string picture = drawn(run, explanation, *asked.format);
    if (asked.output == "-") {
      streams.out << picture;
    } else if (const auto sentence = report::write_file(asked.output, picture)) {
      return refuse(*sentence, streams);
    }
  } else if (arguments.has("--json")) {
    streams.out << as_json(run, explanation).dump(2) << "\n";
  } else {
    print_words(run, explanation, arguments, streams);
  }
  return ExitStatus::as_expected;
}

}  // namespace linger::cli

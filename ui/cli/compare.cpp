#include "ui/cli/compare.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/explanation.h"
#include "ui/cli/divergence.h"
#include "ui/cli/inputs.h"
#include "ui/cli/interrupt.h"
#include "ui/cli/run.h"
#include "ui/cli/story.h"
#include "ui/cli/story_words.h"

namespace linger::cli {
namespace {

using scenarios::Run;

struct Row {
  std::string name, one, other;
  Tone tone = Tone::plain;
};

std::string log_sizes(const Run& run) {
  std::vector<std::string> words;
  for (const scenarios::PartitionResult& p : run.result.partitions)
    words.push_back(std::to_string(p.log_end - p.log_start));
  return listed(words, 6, " + ");
}

std::string flagged(const Run& run, std::int64_t count, const char* sign,
                    bool (*concerned)(const scenarios::RecordFate&)) {
  if (count == 0) return "0";
  return std::to_string(count) + "   " + sign + " " + records_in_words(run, concerned);
}

std::vector<Row> ledger_rows(const Run& one, const Run& other) {
  const scenarios::Counts& a = one.result.counts;
  const scenarios::Counts& b = other.result.counts;
  const auto pair_of = [](std::int64_t x, std::int64_t y) { return std::to_string(x) + " / " + std::to_string(y); };
  std::vector<Row> rows;
  rows.push_back({"sent / acked", pair_of(a.sent, a.acked), pair_of(b.sent, b.acked)});
  const auto add = [&](const char* name, std::int64_t x, std::int64_t y) {
    if (x != 0 || y != 0) rows.push_back({name, std::to_string(x), std::to_string(y)});
  };
  add("failed", a.failed, b.failed);
  add("failed but written", a.failed_present, b.failed_present);
  add("refused", a.refused, b.refused);
  add("stuck", a.stuck, b.stuck);
  rows.push_back({"in the log", log_sizes(one), log_sizes(other)});
  const auto duplicated = [](const scenarios::RecordFate& fate) { return fate.extra_copies > 0; };
  rows.push_back(
      {"duplicated", flagged(one, a.duplicated, "◆", duplicated), flagged(other, b.duplicated, "◆", duplicated)});
  const auto lost = [](const scenarios::RecordFate& fate) { return fate.verdict == scenarios::Verdict::acked_lost; };
  rows.push_back({"lost", flagged(one, a.lost, "✗", lost), flagged(other, b.lost, "✗", lost)});
  const auto reordered = [](const scenarios::RecordFate& fate) { return fate.reordered; };
  if (a.reordered != 0 || b.reordered != 0) {
    rows.push_back(
        {"reordered", flagged(one, a.reordered, "↕", reordered), flagged(other, b.reordered, "↕", reordered)});
  }
  const auto verdict = [](const Run& run) {
    if (!run.result.violations.empty()) return std::string("broken: ") + run.result.violations.front().name;
    return std::string(run.result.known_defects.empty() ? "✓ allowed" : "a known defect");
  };
  rows.push_back({"verdict", verdict(one), verdict(other)});
  return rows;
}

void add_parting(std::vector<Row>& rows, const std::string& name, const std::optional<Divergence>& parting) {
  if (!parting) {
    rows.push_back({name, "none", "none"});
    return;
  }
  const auto words = [](const Parting& side) {
    return side.there ? milliseconds(side.at.ns()) + " ms: " + side.what : std::string("nothing more");
  };
  rows.push_back({name, words(parting->one), words(parting->other)});
}

std::string table(const std::vector<Row>& rows, const std::string& changes, const Look& look) {
  const auto gap = [](std::string_view text, std::size_t width) {
    return std::string(width > columns(text) ? width - columns(text) : 0, ' ');
  };
  // On a narrow terminal long cells stand under each other; the short ones still make two columns.
  constexpr std::size_t short_cell = 24;
  std::size_t name_width = 0;
  std::size_t one_width = columns("as written");
  std::size_t other_width = columns(changes);
  std::size_t short_width = one_width;
  for (const Row& row : rows) {
    const std::size_t one = columns(spelled(row.one, look));
    name_width = std::max(name_width, columns(row.name));
    one_width = std::max(one_width, one);
    other_width = std::max(other_width, columns(spelled(row.other, look)));
    if (one <= short_cell) short_width = std::max(short_width, one);
  }
  const bool narrow = look.width != 0 && 2 + name_width + 2 + one_width + 3 + other_width > look.width;
  const std::size_t column = narrow ? short_width : one_width;
  const std::string margin = "  " + std::string(name_width, ' ') + "  ";
  std::string out = margin + "as written" + gap("as written", column) + "   " + changes + "\n";
  for (const Row& row : rows) {
    const std::string one = spelled(row.one, look);
    const std::string other = spelled(row.other, look);
    const std::string shown = painted(other, row.one == row.other ? Tone::plain : row.tone, look);
    out += "  " + row.name + gap(row.name, name_width) + "  ";
    if (narrow && columns(one) > short_cell) {
      out += "as written: " + one + "\n" + margin + "changed:    " + shown + "\n";
    } else {
      out += one + gap(one, column) + "   " + shown + "\n";
    }
  }
  return out;
}

nlohmann::ordered_json as_json(const std::optional<Divergence>& parting) {
  if (!parting) return nullptr;
  const auto side = [](const Parting& p) -> nlohmann::ordered_json {
    if (!p.there) return nullptr;
    return {{"virtual_ns", p.at.ns()}, {"what", p.what}, {"why", p.why}};
  };
  return {{"virtual_ns", parting->at().ns()}, {"as_written", side(parting->one)}, {"changed", side(parting->other)}};
}

/// Where the outcomes part, each side with its reason.
std::optional<Divergence> different_outcome(const Run& one, const Run& other) {
  std::optional<Divergence> parting = different_outcome_in_words(one, other);
  if (!parting || one.interrupted || other.interrupted) return parting;
  parting->one.why = explained(one, parting->one);
  parting->other.why = explained(other, parting->other);
  return parting;
}

void print_json(const Run& one, const Run& other, const std::string& changes, const Streams& streams) {
  nlohmann::ordered_json out;
  out["schema"] = 1;
  out["verb"] = "compare";
  out["changes"] = changes;
  out["runs"] = nlohmann::ordered_json::array({nlohmann::ordered_json::parse(scenarios::to_json(one.result, false)),
                                               nlohmann::ordered_json::parse(scenarios::to_json(other.result, false))});
  out["first_different_outcome"] = as_json(different_outcome(one, other));
  out["first_different_message"] = as_json(report::first_different_message(one, other));
  streams.out << out.dump(2) << "\n";
}

void print_story(const Run& one, const Run& other, const std::string& changes, const Arguments& arguments,
                 const Streams& streams) {
  const Look look = look_of(arguments, streams);
  streams.out << story_header(*one.setup, look);
  if (arguments.has("--verbose")) {
    print_every_event(one, streams.out);
  } else {
    streams.out << story_body(one, look);
  }
  streams.out << story_verdict(one, look) << "\n";
  const std::optional<Divergence> outcome = different_outcome(one, other);
  std::vector<Row> rows = ledger_rows(one, other);
  for (Row& row : rows) row.tone = Tone::duplicate;
  add_parting(rows, "first different outcome", outcome);
  if (outcome && !(outcome->one.why.empty() && outcome->other.why.empty()))
    rows.push_back({"why", outcome->one.why.empty() ? "-" : outcome->one.why,
                    outcome->other.why.empty() ? "-" : outcome->other.why});
  add_parting(rows, "first different message", report::first_different_message(one, other));
  streams.out << table(rows, changes, look) << "\n"
              << "Again:  " << command_line(arguments.words) << "\n";
}

}  // namespace

ExitStatus compare_scenario_file(const Arguments& arguments, const Streams& streams) {
  const auto overrides = read_overrides(arguments, streams.err);
  if (!overrides) return ExitStatus::bad_input;
  std::string changes = changes_in_words(*overrides);
  scenarios::Overrides unchanged;
  unchanged.seed = overrides->seed;
  unchanged.strict = overrides->strict;
  unchanged.input = overrides->input;
  // A file of settings is what both sides begin with, unless it is all that there is to compare.
  const std::string* settings = arguments.value("--producer-config");
  if (!changes.empty()) {
    unchanged.producer_config = overrides->producer_config;
  } else if (settings != nullptr) {
    changes = *settings;
  } else {
    streams.err
        << "linger: compare needs something to change: --set, --producer-property, --producer-config or --behaviour\n";
    return ExitStatus::bad_input;
  }
  auto as_written = load_scenario(*arguments.operand, unchanged, streams.err);
  if (!as_written) return ExitStatus::bad_input;
  auto changed = load_scenario(*arguments.operand, *overrides, streams.err);
  if (!changed) return ExitStatus::bad_input;
  changed->expect = scenarios::Expectation{};
  note_interrupts();
  scenarios::RunOptions options = scenarios::options_to_explain();
  options.interrupted = interrupted;
  const Run one = scenarios::run_scenario(std::move(*as_written), options);
  const Run other = scenarios::run_scenario(std::move(*changed), options);
  if (arguments.has("--json")) {
    print_json(one, other, changes, streams);
  } else {
    print_story(one, other, changes, arguments, streams);
  }
  const bool strict = arguments.has("--strict");
  if (one.interrupted || other.interrupted) return ExitStatus::interrupted;
  const ExitStatus status = status_of(one, strict);
  if (status != ExitStatus::as_expected) return status;
  // What the changed side breaks is found, not expected: only a guarantee counts there.
  const bool broken = !other.result.violations.empty() || (strict && !other.result.known_defects.empty());
  return broken ? ExitStatus::guarantee_broken : ExitStatus::as_expected;
}

}  // namespace linger::cli

#include "ui/cli/divergence.h"

#include <vector>

#include "scenarios/explanation.h"
#include "scenarios/trace_kinds.h"
#include "ui/cli/explanation_words.h"
#include "ui/cli/story_teller.h"
#include "ui/cli/story_words.h"

namespace linger::cli {
namespace {

using namespace scenarios;
using sim::TraceRecord;
using BrokerKind = broker::Observation::Kind;

/// The story's own words for a trace record.
void tell(const Run& run, Parting& parting) {
  if (!parting.there) return;
  const std::vector<StoryLine> lines = StoryTeller(run.trace, *run.setup).tell();
  const StoryLine* best = nullptr;
  for (const StoryLine& line : lines) {
    if (line.record <= parting.record && line.at == parting.at && (best == nullptr || line.record >= best->record))
      best = &line;
  }
  if (best != nullptr) {
    parting.what = best->who + " " + best->what;
    parting.why = best->why;
  }
  const TraceRecord& record = run.trace.at(parting.record);
  if (record.kind == trace_kind(BrokerKind::duplicate)) {
    parting.why = "pid " + std::to_string(record.args[2]) + " seq " +
                  range(record.args[4], (record.args[4] + record.args[1] - record.args[0]) & 0x7fffffff) +
                  " is among the last batches that " + run.setup->hosts[record.host.value()] + " remembers";
  } else if (record.kind == trace_kind(BrokerKind::appended) && record.args[2] < 0) {
    parting.why = "a batch without a producer id cannot be recognised";
  }
}

/// The record that this trace record is about and that has something to explain: the one that heard it, or the first of
/// those that were written or cut away.
std::optional<RecordIndex> record_of(const Run& run, std::uint64_t index) {
  const TraceRecord& record = run.trace.at(index);
  const auto odd = [&](RecordIndex one) {
    const Question question = question_of(run, one);
    return question != Question::nothing && question != Question::late;
  };
  const bool heard = record.kind == trace_kind(AppTrace::app_acked) ||
                     record.kind == trace_kind(AppTrace::app_failed) ||
                     record.kind == trace_kind(AppTrace::app_refused);
  if (heard)
    return odd(static_cast<RecordIndex>(record.args[0])) ? std::optional(static_cast<RecordIndex>(record.args[0]))
                                                         : std::nullopt;
  const bool cut = record.kind == trace_kind(BrokerKind::truncated);
  if (!cut && record.kind != trace_kind(BrokerKind::appended)) return std::nullopt;
  constexpr std::size_t looked_at = 64;
  const JourneyReader reader(run);
  std::size_t looked = 0;
  for (RecordIndex one = 0; one < run.ledger.records.size() && looked < looked_at; ++one) {
    if (!odd(one)) continue;
    ++looked;
    for (const RecordCopy& copy : reader.journey_of(one).copies) {
      const bool in_range = copy.partition == run.trace.text(record.text) && record.args[1] <= copy.offset &&
                            copy.offset < record.args[0];
      if (cut ? in_range : copy.appended == index) return one;
    }
  }
  return std::nullopt;
}

}  // namespace

std::string explained(const Run& run, const Parting& parting) {
  if (!parting.there) return parting.why;
  const auto record = record_of(run, parting.record);
  if (!record) return parting.why;
  ExplainOptions options;
  options.faults = false;
  options.preventions = false;
  return answer_in_words(run, explain_record(run, *record, options));
}

std::optional<Divergence> different_outcome_in_words(const Run& one, const Run& other) {
  std::optional<Divergence> parting = report::first_different_outcome(one, other);
  if (!parting) return parting;
  tell(one, parting->one);
  tell(other, parting->other);
  return parting;
}

}  // namespace linger::cli

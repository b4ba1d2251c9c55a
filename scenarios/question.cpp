#include "scenarios/question.h"

#include <algorithm>
#include <array>

namespace linger::scenarios {
namespace {

constexpr std::array<std::string_view, 14> names{
    "lost",    "duplicated", "reordered",   "failed-present", "stuck",  "aborted", "failed",
    "refused", "deleted",    "unavailable", "sent-again",     "untold", "late",    "nothing"};
static_assert(names.size() == static_cast<std::size_t>(Question::nothing) + 1);

/// Some round trips with everything that a broker does to a batch, followers and a first connection included.
constexpr sim::Duration round_trips = sim::Duration::ms(250);

bool is_late(const Run& run, RecordIndex record) {
  const LedgerRecord& entry = run.ledger.records[record];
  if (entry.told != Told::acked) return false;
  return entry.told_at - entry.sent_at >
         sim::Duration::ms(run.setup->producers[entry.producer].config.linger_ms) + round_trips;
}

bool stands_in_log(const RecordFate& fate) {
  return fate.offset >= 0;
}

bool is_sent_again(const Run& run, RecordIndex record) {
  const RecordIndex before = run.ledger.records[record].resend_of;
  return before != no_record && stands_in_log(run.result.fates[record]) && stands_in_log(run.result.fates[before]);
}

bool asks(const Run& run, RecordIndex record, Question question) {
  const RecordFate& fate = run.result.fates[record];
  switch (question) {
    case Question::lost:
      return fate.verdict == Verdict::acked_lost;
    case Question::duplicated:
      return fate.extra_copies > 0;
    case Question::reordered:
      return fate.reordered;
    case Question::failed_present:
      return fate.verdict == Verdict::failed_present;
    case Question::stuck:
      return fate.verdict == Verdict::stuck;
    case Question::aborted:
      return fate.verdict == Verdict::aborted_absent || fate.verdict == Verdict::aborted_visible;
    case Question::failed:
      return fate.verdict == Verdict::failed_absent || fate.verdict == Verdict::failed_present;
    case Question::refused:
      return fate.verdict == Verdict::refused;
    case Question::deleted:
      return fate.verdict == Verdict::acked_deleted;
    case Question::unavailable:
      return fate.verdict == Verdict::acked_unavailable;
    case Question::sent_again:
      return is_sent_again(run, record);
    case Question::untold:
      return fate.verdict == Verdict::untold_present || fate.verdict == Verdict::untold_absent;
    case Question::late:
      return is_late(run, record);
    case Question::nothing:
      return true;
  }
  return false;
}

}  // namespace

std::string_view question_name(Question question) {
  return names[static_cast<std::size_t>(question)];
}

std::optional<Question> question_from_name(std::string_view name) {
  const auto found = std::find(names.begin(), names.end() - 1, name);
  if (found == names.end() - 1) return std::nullopt;
  return static_cast<Question>(found - names.begin());
}

const std::vector<std::string_view>& question_names() {
  static const std::vector<std::string_view> all{names.begin(), names.end() - 1};
  return all;
}

Question question_of(const Run& run, RecordIndex record) {
  auto question = static_cast<std::uint8_t>(Question::lost);
  while (!asks(run, record, static_cast<Question>(question))) ++question;
  return static_cast<Question>(question);
}

RecordIndex worst_record(const Run& run) {
  RecordIndex worst = no_record;
  Question worst_question = Question::nothing;
  for (RecordIndex record = 0; record < run.result.fates.size(); ++record) {
    const Question question = question_of(run, record);
    if (worst != no_record && question >= worst_question) continue;
    worst = record;
    worst_question = question;
  }
  return worst;
}

std::optional<Overtaking> overtaking_of(const Run& run, RecordIndex record) {
  const auto& records = run.ledger.records;
  const auto& fates = run.result.fates;
  const auto overtakes = [&](RecordIndex later, RecordIndex earlier) {
    return records[later].producer == records[earlier].producer &&
           records[later].incarnation == records[earlier].incarnation &&
           records[later].thread == records[earlier].thread && fates[later].partition == fates[earlier].partition &&
           records[later].topic == records[earlier].topic && records[later].number > records[earlier].number &&
           fates[later].offset >= 0 && fates[earlier].offset > fates[later].offset;
  };
  std::optional<Overtaking> found;
  for (RecordIndex other = 0; other < records.size(); ++other) {
    if (overtakes(other, record) && (!found || fates[other].offset < fates[found->first].offset))
      found = Overtaking{other, record};
  }
  if (found) return found;
  for (RecordIndex other = 0; other < records.size(); ++other) {
    if (overtakes(record, other)) return Overtaking{record, other};
  }
  return std::nullopt;
}

std::int64_t concerned(const Run& run, Question question) {
  std::int64_t count = 0;
  for (RecordIndex record = 0; record < run.result.fates.size(); ++record) count += asks(run, record, question) ? 1 : 0;
  return count;
}

}  // namespace linger::scenarios

#include "ui/gui/model/ledger_rows.h"

#include <algorithm>

#include "scenarios/runner.h"
#include "ui/report/verdict_sign.h"
#include "ui/report/words.h"

namespace linger::gui {
namespace {

using scenarios::LedgerRecord;
using scenarios::RecordFate;
using scenarios::Told;
using scenarios::Verdict;

std::vector<char> flags_of(const RecordFate& fate) {
  std::vector<char> flags;
  if (fate.extra_copies > 0) flags.push_back('D');
  if (fate.reordered) flags.push_back('O');
  if (fate.corrupted) flags.push_back('C');
  if (fate.wrong_offset) flags.push_back('W');
  return flags;
}

std::string told(const LedgerRecord& record, Language language) {
  const std::string after = report::length_of_time(record.told_at - record.sent_at);
  const std::string error = record.error.substr(record.error.rfind('.') + 1);
  switch (record.told) {
    case Told::nothing:
      return std::string(text(language, Str::told_nothing));
    case Told::acked:
      return record.offset < 0 ? text(language, Str::told_ok_no_offset, {after})
                               : text(language, Str::told_ok, {std::to_string(record.offset), after});
    case Told::failed:
      return text(language, Str::told_error, {error, after});
    case Told::refused:
      return text(language, Str::told_refused, {error});
  }
  return {};
}

std::string truth(const RecordFate& fate, Language language) {
  if (fate.verdict == Verdict::acked_unavailable) return std::string(text(language, Str::truth_held));
  if (fate.verdict == Verdict::acked_deleted) return std::string(text(language, Str::truth_deleted));
  if (fate.offset < 0) return std::string(text(language, Str::truth_absent));
  if (fate.extra_copies > 0)
    return text(language, Str::truth_copies, {std::to_string(fate.offset), std::to_string(fate.extra_copies + 1)});
  return text(language, Str::truth_once, {std::to_string(fate.offset)});
}

}  // namespace

std::vector<scenarios::RecordIndex> records_with(const scenarios::Run& run, std::optional<char> sign) {
  std::vector<scenarios::RecordIndex> out;
  for (std::size_t i = 0; i < run.result.fates.size(); ++i) {
    const RecordFate& fate = run.result.fates[i];
    const std::vector<char> flags = flags_of(fate);
    const bool wanted = !sign || report::sign_of(fate.verdict).letter == *sign ||
                        std::find(flags.begin(), flags.end(), *sign) != flags.end();
    if (wanted) out.push_back(static_cast<scenarios::RecordIndex>(i));
  }
  return out;
}

std::vector<LedgerRow> ledger_rows(const scenarios::Run& run, const std::vector<scenarios::RecordIndex>& records,
                                   std::size_t first, std::size_t count, Language language) {
  std::vector<LedgerRow> rows;
  const bool several_producers = run.result.producers.size() > 1;
  for (std::size_t i = first; i < std::min(records.size(), first + count); ++i) {
    const LedgerRecord& record = run.ledger.records[records[i]];
    const RecordFate& fate = run.result.fates[records[i]];
    LedgerRow row;
    row.record = records[i];
    row.name = (several_producers ? run.result.producers[record.producer].name + " " : std::string()) + "r" +
               std::to_string(record.number);
    row.sent_at = report::milliseconds(record.sent_at.ns()) + " ms";
    const std::int32_t partition = record.partition >= 0 ? record.partition : fate.partition;
    row.partition = partition < 0 || record.topic >= run.setup->topics.size()
                        ? std::string()
                        : run.setup->topics[record.topic] + "-" + std::to_string(partition);
    row.told = told(record, language);
    row.truth = truth(fate, language);
    row.verdict = report::sign_of(fate.verdict).letter;
    row.flags = flags_of(fate);
    rows.push_back(std::move(row));
  }
  return rows;
}

Str verdict_word(char letter) {
  switch (letter) {
    case 'A':
      return Str::verdict_a;
    case 'L':
      return Str::verdict_l;
    case 'F':
      return Str::verdict_f;
    case 'P':
      return Str::verdict_p;
    case 'R':
      return Str::verdict_r;
    case 'S':
      return Str::verdict_s;
    case 'D':
      return Str::verdict_d;
    case 'O':
      return Str::verdict_o;
    case 'C':
      return Str::verdict_c;
    default:
      return Str::verdict_w;
  }
}

}  // namespace linger::gui

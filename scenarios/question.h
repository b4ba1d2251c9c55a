#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "scenarios/runner.h"

namespace linger::scenarios {

/// What can be asked about a record, the worst first.
enum class Question : std::uint8_t {
  lost,            ///< acknowledged, and gone
  duplicated,      ///< why does it stand in the log more than once?
  reordered,       ///< why does it stand behind one that was sent later?
  failed_present,  ///< reported as failed, and yet in the log
  stuck,           ///< never answered
  aborted,         ///< its transaction was not committed
  failed,          ///< why was it reported as failed?
  refused,         ///< why did send() turn it away?
  deleted,         ///< below the log start offset
  unavailable,     ///< nobody leads its partition at the end
  sent_again,      ///< the application sent it a second time, and both stand in the log
  untold,          ///< the application never heard of it
  late,            ///< why did its acknowledgement take so long?
  nothing,         ///< it is in the log, once, in its place
};
/// "lost", "failed-present", … : for JSON and `--why`.
std::string_view question_name(Question question);
std::optional<Question> question_from_name(std::string_view name);
const std::vector<std::string_view>& question_names();

/// What is most wrong with this record. An acknowledgement is late when it took longer than linger.ms and 250 ms.
Question question_of(const Run& run, RecordIndex record);
/// The record with the worst fate, the first of its kind; no_record where nothing was sent.
RecordIndex worst_record(const Run& run);

/// Two records of one process in one partition, in another order than they were sent in: the one that was the first to
/// overtake this record, else one that this record overtook.
struct Overtaking {
  RecordIndex first = no_record;   ///< sent later, written earlier
  RecordIndex behind = no_record;  ///< sent earlier, written later
};
std::optional<Overtaking> overtaking_of(const Run& run, RecordIndex record);

/// How many records of a run fared as the question asks.
std::int64_t concerned(const Run& run, Question question);

}  // namespace linger::scenarios

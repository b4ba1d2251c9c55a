#pragma once

#include <cstdint>
#include <vector>

#include "producer/failure.h"

namespace linger {

/// One record's delivery report: what its callback and its future are told.
struct RecordCompletion {
  static constexpr std::uint32_t succeeded = 0xffff'ffff;

  std::uint64_t record = 0;  ///< the caller's own number for it
  std::uint32_t topic = 0;   ///< the accumulator's number for the topic
  std::int32_t partition = 0;
  std::int64_t offset = -1;                 ///< -1: unknown, as after DUPLICATE_SEQUENCE_NUMBER or with acks=0
  std::int64_t timestamp = -1;              ///< the record's own, or the broker's with LogAppendTime
  std::int32_t serialized_key_size = -1;    ///< -1: no key
  std::int32_t serialized_value_size = -1;  ///< -1: no value
  std::uint32_t error = succeeded;          ///< index into RecordCompletions::errors
  bool ok() const { return error == succeeded; }
};

/// Delivery reports in the order in which Java calls the callbacks.
struct RecordCompletions {
  std::vector<RecordCompletion> records;
  std::vector<KafkaError> errors;

  /// Forgets them and keeps the memory.
  void clear() {
    records.clear();
    errors.clear();
  }
};

/// Why a batch failed: one exception for all its records, or one for each that the broker named and another for the
/// rest (KIP-467).
struct BatchFailure {
  struct OfRecord {
    std::int32_t index = 0;
    KafkaError error;
  };
  KafkaError error;
  std::vector<OfRecord> of_records;  ///< empty: all records share `error`
  KafkaError of_others;
};

}  // namespace linger

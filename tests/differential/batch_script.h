#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/memory_records_builder.h"
#include "tests/differential/script_json.h"

namespace linger::differential {

/// One record of a scripted batch, with all its bytes.
struct ScriptedRecord {
  struct Header {
    std::string key;
    std::optional<Bytes> value;
  };
  std::int64_t time = no_timestamp;
  std::optional<Bytes> key;
  std::optional<Bytes> value;
  std::vector<Header> headers;
};

/// A control record: the end of a transaction, or any other type with any value.
struct ScriptedControl {
  std::int64_t time = no_timestamp;
  ControlRecordType type = ControlRecordType::abort;
  /// Present if this is the end of a transaction; `value` is then empty.
  std::optional<std::int32_t> coordinator_epoch;
  Bytes value;
};

struct ScriptedProducer {
  ProducerIdAndEpoch producer;
  std::int32_t base_sequence = no_sequence;
  bool transactional = false;
};

/// A line of tests/java/random_batches.py.
struct ScriptedBatch {
  explicit ScriptedBatch(const Json& line);

  BatchOptions options;
  std::size_t capacity = 0;
  float ratio = 1.0F;
  ScriptedProducer made;
  std::optional<ScriptedProducer> closed;
  std::optional<ScriptedProducer> reopened;
  std::vector<ScriptedRecord> records;
  std::vector<ScriptedControl> controls;
  /// Present for a batch of which only the header is left: its last offset's delta and its time.
  struct Emptied {
    std::int32_t last_delta = 0;
    std::int64_t time = no_timestamp;
  };
  std::optional<Emptied> emptied;

  /// Who the batch's header names in the end.
  const ScriptedProducer& producer() const;
};

/// The bytes that a script's value stands for: null, a text, or words that describe a long value.
std::optional<Bytes> expand(const Json& value);

/// What building a scripted batch gave.
struct BuiltBatch {
  Bytes bytes;
  /// The estimated size after each record; negative if there was no room for it.
  std::vector<std::int64_t> estimates;
};

/// Builds the batch as the producer does: try_append for each record, then closed, perhaps opened again.
BuiltBatch build(const ScriptedBatch& batch);

}  // namespace linger::differential

#pragma once

#include <cstdint>
#include <vector>

#include "protocol/ids.h"
#include "protocol/wire.h"

namespace linger::scenarios {

/// Who may see a record: it belongs to no transaction, or to one that is decided, or not yet.
enum class Standing : std::uint8_t { plain, committed, aborted, open };

/// One record as it stands in a log or in an answer to Fetch.
struct LogRecord {
  std::int64_t offset = 0;
  std::int32_t leader_epoch = -1;
  ProducerIdAndEpoch producer;
  std::int32_t sequence = no_sequence;
  std::int64_t timestamp = -1;
  std::uint64_t identity = 0;              ///< see IdentityHash
  std::int64_t stated_producer = -1;       ///< from the value's first 8 bytes, if they are a generated value's; else -1
  std::int64_t stated_number = -1;
  Standing standing = Standing::plain;     ///< read_log_records says open for all that is transactional; see decide

  /// Whether a read_committed reader gets it, once it is below the last stable offset.
  bool visible() const { return standing == Standing::plain || standing == Standing::committed; }
};

/// A control batch that ends a producer's transaction on a partition.
struct LogMarker {
  std::int64_t offset = 0;
  ProducerId producer = no_producer_id;
  bool commit = false;
};

/// Appends the data records of these batches, in order, to `out`. Control batches hold none. False when the bytes are no whole, intact
/// batches (an incomplete batch at the end, as an answer to Fetch may have, is left out without complaint). `markers`, if wanted, takes the ends of
/// transactions.
bool read_log_records(BytesView batches, std::uint32_t topic, std::vector<LogRecord>& out, std::vector<LogMarker>* markers = nullptr);

/// Settles the standing of transactional records by the markers of the same log: a record belongs to its producer's next marker.
void decide(std::vector<LogRecord>& records, const std::vector<LogMarker>& markers);

/// The first 8 bytes of a generated value: the producer's index plus one and the record's number, 32 bits each, big-endian.
inline constexpr std::size_t generated_prefix_bytes = 8;
void write_generated_prefix(std::byte* to, std::uint32_t producer, std::uint64_t number);

}  // namespace linger::scenarios

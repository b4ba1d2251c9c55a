#pragma once

#include <array>
#include <cassert>
#include <cstdint>
#include <optional>
#include <span>

#include "protocol/compression.h"
#include "protocol/ids.h"
#include "protocol/record.h"
#include "protocol/wire.h"

/// Record batch, format 2 (org.apache.kafka.common.record.internal.DefaultRecordBatch). Bytes and a worked example:
/// docs/wire/record_batch.md.
namespace linger {

/// Where the header's fields stand, counted from the batch's first byte.
namespace batch_layout {
inline constexpr std::size_t base_offset = 0;
inline constexpr std::size_t length = 8;
inline constexpr std::size_t partition_leader_epoch = 12;
inline constexpr std::size_t magic = 16;
inline constexpr std::size_t crc = 17;
inline constexpr std::size_t attributes = 21;
inline constexpr std::size_t last_offset_delta = 23;
inline constexpr std::size_t base_timestamp = 27;
inline constexpr std::size_t max_timestamp = 35;
inline constexpr std::size_t producer_id = 43;
inline constexpr std::size_t producer_epoch = 51;
inline constexpr std::size_t base_sequence = 53;
inline constexpr std::size_t record_count = 57;
inline constexpr std::size_t records = 61;

/// Bytes before those that `length` counts.
inline constexpr std::size_t log_overhead = 12;
/// The checksum covers everything from here on, so a broker may rewrite what stands before: base offset and leader
/// epoch.
inline constexpr std::size_t checked_from = attributes;
}  // namespace batch_layout

inline constexpr std::int8_t record_batch_magic = 2;
inline constexpr std::int32_t record_batch_overhead = 61;

enum class TimestampType : std::uint8_t { create_time = 0, log_append_time = 1 };

/// All header fields as a value.
struct RecordBatchHeader {
  Offset base_offset;
  std::int32_t length = 0;
  LeaderEpoch partition_leader_epoch = no_leader_epoch;
  std::int8_t magic = record_batch_magic;
  std::uint32_t crc = 0;
  CompressionType compression = CompressionType::none;
  TimestampType timestamp_type = TimestampType::create_time;
  bool transactional = false;
  bool control = false;
  bool has_delete_horizon = false;
  std::int32_t last_offset_delta = 0;
  std::int64_t base_timestamp = no_timestamp;
  std::int64_t max_timestamp = no_timestamp;
  ProducerIdAndEpoch producer;
  std::int32_t base_sequence = no_sequence;
  std::int32_t record_count = 0;

  Offset last_offset() const { return base_offset + last_offset_delta; }
  Offset next_offset() const { return base_offset + (std::int64_t{last_offset_delta} + 1); }
  bool has_sequence() const { return base_sequence != no_sequence; }
  std::int32_t last_sequence() const {
    return has_sequence() ? increment_sequence(base_sequence, last_offset_delta) : no_sequence;
  }
  std::size_t size_in_bytes() const { return batch_layout::log_overhead + static_cast<std::size_t>(length); }
  friend bool operator==(const RecordBatchHeader&, const RecordBatchHeader&) = default;
};

/// Reads a header. Requires: at least 61 bytes. An unknown codec number (5 to 7) reads as none here and is refused by
/// check_batch.
RecordBatchHeader load_batch_header(BytesView batch);

/// Writes a header, checksum apart. Requires: at least 61 bytes.
void store_batch_header(std::span<std::byte> batch, const RecordBatchHeader& header);

/// Works the checksum out over a whole batch and writes it. Requires: at least 61 bytes.
void store_batch_crc(std::span<std::byte> batch);

/// What a broker checks before it reads a batch: magic 2, a length that fits the bytes given exactly, a known codec, a
/// count that is not negative, and the checksum. Compressed data is not looked into.
WireError check_batch(BytesView batch);

/// One batch inside records; made by BatchCursor, or from bytes that hold exactly one batch. Requires: at least 61
/// bytes.
class RecordBatchView {
 public:
  explicit RecordBatchView(BytesView bytes) : bytes_(bytes) { assert(bytes.size() >= batch_layout::records); }

  BytesView bytes() const { return bytes_; }
  std::size_t size_in_bytes() const { return bytes_.size(); }
  RecordBatchHeader header() const { return load_batch_header(bytes_); }
  WireError check() const { return check_batch(bytes_); }
  /// The records as they stand, compressed or not.
  BytesView payload() const { return bytes_.subspan(batch_layout::records); }

  Offset base_offset() const { return Offset{get<std::int64_t>(batch_layout::base_offset)}; }
  Offset last_offset() const { return base_offset() + get<std::int32_t>(batch_layout::last_offset_delta); }
  LeaderEpoch partition_leader_epoch() const {
    return LeaderEpoch{get<std::int32_t>(batch_layout::partition_leader_epoch)};
  }
  ProducerIdAndEpoch producer() const {
    return {ProducerId{get<std::int64_t>(batch_layout::producer_id)},
            ProducerEpoch{get<std::int16_t>(batch_layout::producer_epoch)}};
  }
  std::int32_t base_sequence() const { return get<std::int32_t>(batch_layout::base_sequence); }
  std::int32_t record_count() const { return get<std::int32_t>(batch_layout::record_count); }
  std::int64_t max_timestamp() const { return get<std::int64_t>(batch_layout::max_timestamp); }

 private:
  template <class Int>
  Int get(std::size_t at) const {
    return wire::load<Int>(bytes_.data() + at);
  }

  BytesView bytes_;
};

/// Walks the batches of a Produce or Fetch `records` field. An incomplete batch at the end ends the walk without a
/// fault, because a broker cuts its answer at a number of bytes; a batch that cannot be (too short, other magic) is a
/// fault. Checksums are the caller's business.
class BatchCursor {
 public:
  explicit BatchCursor(BytesView records) : rest_(records) {}
  std::optional<RecordBatchView> next();
  const WireError& error() const { return error_; }
  /// What has not been walked yet.
  BytesView rest() const { return rest_; }

 private:
  BytesView rest_;
  WireError error_;
};

/// Largest size that decompressing one batch may reach unless the caller says otherwise.
inline constexpr std::size_t default_decompression_limit = 128 * 1024 * 1024;

/// Walks the records of one batch. Compressed records are decompressed into `scratch`, which must stay alive and
/// untouched meanwhile. After next() gave nothing, error() says whether that was the regular end: a bad record, a count
/// that does not fit or bytes left behind the last record are faults, as in Java. The checksum is not looked at.
class RecordCursor {
 public:
  RecordCursor(const RecordBatchView& batch, Bytes& scratch, std::size_t limit = default_decompression_limit);
  /// Fills `record` and gives true, or gives false at the end and at a fault.
  bool next(RecordView& record);
  const WireError& error() const { return error_; }

 private:
  bool read(RecordView& record);

  const std::byte* position_;
  const std::byte* end_;
  std::int64_t base_offset_;
  std::int64_t base_timestamp_;
  std::int64_t append_time_;
  std::int32_t base_sequence_;
  std::int32_t left_;
  bool has_append_time_;
  WireError error_;
};

/// What a broker rewrites in a batch that it appends. Each requires a batch of at least 61 bytes; the first three leave
/// the checksum valid.
void set_base_offset(std::span<std::byte> batch, Offset offset);
/// Base offset such that the last record has this offset (DefaultRecordBatch.setLastOffset).
void set_last_offset(std::span<std::byte> batch, Offset offset);
void set_partition_leader_epoch(std::span<std::byte> batch, LeaderEpoch epoch);
/// Sets timestamp type and largest timestamp and writes a new checksum if anything changed (LogAppendTime).
void set_max_timestamp(std::span<std::byte> batch, TimestampType type, std::int64_t max_timestamp);

/// Kinds of control records; the number stands in the record's key.
enum class ControlRecordType : std::int16_t {
  abort = 0,
  commit = 1,
  leader_change = 2,
  snapshot_header = 3,
  snapshot_footer = 4,
  kraft_version = 5,
  kraft_voters = 6
};

/// The four bytes that are a control record's key: version 0 and the kind.
std::array<std::byte, 4> control_record_key(ControlRecordType type);
/// The kind, or nothing for a key that is too short or of an unknown kind.
std::optional<ControlRecordType> parse_control_record_key(const OptionalBytes& key);

}  // namespace linger

#pragma once

#include <cstdint>
#include <limits>
#include <span>

#include "protocol/compression.h"
#include "protocol/record_batch.h"

namespace linger {

/// What a batch is made with. Defaults are those of the producer's accumulator (RecordAccumulator.recordsBuilder).
struct BatchOptions {
  Compression compression;
  TimestampType timestamp_type = TimestampType::create_time;
  Offset base_offset;
  /// Every record's time when timestamp_type is log_append_time.
  std::int64_t log_append_time = no_timestamp;
  ProducerIdAndEpoch producer;
  std::int32_t base_sequence = no_sequence;
  bool transactional = false;
  bool control = false;
  LeaderEpoch partition_leader_epoch = no_leader_epoch;
  /// Size in bytes from which on the batch counts as full; only the first record may pass it.
  std::int32_t write_limit = std::numeric_limits<std::int32_t>::max();
  std::int64_t delete_horizon_ms = no_timestamp;
  /// Where in the buffer the batch begins.
  std::size_t initial_position = 0;
};

/// Builds one record batch (org.apache.kafka.common.record.internal.MemoryRecordsBuilder, magic 2). The builder is a
/// value and holds no pointer: the buffer that it writes into is passed to every call that needs it and must be the
/// same one each time. A buffer is memory as Java's ByteBuffer is: its size is its capacity, the builder keeps its own
/// position, and makes the buffer larger when a record does not fit. With a codec the records wait inside the builder
/// and are compressed when it is closed for appends.
class MemoryRecordsBuilder {
 public:
  explicit MemoryRecordsBuilder(const BatchOptions& options);

  /// Appends at the next offset. Requires: not closed for appends; a timestamp that is not negative, or no_timestamp.
  void append(Bytes& buffer, std::int64_t timestamp, const OptionalBytes& key, const OptionalBytes& value,
              std::span<const RecordHeader> headers = {});
  /// has_room_for and append in one: false, and nothing done, when the record does not fit.
  bool try_append(Bytes& buffer, std::int64_t timestamp, const OptionalBytes& key, const OptionalBytes& value,
                  std::span<const RecordHeader> headers = {});
  /// Appends a control record. Requires: a batch made with `control`.
  void append_control_record(Bytes& buffer, std::int64_t timestamp, ControlRecordType type, BytesView value);
  /// Appends the marker that ends a transaction. Requires: a control batch, transactional, with a producer id.
  void append_end_txn_marker(Bytes& buffer, std::int64_t timestamp, bool commit, std::int32_t coordinator_epoch);

  /// Whether one more record stays within the write limit. The first always does: it could never be sent otherwise.
  /// With a codec the batch so far counts as estimated and the new record as uncompressed.
  bool has_room_for(std::int64_t timestamp, const OptionalBytes& key, const OptionalBytes& value,
                    std::span<const RecordHeader> headers = {}) const;
  /// Whether records of so many bytes stay within the write limit.
  bool has_room_for(std::int32_t estimated_records_size) const;
  /// Closed for appends, or at the write limit with at least one record.
  bool is_full() const;

  /// Header and records as they will probably be on the wire: exact without a codec and once closed; with one,
  /// uncompressed bytes x estimated ratio x 1.05, in float arithmetic as in Java.
  std::int32_t estimated_size_in_bytes() const;
  /// Header and records before compression.
  std::int32_t uncompressed_bytes_written() const;
  std::int32_t max_allowed_bytes() const { return options_.write_limit - record_batch_overhead; }
  void set_estimated_compression_ratio(float ratio) { estimated_compression_ratio_ = ratio; }
  /// Bytes of the closed batch's records divided by their bytes before compression; 1 while it is open.
  float compression_ratio() const { return actual_compression_ratio_; }

  /// Requires: not closed. A batch that was closed may already be on the wire.
  void set_producer_state(ProducerIdAndEpoch producer, std::int32_t base_sequence, bool transactional);
  /// No record may be appended any more; the header can still change.
  void close_for_record_appends(Bytes& buffer);
  /// Writes header and checksum. Requires: not aborted; with a producer id, an epoch and a sequence that are not
  /// negative.
  void close(Bytes& buffer);
  /// Opens a closed batch again with another producer state; close() then rewrites the header. Requires: not aborted.
  void reopen_and_rewrite_producer_state(ProducerIdAndEpoch producer, std::int32_t base_sequence, bool transactional);
  /// Gives the batch up: the buffer holds nothing of it any more.
  void abort();

  bool is_closed() const { return closed_; }
  bool is_closed_for_appends() const { return closed_for_appends_; }
  bool is_aborted() const { return aborted_; }
  std::int32_t num_records() const { return num_records_; }
  Offset base_offset() const { return options_.base_offset; }
  std::int64_t max_timestamp() const { return max_timestamp_; }
  ProducerId producer_id() const { return options_.producer.id; }
  ProducerEpoch producer_epoch() const { return options_.producer.epoch; }
  std::int32_t base_sequence() const { return options_.base_sequence; }
  bool is_transactional() const { return options_.transactional; }
  bool is_control_batch() const { return options_.control; }
  const Compression& compression() const { return options_.compression; }

  /// Where the batch lies in its buffer. Requires: closed.
  std::size_t start() const { return options_.initial_position; }
  std::size_t size() const { return position_ - options_.initial_position; }
  BytesView records(const Bytes& buffer) const { return BytesView{buffer}.subspan(start(), size()); }

 private:
  bool compressed() const { return options_.compression.type != CompressionType::none; }
  std::int32_t next_offset_delta() const { return num_records_; }
  std::int64_t timestamp_delta(std::int64_t timestamp) const;
  std::int32_t estimated_bytes_written() const;
  bool has_room_for_size(std::int32_t record_size) const;
  /// body_size is what size_of_record_body gives for this record here.
  void append_record(Bytes& buffer, std::int64_t timestamp, std::int32_t body_size, const OptionalBytes& key,
                     const OptionalBytes& value, std::span<const RecordHeader> headers);

  BatchOptions options_;
  std::size_t position_;
  std::int64_t base_timestamp_ = no_timestamp;
  std::int64_t max_timestamp_ = no_timestamp;
  std::int32_t num_records_ = 0;
  std::int32_t uncompressed_records_bytes_ = 0;
  float estimated_compression_ratio_ = 1.0F;
  float actual_compression_ratio_ = 1.0F;
  bool has_base_timestamp_ = false;
  bool closed_for_appends_ = false;
  bool closed_ = false;
  bool aborted_ = false;
  /// Records that wait for their codec: the first uncompressed_records_bytes_ bytes.
  Bytes waiting_;
};

}  // namespace linger

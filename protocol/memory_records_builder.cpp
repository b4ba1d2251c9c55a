#include "protocol/memory_records_builder.h"

#include <algorithm>

namespace linger {
namespace {

constexpr float estimation_factor = 1.05F;

// From -1, which is "no time", to the last millisecond is more than 63 bits hold; Java's subtraction wraps, and so does
// the reader's sum.
inline std::int64_t wrapping_difference(std::int64_t to, std::int64_t from) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from));
}

// As Java's cast of a float to int: past the largest int it stays there.
std::int32_t to_int(float number) {
  if (number >= 2147483648.0F) return std::numeric_limits<std::int32_t>::max();
  return static_cast<std::int32_t>(number);
}

inline void grow_to(Bytes& memory, std::size_t size) {
  if (memory.size() < size) memory.resize(std::max(size, memory.size() + memory.size() / 2));
}

}  // namespace

MemoryRecordsBuilder::MemoryRecordsBuilder(const BatchOptions& options)
    : options_(options), position_(options.initial_position + batch_layout::records) {
  if (options.delete_horizon_ms < 0) return;
  base_timestamp_ = options.delete_horizon_ms;
  has_base_timestamp_ = true;
}

inline std::int64_t MemoryRecordsBuilder::timestamp_delta(std::int64_t timestamp) const {
  return has_base_timestamp_ ? wrapping_difference(timestamp, base_timestamp_) : 0;
}

inline std::int32_t MemoryRecordsBuilder::estimated_bytes_written() const {
  if (!compressed()) return record_batch_overhead + uncompressed_records_bytes_;
  return record_batch_overhead +
         to_int(static_cast<float>(uncompressed_records_bytes_) * estimated_compression_ratio_ * estimation_factor);
}

// A full batch has room for no size above zero, so this needs no look at is_full for a record.
inline bool MemoryRecordsBuilder::has_room_for_size(std::int32_t size) const {
  return std::int64_t{options_.write_limit} >= std::int64_t{estimated_bytes_written()} + size;
}

[[gnu::always_inline]] inline void MemoryRecordsBuilder::append_record(Bytes& buffer, std::int64_t timestamp,
                                                                       std::int32_t body, const OptionalBytes& key,
                                                                       const OptionalBytes& value,
                                                                       std::span<const RecordHeader> headers) {
  assert(!closed_for_appends_);
  assert(timestamp >= 0 || timestamp == no_timestamp);
  if (!has_base_timestamp_) {
    base_timestamp_ = timestamp;
    has_base_timestamp_ = true;
  }
  const std::int64_t delta = wrapping_difference(timestamp, base_timestamp_);
  const std::size_t size = wire::varint_size(body) + static_cast<std::size_t>(body);
  if (compressed()) {
    const auto used = static_cast<std::size_t>(uncompressed_records_bytes_);
    grow_to(waiting_, used + size);
    store_record(waiting_.data() + used, body, next_offset_delta(), delta, key, value, headers);
  } else {
    grow_to(buffer, position_ + size);
    store_record(buffer.data() + position_, body, next_offset_delta(), delta, key, value, headers);
    position_ += size;
  }
  ++num_records_;
  uncompressed_records_bytes_ += static_cast<std::int32_t>(size);
  max_timestamp_ = std::max(max_timestamp_, timestamp);
}

void MemoryRecordsBuilder::append(Bytes& buffer, std::int64_t timestamp, const OptionalBytes& key,
                                  const OptionalBytes& value, std::span<const RecordHeader> headers) {
  assert(!options_.control);
  const std::int32_t body = size_of_record_body(next_offset_delta(), timestamp_delta(timestamp), key, value, headers);
  append_record(buffer, timestamp, body, key, value, headers);
}

bool MemoryRecordsBuilder::try_append(Bytes& buffer, std::int64_t timestamp, const OptionalBytes& key,
                                      const OptionalBytes& value, std::span<const RecordHeader> headers) {
  assert(!options_.control);
  if (closed_for_appends_) return false;
  const std::int32_t body = size_of_record_body(next_offset_delta(), timestamp_delta(timestamp), key, value, headers);
  if (num_records_ > 0 && !has_room_for_size(body + static_cast<std::int32_t>(wire::varint_size(body)))) return false;
  append_record(buffer, timestamp, body, key, value, headers);
  return true;
}

void MemoryRecordsBuilder::append_control_record(Bytes& buffer, std::int64_t timestamp, ControlRecordType type,
                                                 BytesView value) {
  assert(options_.control);
  const auto key = control_record_key(type);
  const std::int32_t body =
      size_of_record_body(next_offset_delta(), timestamp_delta(timestamp), BytesView{key}, value, {});
  append_record(buffer, timestamp, body, BytesView{key}, value, {});
}

void MemoryRecordsBuilder::append_end_txn_marker(Bytes& buffer, std::int64_t timestamp, bool commit,
                                                 std::int32_t coordinator_epoch) {
  assert(options_.transactional && options_.producer.id != no_producer_id);
  std::array<std::byte, 6> value{};  // version 0, coordinator epoch
  wire::store(value.data() + 2, coordinator_epoch);
  append_control_record(buffer, timestamp, commit ? ControlRecordType::commit : ControlRecordType::abort, value);
}

bool MemoryRecordsBuilder::has_room_for(std::int64_t timestamp, const OptionalBytes& key, const OptionalBytes& value,
                                        std::span<const RecordHeader> headers) const {
  if (is_full()) return false;
  if (num_records_ == 0) return true;
  return has_room_for_size(size_of_record(next_offset_delta(), timestamp_delta(timestamp), key, value, headers));
}

bool MemoryRecordsBuilder::has_room_for(std::int32_t estimated_records_size) const {
  return !is_full() && has_room_for_size(estimated_records_size);
}

bool MemoryRecordsBuilder::is_full() const {
  return closed_for_appends_ || (num_records_ > 0 && options_.write_limit <= estimated_bytes_written());
}

std::int32_t MemoryRecordsBuilder::estimated_size_in_bytes() const {
  return closed_ ? static_cast<std::int32_t>(size()) : estimated_bytes_written();
}

std::int32_t MemoryRecordsBuilder::uncompressed_bytes_written() const {
  return record_batch_overhead + uncompressed_records_bytes_;
}

void MemoryRecordsBuilder::set_producer_state(ProducerIdAndEpoch producer, std::int32_t base_sequence,
                                              bool transactional) {
  assert(!closed_);
  options_.producer = producer;
  options_.base_sequence = base_sequence;
  options_.transactional = transactional;
}

void MemoryRecordsBuilder::close_for_record_appends(Bytes& buffer) {
  if (closed_for_appends_) return;
  closed_for_appends_ = true;
  if (!compressed()) return;
  Bytes packed;
  compress(options_.compression, BytesView{waiting_}.first(static_cast<std::size_t>(uncompressed_records_bytes_)),
           packed);
  waiting_ = Bytes{};
  grow_to(buffer, position_ + packed.size());
  std::copy(packed.begin(), packed.end(), buffer.begin() + static_cast<std::ptrdiff_t>(position_));
  position_ += packed.size();
}

void MemoryRecordsBuilder::close(Bytes& buffer) {
  assert(!aborted_);
  if (closed_) return;
  assert(!options_.transactional || options_.producer.id != no_producer_id);
  if (options_.producer.id != no_producer_id) {
    assert(options_.producer.epoch != no_producer_epoch);
    assert(options_.base_sequence >= 0 || options_.control);
  }
  close_for_record_appends(buffer);
  closed_ = true;
  if (num_records_ == 0) {
    position_ = options_.initial_position;
    return;
  }
  RecordBatchHeader header;
  header.base_offset = options_.base_offset;
  header.length = static_cast<std::int32_t>(size() - batch_layout::log_overhead);
  header.partition_leader_epoch = options_.partition_leader_epoch;
  header.compression = options_.compression.type;
  header.timestamp_type = options_.timestamp_type;
  header.transactional = options_.transactional;
  header.control = options_.control;
  header.has_delete_horizon = options_.delete_horizon_ms >= 0;
  header.last_offset_delta = num_records_ - 1;
  header.base_timestamp = base_timestamp_;
  header.max_timestamp =
      options_.timestamp_type == TimestampType::log_append_time ? options_.log_append_time : max_timestamp_;
  header.producer = options_.producer;
  header.base_sequence = options_.base_sequence;
  header.record_count = num_records_;
  const auto batch = std::span{buffer}.subspan(start(), size());
  store_batch_header(batch, header);
  store_batch_crc(batch);
  actual_compression_ratio_ =
      static_cast<float>(size() - batch_layout::records) / static_cast<float>(uncompressed_records_bytes_);
}

void MemoryRecordsBuilder::reopen_and_rewrite_producer_state(ProducerIdAndEpoch producer, std::int32_t base_sequence,
                                                             bool transactional) {
  assert(!aborted_);
  closed_ = false;
  options_.producer = producer;
  options_.base_sequence = base_sequence;
  options_.transactional = transactional;
}

void MemoryRecordsBuilder::abort() {
  closed_for_appends_ = true;
  waiting_ = Bytes{};
  position_ = options_.initial_position;
  aborted_ = true;
}

}  // namespace linger

#include "protocol/record_batch.h"

#include "protocol/crc32c.h"

namespace linger {
namespace {

namespace at = batch_layout;

constexpr int codec_mask = 0x07;
constexpr int timestamp_type_mask = 0x08;
constexpr int transactional_mask = 0x10;
constexpr int control_mask = 0x20;
constexpr int delete_horizon_mask = 0x40;

std::int16_t attributes_of(const RecordBatchHeader& header) {
  int bits = static_cast<int>(header.compression);
  if (header.timestamp_type == TimestampType::log_append_time) bits |= timestamp_type_mask;
  if (header.transactional) bits |= transactional_mask;
  if (header.control) bits |= control_mask;
  if (header.has_delete_horizon) bits |= delete_horizon_mask;
  return static_cast<std::int16_t>(bits);
}

template <class Int>
Int get(BytesView batch, std::size_t where) {
  return wire::load<Int>(batch.data() + where);
}

int codec_of(BytesView batch) {
  return get<std::int16_t>(batch, at::attributes) & codec_mask;
}

/// Takes values off [position, end) as long as there are any. What it gives behind the end is zero, and `good` turns
/// false.
struct Walk {
  const std::byte* position;
  const std::byte* end;
  bool good = true;

  std::uint64_t varint_bytes(int most) {
    // Nearly all lengths and deltas of a record are below 64.
    if (position != end && static_cast<unsigned>(*position) < 0x80) return static_cast<std::uint64_t>(*position++);
    std::uint64_t value = 0;
    for (int i = 0; i < most && position != end; ++i) {
      const auto byte = static_cast<std::uint64_t>(*position++);
      value |= (byte & 0x7f) << (7 * i);
      if (byte < 0x80) return value;
    }
    good = false;
    return 0;
  }
  std::int32_t varint() { return wire::unzigzag(static_cast<std::uint32_t>(varint_bytes(5))); }
  std::int64_t varlong() { return wire::unzigzag(varint_bytes(10)); }

  BytesView take(std::int32_t size) {
    if (size < 0 || size > end - position) {
      good = false;
      return {};
    }
    const BytesView view{position, static_cast<std::size_t>(size)};
    position += size;
    return view;
  }
  /// A negative length is null.
  OptionalBytes take_optional() {
    const std::int32_t size = varint();
    if (size < 0) return std::nullopt;
    return take(size);
  }
};

}  // namespace

RecordBatchHeader load_batch_header(BytesView batch) {
  assert(batch.size() >= at::records);
  const int attributes = get<std::int16_t>(batch, at::attributes);
  RecordBatchHeader header;
  header.base_offset = Offset{get<std::int64_t>(batch, at::base_offset)};
  header.length = get<std::int32_t>(batch, at::length);
  header.partition_leader_epoch = LeaderEpoch{get<std::int32_t>(batch, at::partition_leader_epoch)};
  header.magic = get<std::int8_t>(batch, at::magic);
  header.crc = get<std::uint32_t>(batch, at::crc);
  const int codec = attributes & codec_mask;
  header.compression = codec < compression_types ? static_cast<CompressionType>(codec) : CompressionType::none;
  header.timestamp_type =
      (attributes & timestamp_type_mask) != 0 ? TimestampType::log_append_time : TimestampType::create_time;
  header.transactional = (attributes & transactional_mask) != 0;
  header.control = (attributes & control_mask) != 0;
  header.has_delete_horizon = (attributes & delete_horizon_mask) != 0;
  header.last_offset_delta = get<std::int32_t>(batch, at::last_offset_delta);
  header.base_timestamp = get<std::int64_t>(batch, at::base_timestamp);
  header.max_timestamp = get<std::int64_t>(batch, at::max_timestamp);
  header.producer = {ProducerId{get<std::int64_t>(batch, at::producer_id)},
                     ProducerEpoch{get<std::int16_t>(batch, at::producer_epoch)}};
  header.base_sequence = get<std::int32_t>(batch, at::base_sequence);
  header.record_count = get<std::int32_t>(batch, at::record_count);
  return header;
}

void store_batch_header(std::span<std::byte> batch, const RecordBatchHeader& header) {
  assert(batch.size() >= at::records);
  std::byte* to = batch.data();
  wire::store(to + at::base_offset, header.base_offset.value());
  wire::store(to + at::length, header.length);
  wire::store(to + at::partition_leader_epoch, header.partition_leader_epoch.value());
  wire::store(to + at::magic, header.magic);
  wire::store(to + at::attributes, attributes_of(header));
  wire::store(to + at::last_offset_delta, header.last_offset_delta);
  wire::store(to + at::base_timestamp, header.base_timestamp);
  wire::store(to + at::max_timestamp, header.max_timestamp);
  wire::store(to + at::producer_id, header.producer.id.value());
  wire::store(to + at::producer_epoch, header.producer.epoch.value());
  wire::store(to + at::base_sequence, header.base_sequence);
  wire::store(to + at::record_count, header.record_count);
}

void store_batch_crc(std::span<std::byte> batch) {
  assert(batch.size() >= at::records);
  wire::store(batch.data() + at::crc, crc32c(batch.subspan(at::checked_from)));
}

WireError check_batch(BytesView batch) {
  if (batch.size() < at::records) return {WireFault::bad_batch, "length"};
  if (get<std::int8_t>(batch, at::magic) != record_batch_magic) return {WireFault::bad_batch, "magic"};
  const std::int32_t length = get<std::int32_t>(batch, at::length);
  if (length < 0 || static_cast<std::size_t>(length) + at::log_overhead != batch.size()) {
    return {WireFault::bad_batch, "length"};
  }
  if (get<std::uint32_t>(batch, at::crc) != crc32c(batch.subspan(at::checked_from))) return {WireFault::bad_crc, "crc"};
  if (codec_of(batch) >= compression_types) return {WireFault::bad_batch, "attributes"};
  if (get<std::int32_t>(batch, at::record_count) < 0) return {WireFault::bad_batch, "record count"};
  return {};
}

std::optional<RecordBatchView> BatchCursor::next() {
  if (error_ || rest_.size() < at::log_overhead + 5) return std::nullopt;
  const std::int32_t length = get<std::int32_t>(rest_, at::length);
  const std::size_t size = at::log_overhead + static_cast<std::size_t>(std::max(length, 0));
  if (length < 0 || size < at::records) {
    error_ = {WireFault::bad_batch, "length"};
  } else if (get<std::int8_t>(rest_, at::magic) != record_batch_magic) {
    error_ = {WireFault::bad_batch, "magic"};
  }
  if (error_ || size > rest_.size()) return std::nullopt;
  const RecordBatchView batch{rest_.first(size)};
  rest_ = rest_.subspan(size);
  return batch;
}

RecordCursor::RecordCursor(const RecordBatchView& batch, Bytes& scratch, std::size_t limit) {
  const RecordBatchHeader header = batch.header();
  base_offset_ = header.base_offset.value();
  base_timestamp_ = header.base_timestamp;
  append_time_ = header.max_timestamp;
  has_append_time_ = header.timestamp_type == TimestampType::log_append_time;
  base_sequence_ = header.base_sequence;
  left_ = header.record_count;
  BytesView records = batch.payload();
  if (left_ < 0) {
    error_ = {WireFault::bad_batch, "record count"};
  } else if (codec_of(batch.bytes()) >= compression_types) {
    error_ = {WireFault::bad_batch, "attributes"};
  } else if (header.compression != CompressionType::none && left_ > 0) {
    error_ = decompress(header.compression, records, limit, scratch);
    records = scratch;
  }
  // Java takes a batch without records for empty, whatever its bytes are.
  if (error_ || left_ == 0) records = {};
  position_ = records.data();
  end_ = records.data() + records.size();
}

bool RecordCursor::next(RecordView& record) {
  if (error_) return false;
  if (left_ == 0) {
    if (position_ != end_) error_ = {WireFault::bad_batch, "bytes behind the last record"};
    return false;
  }
  if (!read(record)) {
    error_ = {WireFault::bad_batch, "record"};
    return false;
  }
  --left_;
  return true;
}

bool RecordCursor::read(RecordView& record) {
  Walk outer{position_, end_};
  const BytesView body = outer.take(outer.varint());
  if (!outer.good || body.empty()) return false;
  position_ = outer.position;
  Walk walk{body.data() + 1, body.data() + body.size()};  // behind the attributes, which mean nothing
  const std::int64_t timestamp_delta = walk.varlong();
  record.offset_delta = walk.varint();
  // Sums of hostile numbers wrap, as they do in Java.
  record.timestamp = has_append_time_ ? append_time_
                                      : static_cast<std::int64_t>(static_cast<std::uint64_t>(base_timestamp_) +
                                                                  static_cast<std::uint64_t>(timestamp_delta));
  record.offset = static_cast<std::int64_t>(static_cast<std::uint64_t>(base_offset_) +
                                            static_cast<std::uint64_t>(std::int64_t{record.offset_delta}));
  record.sequence = base_sequence_ >= 0 ? increment_sequence(base_sequence_, record.offset_delta) : no_sequence;
  record.key = walk.take_optional();
  record.value = walk.take_optional();
  record.header_count = walk.varint();
  record.header_bytes = {walk.position, static_cast<std::size_t>(walk.end - walk.position)};
  if (!walk.good || record.header_count < 0) return false;
  for (std::int32_t i = 0; i < record.header_count; ++i) {
    walk.take(walk.varint());
    walk.take_optional();
    if (!walk.good) return false;
  }
  return walk.position == walk.end;
}

void set_base_offset(std::span<std::byte> batch, Offset offset) {
  assert(batch.size() >= at::records);
  wire::store(batch.data() + at::base_offset, offset.value());
}

void set_last_offset(std::span<std::byte> batch, Offset offset) {
  assert(batch.size() >= at::records);
  set_base_offset(batch, offset + -std::int64_t{get<std::int32_t>(batch, at::last_offset_delta)});
}

void set_partition_leader_epoch(std::span<std::byte> batch, LeaderEpoch epoch) {
  assert(batch.size() >= at::records);
  wire::store(batch.data() + at::partition_leader_epoch, epoch.value());
}

void set_max_timestamp(std::span<std::byte> batch, TimestampType type, std::int64_t max_timestamp) {
  RecordBatchHeader header = load_batch_header(batch);
  if (header.timestamp_type == type && header.max_timestamp == max_timestamp) return;
  header.timestamp_type = type;
  wire::store(batch.data() + at::attributes, attributes_of(header));
  wire::store(batch.data() + at::max_timestamp, max_timestamp);
  store_batch_crc(batch);
}

std::array<std::byte, 4> control_record_key(ControlRecordType type) {
  std::array<std::byte, 4> key{};
  wire::store(key.data() + 2, static_cast<std::int16_t>(type));
  return key;
}

std::optional<ControlRecordType> parse_control_record_key(const OptionalBytes& key) {
  if (!key || key->size() < 4) return std::nullopt;
  const auto version = wire::load<std::int16_t>(key->data());
  const auto type = wire::load<std::int16_t>(key->data() + 2);
  if (version < 0 || type < 0 || type > static_cast<std::int16_t>(ControlRecordType::kraft_voters)) return std::nullopt;
  return static_cast<ControlRecordType>(type);
}

}  // namespace linger

#include "protocol/record.h"

namespace linger {
namespace {

// A length of its own kind: records use zigzag varints, in which null is -1.
std::size_t size_of_optional(const OptionalBytes& bytes) {
  if (!bytes) return 1;
  return wire::varint_size(static_cast<std::int32_t>(bytes->size())) + bytes->size();
}

std::byte* store_varint(std::byte* to, std::int64_t value) {
  return wire::store_uvarint(to, wire::zigzag(value));
}

std::byte* store_bytes(std::byte* to, BytesView bytes) {
  to = store_varint(to, static_cast<std::int64_t>(bytes.size()));
  if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
  return to + bytes.size();
}

std::byte* store_optional(std::byte* to, const OptionalBytes& bytes) {
  return bytes ? store_bytes(to, *bytes) : store_varint(to, -1);
}

BytesView bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

// AbstractRecords and DefaultRecord: batch header, and the most that a record's lengths, attributes, time and offset
// can take.
constexpr std::int32_t batch_overhead = 61;
constexpr std::int32_t max_record_overhead = 21;

}  // namespace

std::int32_t size_of_payload(const OptionalBytes& key, const OptionalBytes& value,
                             std::span<const RecordHeader> headers) {
  std::size_t size = size_of_optional(key) + size_of_optional(value);
  size += wire::varint_size(static_cast<std::int32_t>(headers.size()));
  for (const RecordHeader& header : headers) {
    size += size_of_optional(bytes_of(header.key)) + size_of_optional(header.value);
  }
  return static_cast<std::int32_t>(size);
}

std::int32_t size_of_record_body(std::int32_t offset_delta, std::int64_t timestamp_delta, const OptionalBytes& key,
                                 const OptionalBytes& value, std::span<const RecordHeader> headers) {
  const std::size_t fixed = 1 + wire::varint_size(offset_delta) + wire::varlong_size(timestamp_delta);
  return static_cast<std::int32_t>(fixed) + size_of_payload(key, value, headers);
}

std::int32_t size_of_record(std::int32_t offset_delta, std::int64_t timestamp_delta, const OptionalBytes& key,
                            const OptionalBytes& value, std::span<const RecordHeader> headers) {
  const std::int32_t body = size_of_record_body(offset_delta, timestamp_delta, key, value, headers);
  return body + static_cast<std::int32_t>(wire::varint_size(body));
}

std::int32_t estimate_size_in_bytes_upper_bound(const OptionalBytes& key, const OptionalBytes& value,
                                                std::span<const RecordHeader> headers) {
  return batch_overhead + max_record_overhead + size_of_payload(key, value, headers);
}

std::byte* store_record(std::byte* to, std::int32_t body_size, std::int32_t offset_delta, std::int64_t timestamp_delta,
                        const OptionalBytes& key, const OptionalBytes& value, std::span<const RecordHeader> headers) {
  to = store_varint(to, body_size);
  *to++ = std::byte{0};  // attributes: none are defined
  to = store_varint(to, timestamp_delta);
  to = store_varint(to, offset_delta);
  to = store_optional(to, key);
  to = store_optional(to, value);
  to = store_varint(to, static_cast<std::int64_t>(headers.size()));
  for (const RecordHeader& header : headers) {
    to = store_bytes(to, bytes_of(header.key));
    to = store_optional(to, header.value);
  }
  return to;
}

std::vector<RecordHeader> RecordView::headers() const {
  std::vector<RecordHeader> result;
  Reader reader{header_bytes};
  for (std::int32_t i = 0; i < header_count && reader.ok(); ++i) {
    const BytesView key = reader.take(static_cast<std::size_t>(reader.read_varint()));
    const std::int32_t size = reader.read_varint();
    OptionalBytes value;
    if (size >= 0) value = reader.take(static_cast<std::size_t>(size));
    result.push_back({{reinterpret_cast<const char*>(key.data()), key.size()}, value});
  }
  return result;
}

}  // namespace linger

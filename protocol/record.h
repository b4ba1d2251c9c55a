#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "protocol/wire.h"

namespace linger {

/// Bytes or null, as a record's key, value and header values are. A view: whoever made it owns the bytes.
using OptionalBytes = std::optional<BytesView>;

/// "No time" in records and batches (RecordBatch.NO_TIMESTAMP).
inline constexpr std::int64_t no_timestamp = -1;

/// One header of a record; the key is text and never null.
struct RecordHeader {
  std::string_view key;
  OptionalBytes value;
};

/// One record as it stands in a batch, with its offset, time and sequence worked out. Views into the batch, or into the
/// buffer that it was decompressed into.
struct RecordView {
  std::int64_t offset = 0;
  std::int64_t timestamp = no_timestamp;
  std::int32_t sequence = no_sequence;
  std::int32_t offset_delta = 0;
  OptionalBytes key;
  OptionalBytes value;
  std::int32_t header_count = 0;
  /// The headers' bytes, checked to be well formed.
  BytesView header_bytes;

  std::vector<RecordHeader> headers() const;
};

namespace codec {

inline std::size_t size_of_optional(const OptionalBytes& bytes) {
  if (!bytes) return 1;
  return wire::varint_size(static_cast<std::int32_t>(bytes->size())) + bytes->size();
}

std::size_t size_of_headers(std::span<const RecordHeader> headers);
std::byte* store_headers(std::byte* to, std::span<const RecordHeader> headers);

inline std::byte* store_varint(std::byte* to, std::int64_t value) {
  return wire::store_uvarint(to, wire::zigzag(value));
}

inline std::byte* store_bytes(std::byte* to, BytesView bytes) {
  to = store_varint(to, static_cast<std::int64_t>(bytes.size()));
  if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
  return to + bytes.size();
}

inline std::byte* store_optional(std::byte* to, const OptionalBytes& bytes) {
  return bytes ? store_bytes(to, *bytes) : store_varint(to, -1);
}

}  // namespace codec

/// Bytes of a record's part that neither offset nor time decide: key, value and headers with their lengths.
inline std::int32_t size_of_payload(const OptionalBytes& key, const OptionalBytes& value,
                                    std::span<const RecordHeader> headers) {
  const std::size_t of_headers = headers.empty() ? 1 : codec::size_of_headers(headers);
  return static_cast<std::int32_t>(codec::size_of_optional(key) + codec::size_of_optional(value) + of_headers);
}

/// Bytes of the whole record behind its length (DefaultRecord.sizeOfBodyInBytes).
inline std::int32_t size_of_record_body(std::int32_t offset_delta, std::int64_t timestamp_delta,
                                        const OptionalBytes& key, const OptionalBytes& value,
                                        std::span<const RecordHeader> headers) {
  const std::size_t fixed = 1 + wire::varint_size(offset_delta) + wire::varlong_size(timestamp_delta);
  return static_cast<std::int32_t>(fixed) + size_of_payload(key, value, headers);
}

/// The same with its length (DefaultRecord.sizeInBytes).
inline std::int32_t size_of_record(std::int32_t offset_delta, std::int64_t timestamp_delta, const OptionalBytes& key,
                                   const OptionalBytes& value, std::span<const RecordHeader> headers) {
  const std::int32_t body = size_of_record_body(offset_delta, timestamp_delta, key, value, headers);
  return body + static_cast<std::int32_t>(wire::varint_size(body));
}

/// What a batch with only this record takes at most: 61 for the header, 21 for the record's overhead, and its payload
/// (AbstractRecords.estimateSizeInBytesUpperBound).
inline std::int32_t estimate_size_in_bytes_upper_bound(const OptionalBytes& key, const OptionalBytes& value,
                                                       std::span<const RecordHeader> headers) {
  constexpr std::int32_t batch_overhead = 61;
  constexpr std::int32_t max_record_overhead = 21;
  return batch_overhead + max_record_overhead + size_of_payload(key, value, headers);
}

/// Writes one record; returns the place behind. Requires: size_of_record(...) writable bytes, body_size =
/// size_of_record_body(...).
inline std::byte* store_record(std::byte* to, std::int32_t body_size, std::int32_t offset_delta,
                               std::int64_t timestamp_delta, const OptionalBytes& key, const OptionalBytes& value,
                               std::span<const RecordHeader> headers) {
  to = codec::store_varint(to, body_size);
  *to++ = std::byte{0};  // attributes: none are defined
  to = codec::store_varint(to, timestamp_delta);
  to = codec::store_varint(to, offset_delta);
  to = codec::store_optional(to, key);
  to = codec::store_optional(to, value);
  if (headers.empty()) {
    *to++ = std::byte{0};
    return to;
  }
  return codec::store_headers(to, headers);
}

}  // namespace linger

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

/// Bytes of a record's part that neither offset nor time decide: key, value and headers with their lengths.
std::int32_t size_of_payload(const OptionalBytes& key, const OptionalBytes& value,
                             std::span<const RecordHeader> headers);

/// Bytes of the whole record behind its length (DefaultRecord.sizeOfBodyInBytes).
std::int32_t size_of_record_body(std::int32_t offset_delta, std::int64_t timestamp_delta, const OptionalBytes& key,
                                 const OptionalBytes& value, std::span<const RecordHeader> headers);

/// The same with its length (DefaultRecord.sizeInBytes).
std::int32_t size_of_record(std::int32_t offset_delta, std::int64_t timestamp_delta, const OptionalBytes& key,
                            const OptionalBytes& value, std::span<const RecordHeader> headers);

/// What a batch with only this record takes at most: 61 for the header, 21 for the record's overhead, and its payload
/// (AbstractRecords.estimateSizeInBytesUpperBound).
std::int32_t estimate_size_in_bytes_upper_bound(const OptionalBytes& key, const OptionalBytes& value,
                                                std::span<const RecordHeader> headers);

/// Writes one record; returns the place behind. Requires: size_of_record(...) writable bytes, body_size =
/// size_of_record_body(...).
std::byte* store_record(std::byte* to, std::int32_t body_size, std::int32_t offset_delta, std::int64_t timestamp_delta,
                        const OptionalBytes& key, const OptionalBytes& value, std::span<const RecordHeader> headers);

}  // namespace linger

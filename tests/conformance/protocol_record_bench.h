#pragma once

#include <catch2/catch.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/memory_records_builder.h"
#include "protocol/record_batch.h"
#include "support/hex.h"

namespace linger::test {

using OptionalText = std::optional<std::string>;

/// A record to be written, as Kafka's SimpleRecord.
struct SimpleRecord {
  std::int64_t timestamp = no_timestamp;
  OptionalText key;
  OptionalText value;
  std::vector<RecordHeader> headers = {};

  static OptionalBytes bytes(const OptionalText& text) {
    return text ? OptionalBytes(testing::bytes_of(*text)) : std::nullopt;
  }
  OptionalBytes key_bytes() const { return bytes(key); }
  OptionalBytes value_bytes() const { return bytes(value); }
};

/// A record that was read.
struct ReadRecord {
  std::int64_t offset = 0;
  std::int64_t timestamp = 0;
  std::int32_t sequence = 0;
  OptionalText key;
  OptionalText value;
  std::vector<std::pair<std::string, OptionalText>> headers;
  friend bool operator==(const ReadRecord&, const ReadRecord&) = default;
};

struct ReadBatch {
  RecordBatchHeader header;
  bool valid = false;  ///< what a broker checks before it reads
  std::vector<ReadRecord> records;
  WireError error;  ///< of reading the records
};

inline OptionalText text(const OptionalBytes& bytes) {
  return bytes ? OptionalText(testing::text_of(*bytes)) : std::nullopt;
}

inline ReadBatch read_batch(BytesView bytes) {
  const RecordBatchView view(bytes);
  ReadBatch batch;
  batch.header = view.header();
  batch.valid = !view.check();
  Bytes scratch;
  RecordCursor cursor(view, scratch);
  for (RecordView record; cursor.next(record);) {
    ReadRecord& read = batch.records.emplace_back();
    read.offset = record.offset;
    read.timestamp = record.timestamp;
    read.sequence = record.sequence;
    read.key = text(record.key);
    read.value = text(record.value);
    for (const RecordHeader& header : record.headers()) {
      read.headers.emplace_back(std::string(header.key), text(header.value));
    }
  }
  batch.error = cursor.error();
  return batch;
}

inline std::vector<ReadBatch> read_batches(BytesView bytes) {
  std::vector<ReadBatch> batches;
  BatchCursor cursor(bytes);
  while (const auto batch = cursor.next()) batches.push_back(read_batch(batch->bytes()));
  CHECK_FALSE(cursor.error());
  return batches;
}

inline void append(MemoryRecordsBuilder& builder, Bytes& buffer, const SimpleRecord& record) {
  builder.append(buffer, record.timestamp, record.key_bytes(), record.value_bytes(), record.headers);
}

/// Kafka's MemoryRecords.withRecords.
inline Bytes with_records(const BatchOptions& options, const std::vector<SimpleRecord>& records) {
  MemoryRecordsBuilder builder(options);
  Bytes buffer(1024);
  for (const SimpleRecord& record : records) append(builder, buffer, record);
  builder.close(buffer);
  const BytesView written = builder.records(buffer);
  return {written.begin(), written.end()};
}

inline BatchOptions codec(CompressionType type, std::int64_t base_offset = 0) {
  BatchOptions options;
  options.compression = Compression::of(type);
  options.base_offset = Offset{base_offset};
  return options;
}

inline BatchOptions at_offset(std::int64_t base_offset) {
  return codec(CompressionType::none, base_offset);
}

inline constexpr CompressionType all_codecs[] = {CompressionType::none, CompressionType::gzip, CompressionType::snappy,
                                                 CompressionType::lz4, CompressionType::zstd};
inline constexpr std::int64_t some_time = 1'700'000'000'000;

}  // namespace linger::test

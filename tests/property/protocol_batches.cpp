#include <catch2/catch.hpp>

#include "protocol/crc32c.h"
#include "protocol/memory_records_builder.h"
#include "support/hex.h"
#include "support/random_message.h"

using namespace linger;
using namespace linger::testing;

namespace {

struct Kept {
  std::int64_t timestamp = 0;
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;
  friend bool operator==(const Kept&, const Kept&) = default;
};

std::string random_text(Random& random, std::size_t most) {
  std::string text;
  const std::size_t size = random.below(most + 1);
  const bool dull = random.one_in(2);
  for (std::size_t i = 0; i < size; ++i) text += dull ? 'x' : static_cast<char>(random.below(256));
  return text;
}

std::optional<std::string> maybe_text(Random& random, std::size_t most) {
  if (random.one_in(4)) return std::nullopt;
  return random_text(random, most);
}

Kept random_record(Random& random) {
  Kept record;
  record.timestamp = random.one_in(10) ? no_timestamp : static_cast<std::int64_t>(random.next() >> 20);
  record.key = maybe_text(random, 20);
  record.value = maybe_text(random, random.one_in(10) ? 5000 : 200);
  for (std::size_t i = random.below(3); i > 0; --i) {
    std::string name = random_text(random, 8);
    record.headers.emplace_back(std::move(name), maybe_text(random, 10));
  }
  return record;
}

OptionalBytes view(const std::optional<std::string>& text) {
  return text ? OptionalBytes{bytes_of(*text)} : OptionalBytes{};
}

std::optional<std::string> text(const OptionalBytes& bytes) {
  return bytes ? std::optional{text_of(*bytes)} : std::nullopt;
}

void append(MemoryRecordsBuilder& builder, Bytes& buffer, const Kept& record) {
  std::vector<RecordHeader> headers;
  for (const auto& [name, value] : record.headers) headers.push_back({name, view(value)});
  builder.append(buffer, record.timestamp, view(record.key), view(record.value), headers);
}

std::vector<Kept> read_back(BytesView batch, const BatchOptions& options) {
  std::vector<Kept> records;
  Bytes scratch;
  RecordCursor cursor{RecordBatchView{batch}, scratch};
  RecordView record;
  while (cursor.next(record)) {
    REQUIRE(record.offset == options.base_offset.value() + static_cast<std::int64_t>(records.size()));
    REQUIRE(record.sequence == increment_sequence(options.base_sequence, static_cast<std::int32_t>(records.size())));
    Kept kept{record.timestamp, text(record.key), text(record.value), {}};
    for (const RecordHeader& header : record.headers()) kept.headers.emplace_back(header.key, text(header.value));
    records.push_back(std::move(kept));
  }
  REQUIRE(cursor.error().describe() == "no fault");
  return records;
}

}  // namespace

TEST_CASE("records of every kind survive a batch with each codec") {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    INFO("seed " << seed);
    Random random{seed};
    BatchOptions options;
    options.compression = Compression::of(static_cast<CompressionType>(seed % compression_types));
    options.base_offset = Offset{static_cast<std::int64_t>(random.below(1000000))};
    options.producer = {ProducerId{5}, ProducerEpoch{1}};
    options.base_sequence = random.one_in(5) ? 2147483640 : static_cast<std::int32_t>(random.below(1000));
    MemoryRecordsBuilder builder{options};
    Bytes buffer(random.below(2000), std::byte{0xaa});
    std::vector<Kept> records;
    std::int32_t size = record_batch_overhead;
    for (std::size_t i = 1 + random.below(100); i > 0; --i) {
      const Kept record = random_record(random);
      append(builder, buffer, record);
      records.push_back(record);
      size = builder.uncompressed_bytes_written();
    }
    builder.close(buffer);
    const BytesView batch = builder.records(buffer);
    REQUIRE_FALSE(check_batch(batch));
    if (seed % compression_types == 0) REQUIRE(static_cast<std::int32_t>(batch.size()) == size);
    REQUIRE(load_batch_header(batch).record_count == static_cast<std::int32_t>(records.size()));
    REQUIRE(read_back(batch, options) == records);
  }
}

TEST_CASE("the size that is asked for a record is the size that it takes") {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Random random{seed};
    MemoryRecordsBuilder builder{BatchOptions{}};
    Bytes buffer;
    for (int i = 0; i < 5; ++i) {
      const Kept record = random_record(random);
      std::vector<RecordHeader> headers;
      for (const auto& [name, value] : record.headers) headers.push_back({name, view(value)});
      const std::int32_t before = builder.estimated_size_in_bytes();
      append(builder, buffer, record);
      const std::int32_t taken = builder.estimated_size_in_bytes() - before;
      REQUIRE(taken <= estimate_size_in_bytes_upper_bound(view(record.key), view(record.value), headers) - 61);
    }
  }
}

TEST_CASE("the checksum is the same with and without the instructions, at any length and cut") {
  Random random{1};
  Bytes bytes(20000);
  for (std::byte& b : bytes) b = static_cast<std::byte>(random.next());
  for (std::size_t size = 0; size < bytes.size(); size = size < 700 ? size + 1 : size + 397) {
    const BytesView part = BytesView{bytes}.last(size);
    const std::uint32_t expected = crc32c_by_table(part);
    REQUIRE(crc32c(part) == expected);
    const std::size_t cut = random.below(size + 1);
    REQUIRE(crc32c(part.subspan(cut), crc32c(part.first(cut))) == expected);
  }
}

TEST_CASE("any one flipped bit behind the checksum is found") {
  MemoryRecordsBuilder builder{BatchOptions{}};
  Bytes buffer;
  for (int i = 0; i < 3; ++i) builder.append(buffer, 1000, std::nullopt, bytes_of("some value"));
  builder.close(buffer);
  Bytes batch(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(builder.size()));
  for (std::size_t bit = 8 * batch_layout::crc; bit < 8 * batch.size(); ++bit) {
    batch[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    REQUIRE(check_batch(batch).fault == WireFault::bad_crc);
    batch[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
  }
  REQUIRE_FALSE(check_batch(batch));
}

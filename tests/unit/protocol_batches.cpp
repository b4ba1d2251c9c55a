#include <algorithm>
#include <catch2/catch.hpp>

#include "protocol/crc32c.h"
#include "protocol/memory_records_builder.h"
#include "support/hex.h"

using namespace linger;
using namespace linger::testing;

namespace {

BatchOptions idempotent(std::int32_t write_limit) {
  BatchOptions options;
  options.producer = {ProducerId{7}, ProducerEpoch{0}};
  options.base_sequence = 0;
  options.write_limit = write_limit;
  return options;
}

Bytes batch_of(int records, BatchOptions options) {
  MemoryRecordsBuilder builder{options};
  Bytes buffer;
  for (int i = 0; i < records; ++i) builder.append(buffer, 1000 + i, std::nullopt, bytes_of("value"));
  builder.close(buffer);
  const BytesView batch = builder.records(buffer);
  return {batch.begin(), batch.end()};
}

int count_records(BytesView batch, WireError& error, std::size_t limit = default_decompression_limit) {
  Bytes scratch;
  RecordCursor cursor{RecordBatchView{batch}, scratch, limit};
  RecordView record;
  int count = 0;
  while (cursor.next(record)) ++count;
  error = cursor.error();
  return count;
}

}  // namespace

TEST_CASE("CRC-32C has the published check values") {
  // RFC 3720, section B.4, and the usual check string.
  CHECK(crc32c(bytes_of("123456789")) == 0xe3069283);
  CHECK(crc32c(Bytes(32, std::byte{0})) == 0x8a9136aa);
  CHECK(crc32c(Bytes(32, std::byte{0xff})) == 0x62a8ab43);
  CHECK(crc32c({}) == 0);
  CHECK(crc32c_by_table(bytes_of("123456789")) == 0xe3069283);
}

// docs/wire/record_batch.md explains these bytes.
TEST_CASE("the format page's worked example is what the builder writes") {
  BatchOptions options;
  options.producer = {ProducerId{4711}, ProducerEpoch{3}};
  options.base_sequence = 100;
  MemoryRecordsBuilder builder{options};
  Bytes buffer;
  builder.append(buffer, 1700000000000, bytes_of("k0"), bytes_of("hi"));
  builder.close(buffer);
  CHECK(to_hex(builder.records(buffer)) == to_hex(from_hex(R"(
      0000000000000000 0000003c ffffffff 02 d35dd1f8 0000 00000000
      0000018bcfe56800 0000018bcfe56800 0000000000001267 0003 00000064 00000001
      14 00 00 00 04 6b30 04 6869 00)")));
}

TEST_CASE("try_append does what has_room_for and append do") {
  MemoryRecordsBuilder one{idempotent(200)};
  MemoryRecordsBuilder two{idempotent(200)};
  Bytes first;
  Bytes second;
  for (int i = 0; i < 20; ++i) {
    const bool fits = one.has_room_for(i, std::nullopt, bytes_of("value"));
    if (fits) one.append(first, i, std::nullopt, bytes_of("value"));
    CHECK(two.try_append(second, i, std::nullopt, bytes_of("value")) == fits);
  }
  one.close(first);
  two.close(second);
  CHECK(to_hex(one.records(first)) == to_hex(two.records(second)));
  CHECK_FALSE(two.try_append(second, 0, std::nullopt, bytes_of("value")));
}

TEST_CASE("the first record always fits, later ones up to the write limit") {
  MemoryRecordsBuilder builder{idempotent(100)};
  Bytes buffer(100);
  const Bytes large(500);
  CHECK(builder.has_room_for(0, std::nullopt, BytesView{large}));
  builder.append(buffer, 0, std::nullopt, BytesView{large});
  CHECK(builder.is_full());
  CHECK_FALSE(builder.has_room_for(0, std::nullopt, BytesView{}));
  builder.close(buffer);
  CHECK(builder.size() == 61 + 509);
  CHECK(buffer.size() >= builder.size());
}

TEST_CASE("a record that ends exactly at the write limit fits") {
  // An empty record takes 7 bytes: length, attributes, two deltas, key, value, headers.
  MemoryRecordsBuilder builder{idempotent(61 + 14)};
  Bytes buffer;
  builder.append(buffer, 0, std::nullopt, std::nullopt);
  CHECK(builder.estimated_size_in_bytes() == 68);
  CHECK_FALSE(builder.is_full());
  CHECK(builder.has_room_for(0, std::nullopt, std::nullopt));
  CHECK_FALSE(builder.has_room_for(0, std::nullopt, BytesView{from_hex("00")}));
  builder.append(buffer, 0, std::nullopt, std::nullopt);
  CHECK(builder.is_full());
}

TEST_CASE("a buffer that is large enough keeps its size, whatever was in it") {
  Bytes buffer(1000, std::byte{0xee});
  MemoryRecordsBuilder builder{idempotent(1000)};
  builder.append(buffer, 5, bytes_of("k"), bytes_of("v"));
  builder.close(buffer);
  CHECK(buffer.size() == 1000);
  CHECK_FALSE(RecordBatchView{builder.records(buffer)}.check());
  CHECK(builder.estimated_size_in_bytes() == static_cast<std::int32_t>(builder.size()));
}

TEST_CASE("a copy of a builder with a copy of its buffer goes on by itself") {
  for (const CompressionType codec : {CompressionType::none, CompressionType::gzip}) {
    BatchOptions options = idempotent(1000);
    options.compression = Compression::of(codec);
    MemoryRecordsBuilder original{options};
    Bytes buffer;
    original.append(buffer, 5, std::nullopt, bytes_of("first"));
    MemoryRecordsBuilder copy = original;
    Bytes copied_buffer = buffer;
    copy.append(copied_buffer, 6, std::nullopt, bytes_of("only in the copy"));
    original.close(buffer);
    copy.close(copied_buffer);
    WireError error;
    CHECK(count_records(original.records(buffer), error) == 1);
    CHECK(count_records(copy.records(copied_buffer), error) == 2);
    CHECK_FALSE(error);
  }
}

TEST_CASE("a batch is opened again with another producer state and gets a new header and checksum") {
  MemoryRecordsBuilder builder{idempotent(1000)};
  Bytes buffer;
  builder.append(buffer, 5, std::nullopt, bytes_of("v"));
  builder.set_producer_state({ProducerId{7}, ProducerEpoch{1}}, 40, false);
  builder.close(buffer);
  const Bytes before(buffer.begin(), buffer.end());
  builder.reopen_and_rewrite_producer_state({ProducerId{8}, ProducerEpoch{2}}, 0, false);
  CHECK_FALSE(builder.is_closed());
  CHECK(builder.is_full());
  builder.close(buffer);
  const RecordBatchView batch{builder.records(buffer)};
  CHECK_FALSE(batch.check());
  CHECK(batch.producer() == ProducerIdAndEpoch{ProducerId{8}, ProducerEpoch{2}});
  CHECK(batch.base_sequence() == 0);
  CHECK(load_batch_header(before).base_sequence == 40);
}

TEST_CASE("an aborted batch leaves nothing") {
  MemoryRecordsBuilder builder{idempotent(1000)};
  Bytes buffer;
  builder.append(buffer, 5, std::nullopt, bytes_of("v"));
  builder.abort();
  CHECK(builder.is_full());
  CHECK(builder.size() == 0);
}

TEST_CASE("a batch without records closes to nothing") {
  MemoryRecordsBuilder builder{idempotent(1000)};
  Bytes buffer;
  builder.close(buffer);
  CHECK(builder.records(buffer).empty());
  CHECK(builder.estimated_size_in_bytes() == 0);
}

TEST_CASE("a batch may stand behind others in one buffer") {
  Bytes buffer;
  BatchOptions options;
  MemoryRecordsBuilder first{options};
  first.append(buffer, 1, std::nullopt, bytes_of("a"));
  first.close(buffer);
  buffer.resize(first.size());
  options.initial_position = first.size();
  options.base_offset = Offset{1};
  MemoryRecordsBuilder second{options};
  second.append(buffer, 2, std::nullopt, bytes_of("b"));
  second.close(buffer);
  buffer.resize(second.start() + second.size());
  BatchCursor cursor{buffer};
  REQUIRE(cursor.next());
  const auto batch = cursor.next();
  REQUIRE(batch);
  CHECK(batch->base_offset() == Offset{1});
  CHECK_FALSE(batch->check());
  CHECK_FALSE(cursor.next());
  CHECK_FALSE(cursor.error());
}

TEST_CASE("base offset and leader epoch can be rewritten without touching the checksum") {
  Bytes batch = batch_of(3, idempotent(1000));
  set_last_offset(batch, Offset{102});
  set_partition_leader_epoch(batch, LeaderEpoch{9});
  const RecordBatchView view{batch};
  CHECK(view.base_offset() == Offset{100});
  CHECK(view.last_offset() == Offset{102});
  CHECK(view.partition_leader_epoch() == LeaderEpoch{9});
  CHECK_FALSE(view.check());
}

TEST_CASE("a new timestamp type changes the checksum, an equal one changes nothing") {
  Bytes batch = batch_of(3, idempotent(1000));
  const Bytes before = batch;
  set_max_timestamp(batch, TimestampType::create_time, 1002);
  CHECK(batch == before);
  set_max_timestamp(batch, TimestampType::log_append_time, 5000);
  CHECK_FALSE(check_batch(batch));
  CHECK(load_batch_header(batch).crc != load_batch_header(before).crc);
  CHECK(load_batch_header(batch).timestamp_type == TimestampType::log_append_time);
  CHECK(load_batch_header(batch).max_timestamp == 5000);
  CHECK(load_batch_header(batch).producer.id == ProducerId{7});
}

TEST_CASE("an incomplete batch at the end is not there, an impossible one is a fault") {
  Bytes two = batch_of(1, idempotent(1000));
  const std::size_t one = two.size();
  const Bytes again = two;
  two.insert(two.end(), again.begin(), again.end());
  for (std::size_t size = one; size < two.size(); ++size) {
    BatchCursor cursor{BytesView{two}.first(size)};
    CHECK(cursor.next());
    CHECK_FALSE(cursor.next());
    CHECK_FALSE(cursor.error());
  }
  wire::store(two.data() + one + batch_layout::length, std::int32_t{20});
  BatchCursor short_length{two};
  CHECK(short_length.next());
  CHECK_FALSE(short_length.next());
  CHECK(short_length.error() == WireError{WireFault::bad_batch, "length"});
  two = again;
  two[batch_layout::magic] = std::byte{1};
  BatchCursor old_magic{two};
  CHECK_FALSE(old_magic.next());
  CHECK(old_magic.error() == WireError{WireFault::bad_batch, "magic"});
}

TEST_CASE("each kind of damage to a batch has its name") {
  const Bytes good = batch_of(2, idempotent(1000));
  CHECK_FALSE(check_batch(good));
  CHECK(check_batch(BytesView{good}.first(60)).fault == WireFault::bad_batch);
  CHECK(check_batch(BytesView{good}.first(good.size() - 1)).field == "length");
  Bytes bad = good;
  bad.back() ^= std::byte{1};
  CHECK(check_batch(bad).fault == WireFault::bad_crc);
  bad = good;
  bad[batch_layout::attributes + 1] |= std::byte{5};
  store_batch_crc(bad);
  CHECK(check_batch(bad).field == "attributes");
  bad = good;
  wire::store(bad.data() + batch_layout::record_count, std::int32_t{-1});
  store_batch_crc(bad);
  CHECK(check_batch(bad).field == "record count");
}

TEST_CASE("a record count that does not fit the records is a fault") {
  Bytes batch = batch_of(3, idempotent(1000));
  WireError error;
  CHECK(count_records(batch, error) == 3);
  CHECK_FALSE(error);
  wire::store(batch.data() + batch_layout::record_count, std::int32_t{2});
  CHECK(count_records(batch, error) == 2);
  CHECK(error.field == "bytes behind the last record");
  wire::store(batch.data() + batch_layout::record_count, std::int32_t{4});
  CHECK(count_records(batch, error) == 3);
  CHECK(error.field == "record");
}

TEST_CASE("decompression stops at its limit") {
  for (int codec = 1; codec < compression_types; ++codec) {
    const auto type = static_cast<CompressionType>(codec);
    INFO(compression_name(type));
    const Bytes zeros(1'000'000);
    Bytes packed;
    compress(Compression::of(type), zeros, packed);
    Bytes out;
    CHECK_FALSE(decompress(type, packed, zeros.size(), out));
    CHECK(out == zeros);
    CHECK(decompress(type, packed, zeros.size() - 1, out).fault == WireFault::bad_compression);
    CHECK(out.capacity() <= zeros.size());
    CHECK(decompress(type, BytesView{packed}.first(packed.size() - 5), zeros.size(), out));
  }
}

TEST_CASE("what a codec packed before leaves no trace in what it packs next") {
  Bytes text;
  for (int i = 0; i < 3000; ++i) text.push_back(static_cast<std::byte>('a' + i * i % 23));
  Bytes other;
  std::uint32_t mixed = 1;
  while (other.size() < 200'000) {
    // Words of a small vocabulary in no order: a better level finds more in them.
    mixed = mixed * 1664525 + 1013904223;
    for (std::uint32_t i = 0; i < 3 + (mixed >> 24) % 9; ++i)
      other.push_back(static_cast<std::byte>('a' + (mixed >> 20) * i % 26));
  }
  for (int codec = 1; codec < compression_types; ++codec) {
    const auto type = static_cast<CompressionType>(codec);
    INFO(compression_name(type));
    const CompressionLevels levels = compression_levels(type);
    Bytes first;
    compress(Compression::of(type), text, first);
    Bytes usual;
    compress(Compression::of(type), other, usual);
    for (const int level : {levels.preset, std::min(levels.max, 9)}) {
      if (!levels.accepts(level)) continue;
      Bytes between;
      compress(Compression{type, level}, other, between);
      CHECK((between == usual) == (level == levels.preset));
      Bytes out;
      CHECK_FALSE(decompress(type, between, other.size(), out));
      CHECK(out == other);
      CHECK(decompress(type, BytesView{between}.first(between.size() / 2), other.size(), out));
      Bytes again;
      compress(Compression::of(type), text, again);
      CHECK(again == first);
    }
  }
}

TEST_CASE("raw snappy and a gzip stream of two members are read") {
  Bytes out;
  // Raw snappy: length 5, a literal of 5 bytes.
  CHECK_FALSE(decompress(CompressionType::snappy,
                         from_hex("05"
                                  "10"
                                  "68656c6c6f"),
                         100, out));
  CHECK(text_of(out) == "hello");
  Bytes twice;
  compress(Compression::of(CompressionType::gzip), bytes_of("hello "), twice);
  compress(Compression::of(CompressionType::gzip), bytes_of("world"), twice);
  CHECK_FALSE(decompress(CompressionType::gzip, twice, 100, out));
  CHECK(text_of(out) == "hello world");
}

TEST_CASE("an LZ4 frame's checksums and flags are looked at") {
  Bytes frame;
  compress(Compression::of(CompressionType::lz4), bytes_of("hello"), frame);
  Bytes out;
  CHECK_FALSE(decompress(CompressionType::lz4, frame, 100, out));
  for (const std::size_t at : {0U, 4U, 5U, 6U}) {
    Bytes bad = frame;
    bad[at] ^= std::byte{1};
    CHECK(decompress(CompressionType::lz4, bad, 100, out));
  }
  // Made by liblz4 with block and content checksums; the first states its content's size, the second has a compressed
  // block.
  const Bytes checked = from_hex("04224d187c400500000000000000030500008068656c6c6ff97700fb00000000f97700fb");
  CHECK_FALSE(decompress(CompressionType::lz4, checked, 100, out));
  CHECK(text_of(out) == "hello");
  const Bytes longer = from_hex(
      "04224d187440bd2c000000cf68656c6c6f20776f726c64200c004df00b303132333435363738396162636465666768696a6b6c6d6e6f70"
      "fe87902000000000527b9c9b");
  CHECK_FALSE(decompress(CompressionType::lz4, longer, 200, out));
  CHECK(text_of(out).starts_with("hello world hello world "));
  CHECK(out.size() == 134);
  Bytes bad = checked;
  bad.back() ^= std::byte{1};
  CHECK(decompress(CompressionType::lz4, bad, 100, out));
}

TEST_CASE("compression types have Kafka's names and levels") {
  CHECK(compression_from_name("zstd") == CompressionType::zstd);
  CHECK_FALSE(compression_from_name("brotli"));
  CHECK(compression_levels(CompressionType::gzip).accepts(-1));
  CHECK_FALSE(compression_levels(CompressionType::gzip).accepts(0));
  CHECK(compression_levels(CompressionType::lz4).accepts(17));
  CHECK_FALSE(compression_levels(CompressionType::lz4).accepts(18));
  CHECK(compression_levels(CompressionType::zstd).accepts(-131072));
  CHECK_FALSE(compression_levels(CompressionType::zstd).accepts(23));
}

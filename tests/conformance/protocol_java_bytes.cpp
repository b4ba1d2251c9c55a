// Bytes that kafka-clients 4.3.1 wrote. The messages stand in protocol_java_messages.txt, one line for each message and
// version: name, version, bytes and JSON, the last two from Java's own generated classes (write and JsonConverter.write
// without records). The batches were built with Java's MemoryRecordsBuilder and MemoryRecords.withEndTransactionMarker;
// the numbers at the end come from the classes that the cases name.

#include <bit>
#include <catch2/catch.hpp>
#include <fstream>
#include <map>

#include "protocol/compression_ratio_estimator.h"
#include "protocol/memory_records_builder.h"
#include "protocol/messages/all.h"
#include "support/hex.h"
#include "support/random_message.h"

using namespace linger;
using namespace linger::testing;

namespace {

struct Line {
  std::int16_t version;
  Bytes bytes;
  std::string json;
};

std::multimap<std::string, Line> java_messages() {
  std::ifstream file(LINGER_SOURCE_DIR "/tests/conformance/protocol_java_messages.txt");
  std::multimap<std::string, Line> lines;
  std::string line;
  while (std::getline(file, line)) {
    const std::size_t name = line.find('|');
    const std::size_t version = line.find('|', name + 1);
    const std::size_t bytes = line.find('|', version + 1);
    lines.emplace(line.substr(0, name),
                  Line{static_cast<std::int16_t>(std::stoi(line.substr(name + 1, version - name - 1))),
                       from_hex(line.substr(version + 1, bytes - version - 1)), line.substr(bytes + 1)});
  }
  return lines;
}

struct CheckAgainstJava {
  const std::multimap<std::string, Line>& lines;
  int& checked;

  template <Message M>
  void operator()() const {
    const auto [begin, end] = lines.equal_range(std::string{M::spec.name});
    for (auto at = begin; at != end; ++at) {
      const Line& java = at->second;
      INFO(M::spec.name << " v" << java.version);
      Reader reader{java.bytes, ample_budget};
      const auto decoded = decode_message<M>(reader, java.version);
      CHECK(decoded.error.describe() == "no fault");
      CHECK(reader.remaining() == 0);
      CHECK(dump_message(decoded.value, java.version) == java.json);
      Bytes again;
      Writer writer{again};
      CHECK_FALSE(encode_message(decoded.value, java.version, writer));
      CHECK(to_hex(again) == to_hex(java.bytes));
      CHECK(encoded_size(decoded.value, java.version) == java.bytes.size());
      ++checked;
    }
  }
};

// Four records: with headers, with a null key, with a null value and an earlier time, with an empty key and value.
MemoryRecordsBuilder four_records(CompressionType codec, Bytes& buffer) {
  BatchOptions options;
  options.compression = Compression::of(codec);
  options.producer = {ProducerId{4711}, ProducerEpoch{3}};
  options.base_sequence = 100;
  MemoryRecordsBuilder builder{options};
  const RecordHeader headers[] = {{"trace", bytes_of("t-1")}, {"empty", std::nullopt}};
  builder.append(buffer, 1700000000000, bytes_of("k0"), bytes_of("order 0"), headers);
  builder.append(buffer, 1700000000005, std::nullopt, bytes_of("order 1 order 1 order 1 order 1 order 1"));
  builder.append(buffer, 1699999999990, bytes_of("k2"), std::nullopt);
  builder.append(buffer, 1700000000007, BytesView{}, BytesView{});
  builder.close(buffer);
  return builder;
}

const std::map<CompressionType, std::string> java_batches{
    {CompressionType::none,
     "000000000000000000000090ffffffff02f646c5c80000000000030000018bcfe568000000018bcfe56807000000000000126700030000"
     "00640000000440000000046b300e6f726465722030040a747261636506742d310a656d707479015a000a02014e6f726465722031206f72"
     "6465722031206f726465722031206f726465722031206f7264657220310010001304046b3201000c000e06000000"},
    {CompressionType::gzip,
     "000000000000000000000082ffffffff02dad54b210001000000030000018bcfe568000000018bcfe56807000000000000126700030000"
     "0064000000041f8b08000000000000ff7360606060c936e0cb2f4a492d523060e12a294a4c4e652bd135e44acd2d28a9648c62e06262f4"
     "83481b2a10a0190418845958b28d18197818f8d8804603009737e83d5f000000"},
    {CompressionType::snappy,
     "000000000000000000000088ffffffff023e8ea9180002000000030000018bcfe568000000018bcfe56807000000000000126700030000"
     "00640000000482534e41505059000000000100000001000000435f9840000000046b300e6f726465722030040a747261636506742d310a"
     "656d707479015a000a02014e091f0431207a0800400010001304046b3201000c000e06000000"},
    {CompressionType::lz4,
     "000000000000000000000084ffffffff029796b4d50003000000030000018bcfe568000000018bcfe56807000000000000126700030000"
     "0064000000040422 4d1860408244000000f21840000000046b300e6f726465722030040a747261636506742d310a656d707479015a000a"
     "02014e1f002f312008000cf0020010001304046b3201000c000e0600000000000000"},
    {CompressionType::zstd,
     "000000000000000000000081ffffffff0220737c700004000000030000018bcfe568000000018bcfe56807000000000000126700030000"
     "00640000000428b52ffd0058240200a40340000000046b300e6f726465722030040a747261636506742d310a656d707479015a000a0201"
     "4e31200010001304046b3201000c000e0600000002002b0d5f0cea09010000"},
};

}  // namespace

TEST_CASE("every message of every version reads and writes Java's bytes, and prints Java's JSON") {
  const auto lines = java_messages();
  int checked = 0;
  for_each_message(CheckAgainstJava{lines, checked});
  CHECK(checked == static_cast<int>(lines.size()));
  CHECK(checked > 280);
}

TEST_CASE("a batch without codec is Java's, byte for byte") {
  Bytes buffer;
  const auto builder = four_records(CompressionType::none, buffer);
  CHECK(to_hex(builder.records(buffer)) == to_hex(from_hex(java_batches.at(CompressionType::none))));
}

// Only the framing is compared: what is between depends on the codec library's version.
TEST_CASE("a compressed batch is framed as Java frames it") {
  const std::map<CompressionType, std::pair<std::string, std::string>> frames{
      {CompressionType::gzip, {"1f8b08000000000000ff", "5f000000"}},
      {CompressionType::snappy, {"82534e41505059000000000100000001", ""}},
      {CompressionType::lz4, {"04224d18604082", "00000000"}},
      {CompressionType::zstd, {"28b52ffd0058", "010000"}}};
  for (const auto& [codec, frame] : frames) {
    INFO(compression_name(codec));
    Bytes buffer;
    const auto builder = four_records(codec, buffer);
    const std::string records = to_hex(RecordBatchView{builder.records(buffer)}.payload());
    CHECK(records.starts_with(frame.first));
    CHECK(records.ends_with(frame.second));
  }
}

TEST_CASE("Java's batches of all codecs decode to the records that went in") {
  for (const auto& [codec, hex] : java_batches) {
    INFO(compression_name(codec));
    const Bytes bytes = from_hex(hex);
    const RecordBatchView batch{bytes};
    REQUIRE_FALSE(batch.check());
    const RecordBatchHeader header = batch.header();
    CHECK(header.compression == codec);
    CHECK(header.base_timestamp == 1700000000000);
    CHECK(header.max_timestamp == 1700000000007);
    CHECK(header.last_sequence() == 103);
    CHECK(header.next_offset() == Offset{4});
    Bytes scratch;
    RecordCursor cursor{batch, scratch};
    RecordView record;
    REQUIRE(cursor.next(record));
    CHECK(text_of(*record.key) == "k0");
    CHECK(text_of(*record.value) == "order 0");
    const auto headers = record.headers();
    REQUIRE(headers.size() == 2);
    CHECK(headers[0].key == "trace");
    CHECK(text_of(*headers[0].value) == "t-1");
    CHECK(headers[1].key == "empty");
    CHECK_FALSE(headers[1].value);
    REQUIRE(cursor.next(record));
    CHECK_FALSE(record.key);
    CHECK(record.offset == 1);
    CHECK(record.sequence == 101);
    CHECK(record.timestamp == 1700000000005);
    REQUIRE(cursor.next(record));
    CHECK_FALSE(record.value);
    CHECK(record.timestamp == 1699999999990);
    REQUIRE(cursor.next(record));
    CHECK((record.key && record.key->empty() && record.value && record.value->empty()));
    CHECK_FALSE(cursor.next(record));
    CHECK_FALSE(cursor.error());
  }
}

TEST_CASE("a transaction's end markers are Java's") {
  const std::map<bool, std::string> java{
      {true,
       "0000000000000037000000420000000702a8da87310030000000000000018bcfe568000000018bcfe5680000000000000012670003ffff"
       "ffff000000012000000008000000010c00000000000900"},
      {false,
       "00000000000000370000004200000007025ce451790030000000000000018bcfe568000000018bcfe5680000000000000012670003ffff"
       "ffff000000012000000008000000000c00000000000900"}};
  for (const auto& [commit, hex] : java) {
    BatchOptions options;
    options.base_offset = Offset{55};
    options.producer = {ProducerId{4711}, ProducerEpoch{3}};
    options.transactional = true;
    options.control = true;
    options.partition_leader_epoch = LeaderEpoch{7};
    MemoryRecordsBuilder builder{options};
    Bytes buffer;
    builder.append_end_txn_marker(buffer, 1700000000000, commit, 9);
    builder.close(buffer);
    CHECK(to_hex(builder.records(buffer)) == hex);
    Bytes scratch;
    RecordCursor cursor{RecordBatchView{builder.records(buffer)}, scratch};
    RecordView record;
    REQUIRE(cursor.next(record));
    CHECK(parse_control_record_key(record.key) == (commit ? ControlRecordType::commit : ControlRecordType::abort));
  }
}

TEST_CASE("records of a LogAppendTime batch all carry the batch's time") {
  const Bytes java = from_hex(
      "000000000000004d0000005b0000000502836d5364000b000000020000018bcfe568000000018bcfe56be7ffffffffffffffffffffffff"
      "ffff0000000304224d186040821b00008010000000010476300010000202010476310010000404010476320000000000");
  const RecordBatchView batch{java};
  REQUIRE_FALSE(batch.check());
  Bytes scratch;
  RecordCursor cursor{batch, scratch};
  RecordView record;
  int records = 0;
  while (cursor.next(record)) {
    CHECK(record.timestamp == 1700000000999);
    CHECK(record.offset == 77 + records);
    ++records;
  }
  CHECK(records == 3);
  CHECK_FALSE(cursor.error());
}

TEST_CASE("record sizes are those of AbstractRecords and DefaultRecord") {
  const RecordHeader headers[] = {{"trace", bytes_of("t-1")}, {"empty", std::nullopt}};
  CHECK(estimate_size_in_bytes_upper_bound(bytes_of("k0"), bytes_of("order 0"), headers) == 111);
  CHECK(size_of_record(63, 8192, bytes_of("k0"), bytes_of("order 0"), headers) == 35);
  CHECK(size_of_record(64, -8193, std::nullopt, std::nullopt, {}) == 10);
}

// MemoryRecordsBuilder with gzip, write limit 300 and ratio 0.37f: before each append of 40 bytes, has_room_for and the
// estimate.
TEST_CASE("a compressed batch's size is estimated in float arithmetic, as in Java") {
  BatchOptions options;
  options.compression = Compression::of(CompressionType::gzip);
  options.write_limit = 300;
  MemoryRecordsBuilder builder{options};
  builder.set_estimated_compression_ratio(0.37F);
  Bytes buffer;
  const Bytes value(40);
  std::string seen;
  for (int i = 0; i < 12; ++i) {
    seen += builder.has_room_for(5, std::nullopt, BytesView{value}) ? '+' : '-';
    seen += std::to_string(builder.estimated_size_in_bytes()) + ' ';
    builder.append(buffer, 5, std::nullopt, BytesView{value});
  }
  CHECK(seen == "+61 +79 +97 +115 +134 +152 +170 +188 +207 +225 +243 -261 ");
}

TEST_CASE("the compression ratio rises fast and falls slowly, with Java's float bits") {
  CompressionRatioEstimator estimator;
  const float observed[] = {0.5F, 0.4F, 1.2F, 1.0F, 0.99F, 1.3F, 0.1F};
  const std::int32_t java[] = {1065269330, 1065185444, 1067030938, 1066988995, 1066947052, 1067869798, 1067827855};
  for (std::size_t i = 0; i < std::size(observed); ++i) {
    const float estimate = estimator.update_estimation("t", CompressionType::gzip, observed[i]);
    CHECK(std::bit_cast<std::int32_t>(estimate) == java[i]);
  }
  CHECK(estimator.estimation("t", CompressionType::lz4) == 1.0F);
  CHECK(estimator.estimation("other", CompressionType::gzip) == 1.0F);
}

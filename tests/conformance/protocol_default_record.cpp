// Cases of Kafka's DefaultRecordTest (kafka-clients 4.3.1). Java reads a record from a buffer and from a stream; here
// it is read out of a batch, as it stands and behind a codec.

#include "conformance/protocol_record_bench.h"

using namespace linger;
using test::SimpleRecord;
using testing::bytes_of;

namespace {

/// A batch of one record that begins with these bytes, read through the codec.
test::ReadBatch read(const Bytes& record, CompressionType type, const RecordBatchHeader& like = {}) {
  Bytes payload;
  if (type == CompressionType::none) {
    payload = record;
  } else {
    compress(Compression::of(type), record, payload);
  }
  RecordBatchHeader header = like;
  header.compression = type;
  header.record_count = 1;
  header.length = static_cast<std::int32_t>(batch_layout::records - batch_layout::log_overhead + payload.size());
  Bytes batch(batch_layout::records);
  store_batch_header(batch, header);
  batch.insert(batch.end(), payload.begin(), payload.end());
  store_batch_crc(batch);
  return test::read_batch(batch);
}

void check_refused(const Bytes& record) {
  for (const CompressionType type : {CompressionType::none, CompressionType::gzip}) {
    const test::ReadBatch batch = read(record, type);
    CHECK(batch.error.fault == WireFault::bad_batch);
    CHECK(batch.records.empty());
  }
}

/// Attributes, a time delta of 2 and an offset delta of 1, these varints, and zeros up to a body of 100 bytes.
Bytes body_of_100(const std::vector<std::int32_t>& varints, const std::vector<std::int32_t>& more = {}) {
  Bytes record;
  Writer writer(record);
  writer.write_varint(100);
  const std::size_t begin = record.size();
  writer.write<std::int8_t>(0);
  writer.write_varlong(2);
  writer.write_varint(1);
  for (const std::int32_t value : varints) writer.write_varint(value);
  if (!more.empty()) {
    writer.write<std::int8_t>(1);
    for (const std::int32_t value : more) writer.write_varint(value);
  }
  record.resize(begin + 100);
  return record;
}

Bytes write(const SimpleRecord& record, std::int32_t offset_delta, std::int64_t timestamp_delta) {
  const std::int32_t body =
      size_of_record_body(offset_delta, timestamp_delta, record.key_bytes(), record.value_bytes(), record.headers);
  Bytes bytes(static_cast<std::size_t>(
      size_of_record(offset_delta, timestamp_delta, record.key_bytes(), record.value_bytes(), record.headers)));
  const std::byte* end = store_record(bytes.data(), body, offset_delta, timestamp_delta, record.key_bytes(),
                                      record.value_bytes(), record.headers);
  CHECK(end == bytes.data() + bytes.size());
  return bytes;
}

std::vector<RecordHeader> three_headers() {
  return {{"foo", bytes_of("value")}, {"bar", std::nullopt}, {"\"A\\u00ea\\u00f1\\u00fcC\"", bytes_of("value")}};
}

void check_header_count_is_refused(std::byte count) {
  Bytes record = write({15, "hi", "there", three_headers()}, 10, 323);
  REQUIRE(record[14] == std::byte{6});
  record[14] = count;
  check_refused(record);
}

}  // namespace

TEST_CASE("DefaultRecordTest.testBasicSerde") {
  const std::vector<SimpleRecord> records = {{no_timestamp, "hi", "there"},
                                             {no_timestamp, std::nullopt, "there"},
                                             {no_timestamp, "hi", std::nullopt},
                                             {no_timestamp, std::nullopt, std::nullopt},
                                             {15, "hi", "there", three_headers()}};
  RecordBatchHeader like;
  like.base_sequence = 723;
  like.base_offset = Offset{37};
  like.base_timestamp = test::some_time;
  for (const SimpleRecord& record : records) {
    const test::ReadBatch batch = read(write(record, 10, 323), CompressionType::none, like);
    REQUIRE(batch.records.size() == 1);
    const test::ReadRecord& got = batch.records[0];
    CHECK(got.offset == 37 + 10);
    CHECK(got.sequence == 723 + 10);
    CHECK(got.timestamp == test::some_time + 323);
    CHECK(got.key == record.key);
    CHECK(got.value == record.value);
    REQUIRE(got.headers.size() == record.headers.size());
    for (std::size_t i = 0; i < got.headers.size(); ++i) {
      CHECK(got.headers[i].first == record.headers[i].key);
      CHECK(got.headers[i].second == test::text(record.headers[i].value));
    }
    CHECK_FALSE(batch.error);
  }
}

TEST_CASE("DefaultRecordTest.testBasicSerdeInvalidHeaderCountTooHigh") {
  check_header_count_is_refused(std::byte{8});
}

TEST_CASE("DefaultRecordTest.testBasicSerdeInvalidHeaderCountTooLow") {
  check_header_count_is_refused(std::byte{4});
}

TEST_CASE("DefaultRecordTest.testInvalidKeySize") {
  check_refused(body_of_100({105}));
}

TEST_CASE("DefaultRecordTest.testInvalidValueSize") {
  check_refused(body_of_100({-1, 105}));
}

TEST_CASE("DefaultRecordTest.testInvalidNumHeaders") {
  check_refused(body_of_100({-1, -1, -1}));
  check_refused(body_of_100({-1, -1, 100}));
}

TEST_CASE("DefaultRecordTest.testInvalidHeaderKey") {
  check_refused(body_of_100({-1, -1, 1, 105}));
}

TEST_CASE("DefaultRecordTest.testNullHeaderKey") {
  check_refused(body_of_100({-1, -1, 1, -1}));
}

TEST_CASE("DefaultRecordTest.testInvalidHeaderValue") {
  check_refused(body_of_100({-1, -1, 1, 1}, {105}));
}

TEST_CASE("DefaultRecordTest.testUnderflowReadingTimestamp") {
  Bytes record;
  Writer writer(record);
  writer.write_varint(1);
  writer.write<std::int8_t>(0);
  check_refused(record);
}

TEST_CASE("DefaultRecordTest.testUnderflowReadingVarlong") {
  Bytes record;
  Writer writer(record);
  writer.write_varint(2);
  writer.write<std::int8_t>(0);
  writer.write_varlong(156);
  REQUIRE(record.size() == 4);
  record.pop_back();
  check_refused(record);
}

TEST_CASE("DefaultRecordTest.testInvalidVarlong") {
  Bytes record;
  Writer writer(record);
  writer.write_varint(11);
  writer.write<std::int8_t>(0);
  writer.write_varlong(9'223'372'036'854'775'807);
  REQUIRE(record.size() == 12);
  record[11] = std::byte{0x80};
  record.push_back(std::byte{0});
  check_refused(record);
}

TEST_CASE("DefaultRecordTest.testSerdeNoSequence") {
  RecordBatchHeader like;
  like.base_offset = Offset{37};
  like.base_timestamp = test::some_time;
  for (const CompressionType type : {CompressionType::none, CompressionType::gzip}) {
    const test::ReadBatch batch = read(write({no_timestamp, "hi", "there"}, 10, 323), type, like);
    REQUIRE(batch.records.size() == 1);
    CHECK(batch.records[0].sequence == no_sequence);
  }
}

TEST_CASE("DefaultRecordTest.testInvalidSizeOfBodyInBytes") {
  Bytes record;
  Writer writer(record);
  writer.write_varint(10);
  check_refused(record);
}

// Cases of Kafka's DefaultRecordBatchTest (kafka-clients 4.3.1).

#include <limits>

#include "conformance/protocol_record_bench.h"

using namespace linger;
using test::at_offset;
using test::ReadBatch;
using test::SimpleRecord;

namespace {

constexpr std::int32_t max_int = std::numeric_limits<std::int32_t>::max();
const std::vector<SimpleRecord> abc = {{1, "a", "1"}, {2, "b", "2"}, {3, "c", "3"}};

BatchOptions produced_by(std::int64_t id, std::int16_t epoch, std::int32_t base_sequence) {
  BatchOptions options = at_offset(1234567);
  options.producer = {ProducerId{id}, ProducerEpoch{epoch}};
  options.base_sequence = base_sequence;
  return options;
}

/// Three records, and a header that claims another number of them.
WireError read_with_record_count(CompressionType type, std::int32_t count) {
  Bytes batch = test::with_records(test::codec(type), {{test::some_time, std::nullopt, "hello"},
                                                       {test::some_time, std::nullopt, "there"},
                                                       {test::some_time, std::nullopt, "beautiful"}});
  wire::store(batch.data() + batch_layout::record_count, count);
  return test::read_batch(batch).error;
}

}  // namespace

TEST_CASE("DefaultRecordBatchTest.testWriteEmptyHeader") {
  for (const TimestampType type : {TimestampType::create_time, TimestampType::log_append_time}) {
    for (const bool transactional : {true, false}) {
      for (const bool control : {true, false}) {
        RecordBatchHeader header;
        header.length = record_batch_overhead - static_cast<std::int32_t>(batch_layout::log_overhead);
        header.producer = {ProducerId{23423}, ProducerEpoch{145}};
        header.base_sequence = 983;
        header.base_offset = Offset{15};
        header.last_offset_delta = 37 - 15;
        header.partition_leader_epoch = LeaderEpoch{15};
        header.timestamp_type = type;
        header.max_timestamp = test::some_time;
        header.transactional = transactional;
        header.control = control;
        Bytes buffer(record_batch_overhead);
        store_batch_header(buffer, header);
        const RecordBatchHeader read = load_batch_header(buffer);
        CHECK(read.producer.id == ProducerId{23423});
        CHECK(read.producer.epoch == ProducerEpoch{145});
        CHECK(read.base_sequence == 983);
        CHECK(read.last_sequence() == 983 + 22);
        CHECK(read.base_offset == Offset{15});
        CHECK(read.last_offset() == Offset{37});
        CHECK(read.partition_leader_epoch == LeaderEpoch{15});
        CHECK(read.transactional == transactional);
        CHECK(read.timestamp_type == type);
        CHECK(read.max_timestamp == test::some_time);
        CHECK(read.base_timestamp == no_timestamp);
        CHECK(read.control == control);
      }
    }
  }
}

TEST_CASE("DefaultRecordBatchTest.buildDefaultRecordBatch") {
  const ReadBatch batch = test::read_batch(test::with_records(at_offset(1234567), {{1, "a", "v"}, {2, "b", "v"}}));
  CHECK(batch.valid);
  CHECK(batch.header.base_offset == Offset{1234567});
  CHECK(batch.header.last_offset() == Offset{1234568});
  CHECK(batch.header.max_timestamp == 2);
  CHECK(batch.header.producer.id == no_producer_id);
  CHECK(batch.header.producer.epoch == no_producer_epoch);
  CHECK(batch.header.base_sequence == no_sequence);
  CHECK(batch.header.last_sequence() == no_sequence);
  CHECK(batch.records.size() == 2);
  CHECK_FALSE(batch.error);
}

TEST_CASE("DefaultRecordBatchTest.buildDefaultRecordBatchWithProducerId") {
  const ReadBatch batch =
      test::read_batch(test::with_records(produced_by(23423, 145, 983), {{1, "a", "v"}, {2, "b", "v"}}));
  CHECK(batch.valid);
  CHECK(batch.header.base_offset == Offset{1234567});
  CHECK(batch.header.last_offset() == Offset{1234568});
  CHECK(batch.header.max_timestamp == 2);
  CHECK(batch.header.producer.id == ProducerId{23423});
  CHECK(batch.header.producer.epoch == ProducerEpoch{145});
  CHECK(batch.header.base_sequence == 983);
  CHECK(batch.header.last_sequence() == 984);
  CHECK_FALSE(batch.error);
}

TEST_CASE("DefaultRecordBatchTest.buildDefaultRecordBatchWithSequenceWrapAround") {
  const auto batches = test::read_batches(
      test::with_records(produced_by(23423, 145, max_int - 1), {{1, "a", "v"}, {2, "b", "v"}, {3, "c", "v"}}));
  REQUIRE(batches.size() == 1);
  const ReadBatch& batch = batches[0];
  CHECK(batch.header.producer.id == ProducerId{23423});
  CHECK(batch.header.producer.epoch == ProducerEpoch{145});
  CHECK(batch.header.base_sequence == max_int - 1);
  CHECK(batch.header.last_sequence() == 0);
  REQUIRE(batch.records.size() == 3);
  CHECK(batch.records[0].sequence == max_int - 1);
  CHECK(batch.records[1].sequence == max_int);
  CHECK(batch.records[2].sequence == 0);
}

TEST_CASE("DefaultRecordBatchTest.testSizeInBytes") {
  const std::vector<SimpleRecord> records = {
      {test::some_time, "key", "value"},
      {test::some_time + 30000, std::nullopt, "value"},
      {test::some_time + 60000, "key", std::nullopt},
      {test::some_time + 60000, "key", "value", {{"foo", testing::bytes_of("value")}, {"bar", std::nullopt}}}};
  std::int32_t size = record_batch_overhead;
  for (std::size_t i = 0; i < records.size(); ++i) {
    size += size_of_record(static_cast<std::int32_t>(i), records[i].timestamp - test::some_time, records[i].key_bytes(),
                           records[i].value_bytes(), records[i].headers);
  }
  CHECK(test::with_records({}, records).size() == static_cast<std::size_t>(size));
}

TEST_CASE("DefaultRecordBatchTest.testInvalidRecordSize") {
  Bytes batch = test::with_records({}, abc);
  wire::store(batch.data() + batch_layout::length, std::int32_t{10});
  CHECK_FALSE(test::read_batch(batch).valid);
  CHECK(check_batch(batch).fault == WireFault::bad_batch);
}

TEST_CASE("DefaultRecordBatchTest.testInvalidRecordCountTooManyNonCompressedV2") {
  CHECK(read_with_record_count(CompressionType::none, 5));
}

TEST_CASE("DefaultRecordBatchTest.testInvalidRecordCountTooLittleNonCompressedV2") {
  CHECK(read_with_record_count(CompressionType::none, 2));
}

TEST_CASE("DefaultRecordBatchTest.testInvalidRecordCountTooManyCompressedV2") {
  CHECK(read_with_record_count(CompressionType::gzip, 5));
}

TEST_CASE("DefaultRecordBatchTest.testInvalidRecordCountTooLittleCompressedV2") {
  CHECK(read_with_record_count(CompressionType::gzip, 2));
}

TEST_CASE("DefaultRecordBatchTest.testInvalidCrc") {
  Bytes batch = test::with_records({}, abc);
  wire::store(batch.data() + batch_layout::last_offset_delta, std::int32_t{23});
  CHECK_FALSE(test::read_batch(batch).valid);
  CHECK(check_batch(batch).fault == WireFault::bad_crc);
}

TEST_CASE("DefaultRecordBatchTest.testSetLastOffset") {
  Bytes bytes = test::with_records({}, abc);
  set_last_offset(bytes, Offset{500});
  CHECK(RecordBatchView(bytes).last_offset() == Offset{500});
  CHECK(RecordBatchView(bytes).base_offset() == Offset{498});
  CHECK_FALSE(check_batch(bytes));
  const auto batches = test::read_batches(bytes);
  REQUIRE(batches.size() == 1);
  CHECK(batches[0].header.last_offset() == Offset{500});
  std::int64_t offset = 498;
  for (const test::ReadRecord& record : batches[0].records) CHECK(record.offset == offset++);
}

TEST_CASE("DefaultRecordBatchTest.testSetPartitionLeaderEpoch") {
  Bytes bytes = test::with_records({}, abc);
  set_partition_leader_epoch(bytes, LeaderEpoch{500});
  CHECK(RecordBatchView(bytes).partition_leader_epoch() == LeaderEpoch{500});
  CHECK_FALSE(check_batch(bytes));
  const auto batches = test::read_batches(bytes);
  REQUIRE(batches.size() == 1);
  CHECK(batches[0].header.partition_leader_epoch == LeaderEpoch{500});
}

TEST_CASE("DefaultRecordBatchTest.testSetLogAppendTime") {
  Bytes bytes = test::with_records({}, abc);
  set_max_timestamp(bytes, TimestampType::log_append_time, 15);
  CHECK(RecordBatchView(bytes).header().timestamp_type == TimestampType::log_append_time);
  CHECK(RecordBatchView(bytes).max_timestamp() == 15);
  CHECK_FALSE(check_batch(bytes));
  const auto batches = test::read_batches(bytes);
  REQUIRE(batches.size() == 1);
  CHECK(batches[0].header.max_timestamp == 15);
  CHECK(batches[0].header.timestamp_type == TimestampType::log_append_time);
  for (const test::ReadRecord& record : batches[0].records) CHECK(record.timestamp == 15);
}

TEST_CASE("DefaultRecordBatchTest.testReadAndWriteControlBatch") {
  BatchOptions options;
  options.producer = {ProducerId{1}, ProducerEpoch{0}};
  options.transactional = true;
  options.control = true;
  MemoryRecordsBuilder builder(options);
  Bytes buffer(128);
  builder.append_end_txn_marker(buffer, test::some_time, true, 15);
  builder.close(buffer);
  const auto batches = test::read_batches(builder.records(buffer));
  REQUIRE(batches.size() == 1);
  CHECK(batches[0].header.control);
  REQUIRE(batches[0].records.size() == 1);
  const test::ReadRecord& marker = batches[0].records[0];
  CHECK(parse_control_record_key(testing::bytes_of(*marker.key)) == ControlRecordType::commit);
  CHECK(testing::to_hex(testing::bytes_of(*marker.value)) == "00000000000f");
}

TEST_CASE("DefaultRecordBatchTest.testStreamingIteratorConsistency") {
  const ReadBatch plain = test::read_batch(test::with_records({}, abc));
  for (const CompressionType type : test::all_codecs) {
    const ReadBatch batch = test::read_batch(test::with_records(test::codec(type), abc));
    CHECK(batch.records == plain.records);
  }
}

TEST_CASE("DefaultRecordBatchTest.testIncrementSequence") {
  CHECK(increment_sequence(5, 5) == 10);
  CHECK(increment_sequence(max_int, 1) == 0);
  CHECK(increment_sequence(max_int - 5, 10) == 4);
}

TEST_CASE("DefaultRecordBatchTest.testDecrementSequence") {
  CHECK(decrement_sequence(5, 5) == 0);
  CHECK(decrement_sequence(0, 1) == max_int);
}

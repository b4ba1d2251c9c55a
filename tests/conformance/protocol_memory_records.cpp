// Cases of Kafka's MemoryRecordsTest (kafka-clients 4.3.1), format 2 only. Java runs most of them for each codec and
// from the offsets 0 and 57.

#include "conformance/protocol_record_bench.h"
#include "protocol/messages/control_records.h"

using namespace linger;
using test::SimpleRecord;
using testing::bytes_of;

namespace {

BytesView b(std::string_view text) {
  return bytes_of(text);
}

/// Calls back with a producer's options for each codec and first offset.
template <class Action>
void for_each_codec_and_offset(Action action) {
  for (const std::int64_t first_offset : {0, 57}) {
    for (const CompressionType type : test::all_codecs) {
      INFO("codec " << compression_name(type) << " from " << first_offset);
      BatchOptions options = test::codec(type, first_offset);
      options.producer = {ProducerId{134234}, ProducerEpoch{28}};
      options.base_sequence = 777;
      action(options);
    }
  }
}

void append_batch(Bytes& bytes, const BatchOptions& like, std::int64_t offset, int records) {
  BatchOptions options = test::codec(like.compression.type, offset);
  std::vector<SimpleRecord> some;
  for (int i = 0; i < records; ++i) some.push_back({0, "key " + std::to_string(i), "value" + std::to_string(i)});
  const Bytes batch = test::with_records(options, some);
  bytes.insert(bytes.end(), batch.begin(), batch.end());
}

/// The sizes of the batches that stand in the bytes whole.
std::vector<std::size_t> sizes(BytesView bytes) {
  std::vector<std::size_t> sizes;
  BatchCursor cursor(bytes);
  while (const auto batch = cursor.next()) sizes.push_back(batch->size_in_bytes());
  CHECK_FALSE(cursor.error());
  return sizes;
}

std::vector<std::size_t> without_first(std::vector<std::size_t> sizes, std::ptrdiff_t count = 1) {
  return {sizes.begin() + count, sizes.end()};
}

}  // namespace

TEST_CASE("MemoryRecordsTest.testIterator") {
  for_each_codec_and_offset([](BatchOptions options) {
    options.partition_leader_epoch = LeaderEpoch{998};
    options.write_limit = 1024;
    const std::vector<SimpleRecord> records = {{1, "a", "1"},          {2, "b", "2"},
                                               {3, "c", "3"},          {4, std::nullopt, "4"},
                                               {5, "d", std::nullopt}, {6, std::nullopt, std::nullopt}};
    const Bytes bytes = test::with_records(options, records);
    const std::int64_t first = options.base_offset.value();
    for (int iteration = 0; iteration < 2; ++iteration) {
      std::size_t total = 0;
      for (const test::ReadBatch& batch : test::read_batches(bytes)) {
        CHECK(batch.valid);
        CHECK(batch.header.compression == options.compression.type);
        CHECK(batch.header.base_offset == Offset{first});
        CHECK(batch.header.producer.id == ProducerId{134234});
        CHECK(batch.header.producer.epoch == ProducerEpoch{28});
        CHECK(batch.header.base_sequence == 777);
        CHECK(batch.header.partition_leader_epoch == LeaderEpoch{998});
        CHECK(batch.header.record_count == 6);
        CHECK(batch.header.timestamp_type == TimestampType::create_time);
        CHECK(batch.header.max_timestamp == 6);
        CHECK(batch.header.magic == 2);
        for (const test::ReadRecord& record : batch.records) {
          CHECK(record.offset == first + static_cast<std::int64_t>(total));
          CHECK(record.key == records.at(total).key);
          CHECK(record.value == records.at(total).value);
          CHECK(record.sequence == 777 + static_cast<std::int32_t>(total));
          CHECK(record.timestamp == records.at(total).timestamp);
          ++total;
        }
        CHECK_FALSE(batch.error);
        CHECK(batch.header.last_offset() == Offset{first + 5});
      }
      CHECK(total == 6);
    }
  });
}

TEST_CASE("MemoryRecordsTest.testHasRoomForMethod") {
  for_each_codec_and_offset([](BatchOptions options) {
    options.write_limit = 1024;
    MemoryRecordsBuilder builder(options);
    Bytes buffer(1024);
    builder.append(buffer, 0, b("a"), b("1"));
    CHECK(builder.has_room_for(1, b("b"), b("2")));
    builder.close(buffer);
    CHECK_FALSE(builder.has_room_for(1, b("b"), b("2")));
  });
}

TEST_CASE("MemoryRecordsTest.testHasRoomForMethodWithHeaders") {
  for_each_codec_and_offset([](BatchOptions options) {
    options.write_limit = 120;
    MemoryRecordsBuilder builder(options);
    Bytes buffer(120);
    builder.append(buffer, test::some_time, b("key"), b("value"));
    const std::vector<RecordHeader> headers(10, RecordHeader{"hello", b("world.world")});
    CHECK(builder.has_room_for(test::some_time, b("key"), b("value")));
    CHECK_FALSE(builder.has_room_for(test::some_time, b("key"), b("value"), headers));
  });
}

TEST_CASE("MemoryRecordsTest.testChecksum") {
  const std::vector<SimpleRecord> records = {{283843, "key1", "value1"}, {1234, "key2", "value2"}};
  CHECK(load_batch_header(test::with_records({}, records)).crc == 3851219455);
  CHECK(load_batch_header(test::with_records(test::codec(CompressionType::lz4), records)).crc == 2745969314);
}

TEST_CASE("MemoryRecordsTest.testBuildEndTxnMarker") {
  BatchOptions options = test::at_offset(983);
  options.producer = {ProducerId{73}, ProducerEpoch{13}};
  options.transactional = true;
  options.control = true;
  options.partition_leader_epoch = LeaderEpoch{29};
  MemoryRecordsBuilder builder(options);
  Bytes buffer(78);
  builder.append_end_txn_marker(buffer, test::some_time, true, 347);
  builder.close(buffer);
  CHECK(builder.size() == buffer.size());
  const auto batches = test::read_batches(builder.records(buffer));
  REQUIRE(batches.size() == 1);
  const test::ReadBatch& batch = batches[0];
  CHECK(batch.header.control);
  CHECK(batch.header.producer.id == ProducerId{73});
  CHECK(batch.header.producer.epoch == ProducerEpoch{13});
  CHECK(batch.header.base_offset == Offset{983});
  CHECK(batch.header.partition_leader_epoch == LeaderEpoch{29});
  CHECK(batch.valid);
  REQUIRE(batch.records.size() == 1);
  CHECK_FALSE(batch.error);
  CHECK(parse_control_record_key(b(*batch.records[0].key)) == ControlRecordType::commit);
  const std::string& value = *batch.records[0].value;
  REQUIRE(value.size() == 6);
  CHECK(wire::load<std::int32_t>(b(value).data() + 2) == 347);
}

TEST_CASE("MemoryRecordsTest.testBuildLeaderChangeMessage") {
  BatchOptions options = test::at_offset(983);
  options.control = true;
  options.partition_leader_epoch = LeaderEpoch{20};
  LeaderChangeMessage message;
  message.leader_id = 5;
  message.voters = {{6, {}}};
  Bytes value;
  Writer writer(value);
  REQUIRE_FALSE(encode_message(message, 0, writer));
  MemoryRecordsBuilder builder(options);
  Bytes buffer(256);
  builder.append_control_record(buffer, test::some_time, ControlRecordType::leader_change, value);
  builder.close(buffer);
  const auto batches = test::read_batches(builder.records(buffer));
  REQUIRE(batches.size() == 1);
  const test::ReadBatch& batch = batches[0];
  CHECK(batch.header.control);
  CHECK(batch.header.base_offset == Offset{983});
  CHECK(batch.header.partition_leader_epoch == LeaderEpoch{20});
  CHECK(batch.valid);
  REQUIRE(batch.records.size() == 1);
  CHECK(parse_control_record_key(b(*batch.records[0].key)) == ControlRecordType::leader_change);
  Reader reader(b(*batch.records[0].value), 1 << 20);
  const auto read = decode_message<LeaderChangeMessage>(reader, 0).value;
  CHECK(read.leader_id == 5);
  REQUIRE(read.voters.size() == 1);
  CHECK(read.voters[0].voter_id == 6);
}

TEST_CASE("MemoryRecordsTest.testNextBatchSize") {
  for_each_codec_and_offset([](BatchOptions options) {
    options.timestamp_type = TimestampType::log_append_time;
    options.log_append_time = test::some_time;
    Bytes bytes = test::with_records(options, {{10, std::nullopt, "abc"}});
    CHECK(sizes(bytes) == std::vector<std::size_t>{bytes.size()});
    CHECK(sizes(BytesView(bytes).first(1)).empty());
    CHECK(sizes(BytesView(bytes).first(batch_layout::log_overhead)).empty());
    const auto fault = [&bytes] {
      BatchCursor cursor(bytes);
      CHECK_FALSE(cursor.next());
      return cursor.error().fault;
    };
    bytes[batch_layout::magic] = std::byte{10};
    CHECK(fault() == WireFault::bad_batch);
    bytes[batch_layout::magic] = std::byte{2};
    bytes[batch_layout::length + 3] = std::byte{0};
    CHECK(fault() == WireFault::bad_batch);
  });
}

TEST_CASE("MemoryRecordsTest.testWithRecords") {
  for_each_codec_and_offset([](const BatchOptions& options) {
    const Bytes bytes = test::with_records(options, {{10, "key1", "value1"}});
    CHECK(test::read_batches(bytes).at(0).records.at(0).key == "key1");
  });
}

TEST_CASE("MemoryRecordsTest.testSlice") {
  for_each_codec_and_offset([](const BatchOptions& options) {
    const std::int64_t first_offset = options.base_offset.value();
    Bytes bytes;
    append_batch(bytes, options, first_offset, 3);
    append_batch(bytes, options, first_offset + 6, 8);
    append_batch(bytes, options, first_offset + 15, 4);
    const BytesView records = bytes;
    const auto items = sizes(records);
    REQUIRE(items.size() == 3);
    CHECK(items[0] + items[1] + items[2] == records.size());
    CHECK(sizes(records.subspan(items[0])) == without_first(items));
    CHECK(sizes(records.subspan(items[0], items[1])) == std::vector<std::size_t>{items[1]});
    CHECK(sizes(records.subspan(items[0]).subspan(items[1])) == without_first(items, 2));
    CHECK(sizes(records.subspan(1).subspan(items[0] - 1)) == without_first(items));
  });
}

TEST_CASE("MemoryRecordsTest.testSliceEmptyRecords") {
  BatchCursor cursor({});
  CHECK(cursor.rest().empty());
  CHECK_FALSE(cursor.next());
  CHECK_FALSE(cursor.error());
}

TEST_CASE("MemoryRecordsTest.testSliceForAlreadySlicedMemoryRecords") {
  for_each_codec_and_offset([](const BatchOptions& options) {
    const std::int64_t first_offset = options.base_offset.value();
    Bytes bytes;
    append_batch(bytes, options, first_offset, 5);
    append_batch(bytes, options, first_offset + 5, 10);
    append_batch(bytes, options, first_offset + 15, 12);
    append_batch(bytes, options, first_offset + 27, 4);
    const auto items = sizes(bytes);
    REQUIRE(items.size() == 4);
    BatchCursor cursor(bytes);
    cursor.next();
    cursor.next();
    const BytesView from_third = cursor.rest();
    CHECK(from_third.size() == items[2] + items[3]);
    CHECK(sizes(from_third) == without_first(items, 2));
    CHECK(from_third.subspan(items[2]).size() == items[3]);
    CHECK(sizes(from_third.subspan(items[2])) == without_first(items, 3));
  });
}

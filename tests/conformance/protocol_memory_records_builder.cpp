// Cases of Kafka's MemoryRecordsBuilderTest (kafka-clients 4.3.1), format 2 only. Java runs most of them for each codec
// and with the batch at the beginning of the buffer and behind 15 bytes.

#include "conformance/protocol_record_bench.h"
#include "protocol/messages/control_records.h"
#include "support/ends_the_process.h"

using namespace linger;
using test::ends_the_process;
using test::read_batches;
using testing::bytes_of;

namespace {

BytesView b(std::string_view text) {
  return bytes_of(text);
}

/// A buffer of the size, and the options of a batch in it.
struct Place {
  BatchOptions options;
  Bytes buffer;
};

/// Calls back for each codec and position.
template <class Action>
void for_each_place(std::size_t size, Action action) {
  for (const std::size_t position : {std::size_t{0}, std::size_t{15}}) {
    for (const CompressionType type : test::all_codecs) {
      INFO("codec " << compression_name(type) << " at " << position);
      Place place{test::codec(type), Bytes(size)};
      place.options.initial_position = position;
      place.options.write_limit = static_cast<std::int32_t>(size);
      action(place);
    }
  }
}

BatchOptions transactional(BatchOptions options, std::int64_t id, std::int16_t epoch, std::int32_t sequence) {
  options.producer = {ProducerId{id}, ProducerEpoch{epoch}};
  options.base_sequence = sequence;
  options.transactional = true;
  return options;
}

/// Java's close throws.
void check_close_ends_the_process(std::int64_t id, std::int16_t epoch, std::int32_t sequence) {
  for_each_place(128, [&](Place& place) {
    MemoryRecordsBuilder builder(transactional(place.options, id, epoch, sequence));
    CHECK(ends_the_process([&] { builder.close(place.buffer); }));
  });
}

void check_marker_ends_the_process(bool is_transactional, bool control) {
  for_each_place(128, [&](Place& place) {
    place.options = transactional(place.options, 9809, 15, no_sequence);
    place.options.transactional = is_transactional;
    place.options.control = control;
    MemoryRecordsBuilder builder(place.options);
    CHECK(ends_the_process([&] { builder.append_end_txn_marker(place.buffer, no_timestamp, false, 0); }));
  });
}

}  // namespace

TEST_CASE("MemoryRecordsBuilderTest.testWriteEmptyRecordSet") {
  for_each_place(128, [](Place& place) {
    MemoryRecordsBuilder builder(place.options);
    builder.close(place.buffer);
    CHECK(builder.size() == 0);
    CHECK(builder.start() == place.options.initial_position);
  });
}

TEST_CASE("MemoryRecordsBuilderTest.testWriteTransactionalRecordSet") {
  for_each_place(128, [](Place& place) {
    MemoryRecordsBuilder builder(transactional(place.options, 9809, 15, 2342));
    builder.append(place.buffer, test::some_time, b("foo"), b("bar"));
    builder.close(place.buffer);
    const auto batches = read_batches(builder.records(place.buffer));
    REQUIRE(batches.size() == 1);
    CHECK(batches[0].header.transactional);
  });
}

TEST_CASE("MemoryRecordsBuilderTest.testWriteTransactionalWithInvalidPID") {
  check_close_ends_the_process(-1, 15, 2342);
}

TEST_CASE("MemoryRecordsBuilderTest.testWriteIdempotentWithInvalidEpoch") {
  check_close_ends_the_process(9809, -1, 2342);
}

TEST_CASE("MemoryRecordsBuilderTest.testWriteIdempotentWithInvalidBaseSequence") {
  check_close_ends_the_process(9809, 15, no_sequence);
}

TEST_CASE("MemoryRecordsBuilderTest.testWriteEndTxnMarkerNonTransactionalBatch") {
  check_marker_ends_the_process(false, true);
}

TEST_CASE("MemoryRecordsBuilderTest.testWriteEndTxnMarkerNonControlBatch") {
  check_marker_ends_the_process(true, false);
}

TEST_CASE("MemoryRecordsBuilderTest.testWriteLeaderChangeControlBatch") {
  for_each_place(128, [](Place& place) {
    place.options.control = true;
    place.options.partition_leader_epoch = LeaderEpoch{5};
    LeaderChangeMessage message;
    message.leader_id = 1;
    message.voters = {{2, {}}, {3, {}}};
    Bytes value;
    Writer writer(value);
    REQUIRE_FALSE(encode_message(message, 0, writer));
    MemoryRecordsBuilder builder(place.options);
    builder.append_control_record(place.buffer, no_timestamp, ControlRecordType::leader_change, value);
    builder.close(place.buffer);
    const auto batches = read_batches(builder.records(place.buffer));
    REQUIRE(batches.size() == 1);
    REQUIRE(batches[0].records.size() == 1);
    CHECK(parse_control_record_key(b(*batches[0].records[0].key)) == ControlRecordType::leader_change);
    Reader reader(b(*batches[0].records[0].value), 1 << 20);
    const auto read = decode_message<LeaderChangeMessage>(reader, 0).value;
    CHECK(read.leader_id == 1);
    CHECK(read.voters == message.voters);
  });
}

TEST_CASE("MemoryRecordsBuilderTest.testEstimatedSizeInBytes") {
  for_each_place(1024, [](Place& place) {
    MemoryRecordsBuilder builder(place.options);
    std::int32_t previous = 0;
    for (int i = 0; i < 10; ++i) {
      builder.append(place.buffer, i, std::nullopt, b(std::to_string(i)));
      CHECK(builder.estimated_size_in_bytes() > previous);
      previous = builder.estimated_size_in_bytes();
    }
    const std::int32_t before_close = builder.estimated_size_in_bytes();
    builder.close(place.buffer);
    const auto size = static_cast<std::int32_t>(builder.size());
    CHECK(builder.estimated_size_in_bytes() == size);
    if (place.options.compression.type == CompressionType::none) CHECK(before_close == size);
  });
}

TEST_CASE("MemoryRecordsBuilderTest.buildUsingLogAppendTime") {
  for_each_place(1024, [](Place& place) {
    place.options.timestamp_type = TimestampType::log_append_time;
    place.options.log_append_time = test::some_time;
    MemoryRecordsBuilder builder(place.options);
    builder.append(place.buffer, 0, b("a"), b("1"));
    builder.append(place.buffer, 0, b("b"), b("2"));
    builder.append(place.buffer, 0, b("c"), b("3"));
    builder.close(place.buffer);
    const auto batches = read_batches(builder.records(place.buffer));
    REQUIRE(batches.size() == 1);
    CHECK(batches[0].header.max_timestamp == test::some_time);
    CHECK(batches[0].header.timestamp_type == TimestampType::log_append_time);
    for (const test::ReadRecord& record : batches[0].records) CHECK(record.timestamp == test::some_time);
  });
}

TEST_CASE("MemoryRecordsBuilderTest.buildUsingCreateTime") {
  for_each_place(1024, [](Place& place) {
    place.options.log_append_time = test::some_time;
    MemoryRecordsBuilder builder(place.options);
    const std::vector<std::int64_t> times = {0, 2, 1};
    builder.append(place.buffer, times[0], b("a"), b("1"));
    builder.append(place.buffer, times[1], b("b"), b("2"));
    builder.append(place.buffer, times[2], b("c"), b("3"));
    builder.close(place.buffer);
    CHECK(builder.max_timestamp() == 2);
    const auto batches = read_batches(builder.records(place.buffer));
    REQUIRE(batches.size() == 1);
    CHECK(batches[0].header.timestamp_type == TimestampType::create_time);
    REQUIRE(batches[0].records.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) CHECK(batches[0].records[i].timestamp == times[i]);
  });
}

TEST_CASE("MemoryRecordsBuilderTest.testAppendedChecksumConsistency") {
  for_each_place(512, [](Place& place) {
    MemoryRecordsBuilder builder(place.options);
    builder.append(place.buffer, 1, b("key"), b("value"));
    builder.close(place.buffer);
    const auto batches = read_batches(builder.records(place.buffer));
    REQUIRE(batches.size() == 1);
    CHECK(batches[0].valid);
    CHECK(batches[0].records.size() == 1);
  });
}

TEST_CASE("MemoryRecordsBuilderTest.testSmallWriteLimit") {
  for_each_place(512, [](Place& place) {
    place.options.write_limit = 0;
    MemoryRecordsBuilder builder(place.options);
    CHECK_FALSE(builder.is_full());
    CHECK(builder.has_room_for(0, b("foo"), b("bar")));
    builder.append(place.buffer, 0, b("foo"), b("bar"));
    CHECK(builder.is_full());
    CHECK_FALSE(builder.has_room_for(0, b("foo"), b("bar")));
    builder.close(place.buffer);
    const auto batches = read_batches(builder.records(place.buffer));
    REQUIRE(batches.size() == 1);
    REQUIRE(batches[0].records.size() == 1);
    CHECK(batches[0].records[0].key == "foo");
    CHECK(batches[0].records[0].value == "bar");
  });
}

TEST_CASE("MemoryRecordsBuilderTest.writePastLimit") {
  for_each_place(64, [](Place& place) {
    MemoryRecordsBuilder builder(place.options);
    builder.set_estimated_compression_ratio(0.5F);
    builder.append(place.buffer, 0, b("a"), b("1"));
    builder.append(place.buffer, 1, b("b"), b("2"));
    CHECK_FALSE(builder.has_room_for(2, b("c"), b("3")));
    builder.append(place.buffer, 2, b("c"), b("3"));
    builder.close(place.buffer);
    CHECK(builder.max_timestamp() == 2);
    const auto batches = read_batches(builder.records(place.buffer));
    REQUIRE(batches.size() == 1);
    CHECK(batches[0].header.timestamp_type == TimestampType::create_time);
    std::int64_t time = 0;
    for (const test::ReadRecord& record : batches[0].records) CHECK(record.timestamp == time++);
  });
}

TEST_CASE("MemoryRecordsBuilderTest.shouldResetBufferToInitialPositionOnAbort") {
  for_each_place(128, [](Place& place) {
    MemoryRecordsBuilder builder(place.options);
    builder.append(place.buffer, 0, b("a"), b("1"));
    builder.abort();
    CHECK(builder.start() + builder.size() == place.options.initial_position);
  });
}

TEST_CASE("MemoryRecordsBuilderTest.shouldThrowIllegalStateExceptionOnCloseWhenAborted") {
  for_each_place(128, [](Place& place) {
    MemoryRecordsBuilder builder(place.options);
    builder.abort();
    CHECK(ends_the_process([&] { builder.close(place.buffer); }));
  });
}

TEST_CASE("MemoryRecordsBuilderTest.shouldThrowIllegalStateExceptionOnAppendWhenAborted") {
  for_each_place(128, [](Place& place) {
    MemoryRecordsBuilder builder(place.options);
    builder.abort();
    CHECK(ends_the_process([&] { builder.append(place.buffer, 0, b("a"), b("1")); }));
  });
}

TEST_CASE("MemoryRecordsBuilderTest.shouldThrowIllegalStateExceptionOnAppendWhenClosed") {
  for_each_place(128, [](Place& place) {
    MemoryRecordsBuilder builder(place.options);
    builder.append(place.buffer, 0, b("a"), b("1"));
    builder.close(place.buffer);
    CHECK(ends_the_process([&] { builder.append(place.buffer, 0, b("a"), b("1")); }));
  });
}

TEST_CASE("MemoryRecordsBuilderTest.testRecordTimestampsWithDeleteHorizon") {
  for_each_place(2 << 20, [](Place& place) {
    place.options.initial_position = 0;
    place.options.write_limit = 0;
    place.options.delete_horizon_ms = 100;
    MemoryRecordsBuilder builder(place.options);
    builder.append(place.buffer, 50, b("0"), b("0"));
    builder.append(place.buffer, 100, b("1"), std::nullopt);
    builder.append(place.buffer, 150, b("2"), b("2"));
    builder.close(place.buffer);
    const auto batches = read_batches(builder.records(place.buffer));
    REQUIRE(batches.size() == 1);
    CHECK(batches[0].header.has_delete_horizon);
    CHECK(batches[0].header.base_timestamp == 100);
    REQUIRE(batches[0].records.size() == 3);
    CHECK(batches[0].records[0].timestamp == 50);
    CHECK(batches[0].records[1].timestamp == 100);
    CHECK(batches[0].records[2].timestamp == 150);
  });
}

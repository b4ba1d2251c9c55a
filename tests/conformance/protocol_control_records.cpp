// Cases of Kafka's EndTransactionMarkerTest and ControlRecordTypeTest (kafka-clients 4.3.1).

#include "conformance/protocol_record_bench.h"
#include "protocol/messages/control_records.h"

using namespace linger;
using testing::bytes_of;

namespace {

/// A record that ends a transaction, and the bytes that it takes in its batch.
struct Marker {
  test::ReadRecord record;
  std::size_t size = 0;
};

Marker write_marker(bool commit, std::int32_t coordinator_epoch) {
  BatchOptions options;
  options.producer = {ProducerId{1}, ProducerEpoch{0}};
  options.transactional = true;
  options.control = true;
  MemoryRecordsBuilder builder(options);
  Bytes buffer(128);
  builder.append_end_txn_marker(buffer, 0, commit, coordinator_epoch);
  builder.close(buffer);
  const test::ReadBatch batch = test::read_batch(builder.records(buffer));
  REQUIRE(batch.records.size() == 1);
  return {batch.records[0], builder.size() - record_batch_overhead};
}

/// The value as its schema has it: the version and the message.
EndTxnMarker read_value(const Marker& marker) {
  Reader reader(bytes_of(*marker.record.value), 1000);
  CHECK(reader.read<std::int16_t>() == 0);
  const auto message = decode_message<EndTxnMarker>(reader, 0);
  CHECK_FALSE(message.error);
  CHECK(reader.remaining() == 0);
  return message.value;
}

std::optional<ControlRecordType> kind(const Marker& marker) {
  return parse_control_record_key(bytes_of(*marker.record.key));
}

constexpr ControlRecordType all_kinds[] = {ControlRecordType::abort,           ControlRecordType::commit,
                                           ControlRecordType::leader_change,   ControlRecordType::snapshot_header,
                                           ControlRecordType::snapshot_footer, ControlRecordType::kraft_version,
                                           ControlRecordType::kraft_voters};

/// Version and kind as the schema of version 0 has them, and whatever follows.
Bytes key(std::int16_t version, std::int16_t kind, bool more = false) {
  Bytes bytes;
  Writer writer(bytes);
  writer.write(version);
  writer.write(kind);
  if (more) writer.write(std::int32_t{23432});
  return bytes;
}

}  // namespace

TEST_CASE("EndTransactionMarkerTest.testSerde") {
  CHECK(read_value(write_marker(true, 79)).coordinator_epoch == 79);
}

TEST_CASE("EndTransactionMarkerTest.testSerializeAndDeserialize") {
  for (const bool commit : {false, true}) {
    const Marker marker = write_marker(commit, 1);
    CHECK(kind(marker) == (commit ? ControlRecordType::commit : ControlRecordType::abort));
    CHECK(read_value(marker).coordinator_epoch == 1);
  }
}

TEST_CASE("EndTransactionMarkerTest.testEndTxnMarkerValueSize") {
  for (const bool commit : {false, true}) {
    const Marker marker = write_marker(commit, 1);
    const auto key_size = static_cast<std::int32_t>(marker.record.key->size());
    const auto value_size = static_cast<std::int32_t>(marker.record.value->size());
    const std::size_t total = 1 + wire::varint_size(0) + wire::varlong_size(0) + wire::varint_size(key_size) +
                              marker.record.key->size() + wire::varint_size(value_size) + marker.record.value->size() +
                              wire::varint_size(0);
    CHECK(marker.size == wire::varint_size(static_cast<std::int32_t>(total)) + total);
  }
}

TEST_CASE("EndTransactionMarkerTest.testForwardDeserializeCompatibility") {
  for (const bool commit : {false, true}) {
    const Marker marker = write_marker(commit, 10);
    const BytesView value = bytes_of(*marker.record.value);
    REQUIRE(value.size() == 6);
    CHECK(wire::load<std::int16_t>(value.data()) == 0);
    CHECK(wire::load<std::int32_t>(value.data() + 2) == 10);
  }
}

TEST_CASE("ControlRecordTypeTest.testParseUnknownType") {
  CHECK_FALSE(parse_control_record_key(BytesView(key(0, 337))));
}

TEST_CASE("ControlRecordTypeTest.testParseUnknownVersion") {
  CHECK(parse_control_record_key(BytesView(key(5, 0, true))) == ControlRecordType::abort);
}

TEST_CASE("ControlRecordTypeTest.testRoundTrip") {
  for (const ControlRecordType type : all_kinds) {
    CHECK(parse_control_record_key(BytesView(control_record_key(type))) == type);
  }
}

TEST_CASE("ControlRecordTypeTest.testValueControlRecordKeySize") {
  for (const ControlRecordType type : all_kinds) CHECK(control_record_key(type).size() == 4);
}

TEST_CASE("ControlRecordTypeTest.testBackwardDeserializeCompatibility") {
  for (const ControlRecordType type : all_kinds) {
    CHECK(parse_control_record_key(BytesView(key(0, static_cast<std::int16_t>(type)))) == type);
  }
  CHECK_FALSE(parse_control_record_key(BytesView(key(0, -1))));
}

TEST_CASE("ControlRecordTypeTest.testForwardDeserializeCompatibility") {
  for (const ControlRecordType type : all_kinds) {
    const auto bytes = control_record_key(type);
    CHECK(wire::load<std::int16_t>(bytes.data()) == 0);
    CHECK(wire::load<std::int16_t>(bytes.data() + 2) == static_cast<std::int16_t>(type));
  }
}

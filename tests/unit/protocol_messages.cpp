#include <catch2/catch.hpp>
#include <sstream>

#include "protocol/frame.h"
#include "protocol/messages/all.h"
#include "protocol/schema.h"
#include "support/hex.h"

using namespace linger;
using namespace linger::testing;

namespace {

template <class M>
std::string encode(const M& message, std::int16_t version) {
  Bytes out;
  Writer writer{out};
  const WireError error = encode_message(message, version, writer);
  return error ? error.describe() : to_hex(out);
}

template <class M>
std::string decode(std::string_view hex, std::int16_t version) {
  const Bytes bytes = from_hex(hex);
  Reader reader{bytes};
  const auto decoded = decode_whole<M>(reader, version);
  return decoded ? dump_message(decoded.value, version) : decoded.error.describe();
}

std::int32_t read_varint(std::string_view hex) {
  const Bytes bytes = from_hex(hex);
  Reader reader{bytes};
  const std::int32_t value = reader.read_varint();
  CHECK(reader.ok());
  CHECK(reader.remaining() == 0);
  return value;
}

}  // namespace

TEST_CASE("varints are zigzag with seven bits a byte") {
  const std::pair<std::int32_t, std::string> values[] = {{0, "00"},
                                                         {-1, "01"},
                                                         {1, "02"},
                                                         {63, "7e"},
                                                         {-64, "7f"},
                                                         {64, "8001"},
                                                         {8191, "fe7f"},
                                                         {8192, "808001"},
                                                         {2147483647, "feffffff0f"},
                                                         {-2147483647 - 1, "ffffffff0f"}};
  for (const auto& [value, hex] : values) {
    Bytes out;
    Writer{out}.write_varint(value);
    CHECK(to_hex(out) == hex);
    CHECK(wire::varint_size(value) == out.size());
    CHECK(read_varint(hex) == value);
  }
}

TEST_CASE("a varint that does not end is a fault and not an overrun") {
  for (const char* hex : {"ffffffffff", "ffffffffffff00", "80", ""}) {
    const Bytes bytes = from_hex(hex);
    Reader reader{bytes};
    CHECK(reader.read_varint() == 0);
    CHECK_FALSE(reader.ok());
  }
  const Bytes eleven(11, std::byte{0xff});
  Reader reader{eleven};
  reader.read_varlong();
  CHECK(reader.error().fault == WireFault::bad_varint);
}

TEST_CASE("a reader keeps its first fault and then gives zeros") {
  const Bytes bytes = from_hex("0001");
  Reader reader{bytes};
  CHECK(reader.read<std::int32_t>() == 0);
  CHECK(reader.error().fault == WireFault::past_end);
  CHECK(reader.read<std::int16_t>() == 0);
  reader.fail(WireFault::bad_crc);
  CHECK(reader.error().fault == WireFault::past_end);
}

TEST_CASE("a value that the version cannot carry is refused unless the field is ignorable") {
  FetchRequest fetch;
  fetch.session_id = 5;  // ignorable, from version 7 on
  CHECK(encode(fetch, 4) == encode(FetchRequest{}, 4));
  fetch.forgotten_topics_data.emplace_back();  // not ignorable
  CHECK(encode(fetch, 4) == "this version cannot carry the field's value (ForgottenTopicsData)");
  InitProducerIdRequest init;
  init.producer_id = 9;  // not ignorable, from version 3 on
  CHECK(encode(init, 2) == "this version cannot carry the field's value (ProducerId)");
}

TEST_CASE("null is refused where the version has none") {
  MetadataRequest all;
  all.topics.reset();
  CHECK(encode(all, 1) == "ffffffff");
  CHECK(encode(all, 0) == "null where none is allowed (Topics)");
  CHECK(decode<MetadataRequest>("ffffffff", 1) == "{\"topics\":null}");
  CHECK(decode<MetadataRequest>("ffffffff", 0) == "null where none is allowed (Topics)");
}

TEST_CASE("a message in a version that Kafka does not have is refused") {
  CHECK(encode(ProduceRequest{}, 2) == "no such version (ProduceRequest)");
  CHECK(encode(ProduceRequest{}, 14) == "no such version (ProduceRequest)");
  CHECK(decode<ProduceRequest>("", 14) == "no such version (ProduceRequest)");
}

TEST_CASE("a tagged field is written only when it is not at its default") {
  ProduceResponse response;
  response.responses.push_back({"t", {}, {{}}});
  const std::string without = encode(response, 10);
  response.responses[0].partition_responses[0].current_leader = {2, 7};
  const std::string with = encode(response, 10);
  // Tag count 1, tag 0, nine bytes: leader, epoch, and the struct's own empty tag section.
  CHECK(with.find("01000900000002000000"
                  "0700") != std::string::npos);
  CHECK(with.size() == without.size() + 2 * 11);
  CHECK(encode(response, 9) == "this version cannot carry the field's value (CurrentLeader)");
}

TEST_CASE("tags of a later version are passed over, a tag with a wrong size is a fault") {
  // ApiVersionsRequest v3: two compact strings, then the tag section.
  CHECK(decode<ApiVersionsRequest>("02610262"
                                   "00",
                                   3) == "{\"clientSoftwareName\":\"a\",\"clientSoftwareVersion\":\"b\"}");
  CHECK(decode<ApiVersionsRequest>("02610262"
                                   "01630401020304",
                                   3) == "{\"clientSoftwareName\":\"a\",\"clientSoftwareVersion\":\"b\"}");
  CHECK(decode<ApiVersionsRequest>("02610262"
                                   "016305010203",
                                   3) == "a length that cannot be");
  // FetchRequest's replica state is tag 1 and takes 13 bytes.
  Bytes out;
  Writer writer{out};
  FetchRequest fetch;
  fetch.replica_state = {3, 4};
  REQUIRE_FALSE(encode_message(fetch, 15, writer));
  std::string hex = to_hex(out);
  const std::size_t at = hex.find("010d00000003");
  REQUIRE(at != std::string::npos);
  hex.replace(at, 4, "010e");
  CHECK(decode<FetchRequest>(hex + "00", 15) == "a tagged field does not fill its size (ReplicaState)");
}

TEST_CASE("a declared array longer than the bytes left is refused before memory is taken") {
  CHECK(decode<MetadataRequest>("7fffffff", 0) == "a length that cannot be (Topics)");
  // 40 empty compact strings take 40 bytes here and 32 bytes each in memory.
  std::string empties = "29";
  for (int i = 0; i < 40; ++i) empties += "01";
  CHECK(decode<DeleteTopicsRequest>(empties + "0000000000", 4) == "decoding would take too much memory");
}

TEST_CASE("a string above 32,767 bytes is refused") {
  ProduceRequest request;
  request.transactional_id = std::string(32768, 'x');
  CHECK(encode(request, 9) == "a length that cannot be (TransactionalId)");
  CHECK(encode(request, 3) == "a length that cannot be (TransactionalId)");
}

TEST_CASE("a request frame has length, header and body") {
  InitProducerIdRequest request;
  request.transactional_id.reset();
  request.transaction_timeout_ms = 60000;
  Bytes frame;
  REQUIRE_FALSE(encode_request(frame, request, 1, CorrelationId{3}, "me"));
  CHECK(to_hex(frame) ==
        "00000012"
        "0016"
        "0001"
        "00000003"
        "00026d65"
        "ffff"
        "0000ea60");
  CHECK(peek_frame_size(frame) == 18);
  CHECK_FALSE(peek_frame_size(BytesView{frame}.first(3)));
  const auto decoded = decode_request<InitProducerIdRequest>(BytesView{frame}.subspan(4));
  REQUIRE(decoded);
  CHECK(decoded.header.correlation_id == 3);
  CHECK(decoded.header.client_id == "me");
  CHECK(decoded.message == request);
  CHECK_FALSE(decode_request<ProduceRequest>(BytesView{frame}.subspan(4)));
}

TEST_CASE("a client id keeps its long length in flexible headers") {
  Bytes frame;
  REQUIRE_FALSE(encode_request(frame, InitProducerIdRequest{}, 2, CorrelationId{3}, "me"));
  CHECK(to_hex(frame).substr(8, 26) ==
        "00160002"
        "00000003"
        "00026d65"
        "00");
  frame.clear();
  REQUIRE_FALSE(encode_request(frame, InitProducerIdRequest{}, 2, CorrelationId{3}, std::nullopt));
  CHECK(to_hex(frame).substr(8, 22) ==
        "00160002"
        "00000003"
        "ffff"
        "00");
}

TEST_CASE("an ApiVersions answer has the old header in every version") {
  for (const std::int16_t version : {std::int16_t{0}, std::int16_t{3}, std::int16_t{4}}) {
    Bytes frame;
    REQUIRE_FALSE(encode_response(frame, ApiVersionsResponse{}, version, CorrelationId{9}));
    CHECK(to_hex(frame).substr(8, 12) ==
          "00000009"
          "0000");
    const auto decoded = decode_response<ApiVersionsResponse>(BytesView{frame}.subspan(4), version);
    CHECK(decoded);
    CHECK(decoded.correlation == CorrelationId{9});
  }
  Bytes frame;
  REQUIRE_FALSE(encode_response(frame, ProduceResponse{}, 9, CorrelationId{9}));
  CHECK(to_hex(frame).substr(8, 10) ==
        "00000009"
        "00");
}

TEST_CASE("bytes behind the message are a fault") {
  Bytes frame;
  REQUIRE_FALSE(encode_response(frame, InitProducerIdResponse{}, 4, CorrelationId{9}));
  frame.push_back(std::byte{0});
  CHECK(decode_response<InitProducerIdResponse>(BytesView{frame}.subspan(4), 4).error.fault ==
        WireFault::trailing_bytes);
}

TEST_CASE("a header of an unknown API or of too few bytes is a fault") {
  for (const char* hex : {"", "0012", "7fff000000000001ffff", "ffff000000000001ffff"}) {
    const Bytes bytes = from_hex(hex);
    Reader reader{bytes};
    CHECK_FALSE(decode_request_header(reader));
  }
  // A version of ApiVersions that nobody speaks still has a header that can be answered.
  const Bytes bytes = from_hex("0012006300000001ffff00");
  Reader reader{bytes};
  const auto header = decode_request_header(reader);
  REQUIRE(header);
  CHECK(header.value.request_api_version == 99);
  CHECK(header.value.correlation_id == 1);
}

TEST_CASE("records can be left out of a frame and put in later") {
  const Bytes records = from_hex("0102030405");
  ProduceRequest request;
  request.topic_data.push_back({"t", {}, {{0, RecordsView{records}}, {1, RecordsView{records}}}});
  Bytes whole;
  REQUIRE_FALSE(encode_request(whole, request, 9, CorrelationId{1}, "c"));
  Bytes pieces;
  Writer writer{pieces, Writer::Records::left_out};
  REQUIRE_FALSE(encode_request(writer, request, 9, CorrelationId{1}, "c"));
  REQUIRE(writer.gaps().size() == 2);
  CHECK(writer.left_out() == 10);
  Bytes joined;
  std::size_t from = 0;
  for (const RecordsGap& gap : writer.gaps()) {
    joined.insert(joined.end(), pieces.begin() + static_cast<std::ptrdiff_t>(from),
                  pieces.begin() + static_cast<std::ptrdiff_t>(gap.at));
    joined.insert(joined.end(), gap.records.bytes().begin(), gap.records.bytes().end());
    from = gap.at;
  }
  joined.insert(joined.end(), pieces.begin() + static_cast<std::ptrdiff_t>(from), pieces.end());
  CHECK(to_hex(joined) == to_hex(whole));
}

TEST_CASE("decoded records are a view into the frame") {
  const Bytes records = from_hex("0102030405");
  ProduceRequest request;
  request.topic_data.push_back({"t", {}, {{0, RecordsView{records}}, {1, RecordsView{}}}});
  Bytes frame;
  REQUIRE_FALSE(encode_request(frame, request, 9, CorrelationId{1}, "c"));
  const auto decoded = decode_request<ProduceRequest>(BytesView{frame}.subspan(4));
  REQUIRE(decoded);
  const auto& partitions = decoded.message.topic_data[0].partition_data;
  CHECK(partitions[0].records.bytes().data() > frame.data());
  CHECK(partitions[0].records.bytes().data() < frame.data() + frame.size());
  CHECK(partitions[1].records.is_null());
}

TEST_CASE("versions read and print as Kafka writes them") {
  CHECK(Versions{"3+"}.describe() == "3+");
  CHECK(Versions{"0-12"}.describe() == "0-12");
  CHECK(Versions{"7"}.describe() == "7");
  CHECK(Versions{"none"}.describe() == "none");
  CHECK(Versions{"0-12"}.contains(12));
  CHECK_FALSE(Versions{"0-12"}.contains(13));
  CHECK_FALSE(Versions{"none"}.contains(0));
}

TEST_CASE("the schema dump names every message and field") {
  std::ostringstream out;
  describe_schema(out);
  const std::string text = out.str();
  CHECK(text.find("ProduceRequest: key 0, versions 3-13, flexible 9+\n"
                  "  TransactionalId: string, versions 3+, nullable 3+, default null\n") != std::string::npos);
  CHECK(text.find("    Records: records, versions 0+, nullable 0+, default null\n") != std::string::npos);
  CHECK(text.find("HighWatermark: int64, versions 18+, tag 1 in 18+, ignorable, default 9223372036854775807\n") !=
        std::string::npos);
}

TEST_CASE("every message agrees with its API's versions") {
  for (const MessageDescription& message : describe_messages()) {
    if (message.spec.type != MessageType::request && message.spec.type != MessageType::response) continue;
    INFO(message.spec.name);
    const ApiInfo& api = api_info(static_cast<ApiKey>(message.spec.key));
    CHECK(message.spec.name.starts_with(api.name));
    CHECK(message.spec.valid.range() == api.versions);
    for (std::int16_t version = api.versions.min; version <= api.versions.max; ++version) {
      CHECK(message.spec.flexible.contains(version) == is_flexible(api.key, version));
    }
  }
}

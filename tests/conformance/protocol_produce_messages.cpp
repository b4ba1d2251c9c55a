// Cases of Kafka's ProduceResponseTest (kafka-clients 4.3.1), in the versions that a broker of 4.3.1 still takes.

#include <catch2/catch.hpp>

#include "protocol/api_key.h"
#include "protocol/message.h"
#include "protocol/messages/produce.h"
#include "protocol/record.h"

using namespace linger;

namespace {

ProduceResponse one_partition(Uuid topic_id) {
  ProduceResponse response;
  response.responses.push_back({"test", topic_id, {}});
  auto& partition = response.responses[0].partition_responses.emplace_back();
  partition.base_offset = 10000;
  partition.log_append_time_ms = no_timestamp;
  partition.log_start_offset = 100;
  return response;
}

ProduceResponse over_the_wire(const ProduceResponse& response, std::int16_t version) {
  Bytes bytes;
  Writer writer(bytes);
  REQUIRE_FALSE(encode_message(response, version, writer));
  Reader reader(bytes, 100'000);
  const auto decoded = decode_message<ProduceResponse>(reader, version);
  REQUIRE_FALSE(decoded.error);
  CHECK(reader.remaining() == 0);
  return decoded.value;
}

}  // namespace

TEST_CASE("ProduceResponseTest.produceResponseVersionTest") {
  const Uuid topic_id = *Uuid::parse("5JkYABorYD4w0AQXe9TvBA");
  for (const std::int32_t throttle_time_ms : {0, 10}) {
    ProduceResponse sent = one_partition(topic_id);
    sent.throttle_time_ms = throttle_time_ms;
    const ProduceResponse response = over_the_wire(sent, 13);
    CHECK(response.throttle_time_ms == throttle_time_ms);
    REQUIRE(response.responses.size() == 1);
    REQUIRE(response.responses[0].partition_responses.size() == 1);
    const auto& partition = response.responses[0].partition_responses[0];
    CHECK(partition.log_start_offset == 100);
    CHECK(partition.base_offset == 10000);
    CHECK(partition.log_append_time_ms == no_timestamp);
    CHECK(partition.error_code == 0);
    CHECK_FALSE(partition.error_message);
    CHECK(partition.record_errors.empty());
    CHECK(response.responses[0].topic_id == topic_id);
  }
}

TEST_CASE("ProduceResponseTest.produceResponseRecordErrorsTest") {
  ProduceResponse sent = one_partition(*Uuid::parse("4w0AQXe9TvBG5JkYABorYA"));
  sent.responses[0].partition_responses[0].record_errors = {{3, "Record error"}};
  sent.responses[0].partition_responses[0].error_message = "Produce failed";
  for (std::int16_t version = 3; version <= 13; ++version) {
    const ProduceResponse response = over_the_wire(sent, version);
    const auto& partition = response.responses.at(0).partition_responses.at(0);
    if (version >= 8) {
      REQUIRE(partition.record_errors.size() == 1);
      CHECK(partition.record_errors[0].batch_index == 3);
      CHECK(partition.record_errors[0].batch_index_error_message == "Record error");
      CHECK(partition.error_message == "Produce failed");
    } else {
      CHECK(partition.record_errors.empty());
      CHECK_FALSE(partition.error_message);
    }
  }
}

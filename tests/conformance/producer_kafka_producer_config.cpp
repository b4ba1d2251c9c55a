// Cases of KafkaProducerTest about settings.

#include <algorithm>
#include <catch2/catch.hpp>

#include "conformance/producer_kafka_producer_bench.h"

using namespace linger;
using test::accepted;
using test::refused;

TEST_CASE("KafkaProducerTest.testOverwriteAcksAndRetriesForIdempotentProducers") {
  const ProducerConfig config = accepted({{"transactional.id", "transactionalId"}});
  CHECK(config.enable_idempotence);
  CHECK(config.acks == -1);
  CHECK(config.retries == 2147483647);
  CHECK(config.client_id == "producer-" + config.transactional_id);
}

TEST_CASE("KafkaProducerTest.testAcksAndIdempotenceForIdempotentProducers") {
  ProducerConfig config = accepted({{"acks", "0"}, {"enable.idempotence", "false"}});
  CHECK_FALSE(config.enable_idempotence);
  CHECK(config.acks == 0);

  config = accepted({{"transactional.id", "transactionalId"}});
  CHECK(config.enable_idempotence);
  CHECK(config.acks == -1);

  config = accepted({{"acks", "all"}, {"enable.idempotence", "false"}});
  CHECK_FALSE(config.enable_idempotence);
  CHECK(config.acks == -1);

  config = accepted({{"acks", "0"}});
  CHECK_FALSE(config.enable_idempotence);
  CHECK(config.acks == 0);

  config = accepted({{"acks", "1"}});
  CHECK_FALSE(config.enable_idempotence);
  CHECK(config.acks == 1);

  CHECK(refused({{"acks", "0"}, {"enable.idempotence", "false"}, {"transactional.id", "transactionalId"}}));
  CHECK(refused({{"acks", "1"}, {"enable.idempotence", "true"}}));
  CHECK(refused({{"acks", "0"}, {"transactional.id", "transactionalId"}}));
}

TEST_CASE("KafkaProducerTest.testRetriesAndIdempotenceForIdempotentProducers") {
  ProducerConfig config = accepted({{"retries", "0"}, {"enable.idempotence", "false"}});
  CHECK_FALSE(config.enable_idempotence);
  CHECK(config.retries == 0);

  config = accepted({{"retries", "0"}});
  CHECK_FALSE(config.enable_idempotence);
  CHECK(config.retries == 0);

  CHECK(refused({{"retries", "0"}, {"enable.idempotence", "false"}, {"transactional.id", "transactionalId"}}));
  CHECK(refused({{"retries", "0"}, {"enable.idempotence", "true"}}));
  CHECK(refused({{"retries", "0"}, {"transactional.id", "transactionalId"}}));
}

TEST_CASE("KafkaProducerTest.testInflightRequestsAndIdempotenceForIdempotentProducers") {
  const std::string in_flight = "max.in.flight.requests.per.connection";
  const ProducerConfig config = accepted({{in_flight, "6"}, {"enable.idempotence", "false"}});
  CHECK_FALSE(config.enable_idempotence);
  CHECK(config.max_in_flight_requests_per_connection == 6);

  CHECK(refused({{in_flight, "6"}}));
  CHECK(refused({{in_flight, "5"}, {"enable.idempotence", "false"}, {"transactional.id", "transactionalId"}}));
  CHECK(refused({{in_flight, "6"}, {"enable.idempotence", "true"}}));
  CHECK(refused({{in_flight, "6"}, {"transactional.id", "transactionalId"}}));
}

TEST_CASE("KafkaProducerTest.testConstructorWithSerializers") {
  const ProducerConfig config =
      accepted({{"key.serializer", "org.apache.kafka.common.serialization.ByteArraySerializer"},
                {"value.serializer", "org.apache.kafka.common.serialization.ByteArraySerializer"}});
  CHECK(config.key_serializer == config.value_serializer);
}

TEST_CASE("KafkaProducerTest.testNoSerializerProvided") {
  ProducerConfigOptions real;
  real.require_all = true;
  const auto missing = [](const ProducerConfigResult& result, const std::string& key) {
    return std::any_of(result.errors.begin(), result.errors.end(),
                       [&](const ConfigNote& error) { return error.key == key; });
  };
  test::Settings settings{{"bootstrap.servers", "localhost:9999"}};
  CHECK(missing(read_producer_config(settings, real), "key.serializer"));
  settings["key.serializer"] = "org.apache.kafka.common.serialization.StringSerializer";
  CHECK(missing(read_producer_config(settings, real), "value.serializer"));
}

TEST_CASE("KafkaProducerTest.testOsDefaultSocketBufferSizes") {
  const ProducerConfig config = accepted({{"send.buffer.bytes", "-1"}, {"receive.buffer.bytes", "-1"}});
  CHECK(config.send_buffer_bytes == -1);
  CHECK(config.receive_buffer_bytes == -1);
}

TEST_CASE("KafkaProducerTest.testInvalidSocketSendBufferSize") {
  CHECK(refused({{"send.buffer.bytes", "-2"}}));
}

TEST_CASE("KafkaProducerTest.testInvalidSocketReceiveBufferSize") {
  CHECK(refused({{"receive.buffer.bytes", "-2"}}));
}

TEST_CASE("KafkaProducerTest.configurableObjectsShouldSeeGeneratedClientId") {
  CHECK_FALSE(accepted({}).client_id.empty());
}

TEST_CASE("KafkaProducerTest.testUnusedConfigs") {
  const ProducerConfigResult result =
      read_producer_config({{"bootstrap.servers", "localhost:9999"}, {"ssl.protocol", "TLS"}});
  CHECK(std::any_of(result.warnings.begin(), result.warnings.end(), [](const ConfigNote& note) {
    return note.kind == ConfigNoteKind::no_effect && note.key == "ssl.protocol";
  }));
}

TEST_CASE("KafkaProducerTest.testDeliveryTimeoutAndLingerMsConfig") {
  test::Settings settings{{"client.id", "testDeliveryTimeoutAndLingerMsConfig"},
                          {"delivery.timeout.ms", "1000"},
                          {"linger.ms", "1000"},
                          {"request.timeout.ms", "1"}};
  CHECK(refused(settings));
  settings["linger.ms"] = "999";
  CHECK_FALSE(refused(settings));
}

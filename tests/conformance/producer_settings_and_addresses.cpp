// Cases of ProducerConfigTest and ClientUtilsTest (kafka-clients 4.3.1).

#include <algorithm>
#include <catch2/catch.hpp>

#include "conformance/producer_kafka_producer_bench.h"
#include "producer/clients/host_resolution.h"

using namespace linger;
using test::accepted;
using test::refused;

namespace {

/// Whether the settings are refused, and all because of this one.
bool refused_because_of(const std::string& key, const test::Settings& settings) {
  const ProducerConfigResult result = read_producer_config(settings);
  return !result.ok() && std::all_of(result.errors.begin(), result.errors.end(),
                                     [&](const ConfigNote& error) { return error.key == key; });
}

std::vector<HostAndPort> addresses(const std::string& servers) {
  return accepted({{"bootstrap.servers", servers}}).bootstrap_servers;
}

}  // namespace

TEST_CASE("ProducerConfigTest.testInvalidCompressionType") {
  CHECK(refused({{"compression.type", "abc"}}));
}

TEST_CASE("ProducerConfigTest.testInvalidSecurityProtocol") {
  CHECK(refused({{"security.protocol", "abc"}}));
  CHECK(refused_because_of("security.protocol", {{"security.protocol", "abc"}}));
}

TEST_CASE("ProducerConfigTest.testDefaultMetadataRecoveryStrategy") {
  CHECK(accepted({}).metadata_recovery_strategy == MetadataRecovery::rebootstrap);
}

TEST_CASE("ProducerConfigTest.testInvalidMetadataRecoveryStrategy") {
  CHECK(refused({{"metadata.recovery.strategy", "abc"}}));
  CHECK(refused_because_of("metadata.recovery.strategy", {{"metadata.recovery.strategy", "abc"}}));
}

TEST_CASE("ProducerConfigTest.testCaseInsensitiveSecurityProtocol") {
  CHECK_FALSE(refused({{"security.protocol", "sasl_ssl"}}));
}

TEST_CASE("ProducerConfigTest.testUpperboundCheckOfEnableIdempotence") {
  CHECK(refused({{"max.in.flight.requests.per.connection", "6"}}));
  CHECK_FALSE(refused({{"max.in.flight.requests.per.connection", "5"}}));
}

TEST_CASE("ProducerConfigTest.testTwoPhaseCommitIncompatibleWithTransactionTimeout") {
  test::Settings settings{{"enable.idempotence", "true"},
                          {"transactional.id", "test-txn-id"},
                          {"transaction.two.phase.commit.enable", "true"},
                          {"transaction.timeout.ms", "60000"}};
  CHECK(refused(settings));
  const ProducerConfigResult result = read_producer_config(settings);
  REQUIRE(result.errors.size() == 1);
  const std::string told = result.errors[0].key + " " + result.errors[0].message;
  CHECK(told.find("transaction.timeout.ms") != told.npos);
  CHECK(told.find("transaction.two.phase.commit.enable") != told.npos);
  settings.erase("transaction.timeout.ms");
  CHECK_FALSE(refused(settings));
  settings["transaction.timeout.ms"] = "60000";
  settings["transaction.two.phase.commit.enable"] = "false";
  CHECK_FALSE(refused(settings));
}

TEST_CASE("ClientUtilsTest.testParseAndValidateAddresses") {
  CHECK(addresses("127.0.0.1:8000").size() == 1);
  CHECK(addresses("localhost:8080").size() == 1);
  CHECK(addresses("[::1]:8000").size() == 1);
  CHECK(addresses("[2001:db8:85a3:8d3:1319:8a2e:370:7348]:1234,localhost:10000").size() == 2);
  const std::vector<HostAndPort> one = addresses("localhost:10000");
  REQUIRE(one.size() == 1);
  CHECK(one[0].host == "localhost");
  CHECK(one[0].port == 10000);
}

TEST_CASE("ClientUtilsTest.testValidBrokerAddress") {
  CHECK_FALSE(refused({{"bootstrap.servers", "localhost:9997,localhost:9998,localhost:9999"}}));
}

TEST_CASE("ClientUtilsTest.testInvalidBrokerAddress") {
  CHECK(refused({{"bootstrap.servers", "localhost:9997\nlocalhost:9998\nlocalhost:9999"}}));
  CHECK(refused({{"bootstrap.servers", "localhost:9997 localhost:9998 localhost:9999"}}));
}

TEST_CASE("ClientUtilsTest.testInvalidConfig") {
  CHECK(refused({{"bootstrap.servers", "localhost:10000"}, {"client.dns.lookup", "random.value"}}));
}

TEST_CASE("ClientUtilsTest.testNoPort") {
  CHECK(refused({{"bootstrap.servers", "127.0.0.1"}}));
}

TEST_CASE("ClientUtilsTest.testInvalidPort") {
  CHECK(refused({{"bootstrap.servers", "localhost:70000"}}));
}

TEST_CASE("ClientUtilsTest.testOnlyBadHostname") {
  const std::string host = "some.invalid.hostname.foo.bar.local";
  HostResolution resolution;
  resolution.set(host, {});
  const auto error =
      KafkaProducer::check_bootstrap_servers(accepted({{"bootstrap.servers", host + ":9999"}}), resolution);
  REQUIRE(error);
  CHECK(error->exception == "ConfigException");
  CHECK(error->message == "No resolvable bootstrap urls given in bootstrap.servers");
}

TEST_CASE("ClientUtilsTest.testFilterPreferredAddresses") {
  HostResolution resolution;
  resolution.set("host", {"192.0.0.1", "::1", "192.0.0.1"});
  CHECK(resolution.resolve("host") == std::vector<std::string>{"192.0.0.1", "192.0.0.1"});
  resolution.set("host", {"::1", "192.0.0.1", "192.0.0.1"});
  CHECK(resolution.resolve("host") == std::vector<std::string>{"::1"});
}

TEST_CASE("ClientUtilsTest.testResolveUnknownHostException") {
  HostResolution resolution;
  resolution.set("some.invalid.hostname.foo.bar.local", {});
  CHECK(resolution.resolve("some.invalid.hostname.foo.bar.local").empty());
}

TEST_CASE("ClientUtilsTest.testResolveDnsLookup") {
  HostResolution resolution;
  resolution.set("kafka.apache.org", {"198.51.100.0", "198.51.100.5"});
  CHECK(resolution.resolve("kafka.apache.org") == std::vector<std::string>{"198.51.100.0", "198.51.100.5"});
}

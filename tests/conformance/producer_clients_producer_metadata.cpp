#include <catch2/catch.hpp>

#include "producer/clients/metadata.h"
#include "support/client_stage.h"
#include "support/fake_cluster.h"

using namespace linger;

namespace {

using Topics = std::vector<std::string>;

constexpr std::int64_t backoff_ms = 100;
constexpr std::int64_t longest_first_backoff_ms = 120;   ///< with 20 % of jitter
constexpr std::int64_t longest_second_backoff_ms = 240;  ///< twice as long
constexpr std::int64_t expire_ms = 1000;
constexpr std::int64_t idle_ms = 60'000;

/// The surroundings of the Java test: metadata with a fake answer whenever the test wants one.
struct Client {
  test::CountedEntropy entropy;
  ProducerMetadata metadata{ProducerMetadata::Config{backoff_ms, 1000, expire_ms, idle_ms}};

  void update(const Topics& topics, std::int64_t now_ms, bool partial = false) {
    test::ClusterAnswer answer;
    for (const std::string& topic : topics) answer.partitions[topic] = 1;
    metadata.update_with_current_request_version(answer.build(), test::newest_metadata_version, partial, now_ms,
                                                 entropy);
  }
  void update_all(std::int64_t now_ms) { update(metadata.topics(), now_ms); }
  std::int64_t next_update_ms(std::int64_t now_ms) { return metadata.time_to_next_update(now_ms, entropy); }
  Topics new_topics() const { return {metadata.new_topics().begin(), metadata.new_topics().end()}; }
};

/// A caller in Java's awaitUpdate: it asks anew until the topic has partitions.
struct Waiter {
  Client& client;
  std::string topic;
  int version;

  Waiter(Client& c, std::string name) : client(c), topic(std::move(name)), version(c.metadata.request_update(false)) {}
  bool waits() {
    if (client.metadata.update_version() > version) {
      if (!client.metadata.fetch().partitions_for_topic(topic).empty()) return false;
      version = client.metadata.request_update(false);
    }
    return true;
  }
};

ProducerConfig with_max_block(std::int64_t ms) {
  ProducerConfig config;
  config.max_block_ms = ms;
  return config;
}

/// How a wait for an unknown topic ends in the producer, whose call it is here. Requires: it does not end well.
KafkaError failed_wait(test::ProducerStage& stage) {
  PartitionsResult result = stage.producer.partitions_for("my-topic", stage.now);
  if (std::holds_alternative<Ticket>(result)) {
    for (int ms = 0; stage.settled.empty() && ms < 10'000; ++ms) stage.run(1);
    REQUIRE(stage.settled.size() == 1);
    return std::get<Thrown>(stage.settled[0].result).error;
  }
  REQUIRE(std::holds_alternative<Thrown>(result));
  return std::get<Thrown>(result).error;
}

KafkaError wait_after_close() {
  test::ProducerStage stage{ProducerConfig{}};
  stage.producer.client().metadata().close();
  return failed_wait(stage);
}

}  // namespace

TEST_CASE("ProducerMetadataTest.testMetadata") {
  Client client;
  std::int64_t now = 1'700'000'000'000;
  client.metadata.add("my-topic", now);
  client.update({}, now);
  CHECK(client.next_update_ms(now) > 0);
  client.metadata.request_update(true);
  CHECK(client.next_update_ms(now) > 0);
  now += longest_first_backoff_ms;
  CHECK(client.next_update_ms(now) == 0);

  Waiter one(client, "my-topic");
  Waiter other(client, "my-topic");
  CHECK(one.waits());
  CHECK(other.waits());
  for (int round = 0; round < 100 && (one.waits() || other.waits()); ++round) {
    if (client.next_update_ms(now) == 0) {
      client.update_all(now);
      now += longest_first_backoff_ms;
    }
  }
  REQUIRE_FALSE(one.waits());
  REQUIRE_FALSE(other.waits());
  CHECK(client.next_update_ms(now) > 0);
  now += expire_ms;
  CHECK(client.next_update_ms(now) == 0);
}

TEST_CASE("ProducerMetadataTest.testMetadataAwaitAfterClose") {
  Client client;
  client.update_all(0);
  CHECK(client.next_update_ms(0) > 0);
  client.metadata.request_update(true);
  CHECK(client.next_update_ms(0) > 0);
  CHECK(client.next_update_ms(longest_first_backoff_ms) == 0);
  const KafkaError error = wait_after_close();
  CHECK(error.exception == "KafkaException");
  CHECK(error.message.find("Requested metadata update after close") != std::string::npos);
}

TEST_CASE("ProducerMetadataTest.testMetadataEquivalentResponsesBackoff") {
  Client client;
  client.update_all(0);
  CHECK(client.next_update_ms(0) > 0);
  client.metadata.request_update(false);
  CHECK(client.next_update_ms(0) > 0);
  std::int64_t now = longest_first_backoff_ms;
  client.update_all(now);
  CHECK(client.next_update_ms(now) > 0);
  client.metadata.request_update(false);
  CHECK(client.next_update_ms(now) > 0);
  CHECK(client.next_update_ms(now + backoff_ms) > 0);
  now += longest_second_backoff_ms;
  CHECK(client.next_update_ms(now) == 0);
  const KafkaError error = wait_after_close();
  CHECK(error.exception == "KafkaException");
  CHECK(error.message.find("Requested metadata update after close") != std::string::npos);
}

TEST_CASE("ProducerMetadataTest.testMetadataUpdateWaitTime") {
  Client client;
  client.update_all(0);
  CHECK(client.next_update_ms(0) > 0);
  test::ProducerStage at_once{with_max_block(0)};
  CHECK(failed_wait(at_once).exception == "TimeoutException");
  test::ProducerStage two_seconds{with_max_block(2000)};
  CHECK(failed_wait(two_seconds).exception == "TimeoutException");
}

TEST_CASE("ProducerMetadataTest.testTimeToNextUpdateOverwriteBackoff") {
  constexpr std::int64_t now = 10'000;
  Client client;
  client.update_all(now);
  client.metadata.add("new-topic", now);
  CHECK(client.next_update_ms(now) == 0);
  client.update_all(now);
  client.metadata.add("new-topic", now);
  CHECK(client.next_update_ms(now) == expire_ms);
  client.metadata.add("another-new-topic", now);
  CHECK(client.next_update_ms(now) == 0);
}

TEST_CASE("ProducerMetadataTest.testTopicExpiry") {
  Client client;
  std::int64_t now = 0;
  client.metadata.add("topic1", now);
  client.update_all(now);
  CHECK(client.metadata.contains_topic("topic1"));
  now += idle_ms;
  client.update_all(now);
  CHECK_FALSE(client.metadata.contains_topic("topic1"));

  client.metadata.add("topic2", now);
  client.update_all(now);
  for (int use = 0; use < 3; ++use) {
    now += idle_ms / 2;
    client.update_all(now);
    CHECK(client.metadata.contains_topic("topic2"));
    client.metadata.add("topic2", now);
  }

  client.metadata.add("topic3", now);
  now += idle_ms * 2;
  client.update_all(now);
  CHECK(client.metadata.contains_topic("topic3"));
}

TEST_CASE("ProducerMetadataTest.testMetadataWaitAbortedOnFatalException") {
  test::ProducerStage stage{ProducerConfig{}};
  stage.producer.client().metadata().fatal_error(
      KafkaError{ErrorFamily::api, "AuthenticationException", "refused", ErrorCode::unknown_server_error});
  CHECK(failed_wait(stage).exception == "AuthenticationException");
}

TEST_CASE("ProducerMetadataTest.testMetadataPartialUpdate") {
  Client client;
  ProducerMetadata& metadata = client.metadata;
  const std::string one = "topic-one";
  const std::string two = "topic-two";
  const std::string three = "topic-three";
  std::int64_t now = 10'000;
  metadata.add(one, now);
  CHECK(metadata.update_requested());
  CHECK(client.next_update_ms(now) == 0);
  CHECK(metadata.topics() == Topics{one});
  CHECK(client.new_topics() == Topics{one});

  now += 1000;
  client.update({one}, now, true);
  CHECK_FALSE(metadata.update_requested());
  CHECK(metadata.topics() == Topics{one});
  CHECK(client.new_topics().empty());

  metadata.add(one, now);
  CHECK_FALSE(metadata.update_requested());
  CHECK(client.next_update_ms(now) > 0);
  CHECK(metadata.topics() == Topics{one});
  CHECK(client.new_topics().empty());

  now += 1000;
  metadata.add(two, now);
  now += 1000;
  metadata.add(three, now);
  CHECK(metadata.update_requested());
  CHECK(client.next_update_ms(now) == 0);
  CHECK(metadata.topics() == Topics{one, three, two});
  CHECK(client.new_topics() == Topics{three, two});

  now += 1000;
  CHECK(metadata.update_requested());
  client.update({two}, now, true);
  CHECK(metadata.topics() == Topics{one, three, two});
  CHECK(client.new_topics() == Topics{three});
}

TEST_CASE("ProducerMetadataTest.testRequestUpdateForTopic") {
  Client client;
  ProducerMetadata& metadata = client.metadata;
  std::int64_t now = 10'000;
  metadata.add("topic-1", now);
  metadata.add("topic-2", now);
  CHECK(metadata.update_requested());
  metadata.request_update_for_topic("topic-1");
  CHECK(metadata.update_requested());
  client.update({"topic-1"}, now += 1000, true);
  CHECK_FALSE(metadata.update_requested());
  metadata.request_update_for_topic("topic-1");
  CHECK(metadata.update_requested());
  client.update({"topic-1"}, now += 1000, true);
  CHECK(metadata.update_requested());
  client.update({"topic-1", "topic-2"}, now += 1000);
  CHECK_FALSE(metadata.update_requested());
}

#include <catch2/catch.hpp>

#include "conformance/producer_clients_metadata_bench.h"

using namespace linger;
using test::ClusterAnswer;
using test::MetadataBench;

namespace {

const std::string topic = "topic-1";
const TopicPartition first{topic, 0};
const Uuid an_id{1, 1};
const Uuid another_id{1, 2};
const Uuid a_third_id{1, 3};

/// One partition of "topic" as a broker describes it.
MetadataResponse described(std::int32_t leader, std::int32_t epoch, const std::vector<std::int32_t>& isr,
                           const std::vector<std::int32_t>& replicas, const std::vector<std::int32_t>& nodes = {}) {
  MetadataResponse response;
  response.cluster_id = "cluster";
  response.controller_id = 0;
  for (const std::int32_t node : nodes) response.brokers.push_back({node, "localhost", 9092 + node, std::nullopt});
  auto& described_topic = response.topics.emplace_back();
  described_topic.name = topic;
  auto& partition = described_topic.partitions.emplace_back();
  partition.leader_id = leader;
  partition.leader_epoch = epoch;
  partition.replica_nodes = replicas;
  partition.isr_nodes = isr;
  return response;
}

std::vector<NodeId> node_ids(const std::vector<std::int32_t>& numbers) {
  std::vector<NodeId> ids;
  for (const std::int32_t number : numbers) ids.emplace_back(number);
  return ids;
}

}  // namespace

TEST_CASE("MetadataTest.testIgnoreLeaderEpochInOlderMetadataResponse") {
  constexpr std::int16_t first_reliable_version = 9;
  MetadataBench bench;
  bench.add({topic});
  for (std::int16_t version = 0; version <= test::newest_metadata_version; ++version) {
    CAPTURE(version);
    bench.update(described(5, 10, {1, 2, 3}, {1, 2, 3}), 100, false, version);
    REQUIRE(bench.current(first) != nullptr);
    if (version < first_reliable_version) {
      CHECK(bench.current(first)->leader_epoch == std::nullopt);
    } else {
      CHECK(bench.current(first)->leader_epoch == LeaderEpoch{10});
    }
  }
}

TEST_CASE("MetadataTest.testStaleMetadata") {
  MetadataBench bench;
  bench.add({topic});
  bench.update(described(1, 10, {1, 2, 3}, {1, 2, 3}), 100);
  bench.update(described(1, 9, {1, 2}, {1, 2, 3}), 101);
  CHECK(bench.seen_epoch(first) == 10);
  REQUIRE(bench.current(first) != nullptr);
  CHECK(bench.current(first)->in_sync_replicas == node_ids({1, 2, 3}));
  CHECK(bench.current(first)->leader_epoch == LeaderEpoch{10});
}

TEST_CASE("MetadataTest.testRequestUpdate") {
  struct Seen {
    std::int32_t epoch;
    bool asks;
  };
  MetadataBench bench;
  CHECK_FALSE(bench.metadata.update_requested());
  bench.add({topic});
  bench.update(MetadataBench::topic_answer(topic, 0), 10);
  for (const Seen seen : {Seen{42, true}, Seen{42, false}, Seen{41, false}, Seen{41, false}, Seen{42, false},
                          Seen{43, true}, Seen{43, false}, Seen{42, false}, Seen{41, false}, Seen{44, true}}) {
    bench.update_if_newer(first, seen.epoch);
    if (seen.asks) {
      CHECK(bench.metadata.update_requested());
    } else {
      CHECK_FALSE(bench.metadata.update_requested());
    }
    bench.update_with_nothing(0);
    CHECK_FALSE(bench.metadata.update_requested());
  }
}

TEST_CASE("MetadataTest.testUpdateLastEpoch") {
  MetadataBench bench;
  bench.add({topic});
  bench.update_with_nothing(0);
  CHECK_FALSE(bench.update_if_newer(first, 0));
  CHECK_FALSE(bench.update_if_newer(first, 1));
  CHECK_FALSE(bench.update_if_newer(first, 2));
  CHECK_FALSE(bench.metadata.last_seen_leader_epoch(first).has_value());

  bench.update(MetadataBench::topic_answer(topic, 10), 1);
  CHECK(bench.seen_epoch(first) == 10);
  CHECK_FALSE(bench.update_if_newer(first, 1));
  CHECK(bench.seen_epoch(first) == 10);
  CHECK_FALSE(bench.update_if_newer(first, 10));
  CHECK(bench.seen_epoch(first) == 10);
  CHECK(bench.update_if_newer(first, 12));
  CHECK(bench.seen_epoch(first) == 12);
  bench.update(MetadataBench::topic_answer(topic, 12), 2);
  CHECK(bench.seen_epoch(first) == 12);
  bench.update(MetadataBench::topic_answer(topic, 11), 3);
  CHECK(bench.seen_epoch(first) == 12);
}

TEST_CASE("MetadataTest.testEpochUpdateAfterTopicDeletion") {
  MetadataBench bench;
  bench.add({topic});
  bench.update_with_nothing(0);
  bench.update(MetadataBench::topic_answer(topic, 10, an_id), 1);
  CHECK(bench.seen_epoch(first) == 10);
  ClusterAnswer deleted;
  deleted.errors[topic] = ErrorCode::unknown_topic_or_partition;
  bench.update(deleted, 1);
  CHECK(bench.seen_epoch(first) == 10);
  bench.update(MetadataBench::topic_answer(topic, 5, another_id), 1);
  CHECK(bench.seen_epoch(first) == 5);
}

TEST_CASE("MetadataTest.testEpochUpdateOnChangedTopicIds") {
  MetadataBench bench;
  bench.add({topic});
  bench.update_with_nothing(0);
  bench.update(MetadataBench::topic_answer(topic, 100), 1);
  CHECK(bench.seen_epoch(first) == 100);
  // An id where there was none counts as a new topic.
  bench.update(MetadataBench::topic_answer(topic, 10, an_id), 2);
  CHECK(bench.seen_epoch(first) == 10);
  bench.update(MetadataBench::topic_answer(topic, 10, an_id), 3);
  CHECK(bench.seen_epoch(first) == 10);
  bench.update(MetadataBench::topic_answer(topic, 12, an_id), 4);
  CHECK(bench.seen_epoch(first) == 12);
  bench.update(MetadataBench::topic_answer(topic, 3, another_id), 5);
  CHECK(bench.seen_epoch(first) == 3);
  bench.update(MetadataBench::topic_answer(topic, 20, a_third_id), 6);
  CHECK(bench.seen_epoch(first) == 20);
}

TEST_CASE("MetadataTest.testRejectOldMetadata") {
  MetadataBench bench;
  const auto isr_size = [&] { return bench.metadata.fetch().partition(first)->in_sync_replicas.size(); };
  const auto without_isr = [](std::int32_t epoch) {
    MetadataResponse response = MetadataBench::topic_answer(topic, epoch).build();
    response.topics[0].partitions[0].isr_nodes.clear();
    return response;
  };
  bench.add({topic});
  bench.update_with_nothing(0);
  bench.update(MetadataBench::topic_answer(topic, 100), 10);
  REQUIRE(bench.metadata.fetch().partition(first) != nullptr);
  CHECK(bench.metadata.last_seen_leader_epoch(first).has_value());
  CHECK(bench.seen_epoch(first) == 100);

  bench.update(without_isr(99), 20);
  CHECK(isr_size() == 1);
  CHECK(bench.seen_epoch(first) == 100);

  bench.update(without_isr(100), 20);
  CHECK(isr_size() == 0);
  CHECK(bench.seen_epoch(first) == 100);

  bench.update(ClusterAnswer{}, 20);
  CHECK(bench.metadata.fetch().partition(first) == nullptr);
  CHECK(bench.seen_epoch(first) == 100);

  bench.update(MetadataBench::topic_answer(topic, 99), 10);
  CHECK(bench.metadata.fetch().partition(first) == nullptr);
  CHECK(bench.seen_epoch(first) == 100);
}

TEST_CASE("MetadataTest.testOutOfBandEpochUpdate") {
  MetadataBench bench;
  const auto answer = [](std::int32_t epoch) { return MetadataBench::topic_answer(topic, epoch, std::nullopt, 5); };
  bench.add({topic});
  bench.update_with_nothing(0);
  CHECK_FALSE(bench.update_if_newer(first, 99));
  bench.update(answer(100), 10);
  CHECK(bench.metadata.fetch().partition(first) != nullptr);
  CHECK(bench.metadata.last_seen_leader_epoch(first).has_value());
  CHECK(bench.seen_epoch(first) == 100);
  CHECK(bench.update_if_newer(first, 101));

  CHECK(bench.metadata.fetch().partition(first) != nullptr);
  CHECK(bench.metadata.fetch().partition_count_for_topic(topic) == 5U);
  CHECK(bench.current(first) == nullptr);
  CHECK(bench.seen_epoch(first) == 101);

  bench.update(answer(100), 20);
  CHECK(bench.metadata.fetch().partition(first) != nullptr);
  CHECK(bench.metadata.fetch().partition_count_for_topic(topic) == 5U);
  CHECK(bench.current(first) == nullptr);
  CHECK(bench.seen_epoch(first) == 101);

  bench.update(answer(101), 30);
  CHECK(bench.metadata.fetch().partition(first) != nullptr);
  CHECK(bench.metadata.fetch().partition_count_for_topic(topic) == 5U);
  CHECK(bench.current(first) != nullptr);
  CHECK(bench.seen_epoch(first) == 101);
}

TEST_CASE("MetadataTest.testNoEpoch") {
  MetadataBench bench;
  bench.add({topic});
  bench.update_with_nothing(0);
  bench.update(MetadataBench::topic_answer(topic, -1), 10);
  CHECK_FALSE(bench.metadata.last_seen_leader_epoch(first).has_value());
  REQUIRE(bench.current(first) != nullptr);
  CHECK(bench.current(first)->partition.partition == 0);
  CHECK(bench.current(first)->leader == NodeId{0});
  bench.update_if_newer(first, 10);
  REQUIRE(bench.current(first) != nullptr);
  CHECK_FALSE(bench.current(first)->leader_epoch.has_value());
}

TEST_CASE("MetadataTest.testLeaderMetadataInconsistentWithBrokerMetadata") {
  // A broker comes back and leads; the client hears of the two in the wrong order.
  MetadataBench bench;
  bench.add({topic});
  bench.update(described(0, 10, {0, 1, 2}, {0, 1, 2}, {0, 1, 2}), 10);
  MetadataResponse stale = described(1, 8, {1, 2}, {0, 1, 2}, {1, 2});
  stale.topics[0].partitions[0].offline_replicas = {0};
  bench.update(stale, 20);
  CHECK(bench.metadata.fetch().leader_for(first) == nullptr);
  CHECK(bench.seen_epoch(first) == 10);
  CHECK_FALSE(bench.metadata.current_leader(first).leader.has_value());
}

TEST_CASE("MetadataTest.testTopicMetadataOnUpdatePartitionLeadership") {
  const TopicPartition second{topic, 1};
  MetadataBench bench;
  const auto leader = [&](const TopicPartition& partition) {
    return bench.metadata.fetch().partition(partition)->leader;
  };
  bench.add({topic});
  MetadataResponse response = described(1, 1, {1, 2}, {1, 2}, {1, 2});
  response.topics[0].topic_id = an_id;
  response.topics[0].partitions.push_back(response.topics[0].partitions[0]);
  response.topics[0].partitions[1].partition_index = 1;
  bench.update(response, 0);
  CHECK(bench.metadata.fetch().partitions_for_topic(topic).size() == 2);
  CHECK(leader(first) == NodeId{1});
  CHECK(leader(second) == NodeId{1});

  bench.metadata.update_partition_leadership({{second, {NodeId{2}, LeaderEpoch{3}}}},
                                             {Node{NodeId{1}, "localhost", 9093, std::nullopt}}, bench.entropy);
  CHECK(bench.metadata.fetch().partitions_for_topic(topic).size() == 2);
  CHECK(leader(first) == NodeId{1});
  CHECK(leader(second) == NodeId{2});
}

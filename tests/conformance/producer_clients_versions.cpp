// Cases of Kafka's NodeApiVersionsTest, ApiVersionsTest and MetadataSnapshotTest (kafka-clients 4.3.1).

#include <catch2/catch.hpp>

#include "producer/clients/metadata_snapshot.h"
#include "producer/clients/node_api_versions.h"
#include "protocol/messages/api_versions.h"
#include "support/client_stage.h"

using namespace linger;

namespace {

NodeApiVersions only(ApiKey api, std::int16_t oldest, std::int16_t newest) {
  ApiVersionsResponse response;
  response.api_keys.push_back({wire_code(api), oldest, newest});
  return NodeApiVersions(response);
}

/// With the feature transaction.version up to 2, finalized at a level.
NodeApiVersions with_transaction_version(std::int16_t level, std::int64_t epoch) {
  ApiVersionsResponse response;
  response.supported_features.push_back({"transaction.version", 0, 2});
  response.finalized_features.push_back({"transaction.version", level, level});
  response.finalized_features_epoch = epoch;
  return NodeApiVersions(response);
}

/// Every API as this client knows it.
ApiVersionsResponse default_response() {
  ApiVersionsResponse response;
  for (const ApiInfo& api : all_apis()) {
    if (api.versions.max >= 0) response.api_keys.push_back({wire_code(api.key), api.versions.min, api.latest_stable});
  }
  return response;
}

/// In no range that produce is allowed to be in.
bool unusable(const NodeApiVersions& versions, ApiKey api, std::int16_t oldest, std::int16_t newest) {
  return versions.latest_usable_version(api, oldest, newest).mismatch.has_value();
}

PartitionMetadata led_by_5(const TopicPartition& partition, std::optional<LeaderEpoch> epoch = LeaderEpoch{10}) {
  PartitionMetadata metadata;
  metadata.partition = partition;
  metadata.leader = NodeId{5};
  metadata.leader_epoch = epoch;
  metadata.replicas = metadata.in_sync_replicas = {NodeId{5}, NodeId{6}, NodeId{7}};
  return metadata;
}

/// Nodes at localhost from port 2077 on, these partitions and ids.
MetadataSnapshot snapshot(const std::vector<std::int32_t>& nodes, const std::vector<PartitionMetadata>& partitions,
                          const std::map<std::string, Uuid>& ids = {}) {
  MetadataSnapshot parts;
  parts.cluster_id = "clusterId";
  std::int32_t port = 2077;
  for (const std::int32_t id : nodes) parts.nodes[NodeId{id}] = Node{NodeId{id}, "localhost", port++, std::nullopt};
  for (const PartitionMetadata& partition : partitions) parts.partitions[partition.partition] = partition;
  parts.topic_ids = ids;
  test::CountedEntropy entropy;
  return finish_snapshot(parts, entropy);
}

}  // namespace

TEST_CASE("NodeApiVersionsTest.testLatestUsableVersion") {
  const NodeApiVersions versions = only(ApiKey::produce, 8, 10);
  const auto usable = [&](std::int16_t oldest, std::int16_t newest) {
    const UsableVersion found = versions.latest_usable_version(ApiKey::produce, oldest, newest);
    CHECK_FALSE(found.mismatch);
    return found.version;
  };
  const ApiInfo& produce = api_info(ApiKey::produce);
  CHECK(usable(produce.versions.min, produce.latest_stable) == 10);
  CHECK(usable(7, 8) == 8);
  CHECK(usable(8, 8) == 8);
  CHECK(usable(8, 9) == 9);
  CHECK(usable(8, 10) == 10);
  CHECK(usable(9, 9) == 9);
  CHECK(usable(9, 10) == 10);
  CHECK(usable(10, 10) == 10);
  CHECK(usable(10, 11) == 10);
}

TEST_CASE("NodeApiVersionsTest.testLatestUsableVersionOutOfRangeLow") {
  CHECK(unusable(only(ApiKey::produce, 1, 2), ApiKey::produce, 3, 4));
}

TEST_CASE("NodeApiVersionsTest.testLatestUsableVersionOutOfRangeHigh") {
  CHECK(unusable(only(ApiKey::produce, 2, 3), ApiKey::produce, 0, 1));
}

TEST_CASE("NodeApiVersionsTest.testUsableVersionCalculationNoKnownVersions") {
  const ApiInfo& fetch = api_info(ApiKey::fetch);
  CHECK(unusable(NodeApiVersions(ApiVersionsResponse{}), ApiKey::fetch, fetch.versions.min, fetch.latest_stable));
}

TEST_CASE("NodeApiVersionsTest.testLatestUsableVersionOutOfRange") {
  const ApiInfo& produce = api_info(ApiKey::produce);
  CHECK(unusable(only(ApiKey::produce, 300, 300), ApiKey::produce, produce.versions.min, produce.latest_stable));
}

TEST_CASE("NodeApiVersionsTest.testUsableVersionLatestVersions") {
  ApiVersionsResponse response = default_response();
  response.api_keys.push_back({100, 0, 1});
  const NodeApiVersions versions(response);
  CHECK(versions.unknown_apis().contains(100));
  for (const ApiInfo& api : all_apis()) {
    if (api.versions.max < 0) continue;
    INFO(api.name);
    CHECK(versions.latest_usable_version(api.key, api.versions.min, api.latest_stable).version == api.latest_stable);
  }
}

TEST_CASE("NodeApiVersionsTest.testConstructionFromApiVersionsResponse") {
  const ApiVersionsResponse response = default_response();
  const NodeApiVersions versions(response);
  REQUIRE(response.api_keys.size() > 20);
  for (const auto& api : response.api_keys) {
    const auto range = versions.api_version(*api_key_from_wire(api.api_key));
    REQUIRE(range);
    CHECK(range->min == api.min_version);
    CHECK(range->max == api.max_version);
  }
}

TEST_CASE("NodeApiVersionsTest.testFeatures") {
  const NodeApiVersions versions = with_transaction_version(2, 0);
  CHECK(versions.supported_features().at("transaction.version").min == 0);
  CHECK(versions.supported_features().at("transaction.version").max == 2);
  CHECK(versions.finalized_features().at("transaction.version") == 2);
  CHECK(versions.finalized_features_epoch() == 0);
}

TEST_CASE("ApiVersionsTest.testFinalizedFeaturesUpdate") {
  ApiVersions versions;
  CHECK(versions.max_finalized_features_epoch() == -1);
  versions.update(NodeId{2}, with_transaction_version(2, 1));
  CHECK(versions.max_finalized_features_epoch() == 1);
  CHECK(versions.finalized_features().at("transaction.version") == 2);
  versions.update(NodeId{1}, with_transaction_version(1, 0));
  CHECK(versions.max_finalized_features_epoch() == 1);
  CHECK(versions.finalized_features().at("transaction.version") == 2);
}

TEST_CASE("MetadataSnapshotTest.testMissingLeaderEndpoint") {
  const TopicPartition partition{"topic", 0};
  const MetadataSnapshot cache = snapshot({6, 7, 8}, {led_by_5(partition)});
  CHECK(cache.cluster.leader_for(partition) == nullptr);
  const PartitionInfo* info = cache.cluster.partition(partition);
  REQUIRE(info != nullptr);
  CHECK_FALSE(info->leader);
  CHECK(info->replicas == std::vector<NodeId>{NodeId{5}, NodeId{6}, NodeId{7}});
  CHECK(cache.cluster.node_by_id(NodeId{5}) == nullptr);
  REQUIRE(cache.cluster.node_by_id(NodeId{6}) != nullptr);
  CHECK(*cache.cluster.node_by_id(NodeId{6}) == cache.nodes.at(NodeId{6}));
  REQUIRE(cache.cluster.node_by_id(NodeId{7}) != nullptr);
  CHECK(*cache.cluster.node_by_id(NodeId{7}) == cache.nodes.at(NodeId{7}));
}

TEST_CASE("MetadataSnapshotTest.testMergeWithThatPreExistingPartitionIsRetainedPostMerge") {
  const Uuid id1{1, 11};
  const Uuid id2{2, 22};
  const MetadataSnapshot older = snapshot({6, 7, 8}, {led_by_5({"topic1", 1})}, {{"topic1", id1}});
  CHECK(older.cluster.topics().size() == 1);
  CHECK(older.cluster.topic_id("topic1") == id1);
  CHECK(older.topic_names.at(id1) == "topic1");

  const MetadataSnapshot newer = snapshot({6, 7, 8}, {led_by_5({"topic2", 2})}, {{"topic2", id2}});
  test::CountedEntropy entropy;
  const MetadataSnapshot merged = merge_snapshots(
      older, newer, [](const std::string&) { return true; }, entropy);
  CHECK(merged.cluster.topics().size() == 2);
  CHECK(merged.cluster.topic_id("topic1") == id1);
  CHECK(merged.topic_names.at(id1) == "topic1");
  CHECK(merged.cluster.topic_id("topic2") == id2);
  CHECK(merged.topic_names.at(id2) == "topic2");
}

TEST_CASE("MetadataSnapshotTest.testTopicNamesCacheBuiltFromTopicIds") {
  const MetadataSnapshot cache = snapshot({6}, {}, {{"topic1", Uuid{1, 11}}, {"topic2", Uuid{2, 22}}});
  CHECK(cache.topic_names == std::map<Uuid, std::string>{{Uuid{1, 11}, "topic1"}, {Uuid{2, 22}, "topic2"}});
}

TEST_CASE("MetadataSnapshotTest.testEmptyTopicNamesCacheBuiltFromTopicIds") {
  CHECK(snapshot({6}, {}).topic_names.empty());
}

TEST_CASE("MetadataSnapshotTest.testLeaderEpochFor") {
  const MetadataSnapshot cache = snapshot({5, 6, 7}, {led_by_5({"topic", 0}), led_by_5({"topic", 1}, std::nullopt)});
  CHECK(cache.cluster.leader_epoch_for({"topic", 0}) == LeaderEpoch{10});
  CHECK_FALSE(cache.cluster.leader_epoch_for({"topic", 1}));
  CHECK_FALSE(cache.cluster.leader_epoch_for({"topic_missing", 0}));
}

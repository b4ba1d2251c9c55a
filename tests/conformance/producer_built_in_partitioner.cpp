// The cases of Kafka's BuiltInPartitionerTest (kafka-clients 4.3.1).

#include <catch2/catch.hpp>

#include "producer/built_in_partitioner.h"
#include "support/accumulator_stage.h"
#include "support/ends_the_process.h"

using namespace linger;
using namespace linger::testing;

namespace {

const std::string topic_a = "topicA";
const std::string topic_b = "topicB";
const std::string topic_c = "topicC";
const std::vector<Node> three_nodes = {
    {NodeId{0}, "localhost", 99, {}}, {NodeId{1}, "localhost", 100, {}}, {NodeId{12}, "localhost", 101, {}}};
constexpr NodeId node_a{0};
constexpr NodeId node_b{1};
constexpr NodeId node_c{12};

}  // namespace

TEST_CASE("BuiltInPartitionerTest.testStickyPartitioning") {
  const Cluster cluster(
      "clusterId", three_nodes,
      {led_by(topic_a, 0, node_a), led_by(topic_a, 1, node_b), led_by(topic_a, 2, node_c), led_by(topic_b, 0, node_a)},
      {});
  SequentialEntropy entropy;
  BuiltInPartitioner three_records(topic_a, 3);
  auto info = three_records.peek_current_partition_info(cluster, entropy);
  const std::int32_t partition = info.partition;
  three_records.update_partition_info(info, 1, cluster, entropy);

  info = three_records.peek_current_partition_info(cluster, entropy);
  CHECK(info.partition == partition);
  three_records.update_partition_info(info, 1, cluster, entropy);

  info = three_records.peek_current_partition_info(cluster, entropy);
  CHECK(info.partition == partition);
  three_records.update_partition_info(info, 1, cluster, entropy);

  CHECK(three_records.peek_current_partition_info(cluster, entropy).partition != partition);

  SequentialEntropy entropy_b;
  BuiltInPartitioner one_partition(topic_b, 1);
  for (int i = 0; i < 10; ++i) {
    info = one_partition.peek_current_partition_info(cluster, entropy_b);
    CHECK(info.partition == 0);
    one_partition.update_partition_info(info, 1, cluster, entropy_b);
  }
}

TEST_CASE("BuiltInPartitionerTest.unavailablePartitionsTest") {
  const Cluster cluster(
      "clusterId", three_nodes,
      {led_by(topic_a, 0, node_a), led_by(topic_a, 1, std::nullopt), led_by(topic_a, 2, node_c),
       led_by(topic_b, 0, std::nullopt), led_by(topic_b, 1, node_a), led_by(topic_c, 0, std::nullopt)},
      {});
  RandomEntropy entropy(3);
  BuiltInPartitioner partitioner_a(topic_a, 1);
  auto info = partitioner_a.peek_current_partition_info(cluster, entropy);
  const std::int32_t first = info.partition;
  partitioner_a.update_partition_info(info, 1, cluster, entropy);
  CHECK(first != 1);
  bool found_another = false;
  for (int i = 0; i < 100; ++i) {
    info = partitioner_a.peek_current_partition_info(cluster, entropy);
    partitioner_a.update_partition_info(info, 1, cluster, entropy);
    CHECK(info.partition != 1);
    found_another = found_another || info.partition != first;
  }
  CHECK(found_another);

  BuiltInPartitioner partitioner_b(topic_b, 1);
  info = partitioner_b.peek_current_partition_info(cluster, entropy);
  partitioner_b.update_partition_info(info, 1, cluster, entropy);
  CHECK(info.partition == 1);
  for (int i = 0; i < 100; ++i) {
    info = partitioner_b.peek_current_partition_info(cluster, entropy);
    CHECK(info.partition == 1);
    partitioner_b.update_partition_info(info, 1, cluster, entropy);
  }

  BuiltInPartitioner partitioner_c(topic_c, 1);
  info = partitioner_c.peek_current_partition_info(cluster, entropy);
  CHECK(info.partition == 0);
  partitioner_c.update_partition_info(info, 1, cluster, entropy);
  CHECK(partitioner_c.peek_current_partition_info(cluster, entropy).partition == 0);
}

TEST_CASE("BuiltInPartitionerTest.adaptivePartitionsTest") {
  const std::vector<std::int32_t> queue_sizes = {5, 0, 3, 0, 1};
  const std::vector<NodeId> leaders = {node_a, node_b, node_c};
  std::vector<std::int32_t> ids;
  std::vector<PartitionInfo> partitions;
  std::vector<std::int32_t> expected;
  for (std::size_t i = 0; i < queue_sizes.size(); ++i) {
    ids.push_back(static_cast<std::int32_t>(i));
    partitions.push_back(led_by(topic_a, ids.back(), leaders[i % leaders.size()]));
    expected.push_back(6 - queue_sizes[i]);
  }
  BuiltInPartitioner partitioner(topic_a, 1);
  partitioner.update_partition_load_stats(queue_sizes, ids, queue_sizes.size());
  const Cluster cluster("clusterId", three_nodes, partitions, {});

  SequentialEntropy entropy;
  constexpr int cycles = 2;
  const int iterations = partitioner.load_stats_range_end() * cycles;
  std::vector<int> frequencies(queue_sizes.size());
  for (int i = 0; i < iterations; ++i) {
    const auto info = partitioner.peek_current_partition_info(cluster, entropy);
    ++frequencies[static_cast<std::size_t>(info.partition)];
    partitioner.update_partition_info(info, 1, cluster, entropy);
  }
  for (std::size_t i = 0; i < frequencies.size(); ++i) {
    INFO("partition " << i);
    CHECK(frequencies[i] == expected[i] * cycles);
  }
}

// Java throws; here it is a requirement on the caller, and KafkaProducer turns batch.size=0 into 1.
TEST_CASE("BuiltInPartitionerTest.testStickyBatchSizeMoreThatZero") {
  CHECK(linger::test::ends_the_process([] { BuiltInPartitioner(topic_a, 0); }));
  CHECK_FALSE(linger::test::ends_the_process([] { BuiltInPartitioner(topic_a, 1); }));
}

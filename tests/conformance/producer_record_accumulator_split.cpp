// The cases of Kafka's RecordAccumulatorTest (kafka-clients 4.3.1) about splitting and about the choice of partitions.

#include <algorithm>
#include <catch2/catch.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "support/accumulator_stage.h"
#include "support/random_message.h"

using namespace linger;
using namespace linger::testing;

namespace {

using Stage = AccumulatorStage;
using Nodes = std::vector<NodeId>;
using linger::testing::Random;
constexpr NodeId node1 = Stage::node1;
constexpr std::int32_t overhead = record_batch_overhead;

/// Compresses to about 0.6: numbers below 1000 in four bytes each.
std::string bytes_with_good_compression(Random& random) {
  std::string bytes;
  for (int i = 0; i < 25; ++i) {
    const std::size_t number = random.below(1000);
    bytes += std::string(2, '\0');
    bytes += static_cast<char>(number >> 8);
    bytes += static_cast<char>(number & 0xff);
  }
  return bytes;
}

/// Compresses to about 0.9.
std::string bytes_with_poor_compression(Random& random, std::size_t size) {
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(random.next() & 0xff);
  return bytes;
}

/// Makes one batch too large by a wrong guess of the ratio, and splits it.
std::size_t prepare_split_batches(Stage& stage, std::uint64_t seed, std::size_t record_size, int records) {
  Random random(seed);
  stage.accum.compression_ratio(Stage::topic).set_estimation(0.1F);
  for (int i = 0; i < records; ++i) {
    stage.append(0, std::nullopt, bytes_with_poor_compression(random, record_size), 0);
  }
  const Nodes nodes = stage.ready_nodes();
  CHECK_FALSE(nodes.empty());
  const auto drained = stage.drain(nodes);
  REQUIRE(drained.size() == 1);
  REQUIRE(drained[0].second.size() == 1);
  const BatchId big = drained[0].second[0];
  const std::size_t count = stage.accum.split_and_reenqueue(big, nullptr);
  stage.accum.complete_and_deallocate_batch(big);
  return count;
}

struct Drained {
  int split = 0;
  int batches = 0;
};

Drained complete_or_split_batches(Stage& stage, std::int32_t batch_size) {
  Drained total;
  bool again = true;
  while (again) {
    again = false;
    for (const auto& [node, batches] : stage.drain(stage.ready_nodes())) {
      for (const BatchId id : batches) {
        again = true;
        ++total.batches;
        if (stage.batch(id).estimated_size_in_bytes() > batch_size + overhead) {
          stage.accum.split_and_reenqueue(id, nullptr);
          ++total.split;
        } else {
          stage.batch(id).complete(0, 0, stage.accum.completions());
        }
        stage.accum.complete_and_deallocate_batch(id);
      }
    }
    stage.accum.completions().clear();
    stage.accum.sweep_batches();
  }
  return total;
}

}  // namespace

TEST_CASE("RecordAccumulatorTest.testSplitAndReenqueue") {
  Stage stage(Stage::config(1024, 10 * 1024, CompressionType::gzip, 10));
  const BatchId big = stage.foreign_batch(4096, CompressionType::none, true);
  const std::string value(1024, '\0');
  CHECK(stage.append_to(big, std::nullopt, value));
  CHECK(stage.append_to(big, std::nullopt, value));
  stage.close(big);
  stage.accum.reenqueue(big, stage.now_ms(), nullptr);
  // It counts as a second attempt, so the delay with jitter is at most 120 ms.
  stage.sleep(121);
  const Nodes nodes = stage.ready_nodes();
  CHECK_FALSE(nodes.empty());
  auto drained = stage.drain(nodes);
  CHECK(drained.size() == 1);
  REQUIRE(of_node(drained, node1).size() == 1);
  stage.accum.split_and_reenqueue(of_node(drained, node1)[0], nullptr);
  stage.sleep(101);

  const auto acked = [&] { return stage.accum.completions().records.size(); };
  for (const std::uint64_t record : {std::uint64_t{0}, std::uint64_t{1}}) {
    INFO("record " << record);
    drained = stage.drain(nodes);
    CHECK_FALSE(drained.empty());
    REQUIRE_FALSE(of_node(drained, node1).empty());
    const auto base_offset = static_cast<std::int64_t>(acked());
    stage.batch(of_node(drained, node1)[0]).complete(base_offset, 100, stage.accum.completions());
    CHECK(acked() == record + 1);
    REQUIRE(stage.report(record) != nullptr);
    CHECK(stage.report(record)->offset == static_cast<std::int64_t>(record));
  }
}

TEST_CASE("RecordAccumulatorTest.testSplitBatchOffAccumulator") {
  constexpr std::int64_t capacity = 3 * 1024;
  Stage stage(Stage::config(1024, capacity, CompressionType::gzip, 0));
  const std::size_t split = prepare_split_batches(stage, 5, 100, 20);
  CHECK(split > 0);
  const Nodes nodes = stage.ready_nodes();
  for (std::size_t i = 0; i < split; ++i) {
    const auto drained = stage.drain(nodes);
    REQUIRE_FALSE(drained.empty());
    CHECK_FALSE(of_node(drained, node1).empty());
  }
  CHECK(stage.ready_nodes().empty());
  CHECK(stage.accum.pool().available_memory() == capacity);
}

TEST_CASE("RecordAccumulatorTest.testSplitFrequency") {
  constexpr std::int32_t batch_size = 1024;
  Stage stage(Stage::config(batch_size, 3 * 1024, CompressionType::gzip, 10));
  Random random(9);
  for (std::size_t good = 1; good < 100; ++good) {
    Drained total;
    const auto complete = [&] {
      const Drained part = complete_or_split_batches(stage, batch_size);
      total.split += part.split;
      total.batches += part.batches;
    };
    stage.accum.compression_ratio(Stage::topic).set_estimation(1.0F);
    for (int i = 0; i < 1000; ++i) {
      const std::string value =
          random.below(100) < good ? bytes_with_good_compression(random) : bytes_with_poor_compression(random, 100);
      stage.append(0, std::nullopt, value, 0);
      complete();
    }
    stage.sleep(10);
    complete();
    INFO("of 100 records " << good << " compress well: " << total.split << " of " << total.batches << " batches split");
    CHECK(total.batches > 0);
    CHECK(total.split * 10 < total.batches);
  }
}

// Java takes the batch with the most records out of the queue's middle; here the queue is drained from its front, with
// the same splits in another order.
TEST_CASE("RecordAccumulatorTest.testSplitAndReenqueuePreventInfiniteRecursion") {
  constexpr std::int32_t batch_size = 1024 * 1024;
  constexpr int most_splits = 100;
  Stage stage(Stage::config(batch_size, std::int64_t{10} * batch_size, CompressionType::gzip, 10));
  const BatchId big = stage.foreign_batch(batch_size, CompressionType::none, true);
  for (int i = 0; i < 100; ++i) {
    CHECK(stage.append_to(big, std::to_string(i), std::string(1024, '\0')));
  }
  stage.close(big);
  stage.sleep(101);
  stage.accum.reenqueue(big, stage.now_ms(), nullptr);
  stage.sleep(1000);

  int splits = 0;
  std::vector<BatchId> singles;
  while (splits < most_splits && stage.accum.has_undrained()) {
    const auto drained = stage.drain({node1}, 1, stage.now_ms());
    REQUIRE(of_node(drained, node1).size() == 1);
    const BatchId id = of_node(drained, node1)[0];
    if (stage.batch(id).record_count() == 1) {
      singles.push_back(id);
      continue;
    }
    CHECK(stage.accum.split_and_reenqueue(id, nullptr) > 1);
    ++splits;
  }
  CHECK_FALSE(singles.empty());
  CHECK(splits < most_splits);
  std::set<std::string> keys;
  for (const BatchId id : singles) {
    const std::vector<OwnedRecord> records = stage.records(id);
    REQUIRE(records.size() == 1);
    CHECK(keys.insert(*records[0].key).second);
  }
  CHECK(keys.size() == 100);
}

// Java awaits the ProduceRequestResult of a batch and those that depend on it; here a flush waits for a batch and for
// its parts.
TEST_CASE("RecordAccumulatorTest.testProduceRequestResultAwaitAllDependents") {
  Stage stage(Stage::config(1024, 10 * 1024, CompressionType::gzip, 0));
  Random random(13);
  stage.accum.compression_ratio(Stage::topic).set_estimation(0.1F);
  for (int i = 0; i < 12; ++i) {
    stage.append(0, std::nullopt, bytes_with_poor_compression(random, 100), 0);
  }
  REQUIRE(stage.deque(Stage::tp1).size() == 1);
  const BatchId parent = stage.deque(Stage::tp1)[0];
  stage.accum.begin_flush();
  const auto flush = stage.accum.await_flush_completion();

  stage.drain({node1});
  REQUIRE(stage.accum.split_and_reenqueue(parent, nullptr) == 2);
  stage.accum.complete_and_deallocate_batch(parent);
  CHECK(stage.batch(parent).future_is_done());
  CHECK_FALSE(stage.accum.is_flush_complete(flush));

  const std::vector<BatchId> children = stage.deque(Stage::tp1);
  REQUIRE(children.size() == 2);
  stage.batch(children[0]).complete(0, no_timestamp, stage.accum.completions());
  CHECK_FALSE(stage.accum.is_flush_complete(flush));
  stage.batch(children[1]).complete(0, no_timestamp, stage.accum.completions());
  CHECK(stage.accum.is_flush_complete(flush));
  CHECK_NOTHROW(stage.accum.end_flush(flush));
  CHECK_FALSE(stage.accum.flush_in_progress());
}

TEST_CASE("RecordAccumulatorTest.testUniformBuiltInPartitioner") {
  constexpr std::int32_t batch_size = 1024;
  Stage stage(Stage::config(batch_size, 1024 * 1024, CompressionType::none, 0));
  stage.entropy = &stage.sequential;
  const std::string large(batch_size, '\0');
  const auto append = [&](const std::string& value) {
    return stage.append(unknown_partition, std::nullopt, value).partition;
  };

  CHECK(append(Stage::value) == 0);
  CHECK(stage.sequential.draws() == 1);
  // The limit is passed, but an unfinished batch keeps the partition.
  CHECK(append(large) == 0);
  CHECK(stage.sequential.draws() == 1);
  // From here on each record finishes a batch.
  CHECK(append(large) == 1);
  CHECK(stage.sequential.draws() == 2);
  CHECK(append(large) == 2);
  CHECK(stage.sequential.draws() == 3);
  CHECK(append(large) == 0);
  CHECK(stage.sequential.draws() == 4);
}

TEST_CASE("RecordAccumulatorTest.testAdaptiveBuiltInPartitioner") {
  constexpr std::int32_t batch_size = 128;
  auto config = Stage::config(batch_size, 1024 * 1024, CompressionType::none, 0);
  config.adaptive_partitioning = true;
  config.partition_availability_timeout_ms = 100;
  config.retry_backoff_ms = 0;
  config.retry_backoff_max_ms = 0;
  Stage stage(config);
  stage.entropy = &stage.sequential;
  const std::string large(batch_size, '\0');
  const std::vector<int> queue_sizes = {1, 7, 2};
  std::vector<int> expected;
  for (std::size_t i = 0; i < queue_sizes.size(); ++i) {
    const auto partition = static_cast<std::int32_t>(i);
    expected.push_back(8 - queue_sizes[i]);
    for (int c = 0; c < queue_sizes[i]; ++c) stage.append(partition, std::nullopt, large);
    CHECK(stage.deque({Stage::topic, partition}).size() == static_cast<std::size_t>(queue_sizes[i]));
  }
  stage.ready();

  const auto append = [&] { return stage.append(unknown_partition, std::nullopt, large).partition; };
  append();
  constexpr int cycles = 2;
  const int iterations = stage.accum.built_in_partitioner(Stage::topic)->load_stats_range_end() * cycles;
  std::vector<int> frequencies(queue_sizes.size());
  for (int i = 0; i < iterations; ++i) ++frequencies[static_cast<std::size_t>(append())];
  for (std::size_t i = 0; i < frequencies.size(); ++i) {
    INFO("partition " << i);
    CHECK(frequencies[i] == expected[i] * cycles);
  }

  // Partitions of a node that is slow to drain are not switched to.
  stage.accum.update_node_latency_stats(node1, stage.now_ms() - 200, true);
  stage.accum.update_node_latency_stats(node1, stage.now_ms(), false);
  stage.ready();
  append();
  for (int c = 0; c < 10; ++c) {
    CHECK(append() == 2);
  }
}

TEST_CASE("RecordAccumulatorTest.testBuiltInPartitionerFractionalBatches") {
  constexpr std::int32_t batch_size = 512;
  constexpr std::int32_t value_size = 32;
  Stage stage(Stage::config(batch_size, 1024 * 1024, CompressionType::none, 10));
  const std::string value(value_size, '\0');
  for (int c = 0; c < 10; ++c) {
    for (int i = 0; i < batch_size * 2 / 3 / value_size; ++i) stage.append(unknown_partition, std::nullopt, value);
    stage.sleep(10);
    const Nodes nodes = stage.ready_nodes();
    CHECK(nodes.size() == 1);
    const auto drained = stage.drain(nodes, max_int, 0);
    REQUIRE(drained.size() == 1);
    REQUIRE(drained[0].second.size() == 1);
    const auto size = stage.batch(drained[0].second[0]).records().size;
    CHECK(size > batch_size / 2);
    CHECK(size < batch_size);
  }
}

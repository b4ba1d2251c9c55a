// The cases of Kafka's RecordAccumulatorTest (kafka-clients 4.3.1) about backoff, new leaders and expiry.

#include <catch2/catch.hpp>
#include <cmath>
#include <optional>
#include <vector>

#include "support/accumulator_stage.h"

using namespace linger;
using namespace linger::testing;

namespace {

using Stage = AccumulatorStage;
using Nodes = std::vector<NodeId>;
constexpr NodeId node1 = Stage::node1;
constexpr NodeId node2 = Stage::node2;
constexpr std::int32_t overhead = record_batch_overhead;
constexpr double jitter = 0.2;

RecordAccumulator::Config with_backoff(std::int64_t backoff_ms, std::int64_t max_ms) {
  auto made = Stage::config(1024 + overhead, 10 * 1024, CompressionType::none, max_int / 16, max_int);
  made.retry_backoff_ms = backoff_ms;
  made.retry_backoff_max_ms = max_ms;
  return made;
}

/// Drains what is ready, which is `expected` batches of the leader or nothing at all, and gives the first of them.
std::optional<BatchId> drain_and_check_batch_amount(Stage& stage, NodeId leader, std::int64_t at_ms,
                                                    std::size_t expected) {
  INFO("at " << at_ms - stage.now_ms() << " ms, attempt expected: " << expected);
  const Nodes nodes = stage.ready(at_ms).ready_nodes;
  if (expected == 0) {
    CHECK(nodes.empty());
    CHECK(stage.drain(nodes, max_int, at_ms).empty());
    return std::nullopt;
  }
  REQUIRE(nodes == Nodes{leader});
  const auto drained = stage.drain(nodes, max_int, at_ms);
  CHECK(drained.size() == expected);
  REQUIRE(of_node(drained, leader).size() == expected);
  return of_node(drained, leader)[0];
}

std::int64_t scaled(double milliseconds) {
  return static_cast<std::int64_t>(milliseconds);
}

void expire_batch_single(std::int32_t delivery_timeout_ms) {
  constexpr std::int32_t linger_ms = 300;
  constexpr std::int32_t batch_size = 1025;
  Stage stage(
      Stage::config(batch_size + overhead, 10 * batch_size, CompressionType::none, linger_ms, delivery_timeout_ms));
  for (const bool mute : {false, true}) {
    INFO("muted: " << mute);
    stage.append(0);
    CHECK(stage.ready_nodes().empty());
    stage.sleep(linger_ms);
    CHECK(stage.ready_nodes() == Nodes{node1});
    CHECK(stage.expired() == 0);
    if (mute) {
      stage.accum.mute_partition(Stage::tp1);
    } else {
      stage.accum.unmute_partition(Stage::tp1);
    }
    stage.sleep(delivery_timeout_ms - linger_ms);
    CHECK(stage.expired() == 1);
    CHECK(stage.ready_nodes().empty());
  }
}

}  // namespace

TEST_CASE("RecordAccumulatorTest.testRetryBackoff") {
  constexpr std::int64_t linger_ms = max_int / 16;
  constexpr std::int64_t backoff_ms = max_int / 8;
  Stage stage(with_backoff(backoff_ms, backoff_ms * 10));
  const std::int64_t now = stage.now_ms();
  stage.append(0);
  Nodes nodes = stage.ready(now + linger_ms + 1).ready_nodes;
  CHECK(nodes == Nodes{node1});
  auto drained = stage.drain(nodes, max_int, now + linger_ms + 1);
  CHECK(drained.size() == 1);
  REQUIRE(of_node(drained, node1).size() == 1);
  stage.accum.reenqueue(of_node(drained, node1)[0], now, nullptr);

  stage.append(1);
  nodes = stage.ready(now + linger_ms + 1).ready_nodes;
  CHECK(nodes == Nodes{node1});
  drained = stage.drain(nodes, max_int, now + linger_ms + 1);
  CHECK(drained.size() == 1);
  REQUIRE(of_node(drained, node1).size() == 1);
  CHECK(stage.batch(of_node(drained, node1)[0]).topic_partition() == Stage::tp2);

  const std::int64_t upper_ms = scaled(static_cast<double>(backoff_ms) * (1 + jitter));
  nodes = stage.ready(now + upper_ms + 1).ready_nodes;
  CHECK(nodes == Nodes{node1});
  drained = stage.drain(nodes, max_int, now + upper_ms + 1);
  CHECK(drained.size() == 1);
  REQUIRE(of_node(drained, node1).size() == 1);
  CHECK(stage.batch(of_node(drained, node1)[0]).topic_partition() == Stage::tp1);
}

TEST_CASE("RecordAccumulatorTest.testExponentialRetryBackoff") {
  Stage stage(with_backoff(100, 1000));
  const std::int64_t now = stage.now_ms();
  stage.append(0);
  const BatchId batch = *drain_and_check_batch_amount(stage, node1, now + max_int / 16 + 1, 1);
  double current_ms = 0;
  int rounds = 0;
  for (; current_ms < 1000 * (1 - jitter); ++rounds) {
    stage.accum.reenqueue(batch, now, nullptr);
    const double middle_ms = 100 * std::pow(2, rounds);
    const std::int64_t lower_ms = scaled(middle_ms * (1 - jitter));
    const std::int64_t upper_ms = scaled(middle_ms * (1 + jitter));
    current_ms = static_cast<double>(upper_ms);
    drain_and_check_batch_amount(stage, node1, now + lower_ms - 1, 0);
    drain_and_check_batch_amount(stage, node1, now + upper_ms + 1, 1);
  }
  CHECK(rounds == 4);
}

TEST_CASE("RecordAccumulatorTest.testExponentialRetryBackoffLeaderChange") {
  Stage stage(with_backoff(100, 1000));
  const std::string& topic = Stage::topic;
  const Cluster changed("", Stage::nodes, {led_by(topic, 0, node2), led_by(topic, 1, node1), led_by(topic, 2, node2)},
                        {});
  const std::int64_t now = stage.now_ms();
  stage.append(0);
  const BatchId batch = *drain_and_check_batch_amount(stage, node1, now + max_int / 16 + 1, 1);

  stage.accum.reenqueue(batch, now, nullptr);
  drain_and_check_batch_amount(stage, node1, now + scaled(100 * (1 - jitter)) - 1, 0);
  drain_and_check_batch_amount(stage, node1, now + scaled(100 * (1 + jitter)) + 1, 1);

  stage.accum.reenqueue(batch, now, nullptr);
  drain_and_check_batch_amount(stage, node1, now + scaled(200 * (1 - jitter)) - 1, 0);
  drain_and_check_batch_amount(stage, node1, now + scaled(200 * (1 + jitter)) + 1, 1);

  // Another leader without an epoch: nothing says that it is new, so the delay goes on doubling.
  stage.cluster = changed;
  stage.accum.reenqueue(batch, now, nullptr);
  drain_and_check_batch_amount(stage, node2, now + scaled(400 * (1 - jitter)) - 1, 0);
  drain_and_check_batch_amount(stage, node2, now + scaled(400 * (1 + jitter)) + 1, 1);

  stage.accum.reenqueue(batch, now, nullptr);
  drain_and_check_batch_amount(stage, node2, now + scaled(800 * (1 - jitter)) - 1, 0);
  drain_and_check_batch_amount(stage, node2, now + 1000 + 1, 1);
}

TEST_CASE("RecordAccumulatorTest.testExpiredBatchSingle") {
  expire_batch_single(3200);
}

TEST_CASE("RecordAccumulatorTest.testExpiredBatchSingleMaxValue") {
  expire_batch_single(max_int);
}

TEST_CASE("RecordAccumulatorTest.testExpiredBatches") {
  constexpr std::int64_t retry_backoff_ms = 100;
  constexpr std::int32_t linger_ms = 30;
  constexpr std::int32_t request_timeout_ms = 60;
  constexpr std::int32_t delivery_timeout_ms = 3200;
  constexpr std::int32_t batch_size = 1025;
  Stage stage(
      Stage::config(batch_size + overhead, 10 * batch_size, CompressionType::none, linger_ms, delivery_timeout_ms));
  const auto append = [&] { stage.append(0, Stage::key, Stage::value, 0); };

  // Batches that were never tried: the first is ready because it is full.
  while (true) {
    stage.append(0);
    if (stage.deque(Stage::tp1).size() > 1) break;
    CHECK(stage.ready_nodes().empty());
  }
  Nodes nodes = stage.ready_nodes();
  CHECK(nodes == Nodes{node1});
  stage.sleep(delivery_timeout_ms + 1);
  stage.accum.mute_partition(Stage::tp1);
  CHECK(stage.expired() == 2);
  stage.accum.unmute_partition(Stage::tp1);
  CHECK(stage.expired() == 0);
  CHECK(stage.ready_nodes().empty());

  stage.sleep(linger_ms);
  CHECK(nodes == Nodes{node1});
  stage.sleep(request_timeout_ms + 1);
  stage.accum.mute_partition(Stage::tp1);
  CHECK(stage.expired() == 0);
  stage.accum.unmute_partition(Stage::tp1);
  CHECK(stage.expired() == 0);
  CHECK(stage.ready_nodes().empty());

  // A batch in retry.
  append();
  stage.sleep(linger_ms);
  nodes = stage.ready_nodes();
  CHECK(nodes == Nodes{node1});
  const auto drained = stage.drain(nodes);
  REQUIRE(of_node(drained, node1).size() == 1);
  stage.sleep(1000);
  stage.accum.reenqueue(of_node(drained, node1)[0], stage.now_ms(), nullptr);

  stage.sleep(request_timeout_ms + retry_backoff_ms);
  CHECK(stage.expired() == 0);
  stage.sleep(1);
  stage.accum.mute_partition(Stage::tp1);
  CHECK(stage.expired() == 0);
  stage.accum.unmute_partition(Stage::tp1);
  CHECK(stage.expired() == 0);

  // A throttled partition.
  append();
  stage.sleep(linger_ms);
  CHECK(stage.ready_nodes() == Nodes{node1});
  stage.sleep(request_timeout_ms + 1);
  stage.accum.mute_partition(Stage::tp1);
  CHECK(stage.expired() == 0);
  stage.accum.unmute_partition(Stage::tp1);
  CHECK(stage.expired() == 0);
  stage.sleep(100);
  CHECK(stage.expired() == 0);
  CHECK(stage.ready_nodes().size() == 1);
}

TEST_CASE("RecordAccumulatorTest.testSoonToExpireBatchesArePickedUpForExpiry") {
  constexpr std::int32_t linger_ms = 500;
  constexpr std::int32_t batch_size = 1025;
  Stage stage(Stage::config(batch_size + overhead, 10 * batch_size, CompressionType::none, linger_ms));
  stage.append(0);
  CHECK(stage.drain(stage.ready_nodes()).empty());
  stage.sleep(linger_ms + 1);
  CHECK(stage.drain(stage.ready_nodes()).size() == 1);
  stage.append(1);
  stage.sleep(linger_ms * 4);
  CHECK(stage.drain(stage.ready_nodes()).size() == 1);
}

TEST_CASE("RecordAccumulatorTest.testExpiredBatchesRetry") {
  constexpr std::int32_t linger_ms = 3000;
  constexpr std::int32_t rtt_ms = 1000;
  constexpr std::int32_t delivery_timeout_ms = 3200;
  constexpr std::int32_t batch_size = 1025;
  Stage stage(Stage::config(batch_size + overhead, 10 * batch_size, CompressionType::none, linger_ms));
  for (const bool mute : {false, true}) {
    INFO("muted: " << mute);
    stage.append(0, Stage::key, Stage::value, 0);
    stage.sleep(linger_ms);
    const Nodes nodes = stage.ready_nodes();
    CHECK(nodes == Nodes{node1});
    const auto drained = stage.drain(nodes);
    REQUIRE(of_node(drained, node1).size() == 1);
    stage.sleep(rtt_ms);
    stage.accum.reenqueue(of_node(drained, node1)[0], stage.now_ms(), nullptr);
    if (mute) {
      stage.accum.mute_partition(Stage::tp1);
    } else {
      stage.accum.unmute_partition(Stage::tp1);
    }
    stage.sleep(delivery_timeout_ms - rtt_ms);
    stage.drain({node1});
    CHECK(stage.expired() == (mute ? 1 : 0));
  }
}

TEST_CASE("RecordAccumulatorTest.testReadyAndDrainWhenABatchIsBeingRetried") {
  auto config = Stage::config(10, 10 * 1024, CompressionType::none, 10, max_int);
  config.retry_backoff_ms = 100;
  config.retry_backoff_max_ms = 1000;
  Stage stage(config);
  std::int32_t epoch = 100;
  std::int64_t now = stage.now_ms();
  stage.append(0);
  // The batch is ready, is drained, and comes back for the next retry.
  const auto check_attempt = [&](std::int32_t attempts_when_leader_last_changed) {
    stage.cluster = Stage::with_one_partition(node1, LeaderEpoch{epoch});
    const Nodes nodes = stage.ready(now).ready_nodes;
    CHECK(nodes == Nodes{node1});
    const auto drained = stage.drain(nodes, 999'999, now);
    REQUIRE(of_node(drained, node1).size() == 1);
    const BatchId id = of_node(drained, node1)[0];
    CHECK(stage.batch(id).current_leader_epoch() == LeaderEpoch{epoch});
    CHECK(stage.batch(id).attempts_when_leader_last_changed() == attempts_when_leader_last_changed);
    stage.accum.reenqueue(id, now, nullptr);
  };

  // The first attempt.
  now += 11;
  check_attempt(0);

  // Too early, and the same leader.
  now += 1;
  CHECK(stage.ready(now).ready_nodes.empty());
  CHECK(of_node(stage.drain({node1}, 999'999, now), node1).empty());

  // Too early, but a new leader.
  now += 1;
  epoch += 1;
  check_attempt(1);

  // Late enough, and the same leader.
  now += 2 * 1000;
  check_attempt(1);

  // Late enough, and a new leader.
  now += 2 * 1000;
  epoch += 1;
  check_attempt(3);
}

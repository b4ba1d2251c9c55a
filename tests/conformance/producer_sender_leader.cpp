// Cases of Kafka's SenderTest (kafka-clients 4.3.1): a partition's leader moves, and answers say where to (KIP-951).

#include <catch2/catch.hpp>

#include "conformance/producer_sender_bench.h"

using namespace linger;
using namespace linger::test;

namespace {

constexpr std::int64_t max_backoff_ms = 100;

/// A bench whose batches back off before a retry to the same leader.
void use_backoff(SenderBench& bench) {
  RecordAccumulator::Config config = SenderBench::accumulator_config();
  config.retry_backoff_ms = 10;
  config.retry_backoff_max_ms = max_backoff_ms;
  bench.accumulator = std::make_unique<RecordAccumulator>(config);
}

/// Everything that Kafka's Cluster.equals looks at.
std::string describe(const Cluster& cluster) {
  std::string text = cluster.cluster_id();
  const auto nodes = [&text](const std::vector<NodeId>& ids) {
    for (const NodeId id : ids) text += " " + std::to_string(id.value());
    text += ";";
  };
  for (const Node& node : cluster.nodes()) {
    text += " " + std::to_string(node.id.value()) + "@" + node.host + ":" + std::to_string(node.port);
  }
  for (const std::string& topic : cluster.topics()) {
    for (const PartitionInfo& partition : cluster.partitions_for_topic(topic)) {
      text += " " + partition.partition.describe() + " led by " +
              (partition.leader ? std::to_string(partition.leader->value()) : std::string("nobody"));
      nodes(partition.replicas);
      nodes(partition.in_sync_replicas);
      nodes(partition.offline_replicas);
    }
  }
  return text;
}

}  // namespace

TEST_CASE("SenderTest.testProducerBatchRetriesWhenPartitionLeaderChanges") {
  SenderBench bench;
  use_backoff(bench);
  Sender sender = bench.new_sender(false, 10);
  bench.client->update_metadata(metadata_update(1, {{"test", 2}}, {{tp0, 100}, {tp1, 0}}));

  const SendFuture future = bench.append(tp0, 0, "key", "value");
  bench.run_once(sender);
  bench.run_once(sender);
  CHECK(bench.in_flight() == 1);
  CHECK(sender.in_flight_batches(tp0).size() == 1);
  CHECK(bench.client->has_in_flight_requests());
  bench.client->respond(produce_response(tp0, -1, ErrorCode::not_leader_or_follower));
  bench.run_once(sender);
  CHECK_FALSE(future.is_done());

  // With a newer epoch the batch goes out at once.
  bench.client->update_metadata(metadata_update(1, {{"test", 2}}, {{tp0, 101}, {tp1, 0}}));
  bench.run_once(sender);
  CHECK(sender.in_flight_batches(tp0).size() == 1);
  CHECK(bench.client->has_in_flight_requests());
  bench.client->respond(produce_response(tp0, -1, ErrorCode::not_leader_or_follower));
  bench.run_once(sender);
  CHECK_FALSE(future.is_done());

  // With the same one it waits.
  bench.run_once(sender);
  CHECK(sender.in_flight_batches(tp0).size() == 0);
  CHECK_FALSE(bench.client->has_in_flight_requests());

  bench.sleep(2 * max_backoff_ms);
  bench.run_once(sender);
  CHECK(sender.in_flight_batches(tp0).size() == 1);
  CHECK(bench.client->has_in_flight_requests());
  bench.client->respond(produce_response(tp0, 999, ErrorCode::none));
  bench.run_once(sender);
  CHECK(future.is_done());
  CHECK(future.offset() == 999);
}

TEST_CASE("SenderTest.testWhenProduceResponseReturnsWithALeaderShipChangeErrorButNoNewLeaderInformation") {
  SenderBench bench;
  use_backoff(bench);
  Sender sender = bench.new_sender(false, 10);
  bench.client->update_metadata(metadata_update(1, {{"test", 3}}, {{tp0, 100}, {tp1, 200}, {tp2, 300}}));
  const std::string before = describe(bench.metadata.fetch());

  const SendFuture first = bench.append(tp0, 0, "key", "value");
  const SendFuture second = bench.append(tp1, 0, "key", "value");
  const SendFuture third = bench.append(tp2, 0, "key", "value");
  bench.run_once(sender);
  bench.run_once(sender);
  CHECK(sender.in_flight_batches(tp0).size() == 1);
  CHECK(sender.in_flight_batches(tp1).size() == 1);
  CHECK(sender.in_flight_batches(tp2).size() == 1);
  CHECK(bench.client->has_in_flight_requests());
  bench.client->respond(produce_response({{tp0, -1, ErrorCode::not_leader_or_follower},
                                          {tp1, -1, ErrorCode::not_leader_or_follower},
                                          {tp2, 100, ErrorCode::none}}));
  bench.run_once(sender);
  CHECK_FALSE(first.is_done());
  CHECK_FALSE(second.is_done());
  CHECK(third.is_done());
  CHECK(describe(bench.metadata.fetch()) == before);
  CHECK(bench.metadata.update_requested());

  bench.run_once(sender);
  CHECK(sender.in_flight_batches(tp0).size() == 0);
  CHECK(sender.in_flight_batches(tp1).size() == 0);
  CHECK_FALSE(bench.client->has_in_flight_requests());
}

TEST_CASE("SenderTest.testWhenProduceResponseReturnsWithALeaderShipChangeErrorAndNewLeaderInformation") {
  SenderBench bench;
  use_backoff(bench);
  Sender sender = bench.new_sender(false, 10);
  bench.client->update_metadata(metadata_update(1, {{"test", 3}}, {{tp0, 100}, {tp1, 200}, {tp2, 300}}));
  const std::string before = describe(bench.metadata.fetch());

  const SendFuture first = bench.append(tp0, 0, "key", "value");
  const SendFuture second = bench.append(tp1, 0, "key", "value");
  const SendFuture third = bench.append(tp2, 0, "key", "value");
  bench.run_once(sender);
  bench.run_once(sender);
  CHECK(sender.in_flight_batches(tp0).size() == 1);
  CHECK(sender.in_flight_batches(tp1).size() == 1);
  CHECK(sender.in_flight_batches(tp2).size() == 1);
  CHECK(bench.client->has_in_flight_requests());

  const Node leader_of_tp0{NodeId{9990}, "newhost9990", 9990, "newrack9990"};
  const Node leader_of_tp1{NodeId{9991}, "newhost9991", 9991, "newrack9991"};
  PartAnswer moved0{tp0, -1, ErrorCode::not_leader_or_follower};
  moved0.leader = {9990, 101};
  PartAnswer moved1{tp1, -1, ErrorCode::not_leader_or_follower};
  moved1.leader = {9991, 201};
  bench.client->respond(
      produce_response({moved0, moved1, {tp2, 100, ErrorCode::none}}, {leader_of_tp0, leader_of_tp1}));
  bench.run_once(sender);
  CHECK_FALSE(first.is_done());
  CHECK_FALSE(second.is_done());
  CHECK(third.is_done());
  CHECK(describe(bench.metadata.fetch()) != before);
  CHECK(bench.metadata.current_leader(tp0).leader == leader_of_tp0);
  CHECK(bench.metadata.current_leader(tp0).epoch == LeaderEpoch{101});
  CHECK(bench.metadata.current_leader(tp1).leader == leader_of_tp1);
  CHECK(bench.metadata.current_leader(tp1).epoch == LeaderEpoch{201});
  CHECK(bench.metadata.update_requested());

  bench.run_once(sender);
  CHECK(sender.in_flight_batches(tp0).size() == 1);
  CHECK(sender.in_flight_batches(tp1).size() == 1);
  CHECK(bench.client->has_in_flight_requests());
}

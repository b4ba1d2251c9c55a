// Cases of Kafka's SenderTest (kafka-clients 4.3.1): the epoch goes up, or the producer id is replaced.

#include <catch2/catch.hpp>

#include "conformance/producer_sender_bench.h"

using namespace linger;
using namespace linger::test;

TEST_CASE("SenderTest.testEpochBumpOnOutOfOrderSequenceForNextBatch") {
  SenderBench bench;
  constexpr std::int64_t producer_id = 343434;
  bench.set_up_with_producer_id(producer_id);

  CHECK(bench.next_sequence(tp0) == 0);

  const SendFuture request1 = bench.append(tp0);
  // A batch of two: the next sequence counts records.
  bench.append(tp0);
  bench.run_once();
  const Node node = bench.destination_of_oldest();
  CHECK(bench.in_flight() == 1);
  CHECK(bench.next_sequence(tp0) == 2);
  CHECK_FALSE(bench.last_acked(tp0));
  bench.respond_to_sequence(0, {tp0, 0, ErrorCode::none});
  bench.run_once();

  const SendFuture request2 = bench.append(tp0);
  bench.run_once();
  CHECK(bench.in_flight() == 1);
  CHECK(bench.next_sequence(tp0) == 3);
  CHECK(bench.last_acked(tp0) == 1);
  CHECK(request1.is_done());
  CHECK(request1.offset() == 0);
  CHECK_FALSE(request2.is_done());
  CHECK(bench.client->is_ready(node, bench.now_ms, bench.entropy));

  // The batch right behind the last acknowledged one is out of order: the broker has lost something.
  bench.respond_to_sequence(2, {tp0, -1, ErrorCode::out_of_order_sequence_number});
  bench.run_once();
  bench.run_once();
  CHECK(bench.epoch() == 1);
  CHECK(bench.next_sequence(tp0) == 1);
  CHECK(bench.transactions->first_in_flight_sequence(tp0, bench.accumulator->batches()) == 0);
}

TEST_CASE("SenderTest.testEpochBumpOnOutOfOrderSequenceForNextBatchWhenThereIsNoBatchInFlight") {
  SenderBench bench;
  constexpr std::int64_t producer_id = 343434;
  bench.set_up_idempotent();

  bench.prepare_and_receive_init_producer_id(producer_id, 0);
  CHECK(bench.transactions->producer_id_and_epoch().id.value() == producer_id);
  CHECK(bench.epoch() == 0);

  bench.append(tp0);
  bench.run_once();
  bench.check_partition(tp0, producer_id, 0, 1, std::nullopt);

  bench.respond_to_sequence(0, {tp0, 0, ErrorCode::none}, 0);
  bench.run_once();
  bench.check_partition(tp0, producer_id, 0, 1, 0);

  bench.append(tp1);
  bench.run_once();
  bench.check_partition(tp1, producer_id, 0, 1, std::nullopt);

  bench.respond_to_sequence(0, {tp1, 0, ErrorCode::none}, 0);
  bench.run_once();
  bench.check_partition(tp1, producer_id, 0, 1, 0);

  bench.append(tp0);
  bench.run_once();
  bench.check_partition(tp0, producer_id, 0, 2, 0);

  // One turn takes the answer, the next has the new epoch and sends again.
  bench.respond_to_sequence(1, {tp0, -1, ErrorCode::out_of_order_sequence_number}, 0);
  bench.run_once();
  bench.run_once();
  CHECK(bench.epoch() == 1);
  bench.check_partition(tp0, producer_id, 1, 1, std::nullopt);
  // The other partition has nothing in flight and keeps the old epoch until it is used.
  bench.check_partition(tp1, producer_id, 0, 1, 0);
  CHECK(bench.transactions->has_stale_producer_id_and_epoch(tp1));

  bench.respond_to_sequence(0, {tp0, 1, ErrorCode::none}, 1);
  bench.run_once();
  bench.check_partition(tp0, producer_id, 1, 1, 0);

  bench.append(tp1);
  bench.run_once();
  bench.check_partition(tp1, producer_id, 1, 1, std::nullopt);
  CHECK_FALSE(bench.transactions->has_stale_producer_id_and_epoch(tp1));

  bench.respond_to_sequence(0, {tp1, 1, ErrorCode::none}, 1);
  bench.run_once();
  bench.check_partition(tp1, producer_id, 1, 1, 0);
}

TEST_CASE("SenderTest.testEpochBumpOnOutOfOrderSequenceForNextBatchWhenBatchInFlightFails") {
  SenderBench bench;
  constexpr std::int64_t producer_id = 343434;
  bench.set_up({.idempotent = true, .retries = 1});

  bench.prepare_and_receive_init_producer_id(producer_id, 0);
  CHECK(bench.transactions->producer_id_and_epoch().id.value() == producer_id);
  CHECK(bench.epoch() == 0);

  bench.append(tp0);
  bench.run_once();
  bench.check_partition(tp0, producer_id, 0, 1, std::nullopt);

  bench.respond_to_sequence(0, {tp0, 0, ErrorCode::none}, 0);
  bench.run_once();
  bench.check_partition(tp0, producer_id, 0, 1, 0);

  bench.append(tp1);
  bench.run_once();
  bench.check_partition(tp1, producer_id, 0, 1, std::nullopt);

  bench.respond_to_sequence(0, {tp1, 0, ErrorCode::none}, 0);
  bench.run_once();
  bench.check_partition(tp1, producer_id, 0, 1, 0);

  bench.append(tp0);
  bench.run_once();
  bench.check_partition(tp0, producer_id, 0, 2, 0);

  bench.append(tp1);
  bench.run_once();
  bench.check_partition(tp1, producer_id, 0, 2, 0);

  bench.respond_to_sequence(1, {tp0, -1, ErrorCode::out_of_order_sequence_number}, 0);
  bench.run_once();
  bench.run_once();
  CHECK(bench.epoch() == 1);
  bench.check_partition(tp0, producer_id, 1, 1, std::nullopt);
  // The other partition has a batch in flight, which stays with the old epoch.
  bench.check_partition(tp1, producer_id, 0, 2, 0);
  CHECK(bench.transactions->has_stale_producer_id_and_epoch(tp1));

  bench.respond_to_sequence(1, {tp1, -1, ErrorCode::not_leader_or_follower}, 0);
  bench.run_once();
  bench.check_partition(tp1, producer_id, 0, 2, 0);
  CHECK(bench.transactions->has_stale_producer_id_and_epoch(tp1));

  bench.respond_to_sequence(0, {tp0, 1, ErrorCode::none}, 1);
  bench.run_once();
  bench.check_partition(tp0, producer_id, 1, 1, 0);

  bench.respond_to_sequence(1, {tp1, -1, ErrorCode::not_leader_or_follower}, 0);
  bench.run_once();
  bench.check_partition(tp1, producer_id, 0, 2, 0);
  CHECK(bench.transactions->has_stale_producer_id_and_epoch(tp1));

  // The retries of that batch are used up: from the next one on the partition has the new epoch.
  bench.append(tp1);
  bench.run_once();
  bench.check_partition(tp1, producer_id, 1, 1, std::nullopt);
  CHECK_FALSE(bench.transactions->has_stale_producer_id_and_epoch(tp1));

  bench.respond_to_sequence(0, {tp1, 0, ErrorCode::none}, 1);
  bench.run_once();
  bench.check_partition(tp1, producer_id, 1, 1, 0);

  bench.append(tp0);
  bench.run_once();
  bench.check_partition(tp0, producer_id, 1, 2, 0);

  bench.respond_to_sequence(1, {tp0, 0, ErrorCode::none}, 1);
  bench.run_once();
  bench.check_partition(tp0, producer_id, 1, 2, 1);
}

TEST_CASE("SenderTest.testBumpEpochWhenOutOfOrderSequenceReceived") {
  SenderBench bench;
  constexpr std::int64_t producer_id = 343434;
  bench.set_up_with_producer_id(producer_id);

  Sender sender = bench.new_sender(true, 10);

  const SendFuture response_future = bench.append(tp0);
  bench.run_once(sender);
  bench.run_once(sender);
  CHECK(bench.in_flight() == 1);
  CHECK(sender.in_flight_batches(tp0).size() == 1);

  bench.client->respond(produce_response(tp0, 0, ErrorCode::out_of_order_sequence_number));
  bench.run_once(sender);
  bench.run_once(sender);
  CHECK_FALSE(response_future.is_done());
  CHECK(sender.in_flight_batches(tp0).size() == 1);
  CHECK(bench.epoch() == 1);
}

TEST_CASE("SenderTest.testBatchesDrainedWithOldProducerIdShouldSucceedOnSubsequentRetry") {
  SenderBench bench;
  constexpr std::int64_t producer_id = 343434;
  bench.set_up_with_producer_id(producer_id);

  Sender sender = bench.new_sender(true, 10);

  const SendFuture out_of_order_response = bench.append(tp0);
  const SendFuture successful_response = bench.append(tp1);
  bench.run_once(sender);
  bench.run_once(sender);
  CHECK(bench.in_flight() == 1);
  bench.client->respond(produce_response(
      {{tp1, -1, ErrorCode::not_leader_or_follower}, {tp0, -1, ErrorCode::out_of_order_sequence_number}}));
  bench.run_once(sender);
  CHECK_FALSE(out_of_order_response.is_done());
  bench.run_once(sender);
  // The batch for partition 1 goes out again with the epoch it had.
  CHECK(bench.epoch() == 1);
  CHECK_FALSE(successful_response.is_done());

  bench.client->respond(produce_response(tp1, 0, ErrorCode::not_leader_or_follower));
  bench.run_once(sender);
  CHECK_FALSE(successful_response.is_done());
  bench.run_once(sender);
  bench.client->respond(produce_response(tp1, 0, ErrorCode::none));
  bench.run_once(sender);
  CHECK(successful_response.is_done());
  CHECK(bench.next_sequence(tp1) == 1);
}

TEST_CASE("SenderTest.testRetryWhenProducerIdChanges") {
  SenderBench bench;
  constexpr std::int64_t producer_id = 343434;
  bench.set_up_with_producer_id(producer_id, 32767);

  Sender sender = bench.new_sender(true, 10);

  const SendFuture response_future = bench.append(tp0);
  bench.run_once(sender);
  bench.run_once(sender);
  const Node node = bench.destination_of_oldest();
  CHECK(bench.in_flight() == 1);
  CHECK(bench.client->is_ready(node, bench.now_ms, bench.entropy));
  bench.client->disconnect(node.id);
  CHECK(bench.in_flight() == 0);
  CHECK_FALSE(bench.client->is_ready(node, bench.now_ms, bench.entropy));
  bench.run_once(sender);
  bench.run_once(sender);

  // There is no higher epoch than 32767.
  bench.prepare_and_receive_init_producer_id(producer_id + 1, 0);
  bench.run_once(sender);
  CHECK(bench.in_flight() == 1);
  CHECK_FALSE(response_future.is_done());
  CHECK(bench.next_sequence(tp0) == 1);
}

TEST_CASE("SenderTest.testResetOfProducerStateShouldAllowQueuedBatchesToDrain") {
  SenderBench bench;
  constexpr std::int64_t producer_id = 343434;
  bench.set_up_with_producer_id(producer_id, 32767);

  Sender sender = bench.new_sender(true, 10);

  bench.append(tp0);
  const SendFuture successful_response = bench.append(tp1);
  bench.run_once(sender);
  CHECK(bench.in_flight() == 1);
  bench.client->respond(produce_response(
      {{tp1, -1, ErrorCode::not_leader_or_follower}, {tp0, -1, ErrorCode::out_of_order_sequence_number}}));
  bench.run_once(sender);
  // There is no higher epoch than 32767: a new id is needed.
  bench.prepare_and_receive_init_producer_id(producer_id + 1, 0);
  bench.run_once(sender);
  CHECK(bench.transactions->producer_id_and_epoch().id.value() == producer_id + 1);
  CHECK_FALSE(successful_response.is_done());
  bench.client->respond(produce_response(tp1, 10, ErrorCode::none));
  bench.run_once(sender);
  CHECK(successful_response.is_done());
  CHECK(successful_response.offset() == 10);
  CHECK(bench.next_sequence(tp1) == 1);
}

TEST_CASE("SenderTest.testCloseWithProducerIdReset") {
  SenderBench bench;
  constexpr std::int64_t producer_id = 343434;
  bench.set_up_with_producer_id(producer_id, 32767);

  Sender sender = bench.new_sender(true, 10);

  bench.append(tp0);
  bench.append(tp1);
  bench.run_once(sender);
  CHECK(bench.in_flight() == 1);
  bench.client->respond(produce_response(
      {{tp1, -1, ErrorCode::not_leader_or_follower}, {tp0, -1, ErrorCode::out_of_order_sequence_number}}));
  sender.initiate_close(*bench.accumulator);
  bench.run_once(sender);

  bench.client->prepare_response(SenderBench::init_producer_id_response(producer_id + 1, 1, ErrorCode::none));
  for (int turns = 0; turns < 100 && bench.accumulator->has_undrained(); ++turns) bench.run_once(sender);
  CHECK_FALSE(bench.accumulator->has_undrained());
}

TEST_CASE("SenderTest.testForceCloseWithProducerIdReset") {
  SenderBench bench;
  bench.set_up_with_producer_id(1, 32767);

  Sender sender = bench.new_sender(true, 10);

  bench.append(tp0);
  const SendFuture successful_response = bench.append(tp1);
  bench.run_once(sender);
  CHECK(bench.in_flight() == 1);
  bench.client->respond(produce_response(
      {{tp1, -1, ErrorCode::not_leader_or_follower}, {tp0, -1, ErrorCode::out_of_order_sequence_number}}));
  bench.run_once(sender);
  sender.force_close(*bench.accumulator);
  bench.run_once(sender);
  bench.run_until_closed(sender);
  CHECK_FALSE(bench.accumulator->has_undrained());
  CHECK(successful_response.is_done());
}

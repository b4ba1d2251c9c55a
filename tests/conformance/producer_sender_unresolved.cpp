// Cases of Kafka's SenderTest (kafka-clients 4.3.1): batches that expire, and brokers that have forgotten the producer.

#include <catch2/catch.hpp>

#include "conformance/producer_sender_bench.h"

using namespace linger;
using namespace linger::test;

TEST_CASE("SenderTest.testExpiryOfUnsentBatchesShouldNotCauseUnresolvedSequences") {
  SenderBench bench;
  constexpr std::int64_t producer_id = 343434;
  bench.set_up_with_producer_id(producer_id);

  CHECK(bench.next_sequence(tp0) == 0);

  const SendFuture request1 = bench.append(tp0, 0, "key", "value");
  bench.sleep(10000);
  bench.client->disconnect(bench.node().id);
  bench.client->backoff(bench.node().id, 10);
  bench.run_once();
  CHECK(request1.exception() == "TimeoutException");
  CHECK_FALSE(bench.transactions->has_unresolved_sequence(tp0));
}

TEST_CASE("SenderTest.testExpiryOfFirstBatchShouldNotCauseUnresolvedSequencesIfFutureBatchesSucceed") {
  SenderBench bench;
  constexpr std::int64_t producer_id = 343434;
  bench.set_up_with_producer_id(producer_id);
  CHECK(bench.next_sequence(tp0) == 0);

  const SendFuture request1 = bench.append(tp0);
  bench.run_once();

  // So that the two batches expire at different times.
  bench.sleep(1000);

  const SendFuture request2 = bench.append(tp0);
  bench.run_once();
  CHECK(bench.in_flight() == 2);
  CHECK(bench.batches_in_flight(tp0) == 2);

  bench.respond_to_sequence(0, {tp0, -1, ErrorCode::request_timed_out});
  bench.run_once();
  CHECK(bench.batches_in_flight(tp0) == 1);

  // Long enough for the first batch, too short for the second.
  bench.sleep(600);
  bench.client->disconnect(bench.node().id);
  bench.client->backoff(bench.node().id, 10);
  bench.run_once();
  CHECK(request1.exception() == "TimeoutException");
  CHECK(bench.transactions->has_unresolved_sequence(tp0));
  CHECK(bench.batches_in_flight(tp0) == 0);

  // Must wait until it is known what became of the first sequence.
  const SendFuture request3 = bench.append(tp0);
  bench.sleep(20);
  CHECK_FALSE(request2.is_done());
  bench.run_once();
  bench.respond_to_sequence(1, {tp0, 1, ErrorCode::none});
  CHECK(bench.batches_in_flight(tp0) == 1);
  bench.run_once();
  CHECK(request2.is_done());
  CHECK(request2.offset() == 1);
  CHECK(bench.batches_in_flight(tp0) == 0);
  CHECK(bench.queue(tp0).size() == 1);
  CHECK_FALSE(bench.queue(tp0).front()->has_sequence());
  CHECK_FALSE(bench.client->has_in_flight_requests());
  CHECK(bench.next_sequence(tp0) == 2);
  CHECK(bench.transactions->has_unresolved_sequence(tp0));
  bench.run_once();
  CHECK_FALSE(bench.transactions->has_unresolved_sequence(tp0));
  CHECK(bench.transactions->has_producer_id());
  CHECK(bench.queue(tp0).size() == 0);
  CHECK(bench.in_flight() == 1);
  CHECK_FALSE(request3.is_done());
  CHECK(bench.batches_in_flight(tp0) == 1);
}

TEST_CASE("SenderTest.testExpiryOfFirstBatchShouldCauseEpochBumpIfFutureBatchesFail") {
  SenderBench bench;
  constexpr std::int64_t producer_id = 343434;
  bench.set_up_with_producer_id(producer_id);
  CHECK(bench.next_sequence(tp0) == 0);

  const SendFuture request1 = bench.append(tp0);
  bench.run_once();

  bench.sleep(1000);
  const SendFuture request2 = bench.append(tp0);
  bench.run_once();
  CHECK(bench.in_flight() == 2);

  bench.respond_to_sequence(0, {tp0, -1, ErrorCode::not_leader_or_follower});
  bench.run_once();
  bench.sleep(1000);
  bench.client->disconnect(bench.node().id);
  bench.client->backoff(bench.node().id, 10);
  bench.run_once();
  CHECK(request1.exception() == "TimeoutException");
  CHECK(bench.transactions->has_unresolved_sequence(tp0));

  // Must wait until it is known what became of the first sequence.
  bench.append(tp0);

  bench.sleep(20);
  CHECK_FALSE(request2.is_done());
  bench.run_once();
  bench.respond_to_sequence(1, {tp0, 1, ErrorCode::out_of_order_sequence_number});
  bench.run_once();
  CHECK(bench.queue(tp0).size() == 2);
  bench.run_once();
  CHECK(bench.epoch() == 1);
  CHECK(bench.next_sequence(tp0) == 1);
  CHECK_FALSE(bench.transactions->has_unresolved_sequence(tp0));
}

TEST_CASE("SenderTest.testExpiryOfAllSentBatchesShouldCauseUnresolvedSequences") {
  SenderBench bench;
  constexpr std::int64_t producer_id = 343434;
  bench.set_up_with_producer_id(producer_id);

  CHECK(bench.next_sequence(tp0) == 0);

  const SendFuture request1 = bench.append(tp0, 0, "key", "value");
  bench.run_once();
  bench.respond_to_sequence(0, {tp0, -1, ErrorCode::not_leader_or_follower});
  bench.run_once();
  CHECK(bench.next_sequence(tp0) == 1);
  bench.sleep(15000);
  bench.client->disconnect(bench.node().id);
  bench.client->backoff(bench.node().id, 10);
  bench.run_once();
  CHECK(request1.exception() == "TimeoutException");
  CHECK(bench.transactions->has_unresolved_sequence(tp0));
  CHECK_FALSE(bench.client->has_in_flight_requests());
  CHECK(bench.queue(tp0).size() == 0);
  CHECK(bench.transactions->producer_id_and_epoch().id.value() == producer_id);
  bench.run_once();
  // Nothing is in flight any more, so that the next turn can take a new epoch.
  CHECK(bench.epoch() == 1);
  CHECK_FALSE(bench.transactions->has_unresolved_sequence(tp0));
}

TEST_CASE("SenderTest.testIdempotentUnknownProducerHandlingWhenRetentionLimitReached") {
  SenderBench bench;
  constexpr std::int64_t producer_id = 343434;
  bench.set_up_with_producer_id(producer_id);

  CHECK(bench.next_sequence(tp0) == 0);

  const SendFuture request1 = bench.append(tp0);
  bench.run_once();
  CHECK(bench.in_flight() == 1);
  CHECK(bench.next_sequence(tp0) == 1);
  CHECK_FALSE(bench.last_acked(tp0));

  bench.respond_to_sequence(0, {tp0, 1000, ErrorCode::none, -1, 10});
  bench.run_once();
  CHECK(request1.is_done());
  CHECK(request1.offset() == 1000);
  CHECK(bench.last_acked(tp0) == 0);
  CHECK(bench.transactions->last_acked_offset(tp0) == 1000);

  bench.append(tp0);
  const SendFuture request2 = bench.append(tp0);
  bench.run_once();
  CHECK(bench.next_sequence(tp0) == 3);
  CHECK(bench.last_acked(tp0) == 0);
  CHECK_FALSE(request2.is_done());

  // The log now begins behind the last acknowledged offset: what the broker knew of the producer is gone.
  bench.respond_to_sequence(1, {tp0, -1, ErrorCode::unknown_producer_id, -1, 1010});
  bench.run_once();
  bench.run_once();
  CHECK_FALSE(bench.last_acked(tp0));
  CHECK(bench.next_sequence(tp0) == 2);
  CHECK_FALSE(request2.is_done());
  CHECK(bench.client->has_in_flight_requests());
  CHECK(bench.epoch() == 1);

  bench.respond_to_sequence(0, {tp0, 1011, ErrorCode::none, -1, 1010});
  bench.run_once();
  CHECK(bench.last_acked(tp0) == 1);
  CHECK(bench.next_sequence(tp0) == 2);
  CHECK_FALSE(bench.client->has_in_flight_requests());
  CHECK(request2.is_done());
  CHECK(request2.offset() == 1012);
  CHECK(bench.transactions->last_acked_offset(tp0) == 1012);
}

TEST_CASE("SenderTest.testUnknownProducerErrorShouldBeRetriedWhenLogStartOffsetIsUnknown") {
  SenderBench bench;
  constexpr std::int64_t producer_id = 343434;
  bench.set_up_with_producer_id(producer_id);

  CHECK(bench.next_sequence(tp0) == 0);

  const SendFuture request1 = bench.append(tp0);
  bench.run_once();
  CHECK(bench.in_flight() == 1);
  CHECK(bench.next_sequence(tp0) == 1);
  CHECK_FALSE(bench.last_acked(tp0));

  bench.respond_to_sequence(0, {tp0, 1000, ErrorCode::none, -1, 10});
  bench.run_once();
  CHECK(request1.is_done());
  CHECK(request1.offset() == 1000);
  CHECK(bench.last_acked(tp0) == 0);
  CHECK(bench.transactions->last_acked_offset(tp0) == 1000);

  const SendFuture request2 = bench.append(tp0);
  bench.run_once();
  CHECK(bench.next_sequence(tp0) == 2);
  CHECK(bench.last_acked(tp0) == 0);
  CHECK_FALSE(request2.is_done());

  // Without a log start offset the sequences stay as they are.
  bench.respond_to_sequence(1, {tp0, -1, ErrorCode::unknown_producer_id});
  bench.run_once();
  CHECK(bench.last_acked(tp0) == 0);
  CHECK(bench.next_sequence(tp0) == 2);
  CHECK_FALSE(request2.is_done());
  CHECK_FALSE(bench.client->has_in_flight_requests());
  bench.run_once();

  bench.respond_to_sequence(1, {tp0, 1011, ErrorCode::none, -1, 1010});
  bench.run_once();
  CHECK(bench.last_acked(tp0) == 1);
  CHECK(bench.next_sequence(tp0) == 2);
  CHECK_FALSE(bench.client->has_in_flight_requests());
  CHECK(request2.is_done());
  CHECK(request2.offset() == 1011);
  CHECK(bench.transactions->last_acked_offset(tp0) == 1011);
}

TEST_CASE("SenderTest.testUnknownProducerErrorShouldBeRetriedForFutureBatchesWhenFirstFails") {
  SenderBench bench;
  constexpr std::int64_t producer_id = 343434;
  bench.set_up_with_producer_id(producer_id);

  CHECK(bench.next_sequence(tp0) == 0);

  const SendFuture request1 = bench.append(tp0);
  bench.run_once();
  CHECK(bench.in_flight() == 1);
  CHECK(bench.next_sequence(tp0) == 1);
  CHECK_FALSE(bench.last_acked(tp0));

  bench.respond_to_sequence(0, {tp0, 1000, ErrorCode::none, -1, 10});
  bench.run_once();
  CHECK(request1.is_done());
  CHECK(request1.offset() == 1000);
  CHECK(bench.last_acked(tp0) == 0);
  CHECK(bench.transactions->last_acked_offset(tp0) == 1000);

  const SendFuture request2 = bench.append(tp0);
  bench.run_once();
  CHECK(bench.next_sequence(tp0) == 2);
  CHECK(bench.last_acked(tp0) == 0);

  const SendFuture request3 = bench.append(tp0);
  bench.run_once();
  CHECK(bench.next_sequence(tp0) == 3);
  CHECK(bench.last_acked(tp0) == 0);
  CHECK_FALSE(request2.is_done());
  CHECK_FALSE(request3.is_done());
  CHECK(bench.in_flight() == 2);

  bench.respond_to_sequence(1, {tp0, -1, ErrorCode::unknown_producer_id, -1, 1010});
  bench.run_once();
  bench.run_once();
  CHECK_FALSE(bench.last_acked(tp0));
  CHECK(bench.next_sequence(tp0) == 2);
  CHECK_FALSE(request2.is_done());
  CHECK_FALSE(request3.is_done());
  CHECK(bench.in_flight() == 2);
  CHECK(bench.epoch() == 1);

  // The request in flight still says what it was sent with.
  bench.respond_to_sequence(2, {tp0, -1, ErrorCode::unknown_producer_id, -1, 1010});
  bench.run_once();
  CHECK(bench.in_flight() == 1);
  CHECK_FALSE(bench.last_acked(tp0));
  CHECK(bench.next_sequence(tp0) == 2);

  bench.respond_to_sequence(0, {tp0, 1011, ErrorCode::none, -1, 1010});
  bench.run_once();
  CHECK(request2.is_done());
  CHECK_FALSE(request3.is_done());
  CHECK_FALSE(bench.client->has_in_flight_requests());
  CHECK(bench.last_acked(tp0) == 0);
  CHECK(request2.offset() == 1011);
  CHECK(bench.transactions->last_acked_offset(tp0) == 1011);
  bench.run_once();
  CHECK(bench.in_flight() == 1);

  bench.respond_to_sequence(1, {tp0, 1012, ErrorCode::none, -1, 1010});
  bench.run_once();
  CHECK_FALSE(bench.client->has_in_flight_requests());
  CHECK(request3.is_done());
  CHECK(request3.offset() == 1012);
  CHECK(bench.transactions->last_acked_offset(tp0) == 1012);
}

TEST_CASE("SenderTest.testShouldRaiseOutOfOrderSequenceExceptionToUserIfLogWasNotTruncated") {
  SenderBench bench;
  constexpr std::int64_t producer_id = 343434;
  bench.set_up_with_producer_id(producer_id);

  CHECK(bench.next_sequence(tp0) == 0);

  const SendFuture request1 = bench.append(tp0);
  bench.run_once();
  CHECK(bench.in_flight() == 1);
  CHECK(bench.next_sequence(tp0) == 1);
  CHECK_FALSE(bench.last_acked(tp0));

  bench.respond_to_sequence(0, {tp0, 1000, ErrorCode::none, -1, 10});
  bench.run_once();
  CHECK(request1.is_done());
  CHECK(request1.offset() == 1000);
  CHECK(bench.last_acked(tp0) == 0);
  CHECK(bench.transactions->last_acked_offset(tp0) == 1000);

  const SendFuture request2 = bench.append(tp0);
  bench.run_once();
  CHECK(bench.next_sequence(tp0) == 2);
  CHECK(bench.last_acked(tp0) == 0);
  CHECK_FALSE(request2.is_done());

  // Nothing was cut off the log.
  bench.respond_to_sequence(1, {tp0, -1, ErrorCode::unknown_producer_id, -1, 10});
  bench.run_once();
  bench.run_once();
  CHECK(bench.epoch() == 1);
  CHECK_FALSE(bench.last_acked(tp0));
  CHECK_FALSE(request2.is_done());
}

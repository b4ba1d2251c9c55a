// Cases of Kafka's SenderTest (kafka-clients 4.3.1): several requests of one partition under way, answered in and out
// of order.

#include <catch2/catch.hpp>

#include "conformance/producer_sender_bench.h"

using namespace linger;
using namespace linger::test;

TEST_CASE("SenderTest.testIdempotenceWithMultipleInflights") {
  SenderBench bench;
  constexpr std::int64_t producer_id = 343434;
  bench.set_up_with_producer_id(producer_id);

  CHECK(bench.next_sequence(tp0) == 0);

  const SendFuture request1 = bench.append(tp0);
  bench.run_once();
  const Node node = bench.destination_of_oldest();
  CHECK(bench.in_flight() == 1);
  CHECK(bench.next_sequence(tp0) == 1);
  CHECK_FALSE(bench.last_acked(tp0));

  const SendFuture request2 = bench.append(tp0);
  bench.run_once();
  CHECK(bench.in_flight() == 2);
  CHECK(bench.next_sequence(tp0) == 2);
  CHECK_FALSE(bench.last_acked(tp0));
  CHECK_FALSE(request1.is_done());
  CHECK_FALSE(request2.is_done());
  CHECK(bench.client->is_ready(node, bench.now_ms, bench.entropy));

  bench.respond_to_sequence(0, {tp0, 0, ErrorCode::none});
  bench.run_once();
  CHECK(bench.in_flight() == 1);
  CHECK(bench.last_acked(tp0) == 0);
  CHECK(request1.is_done());
  CHECK(request1.offset() == 0);
  CHECK_FALSE(request2.is_done());

  bench.respond_to_sequence(1, {tp0, 1, ErrorCode::none});
  bench.run_once();
  CHECK(bench.last_acked(tp0) == 1);
  CHECK_FALSE(bench.client->has_in_flight_requests());
  CHECK(bench.batches_in_flight(tp0) == 0);
  CHECK(request2.is_done());
  CHECK(request2.offset() == 1);
}

TEST_CASE("SenderTest.testIdempotenceWithMultipleInflightsRetriedInOrder") {
  SenderBench bench;
  constexpr std::int64_t producer_id = 343434;
  bench.set_up_with_producer_id(producer_id);

  CHECK(bench.next_sequence(tp0) == 0);

  const SendFuture request1 = bench.append(tp0);
  bench.run_once();
  const Node node = bench.destination_of_oldest();
  CHECK(bench.in_flight() == 1);
  CHECK(bench.next_sequence(tp0) == 1);
  CHECK_FALSE(bench.last_acked(tp0));

  const SendFuture request2 = bench.append(tp0);
  bench.run_once();

  const SendFuture request3 = bench.append(tp0);
  bench.run_once();
  CHECK(bench.in_flight() == 3);
  CHECK(bench.next_sequence(tp0) == 3);
  CHECK_FALSE(bench.last_acked(tp0));
  CHECK_FALSE(request1.is_done());
  CHECK_FALSE(request2.is_done());
  CHECK_FALSE(request3.is_done());
  CHECK(bench.client->is_ready(node, bench.now_ms, bench.entropy));

  bench.respond_to_sequence(0, {tp0, -1, ErrorCode::leader_not_available});
  bench.run_once();

  // Must wait until the first three are through.
  const SendFuture request4 = bench.append(tp0);

  CHECK(bench.in_flight() == 2);
  CHECK_FALSE(bench.last_acked(tp0));

  bench.respond_to_sequence(1, {tp0, -1, ErrorCode::out_of_order_sequence_number});
  bench.run_once();

  bench.respond_to_sequence(2, {tp0, -1, ErrorCode::out_of_order_sequence_number});
  bench.run_once();
  CHECK_FALSE(bench.last_acked(tp0));
  CHECK(bench.in_flight() == 1);
  bench.run_once();
  // One request at a time while batches are retried: the fourth batch has no sequence yet.
  CHECK(bench.next_sequence(tp0) == 3);
  CHECK(bench.in_flight() == 1);
  CHECK_FALSE(bench.last_acked(tp0));

  bench.respond_to_sequence(0, {tp0, 0, ErrorCode::none});
  bench.run_once();
  CHECK(bench.last_acked(tp0) == 0);
  CHECK(request1.is_done());
  CHECK(request1.offset() == 0);
  CHECK_FALSE(bench.client->has_in_flight_requests());
  CHECK(bench.batches_in_flight(tp0) == 0);
  bench.run_once();
  CHECK(bench.in_flight() == 1);
  CHECK(bench.batches_in_flight(tp0) == 1);

  bench.respond_to_sequence(1, {tp0, 1, ErrorCode::none});
  bench.run_once();
  CHECK(bench.last_acked(tp0) == 1);
  CHECK(request2.is_done());
  CHECK(request2.offset() == 1);
  CHECK_FALSE(bench.client->has_in_flight_requests());
  CHECK(bench.batches_in_flight(tp0) == 0);
  bench.run_once();
  CHECK(bench.in_flight() == 1);
  CHECK(bench.batches_in_flight(tp0) == 1);

  bench.respond_to_sequence(2, {tp0, 2, ErrorCode::none});
  bench.run_once();
  CHECK(bench.last_acked(tp0) == 2);
  CHECK(request3.is_done());
  CHECK(request3.offset() == 2);
  CHECK(bench.in_flight() == 1);
  CHECK(bench.batches_in_flight(tp0) == 1);

  bench.respond_to_sequence(3, {tp0, 3, ErrorCode::none});
  bench.run_once();
  CHECK(bench.last_acked(tp0) == 3);
  CHECK(request4.is_done());
  CHECK(request4.offset() == 3);
  CHECK(bench.epoch() == 0);  // being behind a failed batch is no reason for a new epoch
}

TEST_CASE("SenderTest.testIdempotenceWithMultipleInflightsWhereFirstFailsFatallyAndSequenceOfFutureBatchesIsAdjusted") {
  SenderBench bench;
  constexpr std::int64_t producer_id = 343434;
  bench.set_up_with_producer_id(producer_id);

  CHECK(bench.next_sequence(tp0) == 0);

  const SendFuture request1 = bench.append(tp0);
  bench.run_once();
  const Node node = bench.destination_of_oldest();
  CHECK(bench.in_flight() == 1);
  CHECK(bench.next_sequence(tp0) == 1);
  CHECK_FALSE(bench.last_acked(tp0));

  const SendFuture request2 = bench.append(tp0);
  bench.run_once();
  CHECK(bench.in_flight() == 2);
  CHECK(bench.next_sequence(tp0) == 2);
  CHECK_FALSE(bench.last_acked(tp0));
  CHECK_FALSE(request1.is_done());
  CHECK_FALSE(request2.is_done());
  CHECK(bench.client->is_ready(node, bench.now_ms, bench.entropy));

  bench.respond_to_sequence(0, {tp0, -1, ErrorCode::message_too_large});
  bench.run_once();
  CHECK(request1.exception() == "RecordTooLargeException");
  CHECK(bench.in_flight() == 1);
  CHECK_FALSE(bench.last_acked(tp0));

  bench.respond_to_sequence(1, {tp0, -1, ErrorCode::out_of_order_sequence_number});
  bench.run_once();
  CHECK_FALSE(bench.last_acked(tp0));
  CHECK(bench.in_flight() == 0);
  bench.run_once();
  CHECK(bench.in_flight() == 1);
  CHECK_FALSE(bench.last_acked(tp0));

  // The second batch goes out again with sequence 0 of a new epoch.
  bench.respond_to_sequence(0, {tp0, 0, ErrorCode::none});
  bench.run_once();
  CHECK(bench.last_acked(tp0) == 0);
  CHECK(bench.in_flight() == 0);
  CHECK(request1.is_done());
  CHECK(request2.offset() == 0);
}

TEST_CASE("SenderTest.testCorrectHandlingOfOutOfOrderResponses") {
  SenderBench bench;
  constexpr std::int64_t producer_id = 343434;
  bench.set_up_with_producer_id(producer_id);
  CHECK(bench.next_sequence(tp0) == 0);

  const SendFuture request1 = bench.append(tp0);
  bench.run_once();
  const Node node = bench.destination_of_oldest();
  CHECK(bench.in_flight() == 1);
  CHECK(bench.next_sequence(tp0) == 1);
  CHECK_FALSE(bench.last_acked(tp0));

  const SendFuture request2 = bench.append(tp0);
  bench.run_once();
  CHECK(bench.in_flight() == 2);
  CHECK(bench.next_sequence(tp0) == 2);
  CHECK_FALSE(bench.last_acked(tp0));
  CHECK_FALSE(request1.is_done());
  CHECK_FALSE(request2.is_done());
  CHECK(bench.client->is_ready(node, bench.now_ms, bench.entropy));

  const CorrelationId first_request = bench.client->requests()[0].correlation_id;
  const CorrelationId second_request = bench.client->requests()[1].correlation_id;

  bench.client->respond_to_request(second_request, produce_response(tp0, -1, ErrorCode::out_of_order_sequence_number));
  bench.run_once();
  CHECK(bench.queue(tp0).size() == 1);
  CHECK(bench.queue(tp0).front()->base_sequence() == 1);
  CHECK(bench.in_flight() == 1);
  CHECK_FALSE(bench.last_acked(tp0));

  bench.client->respond_to_request(first_request, produce_response(tp0, -1, ErrorCode::not_leader_or_follower));
  bench.run_once();
  CHECK(bench.queue(tp0).size() == 2);
  CHECK(bench.queue(tp0).front()->base_sequence() == 0);
  CHECK(bench.queue(tp0).back()->base_sequence() == 1);
  CHECK_FALSE(bench.last_acked(tp0));
  CHECK(bench.in_flight() == 0);
  CHECK_FALSE(request1.is_done());
  CHECK_FALSE(request2.is_done());
  bench.run_once();
  CHECK(bench.in_flight() == 1);
  bench.run_once();
  CHECK(bench.in_flight() == 1);
  CHECK_FALSE(bench.last_acked(tp0));

  bench.respond_to_sequence(0, {tp0, 0, ErrorCode::none});
  bench.run_once();
  CHECK(bench.last_acked(tp0) == 0);
  CHECK(bench.in_flight() == 0);
  CHECK(request1.is_done());
  CHECK(request1.offset() == 0);
  bench.run_once();
  CHECK(bench.in_flight() == 1);
  bench.respond_to_sequence(1, {tp0, 1, ErrorCode::none});
  bench.run_once();
  CHECK_FALSE(bench.client->has_in_flight_requests());
  CHECK(bench.last_acked(tp0) == 1);
  CHECK(request2.is_done());
  CHECK(request2.offset() == 1);
}

TEST_CASE("SenderTest.testCorrectHandlingOfOutOfOrderResponsesWhenSecondSucceeds") {
  SenderBench bench;
  constexpr std::int64_t producer_id = 343434;
  bench.set_up_with_producer_id(producer_id);

  CHECK(bench.next_sequence(tp0) == 0);

  const SendFuture request1 = bench.append(tp0);
  bench.run_once();
  const Node node = bench.destination_of_oldest();
  CHECK(bench.in_flight() == 1);

  const SendFuture request2 = bench.append(tp0);
  bench.run_once();
  CHECK(bench.in_flight() == 2);
  CHECK_FALSE(request1.is_done());
  CHECK_FALSE(request2.is_done());
  CHECK(bench.client->is_ready(node, bench.now_ms, bench.entropy));

  const CorrelationId first_request = bench.client->requests()[0].correlation_id;
  const CorrelationId second_request = bench.client->requests()[1].correlation_id;

  bench.client->respond_to_request(second_request, produce_response(tp0, 1, ErrorCode::none));
  bench.run_once();
  CHECK(request2.is_done());
  CHECK(request2.offset() == 1);
  CHECK_FALSE(request1.is_done());
  CHECK(bench.queue(tp0).size() == 0);
  CHECK(bench.in_flight() == 1);
  CHECK(bench.last_acked(tp0) == 1);

  bench.client->respond_to_request(first_request, produce_response(tp0, -1, ErrorCode::request_timed_out));
  bench.run_once();
  CHECK(bench.queue(tp0).size() == 1);
  CHECK(bench.queue(tp0).front()->base_sequence() == 0);
  CHECK(bench.last_acked(tp0) == 1);
  CHECK(bench.in_flight() == 0);
  bench.run_once();
  CHECK(bench.in_flight() == 1);
  CHECK(bench.in_flight() == 1);
  CHECK(bench.last_acked(tp0) == 1);

  bench.respond_to_sequence(0, {tp0, 0, ErrorCode::none});
  bench.run_once();
  CHECK(bench.queue(tp0).size() == 0);
  CHECK(bench.last_acked(tp0) == 1);
  CHECK(bench.in_flight() == 0);
  CHECK_FALSE(bench.client->has_in_flight_requests());
  CHECK(request1.is_done());
  CHECK(request1.offset() == 0);
}

TEST_CASE("SenderTest.testCorrectHandlingOfDuplicateSequenceError") {
  SenderBench bench;
  constexpr std::int64_t producer_id = 343434;
  bench.set_up_with_producer_id(producer_id);

  CHECK(bench.next_sequence(tp0) == 0);

  const SendFuture request1 = bench.append(tp0);
  bench.run_once();
  const Node node = bench.destination_of_oldest();
  CHECK(bench.in_flight() == 1);
  CHECK(bench.next_sequence(tp0) == 1);
  CHECK_FALSE(bench.last_acked(tp0));

  const SendFuture request2 = bench.append(tp0);
  bench.run_once();
  CHECK(bench.in_flight() == 2);
  CHECK(bench.next_sequence(tp0) == 2);
  CHECK_FALSE(bench.last_acked(tp0));
  CHECK_FALSE(request1.is_done());
  CHECK_FALSE(request2.is_done());
  CHECK(bench.client->is_ready(node, bench.now_ms, bench.entropy));

  const CorrelationId first_request = bench.client->requests()[0].correlation_id;
  const CorrelationId second_request = bench.client->requests()[1].correlation_id;

  bench.client->respond_to_request(second_request, produce_response(tp0, 1000, ErrorCode::none));
  bench.run_once();
  CHECK(bench.transactions->last_acked_offset(tp0) == 1000);
  CHECK(bench.last_acked(tp0) == 1);

  bench.client->respond_to_request(first_request, produce_response(tp0, -1, ErrorCode::duplicate_sequence_number));
  bench.run_once();
  CHECK(bench.last_acked(tp0) == 1);
  CHECK(bench.transactions->last_acked_offset(tp0) == 1000);
  CHECK_FALSE(bench.client->has_in_flight_requests());
  // Success, but nobody knows the offset.
  CHECK(request1.offset() == -1);
}

// Cases of Kafka's SenderTest (kafka-clients 4.3.1): delivery.timeout.ms and the memory of batches, without a producer
// id.

#include <algorithm>
#include <catch2/catch.hpp>

#include "conformance/producer_sender_bench.h"

using namespace linger;
using namespace linger::test;

TEST_CASE("SenderTest.testNoDoubleDeallocation") {
  SenderBench bench;
  const SendFuture future = bench.append(tp0);
  bench.run_once();
  CHECK(bench.in_flight() == 1);
  REQUIRE(bench.batches_in_flight(tp0) == 1);
  const BatchId id = bench.sender.in_flight_batches(tp0).front();
  CHECK_FALSE(bench.accumulator->batches()[id].is_buffer_deallocated());

  bench.sleep(SenderBench::request_timeout_ms);
  CHECK_FALSE(bench.all_memory_returned());

  bench.run_once();
  CHECK(future.is_done());
  CHECK(bench.accumulator->batches()[id].is_buffer_deallocated());
  CHECK(bench.all_memory_returned());

  bench.run_once();
  CHECK(bench.all_memory_returned());
  CHECK(bench.in_flight() == 0);
  CHECK(bench.batches_in_flight(tp0) == 0);
}

TEST_CASE("SenderTest.testInflightBatchesExpireOnDeliveryTimeout") {
  SenderBench bench;
  bench.set_up({.guarantee_order = true});
  const SendFuture future = bench.append(tp0);
  bench.run_once();
  CHECK(bench.in_flight() == 1);
  CHECK(bench.batches_in_flight(tp0) == 1);

  bench.client->respond(produce_response({{tp0, 0, ErrorCode::none, 0, 0}}));
  bench.sleep(SenderBench::delivery_timeout_ms);
  bench.run_once();
  CHECK(bench.batches_in_flight(tp0) == 0);
  CHECK(future.exception() == "TimeoutException");
}

TEST_CASE("SenderTest.testWhenFirstBatchExpireNoSendSecondBatchIfGuaranteeOrder") {
  SenderBench bench;
  bench.set_up({.guarantee_order = true});
  bench.append(tp0);
  bench.run_once();
  CHECK(bench.in_flight() == 1);
  CHECK(bench.batches_in_flight(tp0) == 1);

  bench.sleep(SenderBench::delivery_timeout_ms / 2);
  bench.append(tp0);
  bench.run_once();  // the partition is muted
  CHECK(bench.in_flight() == 1);
  CHECK(bench.batches_in_flight(tp0) == 1);

  bench.sleep(SenderBench::delivery_timeout_ms / 2);  // the first batch is late, the second is not
  bench.client->respond(produce_response({{tp0, 0, ErrorCode::none, -1, 0}}));
  bench.run_once();
  CHECK(bench.in_flight() == 0);
  CHECK(bench.batches_in_flight(tp0) == 0);

  bench.run_once();
  CHECK(bench.in_flight() == 1);
  CHECK(bench.batches_in_flight(tp0) == 1);
}

TEST_CASE("SenderTest.testExpiredBatchDoesNotRetry") {
  SenderBench bench;
  bench.set_up({});
  const SendFuture future = bench.append(tp0);
  bench.run_once();
  CHECK(bench.in_flight() == 1);
  bench.sleep(SenderBench::delivery_timeout_ms);
  bench.client->respond(produce_response(tp0, -1, ErrorCode::not_leader_or_follower));

  bench.run_once();
  CHECK(future.is_done());
  CHECK(bench.in_flight() == 0);
  CHECK(bench.batches_in_flight(tp0) == 0);
  for (int turn = 0; turn < 2; ++turn) {
    bench.run_once();
    CHECK(bench.in_flight() == 0);
    CHECK(bench.batches_in_flight(tp0) == 0);
  }
}

TEST_CASE("SenderTest.testExpiredBatchDoesNotSplitOnMessageTooLargeError") {
  SenderBench bench;
  const SendFuture first = bench.append(tp0);
  const SendFuture second = bench.append(tp0);
  bench.run_once();
  CHECK(bench.in_flight() == 1);
  bench.client->respond(produce_response(tp0, -1, ErrorCode::message_too_large));

  bench.sleep(SenderBench::delivery_timeout_ms);
  bench.run_once();
  CHECK(first.is_done());
  CHECK(second.is_done());
  CHECK(bench.in_flight() == 0);
  CHECK(bench.batches_in_flight(tp0) == 0);

  bench.run_once();
  CHECK(bench.in_flight() == 0);
  CHECK(bench.batches_in_flight(tp0) == 0);
}

TEST_CASE("SenderTest.testResetNextBatchExpiry") {
  using Method = MockClient::Call::Method;
  SenderBench bench;
  bench.client = std::make_unique<MockClient>(bench.now_ms, bench.metadata, bench.entropy);
  bench.set_up({});
  bench.append(tp0, 0, "key", "value");
  bench.run_once();
  bench.run_once();
  bench.sleep(bench.accumulator->delivery_timeout_ms() + 1);
  bench.run_once();

  const std::vector<MockClient::Call>& calls = bench.client->calls();
  auto at = calls.begin();
  for (const Method method : {Method::ready, Method::new_client_request, Method::send}) {
    at = std::find_if(at, calls.end(), [method](const MockClient::Call& call) { return call.method == method; });
    REQUIRE(at != calls.end());
  }
  std::vector<std::int64_t> polls;
  for (; at != calls.end(); ++at) {
    if (at->method == Method::poll) polls.push_back(at->timeout_ms);
  }
  REQUIRE(polls.size() == 3);
  CHECK(polls[0] == 0);
  CHECK(polls[1] == bench.accumulator->delivery_timeout_ms());
  CHECK(polls[2] >= 1);
}

TEST_CASE("SenderTest.testExpiredBatchesInMultiplePartitions") {
  SenderBench bench;
  bench.set_up({.guarantee_order = true});
  const SendFuture first = bench.append(tp0, bench.now_ms, "k1", "v1");
  const SendFuture second = bench.append(tp1, bench.now_ms, "k2", "v2");
  bench.run_once();
  CHECK(bench.in_flight() == 1);
  CHECK(bench.batches_in_flight(tp0) == 1);

  bench.client->respond(produce_response({{tp0, 0, ErrorCode::none, 0, 0}}));
  bench.sleep(SenderBench::delivery_timeout_ms);
  bench.run_once();
  CHECK(bench.batches_in_flight(tp0) == 0);
  CHECK(first.exception() == "TimeoutException");
  CHECK(second.exception() == "TimeoutException");
}

TEST_CASE("SenderTest.testNoBufferReuseWhenBatchExpires") {
  SenderBench bench;
  bench.set_up({});
  BufferPool& pool = bench.accumulator->pool();
  const auto allocate = [&] {
    const auto allocated = pool.allocate(SenderBench::batch_size, 0, bench.now());
    REQUIRE(std::holds_alternative<BufferRef>(allocated));
    return std::get<BufferRef>(allocated);
  };
  const BufferRef pooled = allocate();
  pool.deallocate(pooled);

  bench.append(tp0, 0, "key", "value");
  bench.run_once();
  bench.run_once();
  CHECK(bench.in_flight() == 1);
  REQUIRE(bench.batches_in_flight(tp0) == 1);
  const BatchId id = bench.sender.in_flight_batches(tp0).front();
  CHECK(bench.accumulator->batches()[id].records().slot == pooled.slot);

  bench.sleep(SenderBench::delivery_timeout_ms + 100);
  bench.run_once();
  CHECK(allocate().slot != pooled.slot);
}

// Cases of Kafka's SenderTest (kafka-clients 4.3.1): getting a producer id, and answers that end or keep it.

#include <catch2/catch.hpp>

#include "conformance/producer_one_request_client.h"
#include "conformance/producer_sender_split.h"

using namespace linger;
using namespace linger::test;

namespace {

constexpr std::int64_t producer_id = 343434;

}  // namespace

TEST_CASE("SenderTest.testInitProducerIdRequest") {
  SenderBench bench;
  bench.set_up_idempotent();
  bench.prepare_and_receive_init_producer_id(producer_id, 0);
  CHECK(bench.transactions->has_producer_id());
  CHECK(bench.transactions->producer_id_and_epoch().id == ProducerId{producer_id});
  CHECK(bench.epoch() == 0);
}

TEST_CASE("SenderTest.testIdempotentInitProducerIdWithMaxInFlightOne") {
  SenderBench bench;
  OneRequestClient& one = client_with_metadata_request_under_way(bench);
  bench.set_up({.idempotent = true, .update_metadata = false});
  one.respond({});
  bench.run_once();
  bench.run_once();
  one.respond(SenderBench::init_producer_id_response(123456, 0, ErrorCode::none));
  bench.wait_for_producer_id({ProducerId{123456}, ProducerEpoch{0}});
}

TEST_CASE("SenderTest.testClusterAuthorizationExceptionInInitProducerIdRequest") {
  SenderBench bench;
  bench.set_up_idempotent();
  bench.prepare_and_receive_init_producer_id(producer_id, 0, ErrorCode::cluster_authorization_failed);
  CHECK_FALSE(bench.transactions->has_producer_id());
  CHECK(bench.transactions->has_error());
  REQUIRE(bench.transactions->last_error());
  CHECK(bench.transactions->last_error()->exception == "ClusterAuthorizationException");
  CHECK(bench.epoch() == -1);

  bench.check_send_failure("ClusterAuthorizationException");
  bench.prepare_and_receive_init_producer_id(producer_id, 0);
  bench.run_once();
  CHECK_FALSE(bench.transactions->has_fatal_error());
  CHECK(bench.transactions->has_producer_id());
  CHECK(bench.epoch() == 0);
  bench.check_successful_send();
}

TEST_CASE("SenderTest.testSenderShouldRetryWithBackoffOnRetriableError") {
  SenderBench bench;
  bench.set_up_idempotent();
  const std::int64_t start_ms = bench.now_ms;
  bench.prepare_and_receive_init_producer_id(producer_id, -1, ErrorCode::coordinator_load_in_progress);
  const std::int64_t first_ms = bench.now_ms;
  CHECK(first_ms == start_ms);

  bench.prepare_and_receive_init_producer_id(producer_id, -1, ErrorCode::coordinator_load_in_progress);
  const std::int64_t second_ms = bench.now_ms;
  CHECK(second_ms - first_ms == SenderBench::retry_backoff_ms);

  bench.prepare_and_receive_init_producer_id(producer_id, 0);
  CHECK(bench.now_ms - second_ms == SenderBench::retry_backoff_ms);
}

TEST_CASE("SenderTest.testClusterAuthorizationExceptionInProduceRequest") {
  SenderBench bench;
  bench.set_up_with_producer_id(producer_id);
  const SendFuture future = bench.append(tp0);
  bench.client->prepare_response(produce_response(tp0, -1, ErrorCode::cluster_authorization_failed),
                                 bench.idempotent_records());
  bench.run_once();
  CHECK(future.exception() == "ClusterAuthorizationException");

  CHECK(bench.transactions->has_fatal_error());
  bench.check_send_failure("ClusterAuthorizationException");
}

TEST_CASE("SenderTest.testCancelInFlightRequestAfterFatalError") {
  SenderBench bench;
  bench.set_up_with_producer_id(producer_id);
  const SendFuture first = bench.append(tp0);
  bench.run_once();
  const SendFuture second = bench.append(tp1);
  bench.run_once();
  CHECK_FALSE(bench.all_memory_returned());

  bench.client->respond(produce_response(tp0, -1, ErrorCode::cluster_authorization_failed), bench.idempotent_records());
  bench.run_once();
  CHECK(bench.transactions->has_fatal_error());
  CHECK(first.exception() == "ClusterAuthorizationException");

  bench.run_once();
  CHECK(second.exception() == "ClusterAuthorizationException");
  CHECK(bench.batches_in_flight(tp1) == 0);
  CHECK_FALSE(bench.all_memory_returned());  // the second request is not answered yet

  bench.client->respond(produce_response(tp1, 0, ErrorCode::none), bench.idempotent_records());
  bench.run_once();
  CHECK(bench.all_memory_returned());
}

TEST_CASE("SenderTest.testUnsupportedForMessageFormatInProduceRequest") {
  SenderBench bench;
  bench.set_up_with_producer_id(producer_id);
  const SendFuture future = bench.append(tp0);
  bench.client->prepare_response(produce_response(tp0, -1, ErrorCode::unsupported_for_message_format),
                                 bench.idempotent_records());
  bench.run_once();
  CHECK(future.exception() == "UnsupportedForMessageFormatException");
  CHECK_FALSE(bench.transactions->has_error());
}

TEST_CASE("SenderTest.testUnsupportedVersionInProduceRequest") {
  SenderBench bench;
  bench.set_up_with_producer_id(producer_id);
  const SendFuture future = bench.append(tp0);
  bench.client->prepare_unsupported_version_response(bench.idempotent_records());
  bench.run_once();
  CHECK(future.exception() == "UnsupportedVersionException");

  CHECK(bench.transactions->has_fatal_error());
  bench.check_send_failure("UnsupportedVersionException");
}

TEST_CASE("SenderTest.testSequenceNumberIncrement") {
  SenderBench bench;
  bench.set_up_with_producer_id(producer_id);
  Sender sender = bench.new_sender(true, 10);
  const SendFuture future = bench.append(tp0);
  bench.client->prepare_response(produce_response(tp0, 0, ErrorCode::none), [&bench](const ClientRequest& request) {
    const std::vector<RecordBatchHeader> batches = bench.batches_of(request, tp0);
    REQUIRE(batches.size() == 1);
    CHECK(batches.front().base_sequence == 0);
    CHECK(batches.front().producer.id == ProducerId{producer_id});
    CHECK(batches.front().producer.epoch == ProducerEpoch{0});
    return true;
  });
  for (int turn = 0; turn < 3; ++turn) bench.run_once(sender);
  CHECK(future.is_done());
  CHECK(bench.last_acked(tp0) == 0);
  CHECK(bench.next_sequence(tp0) == 1);
}

TEST_CASE("SenderTest.testIdempotentSplitBatchAndSend") {
  SenderBench bench;
  bench.set_up_with_producer_id(123456);
  split_batch_and_send(bench, {"testSplitBatchAndSend", 1});
}

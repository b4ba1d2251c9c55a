// Cases of Kafka's SenderTest (kafka-clients 4.3.1): getting a producer id, and answers that end or keep it.

#include <catch2/catch.hpp>

#include "conformance/producer_sender_bench.h"

using namespace linger;
using namespace linger::test;

namespace {

constexpr std::int64_t producer_id = 343434;

/// A client that sends one request at a time, as with max.in.flight.requests.per.connection=1, and whose nodes are only
/// of use when they are connected.
class OneRequestClient final : public MockClient {
 public:
  using MockClient::MockClient;
  LeastLoadedNode least_loaded_node(std::int64_t now_ms, Entropy& entropy) override {
    for (const Node& node : nodes) {
      if (can_send_more_ && is_ready(node, now_ms, entropy)) return LeastLoadedNode{node, true};
    }
    return LeastLoadedNode{};
  }
  std::vector<ClientResponse> poll(Instant now, Entropy& entropy) override {
    can_send_more_ = in_flight_request_count() < 1;
    return MockClient::poll(now, entropy);
  }
  std::vector<Node> nodes;

 private:
  bool can_send_more_ = true;
};

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
  auto client = std::make_unique<OneRequestClient>(bench.now_ms, bench.metadata, bench.entropy);
  client->nodes = bench.metadata.fetch().nodes();
  const Node node = bench.node();
  OneRequestClient& one = *client;
  bench.client = std::move(client);
  // A metadata request is on its way, so that nothing else can be sent.
  while (!one.ready(node, bench.now_ms, bench.entropy)) one.poll(bench.now(), bench.entropy);
  one.send_foreign_request(node.id);
  while (one.least_loaded_node(bench.now_ms, bench.entropy).node) one.poll(bench.now(), bench.entropy);

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
  const TopicPartition partition{"testSplitBatchAndSend", 1};
  RecordAccumulator::Config config = SenderBench::accumulator_config();
  config.compression = Compression::of(CompressionType::gzip);
  config.delivery_timeout_ms = 3000;
  bench.accumulator = std::make_unique<RecordAccumulator>(config);
  // Two records that are much too large together are believed to compress well enough.
  bench.accumulator->compression_ratio(partition.topic).set_estimation(0.2F);
  Sender sender = bench.new_sender(true, 1, 1000);
  bench.client->prepare_metadata_update(metadata_update(2, {{partition.topic, 2}}));

  const std::string half(SenderBench::batch_size / 2, '\0');
  const SendFuture first = bench.append(partition, 0, "key1", half);
  const SendFuture second = bench.append(partition, 0, "key2", half);
  bench.run_once(sender);
  bench.run_once(sender);
  const auto check_produce_request_in_flight = [&bench] {
    const Node node = bench.destination_of_oldest();
    CHECK(std::holds_alternative<ProduceRequestBuilder>(bench.client->requests().front().builder));
    CHECK(bench.in_flight() == 1);
    CHECK(bench.client->is_ready(node, bench.now_ms, bench.entropy));
  };
  CHECK(bench.next_sequence(partition) == 2);
  check_produce_request_in_flight();
  REQUIRE(sender.in_flight_batches(partition).size() == 1);
  const BatchId big = sender.in_flight_batches(partition).front();
  CHECK(bench.accumulator->batches()[big].is_inflight());

  bench.client->respond(produce_response(partition, -1, ErrorCode::message_too_large));
  bench.run_once(sender);
  CHECK_FALSE(bench.accumulator->batches()[big].is_inflight());
  CHECK(bench.next_sequence(partition) == 2);
  // One step better than "does not compress at all".
  CHECK(bench.accumulator->compression_ratio(partition.topic).estimation() == Approx(1.0 - 0.005).margin(0.01));
  bench.run_once(sender);
  CHECK(bench.next_sequence(partition) == 2);
  CHECK_FALSE(first.is_done());
  CHECK_FALSE(second.is_done());
  check_produce_request_in_flight();

  const auto respond = [&](std::int32_t sequence) {
    bench.client->respond(produce_response({{partition, sequence, ErrorCode::none, 0, 0}}),
                          [&](const ClientRequest& request) {
                            const std::vector<RecordBatchHeader> batches = bench.batches_of(request, partition);
                            REQUIRE(batches.size() == 1);
                            const ProducerIdAndEpoch identity{ProducerId{123456}, ProducerEpoch{0}};
                            return batches[0].base_offset == Offset{0} && batches[0].base_sequence == sequence &&
                                   batches[0].producer == identity && !batches[0].transactional;
                          });
    bench.run_once(sender);
  };
  respond(0);
  CHECK(first.is_done());
  CHECK(bench.next_sequence(partition) == 2);
  CHECK(bench.last_acked(partition) == 0);
  CHECK_FALSE(second.is_done());
  CHECK(first.offset() == 0);
  bench.run_once(sender);
  check_produce_request_in_flight();

  respond(1);
  CHECK(second.is_done());
  CHECK(bench.next_sequence(partition) == 2);
  CHECK(bench.last_acked(partition) == 1);
  CHECK(second.offset() == 1);
  CHECK(bench.queue(partition).empty());
  CHECK(sender.metrics().batch_split_total > 0);
  CHECK(bench.all_memory_returned());
}

// Cases of Kafka's SenderTest (kafka-clients 4.3.1): sending, retrying and refusing, without a producer id.

#include <algorithm>
#include <catch2/catch.hpp>

#include "conformance/producer_sender_bench.h"

using namespace linger;
using namespace linger::test;

TEST_CASE("SenderTest.testSimple") {
  SenderBench bench;
  const SendFuture future = bench.append(tp0, 0, "key", "value");
  bench.run_once();
  bench.run_once();
  CHECK(bench.in_flight() == 1);
  CHECK(bench.batches_in_flight(tp0) == 1);
  CHECK(bench.client->has_in_flight_requests());
  bench.client->respond(produce_response(tp0, 0, ErrorCode::none));
  bench.run_once();
  CHECK(bench.in_flight() == 0);
  CHECK(bench.batches_in_flight(tp0) == 0);
  CHECK_FALSE(bench.client->has_in_flight_requests());
  bench.run_once();
  CHECK(future.is_done());
  CHECK(future.offset() == 0);
  CHECK(bench.all_memory_returned());
}

TEST_CASE("SenderTest.testRetries") {
  SenderBench bench;
  constexpr int retries = 1;
  Sender sender = bench.new_sender(false, retries);
  const SendFuture retried = bench.append(tp0, 0, "key", "value");
  bench.run_once(sender);
  bench.run_once(sender);
  const Node node = bench.destination_of_oldest();
  CHECK(bench.in_flight() == 1);
  CHECK(bench.client->has_in_flight_requests());
  CHECK(sender.in_flight_batches(tp0).size() == 1);
  CHECK(bench.client->is_ready(node, bench.now_ms, bench.entropy));
  bench.client->disconnect(node.id);
  CHECK(bench.in_flight() == 0);
  CHECK_FALSE(bench.client->has_in_flight_requests());
  CHECK_FALSE(bench.client->is_ready(node, bench.now_ms, bench.entropy));
  CHECK(sender.in_flight_batches(tp0).size() == 1);
  bench.run_once(sender);  // learns of the lost connection
  bench.run_once(sender);  // connects again
  bench.run_once(sender);  // sends again
  CHECK(bench.in_flight() == 1);
  CHECK(bench.client->has_in_flight_requests());
  CHECK(sender.in_flight_batches(tp0).size() == 1);
  bench.client->respond(produce_response(tp0, 0, ErrorCode::none));
  bench.run_once(sender);
  CHECK(retried.is_done());
  CHECK(retried.offset() == 0);
  CHECK(sender.in_flight_batches(tp0).size() == 0);

  const SendFuture given_up = bench.append(tp0, 0, "key", "value");
  bench.run_once(sender);
  CHECK(sender.in_flight_batches(tp0).size() == 1);
  for (int attempt = 0; attempt <= retries; ++attempt) {
    bench.client->disconnect(bench.destination_of_oldest().id);
    bench.run_once(sender);
    CHECK(sender.in_flight_batches(tp0).size() == 0);
    bench.run_once(sender);
    bench.run_once(sender);
    CHECK(sender.in_flight_batches(tp0).size() == (attempt > 0 ? 0U : 1U));
  }
  bench.run_once(sender);
  CHECK(given_up.exception() == "NetworkException");
  CHECK(sender.in_flight_batches(tp0).size() == 0);
}

TEST_CASE("SenderTest.testSendInOrder") {
  SenderBench bench;
  Sender sender = bench.new_sender(true, 1);
  // Partition 1 is led by node 1 of two.
  bench.client->prepare_metadata_update(metadata_update(2, {{"test", 2}}));
  bench.append(tp1, 0, "key1", "value1");
  bench.run_once(sender);
  bench.run_once(sender);
  const Node node = bench.destination_of_oldest();
  CHECK(std::holds_alternative<ProduceRequestBuilder>(bench.client->requests().front().builder));
  CHECK(bench.in_flight() == 1);
  CHECK(bench.client->has_in_flight_requests());
  CHECK(bench.client->is_ready(node, bench.now_ms, bench.entropy));
  CHECK(sender.in_flight_batches(tp1).size() == 1);

  bench.sleep(900);
  bench.append(tp1, 0, "key2", "value2");
  // The leader moves to node 0, which must not get the second batch before the first is answered.
  bench.client->prepare_metadata_update(metadata_update(1, {{"test", 2}}));
  CHECK(sender.in_flight_batches(tp1).size() == 1);
  bench.run_once(sender);
  CHECK(bench.in_flight() == 1);
  CHECK(bench.client->has_in_flight_requests());
  CHECK(sender.in_flight_batches(tp1).size() == 1);
}

TEST_CASE("SenderTest.testAppendInExpiryCallback") {
  SenderBench bench;
  constexpr int records = 10;
  int expired = 0;
  std::string unexpected;
  bench.on_completion = [&](const SendFuture& report) {
    if (report.exception() == "TimeoutException") {
      CHECK(report.failure().message.find("it was not sent, or the broker has not answered") != std::string::npos);
      ++expired;
      bench.append(tp1, 0, "key", "value");
    } else if (!report.exception().empty()) {
      unexpected = report.exception();
    }
  };
  for (int i = 0; i < records; ++i) bench.append(tp1, 0, "key", "value");
  bench.sleep(10'000);

  const RecordAccumulator::DrainedBatches drained = bench.accumulator->drain(
      bench.metadata.fetch(), {bench.node().id}, 2147483647, bench.now_ms, nullptr, bench.entropy);
  bench.sender.add_to_inflight_batches(drained, bench.accumulator->batches());
  bench.client->disconnect(bench.node().id);
  bench.client->backoff(bench.node().id, 100);

  bench.run_once();
  CHECK(expired == records);
  CHECK(unexpected.empty());
  REQUIRE(bench.accumulator->deque(tp1) != nullptr);
  CHECK(bench.queue(tp1).size() == 1);
  CHECK(bench.queue(tp1).front()->record_count() == records);
}

TEST_CASE("SenderTest.testMetadataTopicExpiry") {
  SenderBench bench;
  const MetadataResponse two_partitions = metadata_update(1, {{"test", 2}});
  bench.client->update_metadata(two_partitions);

  const SendFuture first = bench.append(tp0);
  bench.run_once();
  CHECK(bench.metadata.contains_topic("test"));
  bench.client->update_metadata(two_partitions);
  bench.run_once();
  bench.client->respond(produce_response(tp0, 0, ErrorCode::none));
  bench.run_once();
  CHECK(bench.in_flight() == 0);
  CHECK_FALSE(bench.client->has_in_flight_requests());
  CHECK(bench.batches_in_flight(tp0) == 0);
  bench.run_once();
  CHECK(first.is_done());

  CHECK(bench.metadata.contains_topic("test"));
  bench.sleep(SenderBench::topic_idle_ms);
  bench.client->update_metadata(two_partitions);
  CHECK_FALSE(bench.metadata.contains_topic("test"));
  const SendFuture second = bench.append(tp0);
  bench.run_once();
  CHECK(bench.metadata.contains_topic("test"));
  bench.client->update_metadata(two_partitions);
  bench.run_once();
  bench.client->respond(produce_response(tp0, 1, ErrorCode::none));
  bench.run_once();
  CHECK(bench.in_flight() == 0);
  CHECK_FALSE(bench.client->has_in_flight_requests());
  CHECK(bench.batches_in_flight(tp0) == 0);
  bench.run_once();
  CHECK(second.is_done());
}

TEST_CASE("SenderTest.testNodeLatencyStats") {
  SenderBench bench;
  RecordAccumulator::Config config = SenderBench::accumulator_config();
  config.adaptive_partitioning = false;
  config.partition_availability_timeout_ms = 42;  // with 0 there would be no statistics
  bench.accumulator = std::make_unique<RecordAccumulator>(config);
  Sender sender = bench.new_sender(false, 1, 1000);
  const auto check_stats = [&bench](std::int64_t drain_ms, std::int64_t ready_ms) {
    const RecordAccumulator::NodeLatencyStats* stats = bench.accumulator->node_latency_stats(NodeId{0});
    REQUIRE(stats != nullptr);
    CHECK(stats->drain_time_ms == drain_ms);
    CHECK(stats->ready_time_ms == ready_ms);
  };

  const std::int64_t start_ms = bench.now_ms;
  bench.append(tp0, 0, "key", "value");
  bench.run_once(sender);
  CHECK(bench.in_flight() == 1);
  check_stats(start_ms, start_ms);

  bench.client->throttle(NodeId{0}, 100);
  bench.sleep(10);
  bench.run_once(sender);
  CHECK(bench.in_flight() == 1);
  check_stats(start_ms, start_ms);  // nothing to send

  std::int64_t ready_ms = bench.now_ms;
  bench.append(tp0, 0, "key", "value");
  bench.run_once(sender);
  CHECK(bench.in_flight() == 1);
  check_stats(start_ms, ready_ms);  // a batch, but the node is throttled

  bench.sleep(10);
  ready_ms = bench.now_ms;
  bench.run_once(sender);
  CHECK(bench.in_flight() == 1);
  check_stats(start_ms, ready_ms);

  bench.sleep(100);
  ready_ms = bench.now_ms;
  bench.run_once(sender);
  CHECK(bench.in_flight() == 2);
  check_stats(ready_ms, ready_ms);
}

TEST_CASE("SenderTest.testCanRetryWithoutIdempotence") {
  SenderBench bench;
  const SendFuture future = bench.append(tp0, 0, "key", "value");
  bench.run_once();
  bench.run_once();
  const Node node = bench.destination_of_oldest();
  CHECK(bench.in_flight() == 1);
  CHECK(bench.client->has_in_flight_requests());
  CHECK(bench.batches_in_flight(tp0) == 1);
  CHECK(bench.client->is_ready(node, bench.now_ms, bench.entropy));
  CHECK_FALSE(future.is_done());

  bench.client->respond(produce_response(tp0, -1, ErrorCode::topic_authorization_failed),
                        [&bench](const ClientRequest& request) {
                          CHECK_FALSE(bench.has_idempotent_records(request));
                          return true;
                        });
  bench.run_once();
  CHECK(future.is_done());
  CHECK(future.exception() == "TopicAuthorizationException");
}

TEST_CASE("SenderTest.testRecordErrorPropagatedToApplication") {
  SenderBench bench;
  constexpr std::size_t records = 5;
  std::vector<SendFuture> futures;
  for (std::size_t i = 0; i < records; ++i) futures.push_back(bench.append(tp0));
  bench.run_once();
  CHECK(bench.in_flight() == 1);
  CHECK(bench.batches_in_flight(tp0) == 1);

  PartAnswer answer{tp0, -1, ErrorCode::invalid_record};
  answer.record_errors = {{0, "0"}, {2, "2"}, {3, std::nullopt}};
  bench.client->respond(produce_response({answer}));
  bench.run_once();
  for (std::size_t i = 0; i < records; ++i) {
    INFO("record " << i);
    CHECK(futures[i].is_done());
    if (i == 0 || i == 2) {
      CHECK(futures[i].exception() == "InvalidRecordException");
      CHECK(futures[i].failure().message == std::to_string(i));
    } else if (i == 3) {
      CHECK(futures[i].exception() == "InvalidRecordException");
      CHECK(futures[i].failure().message == error_message(ErrorCode::invalid_record));
    } else {
      CHECK(futures[i].exception() == "KafkaException");
    }
  }
}

namespace {

void check_error_message(const PartAnswer& answer, std::string_view expected) {
  SenderBench bench;
  const SendFuture future = bench.append(tp0, 0, "key", "value");
  bench.run_once();
  bench.run_once();
  bench.client->respond(produce_response({answer}));
  bench.run_once();
  bench.run_once();
  CHECK(future.exception() == "InvalidRequestException");
  CHECK(future.failure().message == expected);
}

}  // namespace

TEST_CASE("SenderTest.testDefaultErrorMessage") {
  check_error_message({tp0, 0, ErrorCode::invalid_request}, error_message(ErrorCode::invalid_request));
}

TEST_CASE("SenderTest.testCustomErrorMessage") {
  PartAnswer answer{tp0, 0, ErrorCode::invalid_request};
  answer.message = "testCustomErrorMessage";
  check_error_message(answer, "testCustomErrorMessage");
}

// Cases of ExponentialBackoffTest, RoundRobinPartitionerTest, KafkaProducerMetricsTest, RecordSendTest,
// RecordMetadataTest and ProducerRecordTest (kafka-clients 4.3.1).

#include <catch2/catch.hpp>
#include <cmath>

#include "conformance/producer_kafka_producer_bench.h"
#include "producer/exponential_backoff.h"
#include "producer/kafka_producer_metrics.h"
#include "producer/producer_batch.h"
#include "support/accumulator_stage.h"
#include "support/ends_the_process.h"

using namespace linger;
using testing::bytes_of;
using testing::led_by;

namespace {

/// What the call's number is told as.
double told(double KafkaProducerMetrics::*field, const std::string& name) {
  KafkaProducerMetrics metrics;
  metrics.*field = 123;
  MetricList list(MetricConfig{}, 0, "producer-1");
  metrics.list(list);
  for (const Metric& metric : list.take()) {
    if (metric.name == name) return std::get<double>(metric.value);
  }
  FAIL("no metric " << name);
  return 0;
}

/// A batch of one partition to which records with keys of 3 and values of 5 bytes were appended.
struct OneBatch {
  OneBatch(const TopicPartition& partition, int records, std::int64_t timestamp) {
    ProducerBatch::Origin origin;
    origin.topic = 7;
    origin.capacity = 1024;
    batch.start(origin, partition);
    buffer.resize(1024);
    for (int i = 0; i < records; ++i) {
      REQUIRE(batch.try_append(buffer, static_cast<std::uint64_t>(i), timestamp, bytes_of("key"), bytes_of("value"), {},
                               0));
    }
  }
  /// The last record's report.
  const RecordCompletion& report() const {
    REQUIRE_FALSE(completions.records.empty());
    return completions.records.back();
  }

  ProducerBatch batch;
  Bytes buffer;
  RecordCompletions completions;
};

const TopicPartition test_partition{"test", 0};
const std::vector<Node> three_nodes = {{NodeId{0}, "localhost", 99, std::nullopt},
                                       {NodeId{1}, "localhost", 100, std::nullopt},
                                       {NodeId{2}, "localhost", 101, std::nullopt}};

}  // namespace

TEST_CASE("ExponentialBackoffTest.testExponentialBackoff") {
  const ExponentialBackoff backoff(100, 2, 2000, 0.2);
  test::CountedEntropy entropy;
  for (int i = 0; i <= 100; ++i) {
    for (int attempts = 0; attempts <= 10; ++attempts) {
      const auto waited = static_cast<double>(backoff.backoff(attempts, entropy, DrawUse::metadata_backoff));
      const double expected = 100 * std::pow(2, attempts);
      if (attempts <= 4) {
        CHECK(std::abs(waited - expected) <= expected * 0.2);
      } else {
        CHECK(waited <= 2000 * 1.2);
      }
    }
  }
}

TEST_CASE("ExponentialBackoffTest.testExponentialBackoffWithoutJitter") {
  const ExponentialBackoff backoff(100, 2, 400, 0);
  test::CountedEntropy entropy;
  CHECK(backoff.backoff(0, entropy, DrawUse::metadata_backoff) == 100);
  CHECK(backoff.backoff(1, entropy, DrawUse::metadata_backoff) == 200);
  CHECK(backoff.backoff(2, entropy, DrawUse::metadata_backoff) == 400);
  CHECK(backoff.backoff(3, entropy, DrawUse::metadata_backoff) == 400);
}

TEST_CASE("ExponentialBackoffTest.testExponentialBackoffWithInvalidJitter") {
  CHECK(test::ends_the_process([] { ExponentialBackoff(100, 2, 400, -1); }));
  CHECK(test::ends_the_process([] { ExponentialBackoff(100, 2, 400, 3000); }));
  CHECK_FALSE(test::ends_the_process([] { ExponentialBackoff(100, 2, 400, 1); }));
}

TEST_CASE("RoundRobinPartitionerTest.testRoundRobinWithUnavailablePartitions") {
  const Cluster cluster("clusterId", three_nodes,
                        {led_by("test", 1, std::nullopt), led_by("test", 2, NodeId{1}), led_by("test", 0, NodeId{0})},
                        {});
  const RoundRobinPartitioner partitioner;
  PartitionerState state;
  test::CountedEntropy entropy;
  int chosen[3] = {};
  for (int i = 1; i <= 100; ++i) {
    const std::int32_t partition = partitioner.partition(state, "test", std::nullopt, std::nullopt, cluster, entropy);
    REQUIRE((partition == 0 || partition == 2));
    ++chosen[partition];
  }
  CHECK(chosen[0] == chosen[2]);
}

TEST_CASE("RoundRobinPartitionerTest.testRoundRobinWithKeyBytes") {
  const Cluster cluster("clusterId", three_nodes,
                        {led_by("topicA", 0, NodeId{0}), led_by("topicA", 1, NodeId{1}), led_by("topicA", 2, NodeId{2}),
                         led_by("topicB", 0, NodeId{0})},
                        {});
  const RoundRobinPartitioner partitioner;
  PartitionerState state;
  test::CountedEntropy entropy;
  std::map<std::int32_t, int> chosen;
  for (int i = 0; i < 30; ++i) {
    ++chosen[partitioner.partition(state, "topicA", bytes_of("key"), std::nullopt, cluster, entropy)];
    if (i % 5 == 0) partitioner.partition(state, "topicB", bytes_of("key"), std::nullopt, cluster, entropy);
  }
  CHECK(chosen[0] == 10);
  CHECK(chosen[1] == 10);
  CHECK(chosen[2] == 10);
}

TEST_CASE("KafkaProducerMetricsTest.shouldRecordFlushTime") {
  CHECK(told(&KafkaProducerMetrics::flush_ns, "flush-time-ns-total") == 123);
}

TEST_CASE("KafkaProducerMetricsTest.shouldRecordInitTime") {
  CHECK(told(&KafkaProducerMetrics::txn_init_ns, "txn-init-time-ns-total") == 123);
}

TEST_CASE("KafkaProducerMetricsTest.shouldRecordTxBeginTime") {
  CHECK(told(&KafkaProducerMetrics::txn_begin_ns, "txn-begin-time-ns-total") == 123);
}

TEST_CASE("KafkaProducerMetricsTest.shouldRecordTxCommitTime") {
  CHECK(told(&KafkaProducerMetrics::txn_commit_ns, "txn-commit-time-ns-total") == 123);
}

TEST_CASE("KafkaProducerMetricsTest.shouldRecordTxAbortTime") {
  CHECK(told(&KafkaProducerMetrics::txn_abort_ns, "txn-abort-time-ns-total") == 123);
}

TEST_CASE("KafkaProducerMetricsTest.shouldRecordSendOffsetsTime") {
  CHECK(told(&KafkaProducerMetrics::txn_send_offsets_ns, "txn-send-offsets-time-ns-total") == 123);
}

TEST_CASE("KafkaProducerMetricsTest.shouldRecordMetadataWaitTime") {
  CHECK(told(&KafkaProducerMetrics::metadata_wait_ns, "metadata-wait-time-ns-total") == 123);
}

TEST_CASE("RecordSendTest.testTimeout") {
  OneBatch one(test_partition, 6, 0);
  CHECK_FALSE(one.batch.future_is_done());
  CHECK(one.completions.records.empty());
  one.batch.complete(45, no_timestamp, one.completions);
  CHECK(one.batch.future_is_done());
  CHECK(one.report().offset == 45 + 5);
}

TEST_CASE("RecordSendTest.testError") {
  OneBatch one(test_partition, 6, 0);
  one.batch.complete_exceptionally({api_error(ErrorCode::corrupt_message), {}, {}}, one.completions);
  REQUIRE_FALSE(one.report().ok());
  CHECK(one.completions.errors.at(one.report().error).exception == "CorruptRecordException");
}

TEST_CASE("RecordSendTest.testBlocking") {
  OneBatch one(test_partition, 6, 0);
  one.batch.complete(45, no_timestamp, one.completions);
  CHECK(one.report().offset == 45 + 5);
}

TEST_CASE("RecordMetadataTest.testConstructionWithMissingBatchIndex") {
  OneBatch one({"foo", 0}, 1, 2340234);
  one.batch.complete(-1, no_timestamp, one.completions);
  CHECK(one.report().topic == 7);
  CHECK(one.report().partition == 0);
  CHECK(one.report().timestamp == 2340234);
  CHECK(one.report().offset == -1);
  CHECK(one.report().serialized_key_size == 3);
  CHECK(one.report().serialized_value_size == 5);
}

TEST_CASE("RecordMetadataTest.testConstructionWithBatchIndexOffset") {
  OneBatch one({"foo", 0}, 4, 2340234);
  one.batch.complete(15, no_timestamp, one.completions);
  CHECK(one.report().topic == 7);
  CHECK(one.report().partition == 0);
  CHECK(one.report().timestamp == 2340234);
  CHECK(one.report().offset == 15 + 3);
  CHECK(one.report().serialized_key_size == 3);
  CHECK(one.report().serialized_value_size == 5);
}

TEST_CASE("ProducerRecordTest.testInvalidRecords") {
  test::KafkaProducerBench bench(test::Settings{});
  RecordToSend record;
  record.topic = "test";
  record.partition = 0;
  record.timestamp = -1;
  CHECK(bench.finish(bench.producer.send(record, bench.now, bench.entropy)).threw("IllegalArgumentException"));
  record.timestamp.reset();
  record.partition = -1;
  CHECK(bench.finish(bench.producer.send(record, bench.now, bench.entropy)).threw("IllegalArgumentException"));
}

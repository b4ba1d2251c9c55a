// Cases of KafkaProducerTest about calls without transactions.

#include <catch2/catch.hpp>

#include "conformance/producer_kafka_producer_bench.h"

using namespace linger;
using test::ClusterAnswer;
using Bench = test::KafkaProducerBench;

namespace {

/// How often the node was asked for metadata of the topic.
std::size_t asked_for(const Bench& bench, const std::string& topic) {
  std::size_t count = 0;
  for (const test::NodeRequest& request : bench.metadata_seen) {
    const auto asked = request.message<MetadataRequest>();
    for (const auto& wanted : *asked.topics) count += wanted.name == topic ? 1 : 0;
  }
  return count;
}

/// An idempotent producer gets its id before it asks for metadata.
void become_idempotent(Bench& bench) {
  if (bench.producer.transaction_manager() == nullptr) return;
  bench.prepare_producer_id();
  bench.run(1);
}

ClusterAnswer unknown_topic(const std::string& topic = "topic") {
  return Bench::refused_topic(topic, ErrorCode::unknown_topic_or_partition);
}

/// A record for partition 2, whose metadata comes four times without it, the last time too late.
void check_metadata_timeout(const ClusterAnswer& without_partition) {
  const std::string idempotence = GENERATE(as<std::string>{}, "true", "false");
  Bench bench({{"max.block.ms", "60000"}, {"enable.idempotence", idempotence}}, Bench::no_topics());
  become_idempotent(bench);
  for (int answer = 0; answer < 3; ++answer) bench.prepare_metadata(without_partition);
  bench.hold_metadata();
  RecordToSend record;
  record.topic = "topic";
  record.partition = 2;
  const SendResult sent = bench.producer.send(record, bench.now, bench.entropy);
  REQUIRE(std::holds_alternative<Ticket>(sent));
  bench.run(10'000);
  CHECK(asked_for(bench, "topic") == 4);
  CHECK_FALSE(bench.outcome(std::get<Ticket>(sent)).done);
  bench.sleep(70'000);
  bench.settle();
  CHECK(bench.outcome(std::get<Ticket>(sent)).failed_with("TimeoutException"));
}

/// Remembers in its state what it was called with.
class Witness final : public ProducerInterceptor {
 public:
  void on_send(InterceptorState& state, ProducerRecord& record) const override {
    ++state.counters["sent to " + record.topic];
  }
  void on_acknowledgement(InterceptorState& state, const Acknowledgement& acknowledgement) const override {
    ++state.counters["acknowledged"];
    ++state.counters[std::string(acknowledgement.topic) + " " + std::to_string(acknowledgement.report.partition) +
                     (acknowledgement.error != nullptr ? " " + acknowledgement.error->exception : "")];
    state.counters["offset"] = acknowledgement.report.offset;
    state.counters["timestamp"] = acknowledgement.report.timestamp;
    state.counters["size of key"] = acknowledgement.report.serialized_key_size;
    state.counters["size of value"] = acknowledgement.report.serialized_value_size;
  }
};

class BuggyPartitioner final : public Partitioner {
 public:
  std::int32_t partition(PartitionerState&, std::string_view, const OptionalBytes&, const OptionalBytes&,
                         const Cluster&, Entropy&) const override {
    return -1;
  }
};

}  // namespace

TEST_CASE("KafkaProducerTest.testMetadataFetch") {
  const std::string idempotence = GENERATE(as<std::string>{}, "true", "false");
  Bench bench({{"enable.idempotence", idempotence}}, Bench::no_topics());
  become_idempotent(bench);
  for (int answer = 0; answer < 3; ++answer) bench.prepare_metadata(unknown_topic());
  bench.prepare_metadata(Bench::one_topic());
  CHECK_FALSE(bench.send("topic", "", "value").error);
  CHECK(asked_for(bench, "topic") == 4);

  CHECK_FALSE(bench.send("topic", "", "value").error);
  CHECK(asked_for(bench, "topic") == 4);

  CHECK(bench.partitions_for("topic").partitions.size() == 1);
  CHECK(asked_for(bench, "topic") == 4);
}

TEST_CASE("KafkaProducerTest.testMetadataExpiry") {
  const std::string idempotence = GENERATE(as<std::string>{}, "true", "false");
  Bench bench(test::Settings{{"enable.idempotence", idempotence}});
  become_idempotent(bench);
  CHECK_FALSE(bench.send("topic", "", "value").error);
  bench.settle();
  CHECK(asked_for(bench, "topic") == 0);

  bench.update_metadata(Bench::no_topics());
  bench.prepare_metadata(Bench::one_topic());
  CHECK_FALSE(bench.send("topic", "", "value").error);
  CHECK(asked_for(bench, "topic") == 1);
}

TEST_CASE("KafkaProducerTest.testMetadataTimeoutWithMissingTopic") {
  check_metadata_timeout(unknown_topic());
}

TEST_CASE("KafkaProducerTest.testMetadataWithPartitionOutOfRange") {
  const std::string idempotence = GENERATE(as<std::string>{}, "true", "false");
  Bench bench({{"max.block.ms", "60000"}, {"enable.idempotence", idempotence}});
  become_idempotent(bench);
  bench.prepare_metadata(Bench::one_topic());
  bench.prepare_metadata(Bench::one_topic("topic", 3));
  CHECK_FALSE(bench.send("topic", "", "value", 2).error);
  CHECK(asked_for(bench, "topic") == 2);
}

TEST_CASE("KafkaProducerTest.testMetadataTimeoutWithPartitionOutOfRange") {
  check_metadata_timeout(Bench::one_topic());
}

TEST_CASE("KafkaProducerTest.testTopicRefreshInMetadata") {
  Bench bench({{"max.block.ms", "600000"},
               {"enable.idempotence", "false"},
               {"retry.backoff.ms", "500"},
               {"retry.backoff.max.ms", "5000"},
               {"metadata.max.age.ms", "60000"},
               {"metadata.max.idle.ms", "60000"}},
              Bench::no_topics());
  bench.prepare_metadata(unknown_topic());
  CHECK(bench.partitions_for("topic").threw("TimeoutException"));
  CHECK(bench.producer.client().metadata().get_error("topic") == ErrorCode::unknown_topic_or_partition);
}

TEST_CASE("KafkaProducerTest.testTopicNotExistingInMetadata") {
  Bench bench({{"max.block.ms", "30000"},
               {"retry.backoff.ms", "500"},
               {"retry.backoff.max.ms", "5000"},
               {"metadata.max.age.ms", "60000"},
               {"metadata.max.idle.ms", "60000"}},
              unknown_topic());
  bench.hold_metadata();
  CHECK(bench.partitions_for("topic").threw("TimeoutException"));
  CHECK(bench.producer.client().metadata().get_error("topic") == ErrorCode::unknown_topic_or_partition);
}

TEST_CASE("KafkaProducerTest.testTopicExpiryInMetadata") {
  Bench bench({{"max.block.ms", "30000"},
               {"retry.backoff.ms", "500"},
               {"retry.backoff.max.ms", "5000"},
               {"metadata.max.age.ms", "60000"},
               {"metadata.max.idle.ms", "60000"}},
              Bench::no_topics());
  bench.prepare_metadata(Bench::one_topic());
  bench.hold_metadata();
  CHECK(bench.partitions_for("topic").partitions.size() == 1);
  bench.sleep(120'000);
  bench.update_metadata(Bench::one_topic());
  CHECK(bench.partitions_for("topic").threw("TimeoutException"));
}

TEST_CASE("KafkaProducerTest.testHeadersSuccess") {
  Bench bench(test::Settings{{"enable.idempotence", "false"}});
  const std::string value = "header2";
  const RecordHeader header{"test", std::as_bytes(std::span(value))};
  RecordToSend record;
  record.topic = "topic";
  record.headers = std::span(&header, 1);
  CHECK_FALSE(bench.finish(bench.producer.send(record, bench.now, bench.entropy)).error);
  bench.run(100);
  REQUIRE(bench.requests.size() == 1);
  const auto request = bench.requests[0].message<ProduceRequest>();
  Bytes scratch;
  RecordCursor cursor(RecordBatchView(request.topic_data.at(0).partition_data.at(0).records.bytes()), scratch);
  RecordView sent;
  REQUIRE(cursor.next(sent));
  const std::vector<RecordHeader> headers = sent.headers();
  REQUIRE(headers.size() == 1);
  CHECK(headers[0].key == "test");
  CHECK(std::string(reinterpret_cast<const char*>(headers[0].value->data()), headers[0].value->size()) == value);
}

TEST_CASE("KafkaProducerTest.testHeadersFailure") {
  Bench bench({{"max.block.ms", "5"}}, Bench::no_topics());
  bench.hold_metadata();
  CHECK(bench.send("topic", "key", "value").failed_with("TimeoutException"));
}

TEST_CASE("KafkaProducerTest.closeShouldBeIdempotent") {
  Bench bench(test::Settings{});
  CHECK(bench.close().succeeded());
  CHECK(bench.close().succeeded());
}

TEST_CASE("KafkaProducerTest.closeWithNegativeTimestampShouldThrow") {
  Bench bench(test::Settings{});
  CHECK(bench.close(-100).threw("IllegalArgumentException"));
}

TEST_CASE("KafkaProducerTest.testFlushCompleteSendOfInflightBatches") {
  Bench bench(test::Settings{{"enable.idempotence", "false"}});
  for (int i = 0; i < 50; ++i) bench.send("topic", "", "value" + std::to_string(i));
  for (std::uint64_t record = 0; record < 50; ++record) CHECK_FALSE(bench.report(record).done);
  CHECK(bench.flush().succeeded());
  for (std::uint64_t record = 0; record < 50; ++record) CHECK(bench.report(record).done);
}

TEST_CASE("KafkaProducerTest.testInterceptorPartitionSetOnTooLargeRecord") {
  Bench bench(test::Settings{{"max.request.size", "1"}});
  const Witness witness;
  const ProducerInterceptor* const interceptors[] = {&witness};
  bench.plugins.interceptors = interceptors;
  bench.send("topic", "", "value");
  const auto& calls = bench.producer.interceptor_states().at(0).counters;
  CHECK(calls.at("sent to topic") == 1);
  CHECK(calls.at("topic -1 RecordTooLargeException") == 1);
}

TEST_CASE("KafkaProducerTest.testSendToInvalidTopic") {
  Bench bench({{"max.block.ms", "15000"}}, Bench::no_topics());
  bench.prepare_metadata(Bench::refused_topic("topic abc", ErrorCode::invalid_topic_exception));
  const test::Outcome sent = bench.send("topic abc", "", "HelloKafka");
  CHECK(bench.producer.client().metadata().fetch().invalid_topics() == std::set<std::string>{"topic abc"});
  CHECK(sent.failed_with("InvalidTopicException"));
}

TEST_CASE("KafkaProducerTest.testCloseWhenWaitingForMetadataUpdate") {
  Bench bench({{"max.block.ms", "9223372036854775807"}}, Bench::no_topics());
  bench.prepare_metadata(unknown_topic("test"));
  RecordToSend record;
  record.topic = "test";
  const SendResult waiting = bench.producer.send(record, bench.now, bench.entropy);
  REQUIRE(std::holds_alternative<Ticket>(waiting));
  REQUIRE(bench.producer.client().metadata().contains_topic("test"));
  bench.close(0);
  const test::Outcome sent = bench.outcome(std::get<Ticket>(waiting));
  CHECK(sent.threw("KafkaException"));
}

TEST_CASE("KafkaProducerTest.testCallbackAndInterceptorHandleError") {
  Bench bench({{"max.block.ms", "1000"}}, Bench::no_topics());
  bench.hold_metadata();
  const Witness witness;
  const ProducerInterceptor* const interceptors[] = {&witness};
  bench.plugins.interceptors = interceptors;
  const test::Outcome told = bench.send("topic abc", "", "HelloKafka");
  CHECK(told.failed_with("TimeoutException"));
  CHECK(told.offset == -1);
  CHECK(told.partition == -1);
  const auto& calls = bench.producer.interceptor_states().at(0).counters;
  CHECK(calls.at("topic abc -1 TimeoutException") == 1);
  CHECK(calls.at("offset") == -1);
  CHECK(calls.at("timestamp") == -1);
  CHECK(calls.at("size of key") == -1);
  CHECK(calls.at("size of value") == -1);
  CHECK(calls.at("acknowledged") == 1);
}

TEST_CASE("KafkaProducerTest.shouldNotInvokeFlushInCallback") {
  Bench bench(test::Settings{{"enable.idempotence", "false"}});
  std::optional<KafkaError> thrown;
  bench.callback = [&](const RecordCompletion&) {
    const CallResult result = bench.producer.flush(bench.now, Caller::callback);
    REQUIRE(std::holds_alternative<Thrown>(result));
    thrown = std::get<Thrown>(result).error;
  };
  bench.send("topic", "", "value");
  bench.close();
  REQUIRE(thrown);
  CHECK(thrown->family == ErrorFamily::kafka);
  CHECK(thrown->message ==
        "KafkaProducer.flush() invocation inside a callback is not permitted because it may lead to deadlock.");
}

TEST_CASE("KafkaProducerTest.negativePartitionShouldThrow") {
  ProducerConfigOptions options;
  options.known_partitioners = {"BuggyPartitioner"};
  const ProducerConfigResult config = read_producer_config(
      {{"bootstrap.servers", "localhost:9000"}, {"partitioner.class", "BuggyPartitioner"}}, options);
  REQUIRE(config.ok());
  Bench bench(test::Settings{});
  bench.producer = KafkaProducer(config.config, bench.now, bench.entropy);
  bench.update_metadata(Bench::one_topic());
  const BuggyPartitioner partitioner;
  bench.plugins.partitioner = &partitioner;
  CHECK(bench.send("topic", "key", "value").threw("IllegalArgumentException"));
}

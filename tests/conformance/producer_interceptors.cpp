// Cases of ProducerInterceptorsTest (kafka-clients 4.3.1). Interceptors here do not throw.

#include <catch2/catch.hpp>

#include "conformance/producer_kafka_producer_bench.h"
#include "support/hex.h"

using namespace linger;

namespace {

/// Appends its word to each value, and counts.
class AppendInterceptor final : public ProducerInterceptor {
 public:
  explicit AppendInterceptor(std::string word) : word_(std::move(word)) {}
  void on_send(InterceptorState& state, ProducerRecord& record) const override {
    ++state.counters["sent"];
    for (const std::byte byte : testing::bytes_of(word_)) record.value->push_back(byte);
  }
  void on_acknowledgement(InterceptorState& state, const Acknowledgement& acknowledgement) const override {
    ++state.counters["acknowledged"];
    if (acknowledgement.error == nullptr) return;
    ++state.counters["errors"];
    if (!acknowledgement.topic.empty()) ++state.counters["errors with topic"];
    if (acknowledgement.report.partition >= 0) ++state.counters["errors with partition"];
  }

 private:
  std::string word_;
};

struct Bench : test::KafkaProducerBench {
  explicit Bench(const test::Settings& settings) : KafkaProducerBench(settings) { plugins.interceptors = both; }
  /// Of both interceptors.
  std::int64_t count(const std::string& what) const {
    std::int64_t sum = 0;
    for (const InterceptorState& state : producer.interceptor_states()) {
      const auto at = state.counters.find(what);
      sum += at == state.counters.end() ? 0 : at->second;
    }
    return sum;
  }

  AppendInterceptor one{"One"};
  AppendInterceptor two{"Two"};
  const ProducerInterceptor* both[2] = {&one, &two};
};

}  // namespace

TEST_CASE("ProducerInterceptorsTest.testOnSendChain") {
  Bench bench({{"enable.idempotence", "false"}, {"linger.ms", "0"}});
  for (int sends = 1; sends <= 2; ++sends) {
    CHECK_FALSE(bench.send("topic", "key", "value", 0).error);
    CHECK(bench.count("sent") == 2 * sends);
  }
  bench.settle();
  REQUIRE(bench.requests.size() == 1);
  const auto request = bench.requests[0].message<ProduceRequest>();
  REQUIRE(request.topic_data.size() == 1);
  CHECK(request.topic_data[0].topic_id == Uuid{7, 7});
  REQUIRE(request.topic_data[0].partition_data.size() == 1);
  CHECK(request.topic_data[0].partition_data[0].index == 0);
  Bytes scratch;
  RecordCursor cursor(RecordBatchView(request.topic_data[0].partition_data[0].records.bytes()), scratch);
  for (int records = 0; records < 2; ++records) {
    RecordView record;
    REQUIRE(cursor.next(record));
    CHECK(testing::text_of(*record.key) == "key");
    CHECK(testing::text_of(*record.value) == "valueOneTwo");
  }
}

TEST_CASE("ProducerInterceptorsTest.testOnAcknowledgementChain") {
  Bench bench(test::Settings{{"enable.idempotence", "false"}});
  bench.prepare_produce("topic", ErrorCode::none, 0);
  bench.send("topic", "key", "value", 0);
  CHECK(bench.get(0).succeeded());
  CHECK(bench.count("acknowledged") == 2);
}

TEST_CASE("ProducerInterceptorsTest.testOnAcknowledgementWithErrorChain") {
  SECTION("the record says which partition, or nobody does") {
    Bench bench(test::Settings{{"max.request.size", "1"}});
    bench.send("topic", "key", "value", 0);
    CHECK(bench.count("errors") == 2);
    CHECK(bench.count("errors with partition") == 2);
    bench.send("topic", "key", "value");
    CHECK(bench.count("errors") == 4);
    CHECK(bench.count("errors with topic") == 4);
    CHECK(bench.count("errors with partition") == 2);
  }
  SECTION("the partition was chosen before the error") {
    // A record outside of a transaction is refused once it was appended.
    Bench bench(test::Settings{{"transactional.id", "some.id"}});
    CHECK(bench.send("topic", "key", "value").threw("IllegalStateException"));
    CHECK(bench.count("errors") == 2);
    CHECK(bench.count("errors with topic") == 2);
    CHECK(bench.count("errors with partition") == 2);
  }
}

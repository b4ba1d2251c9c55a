#include <catch2/catch.hpp>
#include <set>

#include "support/fake_cluster.h"

using namespace linger;
using test::FakeCluster;
using test::Fate;
using test::ProducerStage;

namespace {

ProducerConfig plain() {
  ProducerConfig config;
  config.enable_idempotence = false;
  config.acks = 1;
  return config;
}

/// 100 records in ten rounds, until all are reported.
std::vector<std::string> send_100(ProducerStage& stage) {
  for (std::uint64_t record = 0; record < 100; ++record) {
    stage.send(record, "v" + std::to_string(record));
    if (record % 10 == 9) stage.run(3);
  }
  stage.run_until_reports(100);
  return stage.reports;
}

std::size_t records_in_logs(const ProducerStage& stage) {
  std::size_t count = 0;
  for (const auto& [partition, log] : stage.cluster.logs) count += log.values.size();
  return count;
}

const Thrown& thrown(const SendResult& result) {
  REQUIRE(std::holds_alternative<Thrown>(result));
  return std::get<Thrown>(result);
}

const Sent& sent(const SendResult& result) {
  REQUIRE(std::holds_alternative<Sent>(result));
  return std::get<Sent>(result);
}

Ticket ticket(const SendResult& result) {
  REQUIRE(std::holds_alternative<Ticket>(result));
  return std::get<Ticket>(result);
}

/// A stage whose producer already knows topic t.
ProducerStage warm(ProducerConfig config, FakeCluster fake = test::one_topic()) {
  ProducerStage stage(config, std::move(fake));
  stage.send(0, "first");
  stage.run_until_reports(1);
  REQUIRE(stage.reports.size() == 1);
  stage.reports.clear();
  stage.settled.clear();
  return stage;
}

}  // namespace

TEST_CASE("records reach the log once and are reported with their offsets") {
  ProducerConfig config;
  config.acks = GENERATE(std::int16_t{-1}, std::int16_t{1});
  config.enable_idempotence = config.acks == -1;
  config.compression_type = GENERATE(CompressionSetting::none, CompressionSetting::lz4);
  ProducerStage stage(config);
  const auto reports = send_100(stage);
  REQUIRE(reports.size() == 100);
  CHECK(records_in_logs(stage) == 100);
  CHECK(stage.cluster.last_produce_version == 13);
  std::set<std::string> places;
  for (const std::string& report : reports) {
    CHECK(report.find("t-") != std::string::npos);
    CHECK(places.insert(report.substr(report.find(' '))).second);
  }
  CHECK(stage.producer.client().in_flight_total() == 0);
  CHECK_FALSE(stage.producer.accumulator().has_incomplete());
  CHECK(stage.producer.take_uncaught().empty());
}

TEST_CASE("with acks=0 reports come without offsets as soon as the bytes are gone") {
  ProducerConfig config = plain();
  config.acks = 0;
  config.linger_ms = 0;
  ProducerStage stage = warm(config, test::one_topic(1, 1));
  stage.send(1, "a", 0);
  stage.settle();
  CHECK(stage.reports == std::vector<std::string>{"1 t-0@-1"});
  CHECK(stage.log_end(0) == 2);
}

TEST_CASE("the same run twice and a copy of the producer end the same") {
  ProducerStage one{ProducerConfig{}};
  ProducerStage two{ProducerConfig{}};
  for (std::uint64_t record = 0; record < 40; ++record) {
    one.send(record, "v");
    two.send(record, "v");
    one.run(1);
    two.run(1);
  }
  ProducerStage copy = one;
  const auto ended = send_100(one);
  CHECK(send_100(two) == ended);
  CHECK(send_100(copy) == ended);
  CHECK(ended.size() >= 100);
}

TEST_CASE("a slow socket changes nothing but the time") {
  ProducerStage stage(ProducerConfig{});
  stage.socket_buffer = 7;
  CHECK(send_100(stage).size() == 100);
  CHECK(records_in_logs(stage) == 100);
}

TEST_CASE("an old broker gets the version that it knows, with names instead of ids") {
  FakeCluster fake = test::one_topic();
  fake.produce_max = GENERATE(std::int16_t{3}, std::int16_t{12});
  ProducerStage stage(ProducerConfig{}, fake);
  CHECK(send_100(stage).size() == 100);
  CHECK(stage.cluster.last_produce_version == fake.produce_max);
}

TEST_CASE("a lost answer: two records stay two with idempotence and become four without") {
  const bool idempotent = GENERATE(true, false);
  ProducerConfig config;
  config.enable_idempotence = idempotent;
  config.request_timeout_ms = 1000;
  config.linger_ms = 5;
  ProducerStage stage(config, test::one_topic(1, 1));
  stage.cluster.fates = {Fate{Fate::Kind::lose_answer, ErrorCode::none}};
  stage.send(1, "a");
  stage.send(2, "b");
  stage.run_until_reports(2);
  CHECK(stage.log_end(0) == (idempotent ? 2U : 4U));
  const std::string base = idempotent ? "0" : "2";
  const std::string next = idempotent ? "1" : "3";
  CHECK(stage.reports == std::vector<std::string>{"1 t-0@" + base, "2 t-0@" + next});
  CHECK(stage.elapsed_ms() > 1000);
  CHECK(stage.elapsed_ms() < 2000);
}

TEST_CASE("a closed connection is opened again and its requests are repeated") {
  ProducerStage stage = warm(ProducerConfig{}, test::one_topic(1, 1));
  stage.cluster.fates = {Fate{Fate::Kind::close, ErrorCode::none}};
  stage.send(1, "a");
  stage.run_until_reports(1);
  CHECK(stage.reports == std::vector<std::string>{"1 t-0@1"});
  CHECK(stage.producer.client().metrics()->connections_created() == 3);
}

TEST_CASE("a moved leader is found by the hint in the refusal, without waiting for metadata") {
  ProducerConfig config;
  config.retry_backoff_ms = 10'000;
  config.retry_backoff_max_ms = 10'000;
  ProducerStage stage = warm(config, test::one_topic(2, 1));
  const std::int64_t before = stage.elapsed_ms();
  stage.cluster.leaders[{"t", 0}] = 1;
  stage.cluster.epochs[{"t", 0}] = 1;
  stage.send(1, "a", 0);
  stage.run_until_reports(1);
  CHECK(stage.reports == std::vector<std::string>{"1 t-0@1"});
  CHECK(stage.elapsed_ms() - before < 100);
}

TEST_CASE("delivery.timeout.ms ends what the cluster never answers") {
  ProducerConfig config;
  config.request_timeout_ms = 1000;
  config.delivery_timeout_ms = 3000;
  ProducerStage stage = warm(config, test::one_topic(1, 1));
  stage.cluster.silent = true;
  const std::int64_t before = stage.elapsed_ms();
  stage.send(1, "a");
  stage.run_until_reports(1);
  CHECK(stage.reports == std::vector<std::string>{"1 TimeoutException"});
  CHECK(stage.elapsed_ms() - before >= 3000);
  CHECK(stage.elapsed_ms() - before <= 3002);
}

TEST_CASE("a send to a topic not yet known waits for metadata; calls are settled in their order") {
  ProducerStage stage{ProducerConfig{}};
  const Ticket first = ticket(stage.send(1, "a"));
  const Ticket second = ticket(stage.send(2, "b"));
  CHECK(stage.producer.waiting_calls().size() == 2);
  CHECK(stage.producer.waiting_calls()[0].second == "send waits for metadata of topic t");
  stage.run(30);
  REQUIRE(stage.settled.size() == 2);
  CHECK(stage.settled[0].ticket == first);
  CHECK(stage.settled[1].ticket == second);
  CHECK(std::get<Sent>(stage.settled[0].result).record == 1);
  CHECK_FALSE(std::get<Sent>(stage.settled[0].result).failure.has_value());
  CHECK(stage.reports.size() == 2);
  CHECK(stage.send(3, "c").index() == 0);
}

TEST_CASE("a send to a topic that never appears fails its future after max.block.ms") {
  ProducerConfig config;
  config.max_block_ms = 1500;
  ProducerStage stage(config);
  const Ticket waiting = ticket(stage.send(1, "a", std::nullopt, "nowhere"));
  stage.run(1499);
  CHECK(stage.settled.empty());
  stage.run(2);
  REQUIRE(stage.settled.size() == 1);
  CHECK(stage.settled[0].ticket == waiting);
  const Sent& failed = std::get<Sent>(stage.settled[0].result);
  REQUIRE(failed.failure.has_value());
  CHECK(failed.failure->exception == "TimeoutException");
  CHECK(failed.failure->message == "Topic nowhere not present in metadata after 1500 ms.");
  CHECK(stage.reports.empty());
  CHECK(stage.cluster.metadata_requests > 3);
}

TEST_CASE("a partition that does not exist is waited for as well") {
  ProducerConfig config;
  config.max_block_ms = 700;
  ProducerStage stage = warm(config);
  ticket(stage.send(1, "a", 7));
  stage.run(702);
  REQUIRE(stage.settled.size() == 1);
  CHECK(std::get<Sent>(stage.settled[0].result).failure->message ==
        "Partition 7 of topic t with partition count 3 is not present in metadata after 700 ms.");
  const Ticket appears = ticket(stage.send(2, "a", 3));
  stage.cluster.topics["t"].partitions = 4;
  stage.run(600);
  REQUIRE(stage.settled.size() == 2);
  CHECK(stage.settled[1].ticket == appears);
  CHECK(stage.reports == std::vector<std::string>{"2 t-3@0"});
}

TEST_CASE("max.block.ms=0 asks for metadata but does not wait") {
  ProducerConfig config;
  config.max_block_ms = 0;
  ProducerStage stage(config);
  CHECK(sent(stage.send(1, "a")).failure->exception == "TimeoutException");
  stage.run(20);
  CHECK_FALSE(sent(stage.send(2, "a")).failure.has_value());
}

TEST_CASE("a full buffer makes sends wait in line, and gives up after max.block.ms") {
  ProducerConfig config;
  config.batch_size = 1000;
  config.buffer_memory = 2000;
  config.linger_ms = 0;
  config.max_block_ms = 5000;
  config.max_in_flight_requests_per_connection = 1;
  ProducerStage stage = warm(config, test::one_topic(1, 1));
  stage.latency_ms = 100;
  const std::string big(700, 'x');
  CHECK(stage.send(1, big).index() == 0);
  CHECK(stage.send(2, big).index() == 0);
  const Ticket third = ticket(stage.send(3, big));
  const Ticket fourth = ticket(stage.send(4, big));
  CHECK(stage.producer.waiting_calls()[0].second == "send waits for memory");
  stage.run(99);
  CHECK(stage.settled.empty());
  stage.run(2);
  REQUIRE(stage.settled.size() == 1);
  CHECK(stage.settled[0].ticket == third);
  stage.run(100);
  REQUIRE(stage.settled.size() == 2);
  CHECK(stage.settled[1].ticket == fourth);
  stage.run_until_reports(4);
  CHECK(stage.reports == std::vector<std::string>{"1 t-0@1", "2 t-0@2", "3 t-0@3", "4 t-0@4"});

  stage.cluster.silent = true;
  for (std::uint64_t record = 5; record < 7; ++record) CHECK(stage.send(record, big).index() == 0);
  ticket(stage.send(7, big));
  stage.run(5001);
  REQUIRE(stage.settled.size() == 3);
  CHECK(std::get<Sent>(stage.settled[2].result).failure->exception == "BufferExhaustedException");
}

TEST_CASE("flush sends what lingers and returns when all of it is reported") {
  ProducerConfig config;
  config.linger_ms = 60'000;
  ProducerStage stage = warm([&] {
    ProducerConfig quick = config;
    quick.linger_ms = 0;
    return quick;
  }());
  stage = ProducerStage(config);
  ticket(stage.send(1, "a"));
  stage.run(50);
  CHECK(stage.reports.empty());
  const auto flushed = stage.producer.flush(stage.now);
  REQUIRE(std::holds_alternative<Ticket>(flushed));
  stage.settled.clear();
  stage.run(50);
  CHECK(stage.reports.size() == 1);
  REQUIRE(stage.settled.size() == 1);
  CHECK(stage.settled[0].ticket == std::get<Ticket>(flushed));
  CHECK(std::holds_alternative<Finished>(stage.settled[0].result));
  CHECK(std::holds_alternative<Finished>(stage.producer.flush(stage.now)));
  const auto refused = stage.producer.flush(stage.now, Caller::callback);
  CHECK(std::get<Thrown>(refused).error.exception == "KafkaException");
}

TEST_CASE("close with time sends what is left, close without time gives it up") {
  const bool patient = GENERATE(true, false);
  ProducerConfig config;
  config.linger_ms = 60'000;
  ProducerStage stage(config);
  ticket(stage.send(1, "a"));
  stage.run(50);
  const auto closing = stage.producer.close(patient ? 10'000 : 0, stage.now);
  REQUIRE(std::holds_alternative<Ticket>(closing));
  CHECK(thrown(stage.send(2, "b")).error.message == "Cannot perform operation after producer has been closed");
  stage.settled.clear();
  stage.run(50);
  CHECK(stage.reports == std::vector<std::string>{patient ? stage.reports.at(0) : "1 KafkaException"});
  CHECK(records_in_logs(stage) == (patient ? 1U : 0U));
  REQUIRE(stage.settled.size() == 1);
  CHECK_FALSE(stage.producer.is_alive());
  CHECK(stage.nodes.empty());
  CHECK(std::holds_alternative<Finished>(stage.producer.close(5, stage.now)));
  CHECK_FALSE(stage.settle().has_value());
  const auto negative = stage.producer.close(-1, stage.now);
  CHECK(std::get<Thrown>(negative).error.exception == "IllegalArgumentException");
}

TEST_CASE("close whose time runs out gives up what is left") {
  ProducerStage stage = warm(ProducerConfig{}, test::one_topic(1, 1));
  stage.cluster.silent = true;
  stage.send(1, "a");
  stage.producer.close(500, stage.now);
  stage.run(499);
  CHECK(stage.reports.empty());
  CHECK(stage.settled.empty());
  stage.run(2);
  CHECK(stage.reports == std::vector<std::string>{"1 KafkaException"});
  CHECK(stage.settled.size() == 1);
}

TEST_CASE("a send that waits for metadata while the producer closes is thrown out") {
  ProducerStage stage = warm(ProducerConfig{});
  ticket(stage.send(1, "a", std::nullopt, "nowhere"));
  stage.producer.close(0, stage.now);
  stage.run(5);
  REQUIRE(stage.settled.size() == 2);
  CHECK(std::get<Thrown>(stage.settled[0].result).error.message == "Producer closed while send in progress");
}

TEST_CASE("partitionsFor answers from what is known, or waits and throws") {
  ProducerConfig config;
  config.max_block_ms = 400;
  ProducerStage stage(config);
  const auto waiting = stage.producer.partitions_for("t", stage.now);
  REQUIRE(std::holds_alternative<Ticket>(waiting));
  const auto hopeless = stage.producer.partitions_for("nowhere", stage.now);
  stage.run(402);
  REQUIRE(stage.settled.size() == 2);
  CHECK(std::get<std::vector<PartitionInfo>>(stage.settled[0].result).size() == 3);
  CHECK(std::get<Thrown>(stage.settled[1].result).error.exception == "TimeoutException");
  CHECK(std::holds_alternative<Ticket>(hopeless));
  CHECK(std::get<std::vector<PartitionInfo>>(stage.producer.partitions_for("t", stage.now)).size() == 3);
}

TEST_CASE("what send refuses: too large fails the future, nonsense is thrown") {
  ProducerConfig config;
  config.max_request_size = 1000;
  config.buffer_memory = 900;
  config.batch_size = 500;
  ProducerStage stage = warm(config);
  CHECK(
      sent(stage.send(1, std::string(2000, 'x'))).failure->message ==
      "The message is 2086 bytes when serialized which is larger than 1000, which is the value of the max.request.size "
      "configuration.");
  CHECK(sent(stage.send(2, std::string(850, 'x'))).failure->exception == "RecordTooLargeException");
  CHECK(thrown(stage.send(3, "a", -1)).error.exception == "IllegalArgumentException");
  RecordToSend record;
  record.topic = "t";
  record.timestamp = -5;
  CHECK(thrown(stage.producer.send(record, stage.now, stage.entropy)).error.message ==
        "Invalid timestamp: -5. Timestamp should always be non-negative or null.");
  const KafkaError cannot{ErrorFamily::kafka, "SerializationException", "Size of data received by IntegerSerializer",
                          ErrorCode::unknown_server_error};
  record.timestamp.reset();
  record.serialization_error = &cannot;
  CHECK(thrown(stage.producer.send(record, stage.now, stage.entropy)).error.exception == "SerializationException");
}

TEST_CASE("keys choose their partition, unless keys are ignored or a partitioner is set") {
  const auto partition_of = [](ProducerStage& stage, const std::string& key, const ProducerPlugins& plugins = {}) {
    RecordToSend record;
    record.topic = "t";
    record.key = std::as_bytes(std::span(key));
    const SendResult result = stage.producer.send(record, stage.now, stage.entropy, plugins);
    if (const auto* refused = std::get_if<Thrown>(&result)) return refused->error.message;
    return std::to_string(sent(result).partition);
  };
  ProducerStage built_in = warm(ProducerConfig{});
  CHECK(partition_of(built_in, "foobar") == std::to_string((-790332482 & 0x7fffffff) % 3));
  CHECK(partition_of(built_in, "foobar") == partition_of(built_in, "foobar"));

  ProducerConfig config;
  config.partitioner = PartitionerKind::round_robin;
  ProducerStage round_robin = warm(config);
  const std::string first = partition_of(round_robin, "k");
  const std::string second = partition_of(round_robin, "k");
  const std::string third = partition_of(round_robin, "k");
  CHECK(std::set{first, second, third}.size() == 3);
  CHECK(partition_of(round_robin, "k") == first);

  class Fixed final : public Partitioner {
   public:
    explicit Fixed(std::int32_t partition) : partition_(partition) {}
    std::int32_t partition(PartitionerState&, std::string_view, const OptionalBytes&, const OptionalBytes&,
                           const Cluster&, Entropy&) const override {
      return partition_;
    }

   private:
    std::int32_t partition_;
  };
  const Fixed two(2);
  const Fixed wrong(-3);
  config.partitioner = PartitionerKind::custom;
  ProducerStage custom(config);
  custom.plugins.partitioner = &two;
  custom.send(1, "a");
  custom.run_until_reports(1);
  CHECK(custom.reports == std::vector<std::string>{"1 t-2@0"});
  CHECK(partition_of(custom, "k", {&wrong, {}}) ==
        "The partitioner generated an invalid partition number: -3. Partition number should always be non-negative.");
}

TEST_CASE("interceptors see each record and each report, failed sends included") {
  class Count final : public ProducerInterceptor {
   public:
    void on_send(InterceptorState& state, ProducerRecord& record) const override {
      ++state.counters["sent"];
      record.value->push_back(std::byte{'!'});
    }
    void on_acknowledgement(InterceptorState& state, const Acknowledgement& acknowledgement) const override {
      ++state.counters[acknowledgement.error == nullptr ? "acked" : acknowledgement.error->exception];
    }
  };
  const Count count;
  const ProducerInterceptor* list[] = {&count, &count};
  ProducerConfig config;
  config.max_request_size = 1000;
  ProducerStage stage(config, test::one_topic(1, 1));
  stage.plugins.interceptors = list;
  stage.send(1, "a");
  stage.run_until_reports(1);
  stage.send(2, std::string(2000, 'x'));
  REQUIRE(stage.producer.interceptor_states().size() == 2);
  CHECK(stage.producer.interceptor_states()[1].counters.at("sent") == 2);
  CHECK(stage.producer.interceptor_states()[1].counters.at("acked") == 1);
  CHECK(stage.producer.interceptor_states()[1].counters.at("RecordTooLargeException") == 1);
  CHECK(stage.cluster.logs.at({"t", 0}).values == std::vector<std::string>{"a!!"});
}

TEST_CASE("a send in a callback is sent by the next turn; one that blocks there stops the sender") {
  ProducerConfig config;
  config.max_block_ms = 1000;
  config.linger_ms = 0;
  ProducerStage stage = warm(config, test::one_topic(1, 1));
  stage.sent_in_callbacks = {"again", "unknown topic"};
  stage.send(1, "a");
  stage.run_until_reports(2);
  CHECK(stage.reports == std::vector<std::string>{"1 t-0@1", "1000 t-0@2"});
  CHECK(stage.producer.waiting_calls().size() == 1);
  const std::int64_t before = stage.elapsed_ms();
  stage.send(3, "b");
  stage.run_until_reports(3);
  CHECK(stage.elapsed_ms() - before >= 990);
  REQUIRE(stage.settled.size() == 1);
  CHECK(std::get<Sent>(stage.settled[0].result).failure->exception == "TimeoutException");
}

TEST_CASE("a batch that must wait for its predecessor keeps the sender busy but does not stop time") {
  ProducerConfig config;
  config.linger_ms = 0;
  config.retry_backoff_ms = 20;
  config.retry_backoff_max_ms = 20;
  ProducerStage stage = warm(config, test::one_topic(1, 1));
  stage.latency_ms = 50;
  const Fate refused{Fate::Kind::refuse, ErrorCode::not_enough_replicas};
  stage.cluster.fates = {refused, refused};
  for (std::uint64_t record = 1; record <= 2; ++record) {
    stage.send(record, "a");
    stage.run(1);
  }
  stage.polls = 0;
  stage.run_until_reports(2);
  CHECK(stage.reports == std::vector<std::string>{"1 t-0@1", "2 t-0@2"});
  CHECK(stage.polls < 1000);
}

TEST_CASE("bootstrap servers that do not resolve are left out, and none at all is an error") {
  ProducerConfig config;
  config.bootstrap_servers = {{"gone", 1}, {"host", 9092}};
  HostResolution names;
  names.set("gone", {});
  CHECK_FALSE(KafkaProducer::check_bootstrap_servers(config, names).has_value());
  test::CountedEntropy entropy;
  const KafkaProducer producer(config, Instant{}, entropy, {}, names);
  REQUIRE(producer.client().metadata().fetch().nodes().size() == 1);
  CHECK(producer.client().metadata().fetch().nodes()[0].host == "host");
  names.set("host", {});
  CHECK(KafkaProducer::check_bootstrap_servers(config, names)->message ==
        "No resolvable bootstrap urls given in bootstrap.servers");
}

// Cases of KafkaProducerTest about transactions.

#include <catch2/catch.hpp>

#include "conformance/producer_kafka_producer_bench.h"

using namespace linger;
using test::NodeRequest;
using test::Outcome;
using Bench = test::KafkaProducerBench;

namespace {

const std::string init_timeout =
    "InitTransactions timed out - did not complete coordinator discovery or receive the InitProducerId response within "
    "max.block.ms.";
const OffsetsToCommit one_offset{{TopicPartition{"topic", 0}, OffsetAndMetadata{5, std::nullopt, {}}}};

bool is(const Outcome& outcome, const std::string& exception, const std::string& part_of_sentence) {
  return outcome.threw(exception) && outcome.error->message.find(part_of_sentence) != std::string::npos;
}

void begin_transaction(Bench& bench, const std::string& id) {
  bench.prepare_coordinator(id);
  bench.prepare_producer_id();
  REQUIRE(bench.init_transactions().succeeded());
  REQUIRE(bench.begin_transaction().succeeded());
}

ConsumerGroupMetadata group(const std::string& id = "group") {
  ConsumerGroupMetadata metadata;
  metadata.group_id = id;
  return metadata;
}

/// The node gets such a request.
Bench::Matcher commits_offsets_of(const ConsumerGroupMetadata& expected) {
  return [expected](const NodeRequest& request) {
    if (request.api != ApiKey::txn_offset_commit) return false;
    const auto asked = request.message<TxnOffsetCommitRequest>();
    return asked.group_id == expected.group_id && asked.member_id == expected.member_id &&
           asked.generation_id == expected.generation_id && asked.group_instance_id == expected.group_instance_id;
  };
}

/// initTransactions is under way, the producer is closed with some patience, and the call throws.
void check_close_is_forced(Bench& bench) {
  const CallResult waiting = bench.producer.init_transactions(bench.now);
  REQUIRE(std::holds_alternative<Ticket>(waiting));
  bench.run(500);
  REQUIRE(bench.requests.size() == 1);
  CHECK(bench.close(1000).succeeded());
  CHECK(bench.outcome(std::get<Ticket>(waiting)).threw_kafka_exception());
}

}  // namespace

TEST_CASE("KafkaProducerTest.testInitTransactionsResponseAfterTimeout") {
  Bench bench({{"transactional.id", "bad-transaction"}, {"max.block.ms", "500"}});
  bench.prepare_coordinator("bad-transaction");
  const CallResult waiting = bench.producer.init_transactions(bench.now);
  REQUIRE(std::holds_alternative<Ticket>(waiting));
  bench.settle();
  bench.run(100);
  REQUIRE(bench.requests.size() == 1);
  CHECK(is(bench.wait_for(std::get<Ticket>(waiting)), "TimeoutException", init_timeout));

  InitProducerIdResponse response;
  response.producer_id = 1;
  response.producer_epoch = 5;
  bench.respond(response);
  bench.run(1000);
  CHECK(bench.init_transactions().succeeded());
}

TEST_CASE("KafkaProducerTest.testInitTransactionTimeout") {
  Bench bench({{"transactional.id", "bad-transaction"}, {"max.block.ms", "500"}});
  bench.prepare_coordinator("bad-transaction");
  const Outcome timeout = bench.init_transactions();
  CHECK(timeout.threw("TimeoutException"));
  CHECK(is(timeout, "TimeoutException", init_timeout));

  InitProducerIdResponse response;
  response.producer_id = 1;
  response.producer_epoch = 5;
  bench.respond(response);
  CHECK(bench.init_transactions().succeeded());
}

TEST_CASE("KafkaProducerTest.testInitTransactionWhileThrottled") {
  Bench bench({{"transactional.id", "some.id"}, {"max.block.ms", "10000"}});
  bench.throttle(5000);
  bench.prepare_coordinator("some.id");
  bench.prepare_producer_id();
  const std::int64_t began_ms = bench.now.wall_ms;
  CHECK(bench.init_transactions().succeeded());
  CHECK(bench.now.wall_ms >= began_ms + 5000);
}

TEST_CASE("KafkaProducerTest.testClusterAuthorizationFailure") {
  Bench bench({{"max.block.ms", "500"}, {"enable.idempotence", "true"}, {"transactional.id", "some-txn"}});
  bench.prepare_coordinator("some-txn");
  bench.prepare_producer_id(ErrorCode::cluster_authorization_failed);
  CHECK(bench.init_transactions().threw("ClusterAuthorizationException"));

  bench.prepare_producer_id();
  Outcome again;
  for (int attempts = 0; attempts < 10 && !again.succeeded(); ++attempts) {
    again = bench.init_transactions();
    bench.run(100);
  }
  CHECK(again.succeeded());
  CHECK(bench.close().succeeded());
}

TEST_CASE("KafkaProducerTest.testAbortTransaction") {
  Bench bench(test::Settings{{"transactional.id", "some.id"}});
  begin_transaction(bench, "some.id");
  bench.prepare_end_txn();
  CHECK(bench.abort().succeeded());
}

TEST_CASE("KafkaProducerTest.testTransactionV2ProduceWithConcurrentTransactionError") {
  Bench bench({{"transactional.id", "some-txn"}}, Bench::one_topic("foo"));
  bench.set_transaction_version(2);
  begin_transaction(bench, "some-txn");
  bench.prepare_produce("foo", ErrorCode::concurrent_transactions, 1);
  bench.prepare_produce("foo", ErrorCode::none, 1);
  CHECK_FALSE(bench.send("foo", "key", "value", 0).error);
  CHECK(bench.get(0).succeeded());
  CHECK(bench.get(0).offset == 1);
  bench.prepare_end_txn();
  CHECK(bench.commit().succeeded());
}

TEST_CASE("KafkaProducerTest.testMeasureAbortTransactionDuration") {
  Bench bench(test::Settings{{"transactional.id", "some.id"}});
  bench.tick_ms = 1;
  begin_transaction(bench, "some.id");
  CHECK(bench.abort().succeeded());
  const double first = bench.metric("txn-abort-time-ns-total");
  CHECK(first > 0);
  CHECK(bench.begin_transaction().succeeded());
  CHECK(bench.abort().succeeded());
  CHECK(bench.metric("txn-abort-time-ns-total") > first);
}

TEST_CASE("KafkaProducerTest.testCommitTransactionWithRecordTooLargeException") {
  Bench bench({{"transactional.id", "some.id"}, {"max.request.size", "1000"}});
  begin_transaction(bench, "some.id");
  CHECK(bench.send("topic", "large string", std::string(1000, '*')).failed_with("RecordTooLargeException"));
  CHECK(bench.commit().threw_kafka_exception());
}

TEST_CASE("KafkaProducerTest.testCommitTransactionWithMetadataTimeoutForMissingTopic") {
  Bench bench({{"transactional.id", "some.id"}, {"max.block.ms", "60000"}}, Bench::no_topics());
  begin_transaction(bench, "some.id");
  bench.update_metadata(Bench::refused_topic("topic", ErrorCode::unknown_topic_or_partition));
  CHECK(bench.send("topic", "", "value").failed_with("TimeoutException"));
  CHECK(bench.commit().threw_kafka_exception());
}

TEST_CASE("KafkaProducerTest.testCommitTransactionWithMetadataTimeoutForPartitionOutOfRange") {
  Bench bench({{"transactional.id", "some.id"}, {"max.block.ms", "60000"}});
  begin_transaction(bench, "some.id");
  CHECK(bench.send("topic", "", "value", 2).failed_with("TimeoutException"));
  CHECK(bench.commit().threw_kafka_exception());
}

TEST_CASE("KafkaProducerTest.testCommitTransactionWithSendToInvalidTopic") {
  Bench bench({{"transactional.id", "some.id"}, {"max.block.ms", "15000"}}, Bench::no_topics());
  begin_transaction(bench, "some.id");
  bench.prepare_metadata(Bench::refused_topic("topic abc", ErrorCode::invalid_topic_exception));
  CHECK(bench.send("topic abc", "", "HelloKafka").failed_with("InvalidTopicException"));
  CHECK(bench.commit().threw_kafka_exception());
}

TEST_CASE("KafkaProducerTest.testSendTxnOffsetsWithGroupId") {
  Bench bench({{"transactional.id", "some.id"}, {"max.block.ms", "10000"}});
  bench.throttle(5000);
  begin_transaction(bench, "some.id");
  CHECK(bench.send_offsets({}, group()).succeeded());
  CHECK(bench.commit().succeeded());
  CHECK(bench.requests.empty());
}

TEST_CASE("KafkaProducerTest.testSendTxnOffsetsWithGroupIdTransactionV2") {
  Bench bench({{"transactional.id", "some.id"}, {"max.block.ms", "10000"}});
  bench.set_transaction_version(2);
  bench.throttle(5000);
  begin_transaction(bench, "some.id");
  bench.prepare_coordinator("group", CoordinatorType::group);
  bench.prepare_offset_commit(commits_offsets_of(group()));
  CHECK(bench.send_offsets(one_offset, group()).succeeded());
  bench.prepare_end_txn();
  CHECK(bench.commit().succeeded());
}

TEST_CASE("KafkaProducerTest.testTransactionV2Produce") {
  Bench bench({{"transactional.id", "some-txn"}}, Bench::one_topic("foo"));
  bench.set_transaction_version(2);
  begin_transaction(bench, "some-txn");
  bench.prepare_produce("foo", ErrorCode::none, 1);
  CHECK_FALSE(bench.send("foo", "key", "value", 0).error);
  CHECK(bench.get(0).succeeded());
  bench.prepare_end_txn();
  CHECK(bench.commit().succeeded());
}

TEST_CASE("KafkaProducerTest.testMeasureTransactionDurations") {
  constexpr double tick_ns = 1e9;
  Bench bench({{"transactional.id", "some.id"}, {"max.block.ms", "100000"}});
  bench.tick_ms = 1000;
  begin_transaction(bench, "some.id");
  CHECK(bench.metric("txn-init-time-ns-total") >= tick_ns);

  bench.prepare_add_offsets();
  bench.prepare_coordinator("group", CoordinatorType::group);
  bench.prepare_offset_commit();
  CHECK(bench.send_offsets(one_offset, group()).succeeded());
  const double offsets_ns = bench.metric("txn-send-offsets-time-ns-total");
  CHECK(offsets_ns >= tick_ns);
  bench.prepare_end_txn();
  CHECK(bench.commit().succeeded());
  const double commit_ns = bench.metric("txn-commit-time-ns-total");
  CHECK(commit_ns >= tick_ns);

  REQUIRE(bench.begin_transaction().succeeded());
  bench.prepare_add_offsets();
  bench.prepare_offset_commit();
  CHECK(
      bench.send_offsets({{TopicPartition{"topic", 0}, OffsetAndMetadata{10, std::nullopt, {}}}}, group()).succeeded());
  CHECK(bench.metric("txn-send-offsets-time-ns-total") >= offsets_ns + tick_ns);
  bench.prepare_end_txn();
  CHECK(bench.commit().succeeded());
  CHECK(bench.metric("txn-commit-time-ns-total") >= commit_ns + tick_ns);
}

TEST_CASE("KafkaProducerTest.testSendTxnOffsetsWithGroupMetadata") {
  Bench bench({{"transactional.id", "some.id"}, {"max.block.ms", "10000"}});
  bench.set_newest(ApiKey::txn_offset_commit, 3);
  bench.throttle(5000);
  begin_transaction(bench, "some.id");
  ConsumerGroupMetadata member = group();
  member.generation_id = 5;
  member.member_id = "member";
  member.group_instance_id = "instance";
  CHECK(bench.send_offsets({}, member).succeeded());
  CHECK(bench.commit().succeeded());
  CHECK(bench.requests.empty());
}

TEST_CASE("KafkaProducerTest.testInvalidGenerationIdAndMemberIdCombinedInSendOffsets") {
  Bench bench({{"transactional.id", "some.id"}, {"max.block.ms", "10000"}});
  bench.throttle(5000);
  begin_transaction(bench, "some.id");
  ConsumerGroupMetadata nameless = group();
  nameless.generation_id = 2;
  nameless.member_id = "";
  CHECK(bench.send_offsets({}, nameless).threw("IllegalArgumentException"));
}

TEST_CASE("KafkaProducerTest.testOnlyCanExecuteCloseAfterInitTransactionsTimeout") {
  Bench bench({{"transactional.id", "bad-transaction"}, {"max.block.ms", "5"}});
  const Outcome timeout = bench.init_transactions();
  CHECK(timeout.threw("TimeoutException"));
  CHECK(is(timeout, "TimeoutException", init_timeout));
  CHECK(bench.begin_transaction().threw("IllegalStateException"));
  CHECK(bench.close(0).succeeded());
}

TEST_CASE("KafkaProducerTest.testTransactionalMethodThrowsWhenSenderClosed") {
  Bench bench(test::Settings{{"transactional.id", "this-is-a-transactional-id"}});
  bench.close();
  CHECK(bench.init_transactions().threw("IllegalStateException"));
}

TEST_CASE("KafkaProducerTest.testCloseIsForcedOnPendingFindCoordinator") {
  Bench bench({{"transactional.id", "this-is-a-transactional-id"}}, Bench::one_topic("testTopic"));
  check_close_is_forced(bench);
}

TEST_CASE("KafkaProducerTest.testCloseIsForcedOnPendingInitProducerId") {
  Bench bench({{"transactional.id", "this-is-a-transactional-id"}}, Bench::one_topic("testTopic"));
  bench.prepare_coordinator("this-is-a-transactional-id");
  check_close_is_forced(bench);
}

TEST_CASE("KafkaProducerTest.testCloseIsForcedOnPendingAddOffsetRequest") {
  Bench bench({{"transactional.id", "this-is-a-transactional-id"}}, Bench::one_topic("testTopic"));
  bench.prepare_coordinator("this-is-a-transactional-id");
  check_close_is_forced(bench);
}

TEST_CASE("KafkaProducerTest.testPartitionAddedToTransaction") {
  Bench bench({{"transactional.id", "some.id"}}, Bench::one_topic("foo"));
  begin_transaction(bench, "some.id");
  CHECK_FALSE(bench.send("foo", "key", "value").error);
  CHECK_FALSE(bench.report(0).done);
  bench.settle();
  REQUIRE(bench.requests.size() == 1);
  const auto request = bench.requests[0].message<AddPartitionsToTxnRequest>();
  REQUIRE(request.v3_and_below_topics.size() == 1);
  CHECK(request.v3_and_below_topics[0].name == "foo");
  CHECK(request.v3_and_below_topics[0].partitions == std::vector<std::int32_t>{0});
}

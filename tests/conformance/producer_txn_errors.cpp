// Cases of Kafka's TransactionManagerTest (kafka-clients 4.3.1): answers that end a transaction or its producer.

#include <catch2/catch.hpp>

#include "conformance/producer_transaction_bench.h"

using namespace linger;
using namespace linger::test;

namespace {

void check_fenced(TransactionBench& bench) {
  CHECK(TransactionBench::thrown_by([&] { bench.tm().begin_transaction(); }) == "ProducerFencedException");
  CHECK(TransactionBench::thrown_by([&] { bench.begin_commit(); }) == "ProducerFencedException");
  CHECK(TransactionBench::thrown_by([&] { bench.begin_abort(); }) == "ProducerFencedException");
  CHECK(TransactionBench::thrown_by([&] {
          bench.send_offsets({}, {"dummyId", -1, "", std::nullopt});
        }) == "ProducerFencedException");
}

void verify_producer_fenced(TransactionBench& bench, const SendFuture& future) {
  bench.run_until([&] { return future.is_done(); });
  CHECK(bench.tm().has_error());
  CHECK(future.exception() == "ProducerFencedException");
  check_fenced(bench);
}

void verify_producer_fenced_for_init_producer_id(ErrorCode error) {
  TransactionBench bench;
  const TxnResult result = bench.initialize_transactions();
  bench.prepare_find_coordinator();
  bench.wait_for_coordinator();
  CHECK(bench.coordinator_is_broker());
  bench.prepare_init_pid(error);
  bench.run_until([&] { return bench.tm().has_error(); });
  CHECK(result.await() == "ProducerFencedException");
  check_fenced(bench);
}

void verify_producer_fenced_for_add_partitions(ErrorCode error) {
  TransactionBench bench;
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  const SendFuture future = bench.append(tp0);
  CHECK_FALSE(future.is_done());
  bench.prepare_add_partitions(tp0, error, bench.first_epoch);
  verify_producer_fenced(bench, future);
}

void verify_producer_fenced_for_add_offsets(ErrorCode error) {
  TransactionBench bench;
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.send_offsets({}, {bench.group_id, -1, "", std::nullopt});
  const SendFuture future = bench.append(tp0);
  CHECK_FALSE(future.is_done());
  bench.prepare_add_offsets(error);
  verify_producer_fenced(bench, future);
}

}  // namespace

TEST_CASE("TransactionManagerTest.testUnsupportedFindCoordinator") {
  TransactionBench bench;
  bench.initialize_transactions();
  bench.client->prepare_unsupported_version_response([](const ClientRequest& request) {
    const auto* find = std::get_if<FindCoordinatorRequest>(&request.builder);
    REQUIRE(find != nullptr);
    CHECK(find->key_type == 1);
    CHECK(find->key == TransactionBench::transactional_id);
    return true;
  });
  bench.run_until([&] { return bench.tm().has_fatal_error(); });
  CHECK(bench.tm().has_fatal_error());
  CHECK(bench.last_error() == "UnsupportedVersionException");
}

TEST_CASE("TransactionManagerTest.testUnsupportedInitTransactions") {
  TransactionBench bench;
  bench.initialize_transactions();
  bench.prepare_find_coordinator();
  bench.wait_for_coordinator();
  CHECK_FALSE(bench.tm().has_error());
  bench.client->prepare_unsupported_version_response([](const ClientRequest& request) {
    const auto* init = std::get_if<InitProducerIdRequest>(&request.builder);
    REQUIRE(init != nullptr);
    CHECK(init->transactional_id == TransactionBench::transactional_id);
    CHECK(init->transaction_timeout_ms == TransactionBench::transaction_timeout_ms);
    return true;
  });
  bench.run_until([&] { return bench.tm().has_fatal_error(); });
  CHECK(bench.tm().has_fatal_error());
  CHECK(bench.last_error() == "UnsupportedVersionException");
}

TEST_CASE("TransactionManagerTest.testTransactionalIdAuthorizationFailureInFindCoordinator") {
  TransactionBench bench;
  const TxnResult init_pid_result = bench.initialize_transactions();
  bench.prepare_find_coordinator(ErrorCode::transactional_id_authorization_failed);
  bench.run_until([&] { return bench.tm().has_error(); });
  CHECK(bench.tm().has_fatal_error());
  CHECK(bench.last_error() == "TransactionalIdAuthorizationException");
  CHECK_FALSE(init_pid_result.is_successful());
  CHECK(init_pid_result.await() == "TransactionalIdAuthorizationException");
  bench.check_fatal_error("TransactionalIdAuthorizationException");
}

TEST_CASE("TransactionManagerTest.testTransactionalIdAuthorizationFailureInInitProducerId") {
  TransactionBench bench;
  const TxnResult init_pid_result = bench.initialize_transactions();
  bench.prepare_find_coordinator();
  bench.wait_for_coordinator();
  CHECK(bench.coordinator_is_broker());
  bench.prepare_init_pid(ErrorCode::transactional_id_authorization_failed, bench.producer_id,
                         no_producer_epoch.value());
  bench.run_until([&] { return bench.tm().has_error(); });
  CHECK(init_pid_result.is_completed());
  CHECK_FALSE(init_pid_result.is_successful());
  CHECK(init_pid_result.await() == "TransactionalIdAuthorizationException");
  bench.check_abortable_error("TransactionalIdAuthorizationException");
}

TEST_CASE("TransactionManagerTest.testGroupAuthorizationFailureInFindCoordinator") {
  TransactionBench bench;
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  const TxnResult send_offsets_result =
      bench.send_offsets({{TopicPartition{"foo", 0}, {39, std::nullopt, ""}}}, {bench.group_id, -1, "", std::nullopt});
  bench.prepare_add_offsets(ErrorCode::none);
  bench.run_until([&] { return !bench.tm().has_partitions_to_add(); });
  bench.prepare_find_coordinator(ErrorCode::group_authorization_failed, CoordinatorType::group);
  bench.run_until([&] { return bench.tm().has_error(); });
  CHECK(bench.last_error() == "GroupAuthorizationException");
  bench.run_until([&] { return send_offsets_result.is_completed(); });
  CHECK_FALSE(send_offsets_result.is_successful());
  CHECK(send_offsets_result.error() == "GroupAuthorizationException");
  CHECK(send_offsets_result.message().find(bench.group_id) != std::string::npos);
  bench.check_abortable_error("GroupAuthorizationException");
}

TEST_CASE("TransactionManagerTest.testFatalErrorWhenProduceResponseWithInvalidPidMapping") {
  TransactionBench bench;
  bench.initialize(true);
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  const SendFuture response_future = bench.append(tp0);
  bench.tm().maybe_add_partition(tp0);
  CHECK_FALSE(response_future.is_done());
  bench.prepare_produce(ErrorCode::invalid_producer_id_mapping);
  CHECK_FALSE(response_future.is_done());
  bench.run_until([&] { return response_future.is_done(); });
  CHECK(bench.tm().has_fatal_error());
}

TEST_CASE("TransactionManagerTest.testTopicAuthorizationFailureInAddPartitions") {
  TransactionBench bench;
  const TopicPartition tp0{"foo", 0};
  const TopicPartition tp1{"bar", 0};
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  bench.tm().maybe_add_partition(tp1);
  const SendFuture first_partition_append = bench.append(tp0);
  const SendFuture second_partition_append = bench.append(tp1);
  PartitionErrors errors;
  errors[tp0] = ErrorCode::topic_authorization_failed;
  errors[tp1] = ErrorCode::operation_not_attempted;
  bench.prepare_add_partitions(errors);
  bench.run_until([&] { return bench.tm().has_error(); });
  CHECK(bench.last_error() == "TopicAuthorizationException");
  CHECK_FALSE(bench.tm().is_partition_pending_add(tp0));
  CHECK_FALSE(bench.tm().is_partition_pending_add(tp1));
  CHECK_FALSE(bench.tm().transaction_contains_partition(tp0));
  CHECK_FALSE(bench.tm().transaction_contains_partition(tp1));
  CHECK_FALSE(bench.tm().has_partitions_to_add());
  CHECK(bench.tm().last_error()->message.find("foo") != std::string::npos);
  CHECK(bench.tm().last_error()->message.find("bar") == std::string::npos);
  bench.check_abortable_error("TopicAuthorizationException");
  bench.run_once();
  CHECK(first_partition_append.exception() == "TransactionAbortedException");
  CHECK(second_partition_append.exception() == "TransactionAbortedException");
}

TEST_CASE("TransactionManagerTest.testCommitWithTopicAuthorizationFailureInAddPartitionsInFlight") {
  TransactionBench bench;
  const TopicPartition foo{"foo", 0};
  const TopicPartition bar{"bar", 0};
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(foo);
  bench.tm().maybe_add_partition(bar);
  const SendFuture to_foo = bench.append(foo);
  const SendFuture to_bar = bench.append(bar);
  const TxnResult commit = bench.begin_commit();
  bench.run_once();
  CHECK_FALSE(bench.tm().has_error());
  CHECK_FALSE(commit.is_completed());
  CHECK_FALSE(to_foo.is_done());

  const PartitionErrors errors{{foo, ErrorCode::topic_authorization_failed}, {bar, ErrorCode::operation_not_attempted}};
  bench.client->respond(TransactionBench::add_partitions_response(errors), [&](const ClientRequest& request) {
    const auto* add = std::get_if<AddPartitionsToTxnRequest>(&request.builder);
    REQUIRE(add != nullptr);
    CHECK(add->v3_and_below_topics.size() == 2);
    return true;
  });
  bench.run_once();
  CHECK(bench.tm().has_error());
  CHECK_FALSE(commit.is_completed());
  CHECK_FALSE(to_foo.is_done());
  CHECK_FALSE(to_bar.is_done());

  bench.run_once();
  CHECK(commit.is_completed());
  CHECK(to_foo.exception() == "TopicAuthorizationException");
  CHECK(to_bar.exception() == "TopicAuthorizationException");
  CHECK(commit.error() == "TopicAuthorizationException");
}

TEST_CASE("TransactionManagerTest.testTransactionalIdAuthorizationFailureInAddPartitions") {
  TransactionBench bench;
  const TopicPartition tp{"foo", 0};
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp);
  bench.prepare_add_partitions(tp, ErrorCode::transactional_id_authorization_failed);
  bench.run_until([&] { return bench.tm().has_error(); });
  CHECK(bench.last_error() == "TransactionalIdAuthorizationException");
  bench.check_fatal_error("TransactionalIdAuthorizationException");
}

TEST_CASE("TransactionManagerTest.testInvalidTxnStateInAddPartitions") {
  TransactionBench bench;
  const TopicPartition tp{"foo", 0};
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp);
  bench.prepare_add_partitions(tp, ErrorCode::invalid_txn_state);
  bench.run_until([&] { return bench.tm().has_error(); });
  CHECK(bench.last_error() == "InvalidTxnStateException");
  bench.check_fatal_error("InvalidTxnStateException");
}

TEST_CASE("TransactionManagerTest.testProducerFencedExceptionInInitProducerId") {
  verify_producer_fenced_for_init_producer_id(ErrorCode::producer_fenced);
}

TEST_CASE("TransactionManagerTest.testInvalidProducerEpochConvertToProducerFencedInInitProducerId") {
  verify_producer_fenced_for_init_producer_id(ErrorCode::invalid_producer_epoch);
}

TEST_CASE("TransactionManagerTest.testProducerFencedInAddPartitionToTxn") {
  verify_producer_fenced_for_add_partitions(ErrorCode::producer_fenced);
}

TEST_CASE("TransactionManagerTest.testInvalidProducerEpochConvertToProducerFencedInAddPartitionToTxn") {
  verify_producer_fenced_for_add_partitions(ErrorCode::invalid_producer_epoch);
}

TEST_CASE("TransactionManagerTest.testProducerFencedInAddOffSetsToTxn") {
  verify_producer_fenced_for_add_offsets(ErrorCode::producer_fenced);
}

TEST_CASE("TransactionManagerTest.testInvalidProducerEpochConvertToProducerFencedInAddOffSetsToTxn") {
  verify_producer_fenced_for_add_offsets(ErrorCode::invalid_producer_epoch);
}

TEST_CASE("TransactionManagerTest.testInvalidProducerEpochConvertToProducerFencedInEndTxn") {
  TransactionBench bench;
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  const TxnResult commit_result = bench.begin_commit();
  const SendFuture response_future = bench.append(tp0);
  CHECK_FALSE(response_future.is_done());
  bench.prepare_add_partitions(tp0, ErrorCode::none, bench.first_epoch);
  bench.prepare_produce(ErrorCode::none);
  bench.prepare_end_txn(ErrorCode::invalid_producer_epoch, EndTxn::commit);
  bench.run_until([&] { return commit_result.is_completed(); });
  bench.run_until([&] { return response_future.is_done(); });
  CHECK_FALSE(commit_result.await().empty());
  CHECK_FALSE(commit_result.is_successful());
  CHECK(commit_result.is_acked());
  CHECK(TransactionBench::throws_kafka_exception([&] { bench.tm().begin_transaction(); }));
  CHECK(TransactionBench::throws_kafka_exception([&] { bench.begin_commit(); }));
  CHECK(TransactionBench::throws_kafka_exception([&] { bench.begin_abort(); }));
  CHECK(TransactionBench::throws_kafka_exception([&] { bench.send_offsets({}, {"dummyId", -1, "", std::nullopt}); }));
}

TEST_CASE("TransactionManagerTest.testInvalidProducerEpochFromProduce") {
  TransactionBench bench;
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  const SendFuture future = bench.append(tp0);
  CHECK_FALSE(future.is_done());
  bench.prepare_add_partitions(tp0, ErrorCode::none, bench.first_epoch);
  bench.prepare_produce(ErrorCode::invalid_producer_epoch);
  bench.prepare_produce(ErrorCode::none);
  bench.run_once();
  bench.run_until([&] { return future.is_done(); });
  CHECK(bench.tm().has_error());

  bench.begin_abort();
  const auto first = bench.tm().next_request(false);
  REQUIRE(first);
  CHECK(std::holds_alternative<EndTxnRequestBuilder>(first->request));
  const auto second = bench.tm().next_request(false);
  REQUIRE(second);
  CHECK(std::holds_alternative<InitProducerIdRequest>(second->request));
}

TEST_CASE("TransactionManagerTest.shouldNotAddPartitionsToTransactionWhenTopicAuthorizationFailed") {
  TransactionBench bench;
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  const SendFuture response_future = bench.append(tp0);
  CHECK_FALSE(response_future.is_done());
  bench.prepare_add_partitions(tp0, ErrorCode::topic_authorization_failed);
  bench.run_until([&] { return bench.tm().has_error(); });
  CHECK_FALSE(bench.tm().transaction_contains_partition(tp0));
}

TEST_CASE("TransactionManagerTest.testBackgroundInvalidStateTransitionIsFatal") {
  TransactionBench bench;
  bench.do_init_transactions();
  CHECK(bench.tm().is_transactional());
  const BatchId batch = bench.new_batch(tp0);
  {
    const OnSenderThread on_sender_thread(&bench.tm());
    CHECK(TransactionBench::thrown_by([&] { bench.fail_batch(batch, kafka_exception("a test")); }) ==
          "IllegalStateException");
  }
  CHECK(bench.tm().has_fatal_error());
  // Whoever goes on is told of it.
  CHECK(TransactionBench::thrown_by([&] { bench.tm().begin_transaction(); }) == "IllegalStateException");
  CHECK(TransactionBench::thrown_by([&] { bench.begin_abort(); }) == "IllegalStateException");
  CHECK(TransactionBench::thrown_by([&] { bench.begin_commit(); }) == "IllegalStateException");
  CHECK(TransactionBench::thrown_by([&] { bench.tm().maybe_add_partition(tp0); }) == "IllegalStateException");
  CHECK(TransactionBench::thrown_by([&] { bench.initialize_transactions(); }) == "IllegalStateException");
  CHECK(TransactionBench::thrown_by([&] {
          bench.send_offsets({}, {"fake-group-id", -1, "", std::nullopt});
        }) == "IllegalStateException");
}

TEST_CASE("TransactionManagerTest.testForegroundInvalidStateTransitionIsRecoverable") {
  TransactionBench bench;
  CHECK(TransactionBench::thrown_by([&] { bench.begin_abort(); }) == "IllegalStateException");
  CHECK_FALSE(bench.tm().has_fatal_error());
  bench.do_init_transactions();
  CHECK(bench.tm().is_transactional());
  bench.tm().begin_transaction();
  CHECK_FALSE(bench.tm().has_fatal_error());
  bench.tm().maybe_add_partition(tp1);
  CHECK(bench.tm().has_ongoing_transaction());
  bench.prepare_add_partitions(tp1, ErrorCode::none);
  bench.wait_for_partition(tp1);
  const TxnResult retry_result = bench.begin_commit();
  CHECK(bench.tm().has_ongoing_transaction());
  bench.prepare_end_txn(ErrorCode::none, EndTxn::commit);
  bench.run_until([&] { return !bench.tm().has_ongoing_transaction(); });
  bench.run_until([&] { return retry_result.is_completed(); });
  CHECK(retry_result.await().empty());
  bench.run_until([&] { return retry_result.is_acked(); });
  CHECK_FALSE(bench.tm().has_ongoing_transaction());
}

TEST_CASE("TransactionManagerTest.testTransactionAbortableExceptionInInitProducerId") {
  TransactionBench bench;
  const TxnResult init_pid_result = bench.initialize_transactions();
  bench.prepare_find_coordinator();
  bench.wait_for_coordinator();
  CHECK(bench.coordinator_is_broker());
  bench.prepare_init_pid(ErrorCode::transaction_abortable, bench.producer_id, no_producer_epoch.value());
  bench.run_until([&] { return bench.tm().has_error(); });
  CHECK(init_pid_result.is_completed());
  CHECK_FALSE(init_pid_result.is_successful());
  CHECK(init_pid_result.await() == "TransactionAbortableException");
  bench.check_abortable_error("TransactionAbortableException");
}

TEST_CASE("TransactionManagerTest.testTransactionAbortableExceptionInAddPartitions") {
  TransactionBench bench;
  const TopicPartition tp{"foo", 0};
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp);
  bench.prepare_add_partitions(tp, ErrorCode::transaction_abortable);
  bench.run_until([&] { return bench.tm().has_error(); });
  CHECK(bench.last_error() == "TransactionAbortableException");
  bench.check_abortable_error("TransactionAbortableException");
}

TEST_CASE("TransactionManagerTest.testTransactionAbortableExceptionInFindCoordinator") {
  TransactionBench bench;
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  const TxnResult send_offsets_result =
      bench.send_offsets({{TopicPartition{"foo", 0}, {39, std::nullopt, ""}}}, {bench.group_id, -1, "", std::nullopt});
  bench.prepare_add_offsets(ErrorCode::none);
  bench.run_until([&] { return !bench.tm().has_partitions_to_add(); });
  bench.prepare_find_coordinator(ErrorCode::transaction_abortable, CoordinatorType::group);
  bench.run_until([&] { return bench.tm().has_error(); });
  CHECK(bench.last_error() == "TransactionAbortableException");
  bench.run_until([&] { return send_offsets_result.is_completed(); });
  CHECK_FALSE(send_offsets_result.is_successful());
  CHECK(send_offsets_result.error() == "TransactionAbortableException");
  bench.check_abortable_error("TransactionAbortableException");
}

TEST_CASE("TransactionManagerTest.testTransactionAbortableExceptionInEndTxn") {
  TransactionBench bench;
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  const TxnResult commit_result = bench.begin_commit();
  const SendFuture response_future = bench.append(tp0);
  CHECK_FALSE(response_future.is_done());
  bench.prepare_add_partitions(tp0, ErrorCode::none, bench.first_epoch);
  bench.prepare_produce(ErrorCode::none);
  bench.prepare_end_txn(ErrorCode::transaction_abortable, EndTxn::commit);
  bench.run_until([&] { return commit_result.is_completed(); });
  bench.run_until([&] { return response_future.is_done(); });
  CHECK_FALSE(commit_result.await().empty());
  CHECK_FALSE(commit_result.is_successful());
  CHECK(commit_result.is_acked());
  bench.check_abortable_error("TransactionAbortableException");
}

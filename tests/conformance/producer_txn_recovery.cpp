// Cases of Kafka's TransactionManagerTest (kafka-clients 4.3.1): records and requests around an abort.

#include <catch2/catch.hpp>

#include "conformance/producer_transaction_bench.h"

using namespace linger;
using namespace linger::test;

namespace {

RecordAccumulator::DrainedBatches drain(TransactionBench& bench, const std::vector<NodeId>& nodes) {
  return bench.accumulator->drain(bench.metadata.fetch(), nodes, 2147483647, bench.now_ms, &bench.tm(), bench.entropy);
}

}  // namespace

TEST_CASE("TransactionManagerTest.testRecoveryFromAbortableErrorTransactionNotStarted") {
  TransactionBench bench;
  const TopicPartition unauthorized_partition{"foo", 0};
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(unauthorized_partition);
  SendFuture response_future = bench.append(unauthorized_partition);
  bench.prepare_add_partitions({{unauthorized_partition, ErrorCode::topic_authorization_failed}});
  bench.wait_until_answered();
  CHECK(bench.tm().has_abortable_error());
  const TxnResult abort_result = bench.begin_abort();
  bench.run_until([&] { return response_future.is_done(); });
  CHECK_FALSE(response_future.exception().empty());
  bench.run_until([&] { return bench.tm().is_ready(); });
  CHECK_FALSE(bench.tm().has_partitions_to_add());
  CHECK_FALSE(bench.accumulator->has_incomplete());
  CHECK(abort_result.is_successful());
  CHECK(abort_result.await().empty());
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  response_future = bench.append(tp0);
  bench.prepare_add_partitions({{tp0, ErrorCode::none}});
  bench.wait_for_partition(tp0);
  CHECK_FALSE(bench.tm().has_partitions_to_add());
  bench.begin_commit();
  bench.prepare_produce(ErrorCode::none);
  bench.run_until([&] { return response_future.is_done(); });
  CHECK(response_future.offset() >= 0);
  bench.prepare_end_txn(ErrorCode::none, EndTxn::commit);
  bench.run_until([&] { return bench.tm().is_ready(); });
}

TEST_CASE("TransactionManagerTest.testRecoveryFromAbortableErrorTransactionStarted") {
  TransactionBench bench;
  const TopicPartition unauthorized_partition{"foo", 0};
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  bench.prepare_add_partitions(tp0, ErrorCode::none);
  const SendFuture authorized_topic_produce_future = bench.append(unauthorized_partition);
  bench.wait_for_partition(tp0);
  bench.tm().maybe_add_partition(unauthorized_partition);
  const SendFuture unauthorized_topic_produce_future = bench.append(unauthorized_partition);
  bench.prepare_add_partitions({{unauthorized_partition, ErrorCode::topic_authorization_failed}});
  bench.run_until([&] { return bench.tm().has_abortable_error(); });
  CHECK(bench.tm().transaction_contains_partition(tp0));
  CHECK_FALSE(bench.tm().transaction_contains_partition(unauthorized_partition));
  CHECK_FALSE(authorized_topic_produce_future.is_done());
  CHECK_FALSE(unauthorized_topic_produce_future.is_done());
  bench.prepare_end_txn(ErrorCode::none, EndTxn::abort);
  const TxnResult result = bench.begin_abort();
  bench.run_until([&] { return bench.tm().is_ready(); });
  CHECK_FALSE(authorized_topic_produce_future.exception().empty());
  CHECK_FALSE(unauthorized_topic_produce_future.exception().empty());
  CHECK_FALSE(bench.tm().has_partitions_to_add());
  CHECK_FALSE(bench.accumulator->has_incomplete());
  CHECK(result.is_successful());
  CHECK(result.await().empty());
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  const SendFuture next_transaction_future = bench.append(tp0);
  bench.prepare_add_partitions({{tp0, ErrorCode::none}});
  bench.wait_for_partition(tp0);
  CHECK_FALSE(bench.tm().has_partitions_to_add());
  bench.begin_commit();
  bench.prepare_produce(ErrorCode::none);
  bench.run_until([&] { return next_transaction_future.is_done(); });
  CHECK(next_transaction_future.offset() >= 0);
  bench.prepare_end_txn(ErrorCode::none, EndTxn::commit);
  bench.run_until([&] { return bench.tm().is_ready(); });
}

TEST_CASE("TransactionManagerTest.testRecoveryFromAbortableErrorProduceRequestInRetry") {
  TransactionBench bench;
  const TopicPartition unauthorized_partition{"foo", 0};
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  bench.prepare_add_partitions(tp0, ErrorCode::none);
  const SendFuture authorized_topic_produce_future = bench.append(tp0);
  bench.wait_for_partition(tp0);
  bench.accumulator->begin_flush();
  bench.prepare_produce(ErrorCode::request_timed_out);
  bench.wait_until_answered();
  CHECK_FALSE(authorized_topic_produce_future.is_done());
  CHECK(bench.accumulator->has_incomplete());
  bench.tm().maybe_add_partition(unauthorized_partition);
  const SendFuture unauthorized_topic_produce_future = bench.append(unauthorized_partition);
  bench.prepare_add_partitions({{unauthorized_partition, ErrorCode::topic_authorization_failed}});
  bench.run_until([&] { return bench.tm().has_abortable_error(); });
  CHECK(bench.tm().transaction_contains_partition(tp0));
  CHECK_FALSE(bench.tm().transaction_contains_partition(unauthorized_partition));
  CHECK_FALSE(authorized_topic_produce_future.is_done());
  bench.prepare_produce(ErrorCode::none);
  bench.run_until([&] { return authorized_topic_produce_future.is_done(); });
  CHECK_FALSE(unauthorized_topic_produce_future.exception().empty());
  CHECK(authorized_topic_produce_future.offset() >= 0);
  CHECK(authorized_topic_produce_future.is_done());
  bench.prepare_end_txn(ErrorCode::none, EndTxn::abort);
  const TxnResult abort_result = bench.begin_abort();
  bench.run_until([&] { return bench.tm().is_ready(); });
  CHECK(bench.tm().is_ready());
  CHECK_FALSE(bench.tm().has_partitions_to_add());
  CHECK_FALSE(bench.accumulator->has_incomplete());
  CHECK(abort_result.is_successful());
  CHECK(abort_result.await().empty());
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  const SendFuture next_transaction_future = bench.append(tp0);
  bench.prepare_add_partitions({{tp0, ErrorCode::none}});
  bench.wait_for_partition(tp0);
  CHECK_FALSE(bench.tm().has_partitions_to_add());
  bench.begin_commit();
  bench.prepare_produce(ErrorCode::none);
  bench.run_until([&] { return next_transaction_future.is_done(); });
  CHECK(next_transaction_future.offset() >= 0);
  bench.prepare_end_txn(ErrorCode::none, EndTxn::commit);
  bench.run_until([&] { return bench.tm().is_ready(); });
}

TEST_CASE("TransactionManagerTest.testDisallowCommitOnProduceFailure") {
  TransactionBench bench;
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  const SendFuture response_future = bench.append(tp0);
  const TxnResult commit_result = bench.begin_commit();
  CHECK_FALSE(response_future.is_done());
  bench.prepare_add_partitions(tp0, ErrorCode::none, bench.first_epoch);
  bench.prepare_produce(ErrorCode::out_of_order_sequence_number);
  bench.run_until([&] { return commit_result.is_completed(); });
  CHECK_FALSE(commit_result.await().empty());
  CHECK(response_future.exception() == "OutOfOrderSequenceException");
  const TxnResult abort_result = bench.begin_abort();
  bench.prepare_end_txn(ErrorCode::none, EndTxn::abort);
  bench.prepare_init_pid(ErrorCode::none, bench.producer_id, bench.first_epoch + 1);
  bench.run_until([&] { return abort_result.is_completed(); });
  CHECK(abort_result.is_successful());
  CHECK(bench.tm().is_ready());
}

TEST_CASE("TransactionManagerTest.testAllowAbortOnProduceFailure") {
  TransactionBench bench;
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  const SendFuture response_future = bench.append(tp0);
  CHECK_FALSE(response_future.is_done());
  bench.prepare_add_partitions(tp0, ErrorCode::none, bench.first_epoch);
  bench.prepare_produce(ErrorCode::out_of_order_sequence_number);
  bench.run_until([&] { return bench.tm().has_abortable_error(); });
  const TxnResult abort_result = bench.begin_abort();
  bench.prepare_end_txn(ErrorCode::none, EndTxn::abort);
  bench.prepare_init_pid(ErrorCode::none, bench.producer_id, bench.first_epoch + 1);
  bench.run_until([&] { return abort_result.is_completed(); });
  CHECK(abort_result.is_successful());
  CHECK(bench.tm().is_ready());
}

TEST_CASE("TransactionManagerTest.testAbortableErrorWhileAbortInProgress") {
  TransactionBench bench;
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  const SendFuture response_future = bench.append(tp0);
  CHECK_FALSE(response_future.is_done());
  bench.prepare_add_partitions(tp0, ErrorCode::none, bench.first_epoch);
  bench.run_until([&] { return !bench.accumulator->has_undrained(); });
  const TxnResult abort_result = bench.begin_abort();
  CHECK(bench.tm().is_aborting());
  CHECK_FALSE(bench.tm().has_error());
  bench.send_produce(ErrorCode::out_of_order_sequence_number);
  bench.prepare_end_txn(ErrorCode::none, EndTxn::abort);
  bench.run_until([&] { return response_future.is_done(); });
  CHECK(bench.tm().is_aborting());
  CHECK_FALSE(bench.tm().has_error());
  bench.run_until([&] { return abort_result.is_completed(); });
  CHECK(abort_result.is_successful());
  CHECK(bench.tm().is_ready());
}

TEST_CASE("TransactionManagerTest.testCommitTransactionWithUnsentProduceRequest") {
  TransactionBench bench;
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  const SendFuture response_future = bench.append(tp0);
  bench.prepare_add_partitions(tp0, ErrorCode::none);
  bench.wait_until_answered();
  CHECK(bench.accumulator->has_undrained());
  bench.begin_commit();
  bench.run_until([&] { return !bench.accumulator->has_undrained(); });
  CHECK(bench.accumulator->has_incomplete());
  CHECK_FALSE(bench.tm().has_in_flight_request());
  CHECK_FALSE(response_future.is_done());
  int runs = 0;
  bench.run_until([&] { return ++runs >= 4; });
  CHECK_FALSE(bench.accumulator->has_undrained());
  CHECK(bench.accumulator->has_incomplete());
  CHECK_FALSE(bench.tm().has_in_flight_request());
  CHECK_FALSE(response_future.is_done());
  bench.send_produce(ErrorCode::none);
  bench.run_until([&] { return response_future.is_done(); });
  CHECK_FALSE(bench.accumulator->has_undrained());
  CHECK_FALSE(bench.accumulator->has_incomplete());
  CHECK_FALSE(bench.tm().has_in_flight_request());
  bench.run_until([&] { return bench.tm().has_in_flight_request(); });
  bench.send_end_txn(ErrorCode::none, EndTxn::commit);
  bench.run_until([&] { return bench.tm().is_ready(); });
  CHECK_FALSE(bench.tm().has_in_flight_request());
}

TEST_CASE("TransactionManagerTest.testCommitTransactionWithInFlightProduceRequest") {
  TransactionBench bench;
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  const SendFuture response_future = bench.append(tp0);
  bench.prepare_add_partitions(tp0, ErrorCode::none);
  bench.run_until([&] { return !bench.tm().has_partitions_to_add(); });
  CHECK(bench.accumulator->has_undrained());
  bench.accumulator->begin_flush();
  bench.run_until([&] { return !bench.accumulator->has_undrained(); });
  CHECK_FALSE(bench.accumulator->has_undrained());
  CHECK(bench.accumulator->has_incomplete());
  CHECK_FALSE(bench.tm().has_in_flight_request());
  bench.begin_commit();
  int runs = 0;
  bench.run_until([&] { return ++runs >= 4; });
  CHECK_FALSE(bench.accumulator->has_undrained());
  CHECK(bench.accumulator->has_incomplete());
  CHECK_FALSE(bench.tm().has_in_flight_request());
  CHECK_FALSE(response_future.is_done());
  bench.send_produce(ErrorCode::none);
  bench.run_until([&] { return response_future.is_done(); });
  CHECK_FALSE(bench.accumulator->has_undrained());
  CHECK_FALSE(bench.accumulator->has_incomplete());
  CHECK_FALSE(bench.tm().has_in_flight_request());
  bench.run_until([&] { return bench.tm().has_in_flight_request(); });
  bench.send_end_txn(ErrorCode::none, EndTxn::commit);
  bench.run_until([&] { return bench.tm().is_ready(); });
  CHECK_FALSE(bench.tm().has_in_flight_request());
}

TEST_CASE("TransactionManagerTest.testFindCoordinatorAllowedInAbortableErrorState") {
  TransactionBench bench;
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  const SendFuture response_future = bench.append(tp0);
  CHECK_FALSE(response_future.is_done());
  bench.run_until([&] { return bench.tm().has_in_flight_request(); });
  bench.tm().transition_to_abortable_error(kafka_exception("a test"));
  bench.send_add_partitions(tp0, ErrorCode::not_coordinator);
  bench.run_until([&] { return !bench.knows_coordinator(CoordinatorType::transaction); });
  bench.prepare_find_coordinator();
  bench.wait_for_coordinator();
  CHECK(bench.coordinator_is_broker());
  CHECK(bench.tm().has_abortable_error());
}

TEST_CASE("TransactionManagerTest.testCancelUnsentAddPartitionsAndProduceOnAbort") {
  TransactionBench bench;
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  const SendFuture response_future = bench.append(tp0);
  CHECK_FALSE(response_future.is_done());
  const TxnResult abort_result = bench.begin_abort();
  bench.run_until([&] { return abort_result.is_completed(); });
  CHECK(abort_result.is_successful());
  CHECK(bench.tm().is_ready());
  CHECK(response_future.exception() == "TransactionAbortedException");
}

TEST_CASE("TransactionManagerTest.testAbortResendsAddPartitionErrorIfRetried") {
  TransactionBench bench;
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  bench.prepare_add_partitions(tp0, ErrorCode::unknown_topic_or_partition, bench.first_epoch);
  const SendFuture response_future = bench.append(tp0);
  bench.wait_until_answered();
  CHECK_FALSE(response_future.is_done());
  const TxnResult abort_result = bench.begin_abort();
  bench.prepare_add_partitions(tp0, ErrorCode::none, bench.first_epoch);
  bench.prepare_end_txn(ErrorCode::none, EndTxn::abort);
  bench.run_until([&] { return abort_result.is_completed(); });
  CHECK(abort_result.is_successful());
  CHECK(bench.tm().is_ready());
  CHECK(response_future.exception() == "TransactionAbortedException");
}

TEST_CASE("TransactionManagerTest.testAbortResendsProduceRequestIfRetried") {
  TransactionBench bench;
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  bench.prepare_add_partitions(tp0, ErrorCode::none, bench.first_epoch);
  bench.prepare_produce(ErrorCode::request_timed_out);
  const SendFuture response_future = bench.append(tp0);
  bench.wait_until_answered();
  CHECK_FALSE(response_future.is_done());
  const TxnResult abort_result = bench.begin_abort();
  bench.prepare_produce(ErrorCode::none);
  bench.prepare_end_txn(ErrorCode::none, EndTxn::abort);
  bench.run_until([&] { return abort_result.is_completed(); });
  CHECK(abort_result.is_successful());
  CHECK(bench.tm().is_ready());
  CHECK(response_future.offset() == 0);
}

TEST_CASE("TransactionManagerTest.testHandlingOfUnknownTopicPartitionErrorOnAddPartitions") {
  TransactionBench bench;
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  const SendFuture response_future = bench.append(tp0);
  CHECK_FALSE(response_future.is_done());
  bench.prepare_add_partitions(tp0, ErrorCode::unknown_topic_or_partition, bench.first_epoch);
  bench.wait_until_answered();
  CHECK_FALSE(bench.tm().transaction_contains_partition(tp0));
  bench.prepare_add_partitions(tp0, ErrorCode::none, bench.first_epoch);
  bench.prepare_produce(ErrorCode::none);
  bench.wait_for_partition(tp0);
  bench.run_until([&] { return response_future.is_done(); });
}

TEST_CASE("TransactionManagerTest.shouldNotSendAbortTxnRequestWhenOnlyAddPartitionsRequestFailed") {
  TransactionBench bench;
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  bench.prepare_add_partitions(tp0, ErrorCode::topic_authorization_failed, bench.first_epoch);
  bench.wait_until_answered();
  const TxnResult abort_result = bench.begin_abort();
  CHECK_FALSE(abort_result.is_completed());
  bench.run_until([&] { return abort_result.is_completed(); });
  CHECK(abort_result.is_successful());
}

TEST_CASE("TransactionManagerTest.testNoDrainWhenPartitionsPending") {
  TransactionBench bench;
  bench.client->update_metadata(metadata_update(2, {{"test", 2}}));
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  bench.append(tp0);
  bench.tm().maybe_add_partition(tp1);
  bench.append(tp1);
  CHECK_FALSE(bench.tm().is_send_to_partition_allowed(tp0));
  CHECK_FALSE(bench.tm().is_send_to_partition_allowed(tp1));
  const auto drained = drain(bench, {NodeId{0}, NodeId{1}});
  REQUIRE(drained.size() == 2);
  CHECK(drained[0].first == NodeId{0});
  CHECK(drained[0].second.empty());
  CHECK(drained[1].first == NodeId{1});
  CHECK(drained[1].second.empty());
  CHECK_FALSE(bench.tm().has_error());
}

TEST_CASE("TransactionManagerTest.testAllowDrainInAbortableErrorState") {
  TransactionBench bench;
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp1);
  bench.prepare_add_partitions(tp1, ErrorCode::none);
  bench.wait_for_partition(tp1);
  bench.tm().maybe_add_partition(tp0);
  bench.prepare_add_partitions(tp0, ErrorCode::topic_authorization_failed);
  bench.run_until([&] { return bench.tm().has_abortable_error(); });
  CHECK(bench.tm().is_send_to_partition_allowed(tp1));
  bench.append(tp1);
  const auto drained = drain(bench, {NodeId{0}});
  REQUIRE(drained.size() == 1);
  CHECK(drained[0].first == NodeId{0});
  CHECK(drained[0].second.size() == 1);
  CHECK(bench.tm().has_abortable_error());
}

TEST_CASE("TransactionManagerTest.testRaiseErrorWhenNoPartitionsPendingOnDrain") {
  TransactionBench bench;
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  // The record waits although its partition was never announced.
  bench.append(tp0);
  auto drained = drain(bench, {NodeId{0}});
  REQUIRE(drained.size() == 1);
  CHECK(drained[0].first == NodeId{0});
  CHECK(drained[0].second.empty());

  bench.tm().maybe_add_partition(tp0);
  bench.accumulator->begin_flush();
  drained = drain(bench, {NodeId{0}});
  REQUIRE(drained.size() == 1);
  CHECK(drained[0].first == NodeId{0});
  CHECK(drained[0].second.empty());
  CHECK(bench.accumulator->has_undrained());

  bench.prepare_add_partitions(tp0, ErrorCode::none);
  bench.run_until([&] { return !bench.accumulator->has_undrained(); });
}

TEST_CASE("TransactionManagerTest.resendFailedProduceRequestAfterAbortableError") {
  TransactionBench bench;
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  const SendFuture response_future = bench.append(tp0);
  bench.prepare_add_partitions(tp0, ErrorCode::none, bench.first_epoch);
  bench.prepare_produce(ErrorCode::not_leader_or_follower);
  bench.wait_until_answered();
  CHECK_FALSE(response_future.is_done());
  bench.tm().transition_to_abortable_error(kafka_exception("a test"));
  bench.prepare_produce(ErrorCode::none);
  bench.run_until([&] { return response_future.is_done(); });
  CHECK(response_future.offset() >= 0);
}

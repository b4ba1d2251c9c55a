// Cases of Kafka's TransactionManagerTest (kafka-clients 4.3.1): the way of a transaction, coordinators, and calls that
// time out.

#include <catch2/catch.hpp>

#include "conformance/producer_transaction_bench.h"

using namespace linger;
using namespace linger::test;

namespace {

/// The first call times out, and what follows it is this one.
void verify_commit_or_abort_retriable(EndTxn first, EndTxn then) {
  TransactionBench bench;
  const auto end = [&bench](EndTxn result) {
    return result == EndTxn::commit ? bench.begin_commit() : bench.begin_abort();
  };
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  bench.append(tp0);
  bench.prepare_add_partitions(tp0, ErrorCode::none, bench.first_epoch);
  bench.prepare_produce(ErrorCode::none);
  bench.wait_until_answered();

  const TxnResult result = end(first);
  bench.prepare_end_txn(ErrorCode::none, first, bench.first_epoch, std::nullopt, true);
  bench.wait_until_answered();
  CHECK_FALSE(result.is_completed());
  CHECK(result.await() == "TimeoutException");
  bench.prepare_find_coordinator();
  bench.wait_until_answered();

  const TxnResult again = end(then);
  CHECK(again == result);
  bench.prepare_end_txn(ErrorCode::none, then);
  bench.run_until([&] { return again.is_completed(); });
  CHECK_FALSE(bench.tm().has_ongoing_transaction());
}

}  // namespace

TEST_CASE("TransactionManagerTest.testBasicTransaction") {
  TransactionBench bench;
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  const SendFuture response_future = bench.append(tp0);
  CHECK_FALSE(response_future.is_done());
  bench.prepare_add_partitions(tp0, ErrorCode::none, bench.first_epoch);
  bench.prepare_produce(ErrorCode::none);
  CHECK_FALSE(bench.tm().transaction_contains_partition(tp0));
  CHECK_FALSE(bench.tm().is_send_to_partition_allowed(tp0));
  bench.wait_for_partition(tp0);
  CHECK(bench.tm().is_send_to_partition_allowed(tp0));
  CHECK_FALSE(response_future.is_done());
  bench.run_until([&] { return response_future.is_done(); });
  OffsetsToCommit offsets;
  offsets[tp1] = {1, std::nullopt, ""};
  const TxnResult add_offsets_result = bench.send_offsets(offsets, {bench.group_id, -1, "", std::nullopt});
  CHECK_FALSE(bench.tm().has_pending_offset_commits());
  bench.prepare_add_offsets(ErrorCode::none);
  bench.run_until([&] { return bench.tm().has_pending_offset_commits(); });
  CHECK_FALSE(add_offsets_result.is_completed());
  PartitionErrors txn_offset_commit_response;
  txn_offset_commit_response[tp1] = ErrorCode::none;
  bench.prepare_find_coordinator(ErrorCode::none, CoordinatorType::group);
  bench.prepare_txn_offset_commit(txn_offset_commit_response);
  CHECK_FALSE(bench.knows_coordinator(CoordinatorType::group));
  bench.wait_for_coordinator(CoordinatorType::group);
  CHECK(bench.tm().has_pending_offset_commits());
  bench.run_until([&] { return !bench.tm().has_pending_offset_commits(); });
  CHECK(add_offsets_result.is_completed());
  bench.begin_commit();
  bench.prepare_end_txn(ErrorCode::none, EndTxn::commit);
  bench.run_until([&] { return !bench.tm().has_ongoing_transaction(); });
  CHECK_FALSE(bench.tm().is_completing());
  CHECK_FALSE(bench.tm().transaction_contains_partition(tp0));
}

TEST_CASE("TransactionManagerTest.testTransactionManagerEnablesV2") {
  TransactionBench bench;
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  CHECK_FALSE(bench.tm().has_fatal_error());
  CHECK_FALSE(bench.tm().is_transaction_v2_enabled());

  // The cluster is upgraded in the middle of a transaction, which ends as it began.
  bench.speak({{{ApiKey::init_producer_id, 3}}, 2, 2});
  CHECK_FALSE(bench.tm().is_transaction_v2_enabled());
  bench.tm().maybe_add_partition(tp1);
  CHECK(bench.tm().has_ongoing_transaction());
  bench.prepare_add_partitions(tp1, ErrorCode::none);
  bench.wait_for_partition(tp1);
  const TxnResult commit = bench.begin_commit();
  CHECK(bench.tm().has_ongoing_transaction());
  CHECK(bench.tm().is_transaction_v2_enabled());

  bench.prepare_end_txn(ErrorCode::none, EndTxn::commit);
  bench.prepare_init_pid(ErrorCode::none, bench.producer_id, bench.first_epoch + 1);
  bench.run_until([&] { return !bench.tm().has_ongoing_transaction(); });
  bench.run_until([&] { return commit.is_completed(); });
  CHECK(commit.await().empty());
  bench.run_until([&] { return commit.is_acked(); });
  CHECK_FALSE(bench.tm().has_ongoing_transaction());

  bench.tm().begin_transaction();
  CHECK(bench.tm().is_transaction_v2_enabled());
  CHECK(bench.epoch() == bench.first_epoch + 1);
}

TEST_CASE("TransactionManagerTest.testTransactionManagerDisablesV2") {
  TransactionBench bench;
  bench.client->forget_api_versions();
  bench.speak({{{ApiKey::init_producer_id, 3}, {ApiKey::produce, 12}, {ApiKey::txn_offset_commit, 5}}, 1, 0});
  bench.do_init_transactions();
  CHECK_FALSE(bench.tm().is_transaction_v2_enabled());
}

TEST_CASE("TransactionManagerTest.testDisconnectAndRetry") {
  TransactionBench bench;
  bench.initialize_transactions();
  bench.prepare_find_coordinator(ErrorCode::none, CoordinatorType::transaction, true);
  bench.run_until([&] { return !bench.knows_coordinator(CoordinatorType::transaction); });
  bench.prepare_find_coordinator();
  bench.wait_for_coordinator();
  CHECK(bench.coordinator_is_broker());
}

TEST_CASE("TransactionManagerTest.testInitializeTransactionsTwiceRaisesError") {
  TransactionBench bench;
  bench.do_init_transactions();
  CHECK(bench.tm().has_producer_id());
  CHECK(TransactionBench::thrown_by([&] { bench.initialize_transactions(); }) == "IllegalStateException");
}

TEST_CASE("TransactionManagerTest.testLookupCoordinatorOnDisconnectAfterSend") {
  TransactionBench bench;
  const TxnResult init_pid_result = bench.initialize_transactions();
  bench.prepare_find_coordinator();
  bench.wait_for_coordinator();
  CHECK(bench.coordinator_is_broker());
  bench.prepare_init_pid(ErrorCode::none, bench.producer_id, bench.first_epoch, true);
  bench.run_until([&] { return !bench.knows_coordinator(CoordinatorType::transaction); });
  CHECK_FALSE(bench.knows_coordinator(CoordinatorType::transaction));
  CHECK_FALSE(init_pid_result.is_completed());
  CHECK_FALSE(bench.tm().has_producer_id());
  bench.prepare_find_coordinator();
  bench.wait_for_coordinator();
  CHECK(bench.coordinator_is_broker());
  CHECK_FALSE(init_pid_result.is_completed());
  bench.prepare_init_pid(ErrorCode::none);
  bench.run_until([&] { return init_pid_result.is_completed(); });
  CHECK(init_pid_result.is_completed());
  CHECK(bench.tm().has_producer_id());
  CHECK(bench.tm().producer_id_and_epoch().id.value() == bench.producer_id);
  CHECK(bench.epoch() == bench.first_epoch);
}

TEST_CASE("TransactionManagerTest.testLookupCoordinatorOnDisconnectBeforeSend") {
  TransactionBench bench;
  const TxnResult init_pid_result = bench.initialize_transactions();
  bench.prepare_find_coordinator();
  bench.wait_for_coordinator();
  CHECK(bench.coordinator_is_broker());
  bench.lose_node();
  bench.run_until([&] { return !bench.knows_coordinator(); });
  bench.sleep(110);
  CHECK_FALSE(init_pid_result.is_completed());
  CHECK_FALSE(bench.tm().has_producer_id());
  bench.prepare_find_coordinator();
  bench.wait_for_coordinator();
  CHECK(bench.coordinator_is_broker());
  CHECK_FALSE(init_pid_result.is_completed());
  bench.prepare_init_pid(ErrorCode::none);
  bench.run_until([&] { return init_pid_result.is_completed(); });
  CHECK(bench.tm().has_producer_id());
  CHECK(bench.tm().producer_id_and_epoch().id.value() == bench.producer_id);
  CHECK(bench.epoch() == bench.first_epoch);
}

TEST_CASE("TransactionManagerTest.testLookupCoordinatorOnNotCoordinatorError") {
  TransactionBench bench;
  const TxnResult init_pid_result = bench.initialize_transactions();
  bench.prepare_find_coordinator();
  bench.wait_for_coordinator();
  CHECK(bench.coordinator_is_broker());
  bench.prepare_init_pid(ErrorCode::not_coordinator);
  bench.run_until([&] { return !bench.knows_coordinator(CoordinatorType::transaction); });
  CHECK_FALSE(init_pid_result.is_completed());
  CHECK_FALSE(bench.tm().has_producer_id());
  bench.prepare_find_coordinator();
  bench.wait_for_coordinator();
  CHECK(bench.coordinator_is_broker());
  CHECK_FALSE(init_pid_result.is_completed());
  bench.prepare_init_pid(ErrorCode::none);
  bench.run_until([&] { return init_pid_result.is_completed(); });
  CHECK(bench.tm().has_producer_id());
  CHECK(bench.tm().producer_id_and_epoch().id.value() == bench.producer_id);
  CHECK(bench.epoch() == bench.first_epoch);
}

TEST_CASE("TransactionManagerTest.testRetryAbortTransactionAfterTimeout") {
  TransactionBench bench;
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  bench.prepare_add_partitions(tp0, ErrorCode::none);
  bench.append(tp0);
  bench.wait_for_partition(tp0);
  const TxnResult result = bench.begin_abort();
  CHECK(result.await() == "TimeoutException");
  bench.prepare_end_txn(ErrorCode::none, EndTxn::abort);
  bench.run_until([&] { return bench.tm().is_ready(); });
  CHECK(result.is_successful());
  CHECK_FALSE(result.is_acked());
  CHECK_FALSE(bench.tm().has_ongoing_transaction());
  CHECK(TransactionBench::thrown_by([&] { bench.initialize_transactions(); }) == "IllegalStateException");
  CHECK(TransactionBench::thrown_by([&] { bench.tm().begin_transaction(); }) == "IllegalStateException");
  CHECK(TransactionBench::thrown_by([&] { bench.begin_commit(); }) == "IllegalStateException");
  CHECK(TransactionBench::thrown_by([&] { bench.tm().maybe_add_partition(tp0); }) == "IllegalStateException");
  CHECK(bench.begin_abort() == result);
  CHECK(result.await().empty());
  bench.tm().begin_transaction();
  CHECK(bench.tm().has_ongoing_transaction());
}

TEST_CASE("TransactionManagerTest.testRetryCommitTransactionAfterTimeout") {
  TransactionBench bench;
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  bench.prepare_add_partitions(tp0, ErrorCode::none);
  bench.prepare_produce(ErrorCode::none);
  bench.append(tp0);
  bench.wait_for_partition(tp0);
  const TxnResult result = bench.begin_commit();
  CHECK(result.await() == "TimeoutException");
  bench.prepare_end_txn(ErrorCode::none, EndTxn::commit);
  bench.run_until([&] { return bench.tm().is_ready(); });
  CHECK(result.is_successful());
  CHECK_FALSE(result.is_acked());
  CHECK_FALSE(bench.tm().has_ongoing_transaction());
  CHECK(TransactionBench::thrown_by([&] { bench.initialize_transactions(); }) == "IllegalStateException");
  CHECK(TransactionBench::thrown_by([&] { bench.tm().begin_transaction(); }) == "IllegalStateException");
  CHECK(TransactionBench::thrown_by([&] { bench.begin_abort(); }) == "IllegalStateException");
  CHECK(TransactionBench::thrown_by([&] { bench.tm().maybe_add_partition(tp0); }) == "IllegalStateException");
  CHECK(bench.begin_commit() == result);
  CHECK(result.await().empty());
  bench.tm().begin_transaction();
  CHECK(bench.tm().has_ongoing_transaction());
}

TEST_CASE("TransactionManagerTest.testRetryInitTransactionsAfterTimeout") {
  TransactionBench bench;
  const TxnResult result = bench.initialize_transactions();
  bench.prepare_find_coordinator();
  bench.wait_for_coordinator();
  CHECK(bench.coordinator_is_broker());
  CHECK(result.await() == "TimeoutException");
  bench.prepare_init_pid(ErrorCode::none);
  bench.run_until([&] { return bench.tm().has_producer_id(); });
  CHECK(result.is_successful());
  CHECK_FALSE(result.is_acked());
  CHECK(TransactionBench::thrown_by([&] { bench.tm().begin_transaction(); }) == "IllegalStateException");
  CHECK(TransactionBench::thrown_by([&] { bench.begin_abort(); }) == "IllegalStateException");
  CHECK(TransactionBench::thrown_by([&] { bench.begin_commit(); }) == "IllegalStateException");
  CHECK(TransactionBench::thrown_by([&] { bench.tm().maybe_add_partition(tp0); }) == "IllegalStateException");
  CHECK(bench.initialize_transactions() == result);
  CHECK(result.await().empty());
  CHECK(result.is_acked());
  CHECK(TransactionBench::thrown_by([&] { bench.initialize_transactions(); }) == "IllegalStateException");
  bench.tm().begin_transaction();
  CHECK(bench.tm().has_ongoing_transaction());
}

TEST_CASE("TransactionManagerTest.testFlushPendingPartitionsOnCommit") {
  TransactionBench bench;
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  const SendFuture response_future = bench.append(tp0);
  CHECK_FALSE(response_future.is_done());
  const TxnResult commit_result = bench.begin_commit();
  CHECK_FALSE(bench.tm().transaction_contains_partition(tp0));
  bench.prepare_add_partitions(tp0, ErrorCode::none, bench.first_epoch);
  bench.wait_for_partition(tp0);
  CHECK_FALSE(response_future.is_done());
  CHECK_FALSE(commit_result.is_completed());
  bench.prepare_produce(ErrorCode::none);
  bench.run_until([&] { return response_future.is_done(); });
  bench.prepare_end_txn(ErrorCode::none, EndTxn::commit);
  CHECK_FALSE(commit_result.is_completed());
  CHECK(bench.tm().has_ongoing_transaction());
  CHECK(bench.tm().is_completing());
  bench.run_until([&] { return commit_result.is_completed(); });
  CHECK_FALSE(bench.tm().has_ongoing_transaction());
}

TEST_CASE("TransactionManagerTest.testMultipleAddPartitionsPerForOneProduce") {
  TransactionBench bench;
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  const SendFuture response_future = bench.append(tp0);
  CHECK_FALSE(response_future.is_done());
  bench.prepare_add_partitions(tp0, ErrorCode::none, bench.first_epoch);
  CHECK_FALSE(bench.tm().transaction_contains_partition(tp0));
  bench.wait_for_partition(tp0);
  bench.tm().maybe_add_partition(tp1);
  const SendFuture second_response_future = bench.append(tp0);
  bench.prepare_add_partitions(tp1, ErrorCode::none, bench.first_epoch);
  bench.prepare_produce(ErrorCode::none);
  CHECK_FALSE(bench.tm().transaction_contains_partition(tp1));
  CHECK_FALSE(response_future.is_done());
  CHECK_FALSE(second_response_future.is_done());
  bench.wait_for_partition(tp1);
  CHECK_FALSE(response_future.is_done());
  CHECK_FALSE(second_response_future.is_done());
  bench.run_until([&] { return response_future.is_done(); });
  CHECK(second_response_future.is_done());
}

TEST_CASE("TransactionManagerTest.testRetriableErrors") {
  TransactionBench bench;
  const ErrorCode error = GENERATE(ErrorCode::unknown_topic_or_partition, ErrorCode::request_timed_out,
                                   ErrorCode::coordinator_load_in_progress, ErrorCode::concurrent_transactions);
  const TxnResult result = bench.initialize_transactions();
  bench.prepare_find_coordinator(error);
  bench.prepare_find_coordinator();
  bench.wait_for_coordinator();
  CHECK(bench.coordinator_is_broker());
  bench.prepare_init_pid(error);
  bench.prepare_init_pid(ErrorCode::none);
  bench.run_until([&] { return bench.tm().has_producer_id(); });
  CHECK(result.await().empty());
  bench.tm().begin_transaction();

  const ErrorCode of_partitions =
      error == ErrorCode::concurrent_transactions ? ErrorCode::coordinator_load_in_progress : error;
  bench.tm().maybe_add_partition(tp0);
  bench.prepare_add_partitions(tp0, of_partitions, bench.first_epoch);
  bench.prepare_add_partitions(tp0, ErrorCode::none, bench.first_epoch);
  bench.wait_for_partition(tp0);

  const TxnResult commit = bench.begin_commit();
  bench.prepare_end_txn(error, EndTxn::commit);
  bench.prepare_end_txn(ErrorCode::none, EndTxn::commit);
  bench.run_until([&] { return commit.is_completed(); });
  CHECK(commit.is_successful());
}

TEST_CASE("TransactionManagerTest.testCoordinatorNotAvailable") {
  TransactionBench bench;
  const TxnResult result = bench.initialize_transactions();
  bench.prepare_find_coordinator(ErrorCode::coordinator_not_available);
  bench.prepare_find_coordinator();
  bench.wait_for_coordinator();
  CHECK(bench.coordinator_is_broker());
  bench.prepare_init_pid(ErrorCode::none);
  bench.run_until([&] { return bench.tm().has_producer_id(); });
  CHECK(result.await().empty());
}

TEST_CASE("TransactionManagerTest.testRetryAbortTransaction") {
  verify_commit_or_abort_retriable(EndTxn::abort, EndTxn::abort);
}

TEST_CASE("TransactionManagerTest.testRetryCommitTransaction") {
  verify_commit_or_abort_retriable(EndTxn::commit, EndTxn::commit);
}

TEST_CASE("TransactionManagerTest.testRetryAbortTransactionAfterCommitTimeout") {
  CHECK(TransactionBench::thrown_by([] { verify_commit_or_abort_retriable(EndTxn::commit, EndTxn::abort); }) ==
        "IllegalStateException");
}

TEST_CASE("TransactionManagerTest.testRetryCommitTransactionAfterAbortTimeout") {
  CHECK(TransactionBench::thrown_by([] { verify_commit_or_abort_retriable(EndTxn::abort, EndTxn::commit); }) ==
        "IllegalStateException");
}

// Cases of Kafka's TransactionManagerTest (kafka-clients 4.3.1): what is allowed in which state, and partitions that
// join a transaction.

#include <catch2/catch.hpp>

#include "conformance/producer_transaction_bench.h"

using namespace linger;
using namespace linger::test;

TEST_CASE("TransactionManagerTest.testSenderShutdownWithPendingTransactions") {
  TransactionBench bench;
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  const SendFuture send_future = bench.append(tp0);
  bench.prepare_add_partitions(tp0, ErrorCode::none);
  bench.prepare_produce(ErrorCode::none);
  bench.wait_until_answered();
  bench.sender.initiate_close(*bench.accumulator);
  bench.run_once();
  const TxnResult result = bench.begin_commit();
  bench.prepare_end_txn(ErrorCode::none, EndTxn::commit);
  bench.run_until([&] { return result.is_completed(); });
  bench.run_until([&] { return send_future.is_done(); });
}

TEST_CASE("TransactionManagerTest.testEndTxnNotSentIfIncompleteBatches") {
  TransactionBench bench;
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  bench.prepare_add_partitions(tp0, ErrorCode::none);
  bench.wait_for_partition(tp0);
  bench.begin_commit();
  CHECK_FALSE(bench.tm().next_request(true));
  CHECK(bench.tm().next_request(false)->is_end_txn());
}

TEST_CASE("TransactionManagerTest.testFailIfNotReadyForSendNoProducerId") {
  TransactionBench bench;
  CHECK(TransactionBench::thrown_by([&] { bench.tm().maybe_add_partition(tp0); }) == "IllegalStateException");
}

TEST_CASE("TransactionManagerTest.testFailIfNotReadyForSendNoOngoingTransaction") {
  TransactionBench bench;
  bench.do_init_transactions();
  CHECK(TransactionBench::thrown_by([&] { bench.tm().maybe_add_partition(tp0); }) == "IllegalStateException");
}

TEST_CASE("TransactionManagerTest.testFailIfNotReadyForSendAfterAbortableError") {
  TransactionBench bench;
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().transition_to_abortable_error(kafka_exception("a test"));
  CHECK(TransactionBench::throws_kafka_exception([&] { bench.tm().maybe_add_partition(tp0); }));
}

TEST_CASE("TransactionManagerTest.testFailIfNotReadyForSendAfterFatalError") {
  TransactionBench bench;
  bench.do_init_transactions();
  bench.tm().transition_to_fatal_error(kafka_exception("a test"));
  CHECK(TransactionBench::throws_kafka_exception([&] { bench.tm().maybe_add_partition(tp0); }));
}

TEST_CASE("TransactionManagerTest.testHasOngoingTransactionSuccessfulAbort") {
  TransactionBench bench;
  const TopicPartition partition{"foo", 0};
  CHECK_FALSE(bench.tm().has_ongoing_transaction());
  bench.do_init_transactions();
  CHECK_FALSE(bench.tm().has_ongoing_transaction());
  bench.tm().begin_transaction();
  CHECK(bench.tm().has_ongoing_transaction());
  bench.tm().maybe_add_partition(partition);
  bench.run_until([&] { return bench.tm().has_ongoing_transaction(); });
  bench.prepare_add_partitions(partition, ErrorCode::none);
  bench.wait_for_partition(partition);
  bench.begin_abort();
  CHECK(bench.tm().has_ongoing_transaction());
  bench.prepare_end_txn(ErrorCode::none, EndTxn::abort);
  bench.run_until([&] { return !bench.tm().has_ongoing_transaction(); });
}

TEST_CASE("TransactionManagerTest.testHasOngoingTransactionSuccessfulCommit") {
  TransactionBench bench;
  const TopicPartition partition{"foo", 0};
  CHECK_FALSE(bench.tm().has_ongoing_transaction());
  bench.do_init_transactions();
  CHECK_FALSE(bench.tm().has_ongoing_transaction());
  bench.tm().begin_transaction();
  CHECK(bench.tm().has_ongoing_transaction());
  bench.tm().maybe_add_partition(partition);
  CHECK(bench.tm().has_ongoing_transaction());
  bench.prepare_add_partitions(partition, ErrorCode::none);
  bench.wait_for_partition(partition);
  bench.begin_commit();
  CHECK(bench.tm().has_ongoing_transaction());
  bench.prepare_end_txn(ErrorCode::none, EndTxn::commit);
  bench.run_until([&] { return !bench.tm().has_ongoing_transaction(); });
}

TEST_CASE("TransactionManagerTest.testHasOngoingTransactionAbortableError") {
  TransactionBench bench;
  const TopicPartition partition{"foo", 0};
  CHECK_FALSE(bench.tm().has_ongoing_transaction());
  bench.do_init_transactions();
  CHECK_FALSE(bench.tm().has_ongoing_transaction());
  bench.tm().begin_transaction();
  CHECK(bench.tm().has_ongoing_transaction());
  bench.tm().maybe_add_partition(partition);
  CHECK(bench.tm().has_ongoing_transaction());
  bench.prepare_add_partitions(partition, ErrorCode::none);
  bench.wait_for_partition(partition);
  bench.tm().transition_to_abortable_error(kafka_exception("a test"));
  CHECK(bench.tm().has_ongoing_transaction());
  bench.begin_abort();
  CHECK(bench.tm().has_ongoing_transaction());
  bench.prepare_end_txn(ErrorCode::none, EndTxn::abort);
  bench.run_until([&] { return !bench.tm().has_ongoing_transaction(); });
}

TEST_CASE("TransactionManagerTest.testHasOngoingTransactionFatalError") {
  TransactionBench bench;
  const TopicPartition partition{"foo", 0};
  CHECK_FALSE(bench.tm().has_ongoing_transaction());
  bench.do_init_transactions();
  CHECK_FALSE(bench.tm().has_ongoing_transaction());
  bench.tm().begin_transaction();
  CHECK(bench.tm().has_ongoing_transaction());
  bench.tm().maybe_add_partition(partition);
  CHECK(bench.tm().has_ongoing_transaction());
  bench.prepare_add_partitions(partition, ErrorCode::none);
  bench.wait_for_partition(partition);
  bench.tm().transition_to_fatal_error(kafka_exception("a test"));
  CHECK_FALSE(bench.tm().has_ongoing_transaction());
}

TEST_CASE("TransactionManagerTest.testMaybeAddPartitionToTransaction") {
  TransactionBench bench;
  const TopicPartition partition{"foo", 0};
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(partition);
  CHECK(bench.tm().has_partitions_to_add());
  CHECK_FALSE(bench.tm().transaction_contains_partition(partition));
  CHECK(bench.tm().is_partition_pending_add(partition));
  bench.prepare_add_partitions(partition, ErrorCode::none);
  CHECK(bench.tm().has_partitions_to_add());
  bench.wait_for_partition(partition);
  CHECK_FALSE(bench.tm().has_partitions_to_add());
  CHECK_FALSE(bench.tm().is_partition_pending_add(partition));
  bench.tm().maybe_add_partition(partition);
  CHECK_FALSE(bench.tm().has_partitions_to_add());
  CHECK(bench.tm().transaction_contains_partition(partition));
  CHECK_FALSE(bench.tm().is_partition_pending_add(partition));
}

TEST_CASE("TransactionManagerTest.testMaybeAddPartitionToTransactionInTransactionV2") {
  TransactionBench bench;
  bench.initialize(true);
  const TopicPartition partition{"foo", 0};
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(partition);
  CHECK_FALSE(bench.tm().has_partitions_to_add());
  CHECK(bench.tm().transaction_contains_partition(partition));
  CHECK_FALSE(bench.tm().is_partition_pending_add(partition));
  bench.tm().maybe_add_partition(partition);
  CHECK_FALSE(bench.tm().has_partitions_to_add());
  CHECK(bench.tm().transaction_contains_partition(partition));
  CHECK_FALSE(bench.tm().is_partition_pending_add(partition));
}

TEST_CASE("TransactionManagerTest.testAddPartitionToTransactionOverridesRetryBackoffForConcurrentTransactions") {
  TransactionBench bench;
  const TopicPartition partition{"foo", 0};
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(partition);
  CHECK(bench.tm().has_partitions_to_add());
  CHECK_FALSE(bench.tm().transaction_contains_partition(partition));
  CHECK(bench.tm().is_partition_pending_add(partition));
  bench.prepare_add_partitions(partition, ErrorCode::concurrent_transactions);
  bench.wait_until_answered();
  const auto handler = bench.tm().next_request(false);
  REQUIRE(handler);
  CHECK(handler->retry_backoff_ms == 20);
}

TEST_CASE("TransactionManagerTest.testAddPartitionToTransactionRetainsRetryBackoffForRegularRetriableError") {
  TransactionBench bench;
  const TopicPartition partition{"foo", 0};
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(partition);
  CHECK(bench.tm().has_partitions_to_add());
  CHECK_FALSE(bench.tm().transaction_contains_partition(partition));
  CHECK(bench.tm().is_partition_pending_add(partition));
  bench.prepare_add_partitions(partition, ErrorCode::coordinator_not_available);
  bench.wait_until_answered();
  const auto handler = bench.tm().next_request(false);
  REQUIRE(handler);
  CHECK(handler->retry_backoff_ms == bench.default_retry_backoff_ms);
}

TEST_CASE("TransactionManagerTest.testAddPartitionToTransactionRetainsRetryBackoffWhenPartitionsAlreadyAdded") {
  TransactionBench bench;
  const TopicPartition partition{"foo", 0};
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(partition);
  CHECK(bench.tm().has_partitions_to_add());
  CHECK_FALSE(bench.tm().transaction_contains_partition(partition));
  CHECK(bench.tm().is_partition_pending_add(partition));
  bench.prepare_add_partitions(partition, ErrorCode::none);
  bench.wait_for_partition(partition);
  const TopicPartition other_partition{"foo", 1};
  bench.tm().maybe_add_partition(other_partition);
  bench.prepare_add_partitions(other_partition, ErrorCode::concurrent_transactions);
  const auto handler = bench.tm().next_request(false);
  REQUIRE(handler);
  CHECK(handler->retry_backoff_ms == bench.default_retry_backoff_ms);
}

TEST_CASE("TransactionManagerTest.testNotReadyForSendBeforeInitTransactions") {
  TransactionBench bench;
  CHECK(TransactionBench::thrown_by([&] { bench.tm().maybe_add_partition(tp0); }) == "IllegalStateException");
}

TEST_CASE("TransactionManagerTest.testNotReadyForSendBeforeBeginTransaction") {
  TransactionBench bench;
  bench.do_init_transactions();
  CHECK(TransactionBench::thrown_by([&] { bench.tm().maybe_add_partition(tp0); }) == "IllegalStateException");
}

TEST_CASE("TransactionManagerTest.testNotReadyForSendAfterAbortableError") {
  TransactionBench bench;
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().transition_to_abortable_error(kafka_exception("a test"));
  CHECK(TransactionBench::throws_kafka_exception([&] { bench.tm().maybe_add_partition(tp0); }));
}

TEST_CASE("TransactionManagerTest.testNotReadyForSendAfterFatalError") {
  TransactionBench bench;
  bench.do_init_transactions();
  bench.tm().transition_to_fatal_error(kafka_exception("a test"));
  CHECK(TransactionBench::throws_kafka_exception([&] { bench.tm().maybe_add_partition(tp0); }));
}

TEST_CASE("TransactionManagerTest.testIsSendToPartitionAllowedWithPendingPartitionAfterAbortableError") {
  TransactionBench bench;
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  bench.tm().transition_to_abortable_error(kafka_exception("a test"));
  CHECK_FALSE(bench.tm().is_send_to_partition_allowed(tp0));
  CHECK(bench.tm().has_abortable_error());
}

TEST_CASE("TransactionManagerTest.testIsSendToPartitionAllowedWithInFlightPartitionAddAfterAbortableError") {
  TransactionBench bench;
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  bench.run_until([&] { return bench.tm().has_in_flight_request(); });
  bench.tm().transition_to_abortable_error(kafka_exception("a test"));
  CHECK_FALSE(bench.tm().is_send_to_partition_allowed(tp0));
  CHECK(bench.tm().has_abortable_error());
}

TEST_CASE("TransactionManagerTest.testIsSendToPartitionAllowedWithPendingPartitionAfterFatalError") {
  TransactionBench bench;
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  bench.tm().transition_to_fatal_error(kafka_exception("a test"));
  CHECK_FALSE(bench.tm().is_send_to_partition_allowed(tp0));
  CHECK(bench.tm().has_fatal_error());
}

TEST_CASE("TransactionManagerTest.testIsSendToPartitionAllowedWithInFlightPartitionAddAfterFatalError") {
  TransactionBench bench;
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  bench.run_until([&] { return bench.tm().has_in_flight_request(); });
  bench.tm().transition_to_fatal_error(kafka_exception("a test"));
  CHECK_FALSE(bench.tm().is_send_to_partition_allowed(tp0));
  CHECK(bench.tm().has_fatal_error());
}

TEST_CASE("TransactionManagerTest.testIsSendToPartitionAllowedWithAddedPartitionAfterAbortableError") {
  TransactionBench bench;
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  bench.prepare_add_partitions(tp0, ErrorCode::none, bench.first_epoch);
  bench.run_until([&] { return !bench.tm().has_partitions_to_add(); });
  bench.tm().transition_to_abortable_error(kafka_exception("a test"));
  CHECK(bench.tm().is_send_to_partition_allowed(tp0));
  CHECK(bench.tm().has_abortable_error());
}

TEST_CASE("TransactionManagerTest.testIsSendToPartitionAllowedWithAddedPartitionAfterFatalError") {
  TransactionBench bench;
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  bench.prepare_add_partitions(tp0, ErrorCode::none, bench.first_epoch);
  bench.run_until([&] { return !bench.tm().has_partitions_to_add(); });
  bench.tm().transition_to_fatal_error(kafka_exception("a test"));
  CHECK_FALSE(bench.tm().is_send_to_partition_allowed(tp0));
  CHECK(bench.tm().has_fatal_error());
}

TEST_CASE("TransactionManagerTest.testIsSendToPartitionAllowedWithPartitionNotAdded") {
  TransactionBench bench;
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  CHECK_FALSE(bench.tm().is_send_to_partition_allowed(tp0));
}

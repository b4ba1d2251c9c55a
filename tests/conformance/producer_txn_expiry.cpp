// Cases of Kafka's TransactionManagerTest (kafka-clients 4.3.1): batches that ran out of time, and epochs that go up.

#include <catch2/catch.hpp>

#include "conformance/producer_transaction_bench.h"

using namespace linger;
using namespace linger::test;

TEST_CASE("TransactionManagerTest.testTransitionToAbortableErrorOnBatchExpiry") {
  TransactionBench bench;
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  const SendFuture response_future = bench.append(tp0);
  CHECK_FALSE(response_future.is_done());
  bench.prepare_add_partitions(tp0, ErrorCode::none, bench.first_epoch);
  CHECK_FALSE(bench.tm().transaction_contains_partition(tp0));
  CHECK_FALSE(bench.tm().is_send_to_partition_allowed(tp0));
  bench.wait_for_partition(tp0);
  CHECK(bench.tm().is_send_to_partition_allowed(tp0));
  CHECK_FALSE(response_future.is_done());
  bench.sleep(10000);
  bench.lose_node();
  bench.run_until([&] { return response_future.is_done(); });
  CHECK(response_future.exception() == "TimeoutException");
  CHECK(bench.tm().has_abortable_error());
}

TEST_CASE("TransactionManagerTest.testTransitionToAbortableErrorOnMultipleBatchExpiry") {
  TransactionBench bench;
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  bench.tm().maybe_add_partition(tp1);
  const SendFuture first_batch_response = bench.append(tp0);
  const SendFuture second_batch_response = bench.append(tp1);
  CHECK_FALSE(first_batch_response.is_done());
  CHECK_FALSE(second_batch_response.is_done());
  PartitionErrors partition_errors;
  partition_errors[tp0] = ErrorCode::none;
  partition_errors[tp1] = ErrorCode::none;
  bench.prepare_add_partitions(partition_errors);
  CHECK_FALSE(bench.tm().transaction_contains_partition(tp0));
  CHECK_FALSE(bench.tm().is_send_to_partition_allowed(tp0));
  bench.wait_for_partition(tp0);
  CHECK(bench.tm().transaction_contains_partition(tp1));
  CHECK(bench.tm().is_send_to_partition_allowed(tp1));
  CHECK(bench.tm().is_send_to_partition_allowed(tp1));
  CHECK_FALSE(first_batch_response.is_done());
  CHECK_FALSE(second_batch_response.is_done());
  bench.sleep(10000);
  bench.lose_node();
  bench.run_until([&] { return first_batch_response.is_done(); });
  bench.run_until([&] { return second_batch_response.is_done(); });
  CHECK(first_batch_response.exception() == "TimeoutException");
  CHECK(second_batch_response.exception() == "TimeoutException");
  CHECK(bench.tm().has_abortable_error());
}

TEST_CASE("TransactionManagerTest.testDropCommitOnBatchExpiry") {
  TransactionBench bench;
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  const SendFuture response_future = bench.append(tp0);
  CHECK_FALSE(response_future.is_done());
  bench.prepare_add_partitions(tp0, ErrorCode::none, bench.first_epoch);
  CHECK_FALSE(bench.tm().transaction_contains_partition(tp0));
  CHECK_FALSE(bench.tm().is_send_to_partition_allowed(tp0));
  bench.wait_for_partition(tp0);
  CHECK(bench.tm().is_send_to_partition_allowed(tp0));
  CHECK_FALSE(response_future.is_done());
  const TxnResult commit_result = bench.begin_commit();
  bench.sleep(10000);
  bench.lose_node(0);
  bench.run_until([&] { return response_future.is_done(); });
  CHECK(response_future.exception() == "TimeoutException");
  bench.run_until([&] { return commit_result.is_completed(); });
  CHECK_FALSE(commit_result.is_successful());
  CHECK(commit_result.await() == "TransactionAbortableException");
  CHECK(bench.tm().has_ongoing_transaction());
  CHECK_FALSE(bench.tm().is_completing());
  CHECK(bench.tm().transaction_contains_partition(tp0));
  const TxnResult abort_result = bench.begin_abort();
  bench.prepare_end_txn(ErrorCode::none, EndTxn::abort);
  bench.prepare_init_pid(ErrorCode::none, bench.producer_id, bench.first_epoch + 1);
  bench.run_until([&] { return abort_result.is_completed(); });
  CHECK(abort_result.is_successful());
  CHECK_FALSE(bench.tm().has_ongoing_transaction());
  CHECK_FALSE(bench.tm().transaction_contains_partition(tp0));
}

TEST_CASE("TransactionManagerTest.testTransitionToFatalErrorWhenRetriedBatchIsExpired") {
  TransactionBench bench;
  bench.speak({{{ApiKey::init_producer_id, 1}, {ApiKey::produce, 7}}, 0, 0});
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  const SendFuture response_future = bench.append(tp0);
  CHECK_FALSE(response_future.is_done());
  bench.prepare_add_partitions(tp0, ErrorCode::none, bench.first_epoch);
  CHECK_FALSE(bench.tm().transaction_contains_partition(tp0));
  CHECK_FALSE(bench.tm().is_send_to_partition_allowed(tp0));
  bench.wait_for_partition(tp0);
  CHECK(bench.tm().is_send_to_partition_allowed(tp0));
  bench.prepare_produce(ErrorCode::not_leader_or_follower);
  bench.wait_until_answered();
  CHECK_FALSE(response_future.is_done());
  const TxnResult commit_result = bench.begin_commit();
  bench.sleep(10000);
  bench.lose_node();
  bench.run_until([&] { return response_future.is_done(); });
  CHECK(response_future.exception() == "TimeoutException");
  bench.run_until([&] { return commit_result.is_completed(); });
  CHECK_FALSE(commit_result.is_successful());
  CHECK(bench.tm().has_fatal_error());
  CHECK_FALSE(bench.tm().has_ongoing_transaction());
}

TEST_CASE("TransactionManagerTest.testMaybeResolveSequencesTransactionalProducer") {
  TransactionBench bench;
  const bool transaction_v2 = GENERATE(false, true);
  bench.initialize(transaction_v2);
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  bench.prepare_add_partitions(tp0, ErrorCode::none, bench.first_epoch);
  bench.wait_for_partition(tp0);
  const BatchId b1 = bench.write_batch(tp0, true);
  CHECK(bench.sequence_number() == 1);
  bench.tm().mark_sequence_unresolved(bench.batch(b1), bench.accumulator->observations());
  CHECK(bench.tm().has_unresolved_sequences());
  bench.fail_batch(b1, api_error(ErrorCode::request_timed_out));
  bench.tm().maybe_resolve_sequences(bench.accumulator->observations());
  CHECK(bench.tm().has_abortable_error());
}

TEST_CASE("TransactionManagerTest.testEpochUpdateAfterBumpFromEndTxnResponseInV2") {
  TransactionBench bench;
  bench.initialize(true);
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  const SendFuture response_future = bench.append(tp0);
  bench.prepare_produce(ErrorCode::none);
  bench.run_until([&] { return response_future.is_done(); });
  constexpr std::int16_t bumped_epoch = bench.first_epoch + 1;
  const TxnResult abort_result = bench.begin_abort();
  bench.prepare_end_txn(ErrorCode::none, EndTxn::abort, bench.first_epoch,
                        ProducerIdAndEpoch{ProducerId{bench.producer_id}, ProducerEpoch{bumped_epoch}});
  bench.run_until([&] { return abort_result.is_completed(); });
  CHECK(bench.tm().producer_id_and_epoch().id.value() == bench.producer_id);
  CHECK(bench.epoch() == bumped_epoch);
}

TEST_CASE("TransactionManagerTest.testProducerIdAndEpochUpdateAfterOverflowFromEndTxnResponseInV2") {
  TransactionBench bench;
  bench.initialize(true);
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  const SendFuture response_future = bench.append(tp0);
  bench.tm().maybe_add_partition(tp0);
  bench.prepare_produce(ErrorCode::none);
  bench.run_until([&] { return response_future.is_done(); });
  const std::int64_t new_producer_id = bench.producer_id + 1;
  const TxnResult commit_result = bench.begin_commit();
  bench.prepare_end_txn(ErrorCode::none, EndTxn::commit, bench.first_epoch,
                        ProducerIdAndEpoch{ProducerId{new_producer_id}, ProducerEpoch{0}});
  bench.run_until([&] { return commit_result.is_completed(); });
  CHECK(bench.tm().producer_id_and_epoch().id.value() == new_producer_id);
  CHECK(bench.epoch() == 0);
}

TEST_CASE("TransactionManagerTest.testAbortTransactionAndReuseSequenceNumberOnError") {
  TransactionBench bench;
  bench.speak({{{ApiKey::init_producer_id, 1}, {ApiKey::end_txn, 4}, {ApiKey::produce, 7}}, 0, 0});
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  const SendFuture response_future0 = bench.append(tp0);
  bench.prepare_add_partitions(tp0, ErrorCode::none, bench.first_epoch);
  bench.prepare_produce(ErrorCode::none);
  bench.wait_for_partition(tp0);
  bench.run_until([&] { return response_future0.is_done(); });
  const SendFuture response_future1 = bench.append(tp0);
  bench.prepare_produce(ErrorCode::none);
  bench.run_until([&] { return response_future1.is_done(); });
  const SendFuture response_future2 = bench.append(tp0);
  bench.prepare_produce(ErrorCode::topic_authorization_failed);
  bench.run_until([&] { return response_future2.is_done(); });
  CHECK(bench.tm().has_abortable_error());
  const TxnResult abort_result = bench.begin_abort();
  bench.prepare_end_txn(ErrorCode::none, EndTxn::abort);
  bench.run_until([&] { return abort_result.is_completed(); });
  CHECK(abort_result.is_successful());
  CHECK(abort_result.await().empty());
  CHECK(bench.tm().is_ready());
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  bench.prepare_add_partitions(tp0, ErrorCode::none, bench.first_epoch);
  bench.wait_for_partition(tp0);
  CHECK(bench.sequence_number() == 2);
}

TEST_CASE("TransactionManagerTest.testAbortTransactionAndResetSequenceNumberOnUnknownProducerId") {
  TransactionBench bench;
  bench.speak({{{ApiKey::init_producer_id, 1}, {ApiKey::end_txn, 4}, {ApiKey::produce, 7}}, 0, 0});
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp1);
  const SendFuture success_partition_response_future = bench.append(tp1);
  bench.prepare_add_partitions(tp1, ErrorCode::none, bench.first_epoch);
  bench.prepare_produce(ErrorCode::none, bench.first_epoch, tp1);
  bench.run_until([&] { return success_partition_response_future.is_done(); });
  CHECK(bench.tm().transaction_contains_partition(tp1));
  bench.tm().maybe_add_partition(tp0);
  const SendFuture response_future0 = bench.append(tp0);
  bench.prepare_add_partitions(tp0, ErrorCode::none, bench.first_epoch);
  bench.prepare_produce(ErrorCode::none);
  bench.run_until([&] { return response_future0.is_done(); });
  CHECK(bench.tm().transaction_contains_partition(tp0));
  const SendFuture response_future1 = bench.append(tp0);
  bench.prepare_produce(ErrorCode::none);
  bench.run_until([&] { return response_future1.is_done(); });
  const SendFuture response_future2 = bench.append(tp0);
  bench.prepare_produce(ErrorCode::unknown_producer_id, bench.first_epoch, tp0, 0);
  bench.run_until([&] { return response_future2.is_done(); });
  CHECK(bench.tm().has_abortable_error());
  const TxnResult abort_result = bench.begin_abort();
  bench.prepare_end_txn(ErrorCode::none, EndTxn::abort);
  bench.run_until([&] { return abort_result.is_completed(); });
  CHECK(abort_result.is_successful());
  CHECK(abort_result.await().empty());
  CHECK(bench.tm().is_ready());
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  bench.prepare_add_partitions(tp0, ErrorCode::none, bench.first_epoch);
  bench.wait_for_partition(tp0);
  CHECK(bench.sequence_number() == 0);
  CHECK(bench.sequence_number(tp1) == 1);
}

TEST_CASE("TransactionManagerTest.testBumpTransactionalEpochOnAbortableError") {
  TransactionBench bench;
  constexpr std::int16_t initial_epoch = 1;
  constexpr std::int16_t bumped_epoch = initial_epoch + 1;
  bench.do_init_transactions(bench.producer_id, initial_epoch);
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  bench.prepare_add_partitions(tp0, ErrorCode::none, initial_epoch);
  bench.wait_for_partition(tp0);
  const SendFuture response_future0 = bench.append(tp0);
  bench.prepare_produce(ErrorCode::none, initial_epoch);
  bench.run_until([&] { return response_future0.is_done(); });
  const SendFuture response_future1 = bench.append(tp0);
  bench.prepare_produce(ErrorCode::none, initial_epoch);
  bench.run_until([&] { return response_future1.is_done(); });
  const SendFuture response_future2 = bench.append(tp0);
  bench.prepare_produce(ErrorCode::topic_authorization_failed, initial_epoch);
  bench.run_until([&] { return response_future2.is_done(); });
  CHECK(bench.tm().has_abortable_error());
  const TxnResult abort_result = bench.begin_abort();
  bench.prepare_end_txn(ErrorCode::none, EndTxn::abort, initial_epoch);
  bench.prepare_init_pid(ErrorCode::none, bench.producer_id, bumped_epoch);
  bench.run_until([&] { return bench.epoch() == bumped_epoch; });
  CHECK(abort_result.is_completed());
  CHECK(abort_result.is_successful());
  CHECK(abort_result.await().empty());
  CHECK(bench.tm().is_ready());
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  bench.prepare_add_partitions(tp0, ErrorCode::none, bumped_epoch);
  bench.wait_for_partition(tp0);
  CHECK(bench.sequence_number() == 0);
}

TEST_CASE("TransactionManagerTest.testBumpTransactionalEpochOnUnknownProducerIdError") {
  TransactionBench bench;
  constexpr std::int16_t initial_epoch = 1;
  constexpr std::int16_t bumped_epoch = 2;
  bench.do_init_transactions(bench.producer_id, initial_epoch);
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  bench.prepare_add_partitions(tp0, ErrorCode::none, initial_epoch);
  bench.wait_for_partition(tp0);
  const SendFuture response_future0 = bench.append(tp0);
  bench.prepare_produce(ErrorCode::none, initial_epoch);
  bench.run_until([&] { return response_future0.is_done(); });
  const SendFuture response_future1 = bench.append(tp0);
  bench.prepare_produce(ErrorCode::none, initial_epoch);
  bench.run_until([&] { return response_future1.is_done(); });
  const SendFuture response_future2 = bench.append(tp0);
  bench.prepare_produce(ErrorCode::unknown_producer_id, initial_epoch, tp0, 0);
  bench.run_until([&] { return response_future2.is_done(); });
  CHECK(bench.tm().has_abortable_error());
  const TxnResult abort_result = bench.begin_abort();
  bench.prepare_end_txn(ErrorCode::none, EndTxn::abort, initial_epoch);
  bench.prepare_init_pid(ErrorCode::none, bench.producer_id, bumped_epoch);
  bench.run_until([&] { return bench.epoch() == bumped_epoch; });
  CHECK(abort_result.is_completed());
  CHECK(abort_result.is_successful());
  CHECK(abort_result.await().empty());
  CHECK(bench.tm().is_ready());
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  bench.prepare_add_partitions(tp0, ErrorCode::none, bumped_epoch);
  bench.wait_for_partition(tp0);
  CHECK(bench.sequence_number() == 0);
}

TEST_CASE("TransactionManagerTest.testBumpTransactionalEpochOnTimeout") {
  TransactionBench bench;
  constexpr std::int16_t initial_epoch = 1;
  constexpr std::int16_t bumped_epoch = 2;
  bench.do_init_transactions(bench.producer_id, initial_epoch);
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  bench.prepare_add_partitions(tp0, ErrorCode::none, initial_epoch);
  bench.wait_for_partition(tp0);
  const SendFuture response_future0 = bench.append(tp0);
  bench.prepare_produce(ErrorCode::none, initial_epoch);
  bench.run_until([&] { return response_future0.is_done(); });
  const SendFuture response_future1 = bench.append(tp0);
  bench.prepare_produce(ErrorCode::none, initial_epoch);
  bench.run_until([&] { return response_future1.is_done(); });
  const SendFuture response_future2 = bench.append(tp0);
  bench.run_until([&] { return bench.client->has_in_flight_requests(); });
  bench.sleep(10000);
  bench.lose_node();
  bench.run_until([&] { return response_future2.is_done(); });
  CHECK(bench.tm().has_abortable_error());
  const TxnResult abort_result = bench.begin_abort();
  bench.run_once();
  bench.sleep(110);
  bench.prepare_find_coordinator();
  bench.prepare_end_txn(ErrorCode::none, EndTxn::abort, initial_epoch);
  bench.prepare_init_pid(ErrorCode::none, bench.producer_id, bumped_epoch);
  bench.run_until([&] { return bench.epoch() == bumped_epoch; });
  CHECK(abort_result.is_completed());
  CHECK(abort_result.is_successful());
  CHECK(abort_result.await().empty());
  CHECK(bench.tm().is_ready());
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  bench.prepare_add_partitions(tp0, ErrorCode::none, bumped_epoch);
  bench.wait_for_partition(tp0);
  CHECK(bench.sequence_number() == 0);
}

TEST_CASE("TransactionManagerTest.testBumpTransactionalEpochOnRecoverableAddPartitionRequestError") {
  TransactionBench bench;
  constexpr std::int16_t initial_epoch = 1;
  constexpr std::int16_t bumped_epoch = 2;
  bench.do_init_transactions(bench.producer_id, initial_epoch);
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  bench.prepare_add_partitions(tp0, ErrorCode::unknown_producer_id, initial_epoch);
  bench.run_until([&] { return bench.tm().has_abortable_error(); });
  const TxnResult abort_result = bench.begin_abort();
  bench.prepare_init_pid(ErrorCode::none, bench.producer_id, bumped_epoch);
  bench.run_until([&] { return abort_result.is_completed(); });
  CHECK(bench.epoch() == bumped_epoch);
  CHECK(abort_result.is_successful());
  CHECK(bench.tm().is_ready());
}

TEST_CASE("TransactionManagerTest.testNeedToTriggerEpochBumpFromClientDuringCoordinatorDisconnect") {
  // The coordinator is gone, and what it could speak is still remembered: an aborted transaction is followed by a new
  // epoch.
  TransactionBench bench;
  bench.do_init_transactions(0, 0);
  bench.wait_for_coordinator();
  bench.tm().begin_transaction();
  bench.client->forget_api_versions();
  bench.tm().maybe_transition_to_error_state(api_error(ErrorCode::topic_authorization_failed));
  CHECK(bench.tm().has_abortable_error());
  bench.begin_abort();
  const auto end = bench.tm().next_request(false);
  REQUIRE(end);
  CHECK(std::holds_alternative<InitProducerIdRequest>(end->request));
}

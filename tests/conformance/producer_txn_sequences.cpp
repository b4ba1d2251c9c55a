// Cases of Kafka's TransactionManagerTest (kafka-clients 4.3.1): sequences of idempotent producers.

#include <catch2/catch.hpp>

#include "conformance/producer_transaction_bench.h"

using namespace linger;
using namespace linger::test;

namespace {

/// tp0 causes an epoch bump while tp1 has a batch under way, which is sent again as it was; what is new of tp1 waits
/// for it and takes the new epoch. Gives that new batch, completed.
BatchId retry_of_healthy_partition(TransactionBench& bench, bool transaction_v2) {
  bench.initialize_idempotent(transaction_v2);
  bench.sender = bench.sender_without_order();
  bench.initialize_idempotent_producer_id(bench.producer_id, bench.first_epoch);
  RecordCompletions& reports = bench.accumulator->completions();
  const auto epoch_of = [&bench](BatchId id) { return bench.batch(id).producer_id_and_epoch().epoch.value(); };
  const BatchId first_of_tp0 = bench.write_batch(tp0);
  const BatchId second_of_tp0 = bench.write_batch(tp0);
  bench.write_batch(tp0);
  const BatchId first_of_tp1 = bench.write_batch(tp1);
  const BatchId second_of_tp1 = bench.write_batch(tp1);
  CHECK(bench.sequence_number(tp0) == 3);
  CHECK(bench.sequence_number(tp1) == 2);

  bench.batch(first_of_tp0).complete(500, bench.now_ms, reports);
  bench.complete_batch(first_of_tp0);
  bench.batch(first_of_tp1).complete(500, bench.now_ms, reports);
  bench.complete_batch(first_of_tp1);
  reports.clear();
  CHECK(bench.can_retry(second_of_tp0, ErrorCode::unknown_producer_id, 500));
  bench.run_until([&] { return bench.epoch() == 2; });

  CHECK(bench.next_batch(tp0) == second_of_tp0);
  CHECK(bench.first_in_flight_sequence(tp0) == 0);
  CHECK(bench.batch(second_of_tp0).base_sequence() == 0);
  CHECK(bench.batch(second_of_tp0).sequence_has_been_reset());
  CHECK(epoch_of(second_of_tp0) == 2);
  CHECK(bench.next_batch(tp1) == second_of_tp1);
  CHECK(bench.first_in_flight_sequence(tp1) == 1);
  CHECK(bench.batch(second_of_tp1).base_sequence() == 1);
  CHECK_FALSE(bench.batch(second_of_tp1).sequence_has_been_reset());
  CHECK(epoch_of(second_of_tp1) == 1);

  bench.append(tp1);
  bench.run_once();
  CHECK(bench.accumulator->deque(tp1)->size() == 1);

  CHECK(bench.can_retry(second_of_tp1, ErrorCode::not_leader_or_follower, 600));
  bench.accumulator->reenqueue(second_of_tp1, bench.now_ms, &bench.tm());
  bench.run_once();
  CHECK(bench.accumulator->deque(tp1)->size() == 1);
  CHECK(bench.accumulator->deque(tp1)->front() != second_of_tp1);
  CHECK(epoch_of(second_of_tp1) == bench.first_epoch);

  bench.batch(second_of_tp1).complete(500, bench.now_ms, reports);
  reports.clear();
  bench.complete_batch(second_of_tp1);
  bench.tm().maybe_update_producer_id_and_epoch(tp1, bench.accumulator->batches());
  CHECK_FALSE(bench.tm().has_inflight_batches(tp1));
  CHECK(bench.sequence_number(tp1) == 0);

  bench.run_until([&] { return bench.tm().has_inflight_batches(tp1); });
  CHECK(bench.accumulator->deque(tp1)->empty());
  const BatchId third_of_tp1 = bench.next_batch(tp1).value();
  CHECK(epoch_of(third_of_tp1) == bench.first_epoch + 1);
  bench.batch(third_of_tp1).complete(500, bench.now_ms, reports);
  reports.clear();
  bench.complete_batch(third_of_tp1);
  return third_of_tp1;
}

}  // namespace

TEST_CASE("TransactionManagerTest.testFailIfNotReadyForSendIdempotentProducer") {
  TransactionBench bench;
  const bool transaction_v2 = GENERATE(false, true);
  bench.initialize_idempotent(transaction_v2);
  bench.tm().maybe_add_partition(tp0);
}

TEST_CASE("TransactionManagerTest.testFailIfNotReadyForSendIdempotentProducerFatalError") {
  TransactionBench bench;
  const bool transaction_v2 = GENERATE(false, true);
  bench.initialize_idempotent(transaction_v2);
  bench.tm().transition_to_fatal_error(kafka_exception("a test"));
  CHECK(TransactionBench::throws_kafka_exception([&] { bench.tm().maybe_add_partition(tp0); }));
}

TEST_CASE("TransactionManagerTest.testDefaultSequenceNumber") {
  TransactionBench bench;
  const bool transaction_v2 = GENERATE(false, true);
  bench.initialize_idempotent(transaction_v2);
  CHECK(bench.sequence_number() == 0);
  bench.tm().increment_sequence_number(tp0, 3);
  CHECK(bench.sequence_number() == 3);
}

TEST_CASE("TransactionManagerTest.testBumpEpochAndResetSequenceNumbersAfterUnknownProducerId") {
  TransactionBench bench;
  const bool transaction_v2 = GENERATE(false, true);
  bench.initialize_idempotent(transaction_v2);
  bench.initialize_idempotent_producer_id(bench.producer_id, bench.first_epoch);
  const BatchId b1 = bench.write_batch(tp0);
  const BatchId b2 = bench.write_batch(tp0);
  const BatchId b3 = bench.write_batch(tp0);
  const BatchId b4 = bench.write_batch(tp0);
  const BatchId b5 = bench.write_batch(tp0);
  CHECK(bench.sequence_number() == 5);

  bench.batch(b1).complete(500, bench.now_ms, bench.accumulator->completions());
  bench.complete_batch(b1);

  // All before offset 500 is gone from the log, and the broker has forgotten the producer with it.
  CHECK(bench.can_retry(b2, ErrorCode::unknown_producer_id, 500));
  bench.run_until([&] { return bench.epoch() == 2; });
  CHECK(bench.batch(b2).producer_id_and_epoch().epoch.value() == 2);
  CHECK(bench.batch(b2).base_sequence() == 0);
  CHECK(bench.batch(b3).base_sequence() == 1);
  CHECK(bench.batch(b4).base_sequence() == 2);
  CHECK(bench.batch(b5).base_sequence() == 3);
}

TEST_CASE("TransactionManagerTest.testBatchFailureAfterProducerReset") {
  TransactionBench bench;
  const bool transaction_v2 = GENERATE(false, true);
  bench.initialize_idempotent(transaction_v2);
  bench.initialize_idempotent_producer_id(bench.producer_id, 32767);
  const BatchId first_of_tp0 = bench.write_batch(tp0);
  const BatchId first_of_tp1 = bench.write_batch(tp1);
  bench.complete_batch(first_of_tp0, -1, 400);
  bench.complete_batch(first_of_tp1, -1, 400);
  const BatchId second_of_tp0 = bench.write_batch(tp0);
  const BatchId second_of_tp1 = bench.write_batch(tp1);
  CHECK(bench.sequence_number(tp0) == 2);
  CHECK(bench.sequence_number(tp1) == 2);

  CHECK(bench.can_retry(first_of_tp0, ErrorCode::unknown_producer_id, 400));
  bench.complete_batch(first_of_tp1, -1, 400);
  bench.bump_idempotent_epoch_if_needed();

  // The epoch cannot go up, so there will be a new id. Only the partition that caused it begins anew.
  CHECK(bench.sequence_number(tp0) == 1);
  CHECK(bench.next_batch(tp0) == second_of_tp0);
  CHECK(bench.sequence_number(tp1) == 2);
  CHECK(bench.next_batch(tp1) == second_of_tp1);
}

TEST_CASE("TransactionManagerTest.testBatchCompletedAfterProducerReset") {
  TransactionBench bench;
  const bool transaction_v2 = GENERATE(false, true);
  bench.initialize_idempotent(transaction_v2);
  bench.initialize_idempotent_producer_id(bench.producer_id, 32767);
  const BatchId b1 = bench.write_batch(tp0);
  bench.write_batch(tp1);
  const BatchId b2 = bench.write_batch(tp0);
  CHECK(bench.sequence_number(tp0) == 2);

  bench.tm().request_idempotent_epoch_bump_for_partition(tp1);
  bench.bump_idempotent_epoch_if_needed();
  bench.initialize_idempotent_producer_id(bench.producer_id + 1, 0);

  // What is under way for another partition keeps the old identity until it is answered.
  bench.complete_batch(b1);
  CHECK(bench.sequence_number(tp0) == 2);
  CHECK(bench.last_acked(tp0) == 0);
  CHECK(bench.next_batch(tp0) == b2);
  CHECK(bench.batch(*bench.next_batch(tp0)).producer_id_and_epoch().epoch.value() == 32767);

  bench.complete_batch(b2);
  bench.tm().maybe_update_producer_id_and_epoch(tp0, bench.accumulator->batches());
  CHECK(bench.sequence_number(tp0) == 0);
  CHECK_FALSE(bench.last_acked(tp0));
  CHECK_FALSE(bench.next_batch(tp0));
}

TEST_CASE("TransactionManagerTest.testDuplicateSequenceAfterProducerReset") {
  TransactionBench bench;
  const bool transaction_v2 = GENERATE(false, true);
  bench.initialize_idempotent(transaction_v2);
  bench.initialize_idempotent_producer_id(bench.producer_id, bench.first_epoch);
  constexpr std::int32_t request_timeout_ms = 10'000;
  RecordAccumulator::Config of_accumulator = TransactionBench::accumulator_config();
  of_accumulator.delivery_timeout_ms = 15'000;
  bench.accumulator = std::make_unique<RecordAccumulator>(of_accumulator);
  Sender::Config of_sender = bench.sender_without_order().config();
  of_sender.request_timeout_ms = request_timeout_ms;
  of_sender.retry_backoff_ms = 0;
  bench.sender = Sender(of_sender);

  CHECK(bench.sequence_number() == 0);
  const SendFuture first = bench.append(tp0);
  bench.run_once();
  CHECK(bench.sequence_number() == 1);
  bench.sleep(request_timeout_ms);
  bench.run_once();
  CHECK(bench.in_flight() == 0);
  CHECK(bench.tm().has_inflight_batches(tp0));
  CHECK(bench.sequence_number() == 1);
  bench.run_once();
  CHECK(bench.in_flight() == 1);
  CHECK(bench.tm().has_inflight_batches(tp0));
  CHECK(bench.sequence_number() == 1);

  // The delivery timeout is over and the record failed; its request stays under way until its own time is over.
  bench.sleep(5000);
  bench.run_once();
  CHECK(first.is_done());
  CHECK(first.exception() == "TimeoutException");
  CHECK_FALSE(bench.tm().has_in_flight_request());
  CHECK(bench.in_flight() == 1);

  bench.run_once();
  CHECK(bench.epoch() == bench.first_epoch + 1);
  CHECK(bench.sequence_number() == 0);

  const SendFuture second = bench.append(tp0);
  bench.run_once();
  bench.run_once();
  CHECK(bench.first_in_flight_sequence(tp0) == 0);
  CHECK(bench.sequence_number() == 1);
  bench.sleep(5000);
  bench.run_once();
  CHECK(bench.tm().has_inflight_batches(tp0));
  CHECK_FALSE(second.is_done());
}

TEST_CASE("TransactionManagerTest.testSequenceNumberOverflow") {
  TransactionBench bench;
  const bool transaction_v2 = GENERATE(false, true);
  bench.initialize_idempotent(transaction_v2);
  constexpr std::int32_t largest = 2147483647;
  CHECK(bench.sequence_number() == 0);
  bench.tm().increment_sequence_number(tp0, largest);
  CHECK(bench.sequence_number() == largest);
  bench.tm().increment_sequence_number(tp0, 100);
  CHECK(bench.sequence_number() == 99);
  bench.tm().increment_sequence_number(tp0, largest);
  CHECK(bench.sequence_number() == 98);
}

TEST_CASE("TransactionManagerTest.testProducerIdReset") {
  TransactionBench bench;
  const bool transaction_v2 = GENERATE(false, true);
  bench.initialize_idempotent(transaction_v2);
  bench.initialize_idempotent_producer_id(15, 32767);
  CHECK(bench.sequence_number() == 0);
  CHECK(bench.sequence_number(tp1) == 0);
  bench.tm().increment_sequence_number(tp0, 3);
  CHECK(bench.sequence_number() == 3);
  bench.tm().increment_sequence_number(tp1, 3);
  CHECK(bench.sequence_number(tp1) == 3);
  bench.tm().request_idempotent_epoch_bump_for_partition(tp0);
  bench.bump_idempotent_epoch_if_needed();
  CHECK(bench.sequence_number() == 0);
  CHECK(bench.sequence_number(tp1) == 3);
}

TEST_CASE("TransactionManagerTest.testBumpEpochAfterTimeoutWithoutPendingInflightRequests") {
  TransactionBench bench;
  const bool transaction_v2 = GENERATE(false, true);
  bench.initialize_idempotent(transaction_v2);
  const ProducerIdAndEpoch identity{ProducerId{15}, ProducerEpoch{5}};
  bench.initialize_idempotent_producer_id(15, 5);
  bench.bump_idempotent_epoch_if_needed();
  CHECK(bench.tm().producer_id_and_epoch() == identity);

  const TopicPartition foo{"foo", 0};
  CHECK(bench.sequence_number(foo) == 0);
  const BatchId b1 = bench.write_batch(foo);
  CHECK(bench.sequence_number(foo) == 1);
  bench.complete_batch(b1);
  CHECK(bench.last_acked(foo) == 0);

  // All sequences are accounted for.
  bench.tm().mark_sequence_unresolved(bench.batch(b1), bench.accumulator->observations());
  bench.tm().maybe_resolve_sequences(bench.accumulator->observations());
  CHECK(bench.tm().producer_id_and_epoch() == identity);
  CHECK_FALSE(bench.tm().has_unresolved_sequences());

  // One is not.
  const BatchId b2 = bench.write_batch(foo);
  CHECK(bench.sequence_number(foo) == 2);
  bench.tm().mark_sequence_unresolved(bench.batch(b2), bench.accumulator->observations());
  bench.fail_batch(b2, api_error(ErrorCode::request_timed_out));
  CHECK(bench.tm().has_unresolved_sequences());
  bench.tm().maybe_resolve_sequences(bench.accumulator->observations());
  CHECK_FALSE(bench.tm().has_unresolved_sequences());
  bench.run_until([&] { return bench.epoch() == 6; });
}

TEST_CASE("TransactionManagerTest.testNoProducerIdResetAfterLastInFlightBatchSucceeds") {
  TransactionBench bench;
  const bool transaction_v2 = GENERATE(false, true);
  bench.initialize_idempotent(transaction_v2);
  const ProducerIdAndEpoch identity{ProducerId{15}, ProducerEpoch{5}};
  bench.initialize_idempotent_producer_id(15, 5);
  const TopicPartition foo{"foo", 0};
  const BatchId b1 = bench.write_batch(foo);
  const BatchId b2 = bench.write_batch(foo);
  const BatchId b3 = bench.write_batch(foo);
  CHECK(bench.sequence_number(foo) == 3);

  bench.tm().mark_sequence_unresolved(bench.batch(b1), bench.accumulator->observations());
  bench.fail_batch(b1, api_error(ErrorCode::request_timed_out));
  CHECK(bench.tm().has_unresolved_sequences());
  bench.bump_idempotent_epoch_if_needed();
  CHECK(bench.tm().producer_id_and_epoch() == identity);
  CHECK(bench.tm().has_unresolved_sequences());

  bench.fail_batch(b2, api_error(ErrorCode::request_timed_out));
  bench.bump_idempotent_epoch_if_needed();
  CHECK(bench.tm().producer_id_and_epoch() == identity);
  CHECK(bench.tm().has_unresolved_sequences());

  // The broker took the last one, so it must have had those before.
  bench.complete_batch(b3);
  bench.tm().maybe_resolve_sequences(bench.accumulator->observations());
  CHECK(bench.tm().producer_id_and_epoch() == identity);
  CHECK_FALSE(bench.tm().has_unresolved_sequences());
  CHECK(bench.sequence_number(foo) == 3);
}

TEST_CASE("TransactionManagerTest.testEpochBumpAfterLastInFlightBatchFailsIdempotentProducer") {
  TransactionBench bench;
  const bool transaction_v2 = GENERATE(false, true);
  bench.initialize_idempotent(transaction_v2);
  const ProducerIdAndEpoch identity{ProducerId{bench.producer_id}, ProducerEpoch{bench.first_epoch}};
  bench.initialize_idempotent_producer_id(bench.producer_id, bench.first_epoch);
  const TopicPartition foo{"foo", 0};
  const BatchId b1 = bench.write_batch(foo);
  const BatchId b2 = bench.write_batch(foo);
  const BatchId b3 = bench.write_batch(foo);
  CHECK(bench.sequence_number(foo) == 3);

  bench.tm().mark_sequence_unresolved(bench.batch(b1), bench.accumulator->observations());
  bench.fail_batch(b1, api_error(ErrorCode::request_timed_out));
  CHECK(bench.tm().has_unresolved_sequences());

  bench.complete_batch(b2);
  bench.bump_idempotent_epoch_if_needed();
  CHECK(bench.tm().producer_id_and_epoch() == identity);
  CHECK(bench.tm().has_unresolved_sequences());

  bench.fail_batch(b3, api_error(ErrorCode::request_timed_out));
  bench.run_until([&] { return bench.epoch() == 2; });
  CHECK_FALSE(bench.tm().has_unresolved_sequences());
  CHECK(bench.sequence_number(foo) == 0);
}

TEST_CASE("TransactionManagerTest.testNoFailedBatchHandlingWhenTxnManagerIsInFatalError") {
  TransactionBench bench;
  const bool transaction_v2 = GENERATE(false, true);
  bench.initialize_idempotent(transaction_v2);
  bench.initialize_idempotent_producer_id(15, 5);
  const TopicPartition foo{"foo", 0};
  const BatchId b1 = bench.write_batch(foo);
  bench.fail_batch(b1, api_error(ErrorCode::out_of_order_sequence_number));
  bench.bump_idempotent_epoch_if_needed();
  const ProducerIdAndEpoch bumped{ProducerId{15}, ProducerEpoch{6}};
  CHECK(bench.tm().producer_id_and_epoch() == bumped);

  bench.tm().transition_to_fatal_error(kafka_exception("a test"));
  const BatchId b2 = bench.write_batch(foo);
  bench.fail_batch(b2, api_error(ErrorCode::request_timed_out), true);
  bench.bump_idempotent_epoch_if_needed();
  CHECK(bench.tm().producer_id_and_epoch() == bumped);
}

TEST_CASE("TransactionManagerTest.testHealthyPartitionRetriesDuringEpochBump") {
  TransactionBench bench;
  const bool transaction_v2 = GENERATE(false, true);
  const BatchId third_of_tp1 = retry_of_healthy_partition(bench, transaction_v2);
  bench.tm().maybe_update_producer_id_and_epoch(tp1, bench.accumulator->batches());
  static_cast<void>(third_of_tp1);
  CHECK_FALSE(bench.tm().has_inflight_batches(tp1));
  CHECK(bench.sequence_number(tp1) == 1);
}

TEST_CASE("TransactionManagerTest.testFailedInflightBatchAfterEpochBump") {
  TransactionBench bench;
  const bool transaction_v2 = GENERATE(false, true);
  const BatchId third_of_tp1 = retry_of_healthy_partition(bench, transaction_v2);
  static_cast<void>(third_of_tp1);
  CHECK_FALSE(bench.tm().has_inflight_batches(tp1));
  CHECK(bench.sequence_number(tp1) == 1);
}

// Cases of Kafka's SenderTest (kafka-clients 4.3.1): a sender with a transactional producer.

#include <catch2/catch.hpp>

#include "conformance/producer_one_request_client.h"
#include "conformance/producer_sender_split.h"
#include "conformance/producer_transaction_bench.h"

using namespace linger;
using namespace linger::test;

namespace {

constexpr ProducerIdAndEpoch identity{ProducerId{123456}, ProducerEpoch{0}};

/// The node says nothing of transactions, or that it can raise epochs.
enum class Node0 : std::uint8_t { speaks_produce, raises_epochs };

void set_up(TransactionBench& bench, const SenderBench::Setup& setup, Node0 node = Node0::speaks_produce) {
  bench.client->forget_api_versions();
  bench.speak({{{ApiKey::produce, 13}}, 0, -1});
  if (node == Node0::raises_epochs) bench.speak({{{ApiKey::init_producer_id, 3}}, 0, -1});
  bench.set_up(setup);
}

void do_init_transactions(TransactionBench& bench, const ProducerIdAndEpoch& id = identity) {
  const TxnResult result = bench.initialize_transactions();
  bench.prepare_find_coordinator();
  bench.run_once();
  bench.run_once();
  bench.client->prepare_response(
      SenderBench::init_producer_id_response(id.id.value(), id.epoch.value(), ErrorCode::none));
  bench.run_once();
  CHECK(bench.tm().has_producer_id());
  CHECK(result.await().empty());
}

/// Begins a transaction and adds the partition with one request.
void begin_with(TransactionBench& bench, const TopicPartition& partition) {
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(partition);
  bench.client->prepare_response(TransactionBench::add_partitions_response({{partition, ErrorCode::none}}));
  bench.run_once();
}

void add_partition(TransactionBench& bench, Sender& sender, const TopicPartition& partition) {
  bench.tm().maybe_add_partition(partition);
  bench.client->prepare_response(TransactionBench::add_partitions_response({{partition, ErrorCode::none}}));
  bench.run_until(sender, [&] { return bench.tm().transaction_contains_partition(partition); });
  CHECK_FALSE(bench.tm().has_in_flight_request());
}

EndTxnResponse end_txn_response(ErrorCode error) {
  EndTxnResponse response;
  response.error_code = wire_code(error);
  return response;
}

void respond_to_end_txn(TransactionBench& bench, ErrorCode error) {
  bench.client->respond(end_txn_response(error), [](const ClientRequest& request) {
    return std::holds_alternative<EndTxnRequestBuilder>(request.builder);
  });
}

void respond_to_produce(TransactionBench& bench, ErrorCode error, std::int64_t offset) {
  bench.client->respond(produce_response(tp0, offset, error), [](const ClientRequest& request) {
    return std::holds_alternative<ProduceRequestBuilder>(request.builder);
  });
}

/// A transaction that answers with this error to the only record; it is aborted, and the producer goes on with a new
/// epoch.
void refused_record_makes_abortable(ErrorCode error, const std::string& exception) {
  TransactionBench bench;
  set_up(bench, {.transactional_id = "testInvalidTxnState"}, Node0::raises_epochs);
  do_init_transactions(bench);
  begin_with(bench, tp0);
  const SendFuture request = bench.append(tp0);
  bench.run_once();
  bench.respond_to_sequence(0, {tp0, -1, error});
  bench.run_once();
  CHECK(request.is_done());
  CHECK(request.exception() == exception);
  CHECK(bench.tm().has_abortable_error());
  const TxnResult result = bench.begin_abort();
  bench.run_once();
  respond_to_end_txn(bench, ErrorCode::none);
  bench.run_once();
  CHECK(bench.tm().is_initializing());
  bench.client->prepare_response(SenderBench::init_producer_id_response(123456, 0, ErrorCode::none));
  bench.run_once();
  CHECK(bench.tm().is_ready());
  CHECK(result.is_successful());
  CHECK(result.await().empty());
  bench.tm().begin_transaction();
}

/// A closed sender with a transaction that was begun and ends so.
void check_end_on_shutdown(EndTxn expected) {
  TransactionBench bench;
  set_up(bench, {.transactional_id = "shutdown", .transaction_timeout_ms = 6000});
  Sender sender = bench.new_sender(false, 1);
  do_init_transactions(bench);
  bench.tm().begin_transaction();
  const TopicPartition partition{"shutdown", 1};
  bench.tm().maybe_add_partition(partition);
  bench.client->prepare_response(TransactionBench::add_partitions_response({{partition, ErrorCode::none}}));
  bench.run_once(sender);
  sender.initiate_close(*bench.accumulator);
  if (expected == EndTxn::commit) bench.begin_commit();
  bool matched = false;
  bench.client->prepare_response(end_txn_response(ErrorCode::none), [&](const ClientRequest& request) {
    const auto* end = std::get_if<EndTxnRequestBuilder>(&request.builder);
    REQUIRE(end != nullptr);
    CHECK(end->request.committed == (expected == EndTxn::commit));
    matched = true;
    return true;
  });
  bench.run_until_closed(sender);
  CHECK(matched);
}

}  // namespace

TEST_CASE("SenderTest.senderThreadShouldNotGetStuckWhenThrottledAndAddingPartitionsToTxn") {
  TransactionBench bench;
  set_up(bench, {.transactional_id = "testUnresolvedSeq"}, Node0::raises_epochs);
  bench.after_poll = [&](std::int64_t timeout_ms) { bench.sleep(timeout_ms); };
  do_init_transactions(bench);
  constexpr std::int64_t throttle_ms = 1000;
  const std::int64_t start_ms = bench.now_ms;
  bench.client->throttle(bench.node().id, throttle_ms);
  CHECK(bench.client->poll_delay_ms(bench.node(), start_ms) == throttle_ms);

  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  CHECK_FALSE(bench.tm().has_in_flight_request());
  bench.run_once();
  CHECK(bench.tm().has_in_flight_request());
  CHECK(bench.now_ms - start_ms < SenderBench::request_timeout_ms);
}

TEST_CASE("SenderTest.testInitProducerIdWithMaxInFlightOne") {
  TransactionBench bench;
  OneRequestClient& one = client_with_metadata_request_under_way(bench);
  bench.set_up({.update_metadata = false, .transactional_id = "testInitProducerIdWithPendingMetadataRequest"});
  bench.initialize_transactions();
  bench.run_once();
  one.respond({});
  bench.prepare_find_coordinator();
  one.prepare_response(SenderBench::init_producer_id_response(123456, 0, ErrorCode::none));
  bench.wait_for_producer_id(identity);
}

TEST_CASE("SenderTest.testNodeNotReady") {
  TransactionBench bench;
  set_up(bench, {.transactional_id = "testNodeNotReady"});
  bench.after_poll = [&](std::int64_t) { bench.sleep(10); };
  bench.initialize_transactions();
  bench.run_once();
  bench.client->delay_ready(bench.node().id, SenderBench::request_timeout_ms + 20);
  bench.prepare_find_coordinator();
  bench.run_once();
  bench.run_once();
  CHECK(bench.knows_coordinator());

  bench.client->throttle(bench.node().id, SenderBench::request_timeout_ms + 20);
  bench.prepare_find_coordinator();
  bench.client->prepare_response(SenderBench::init_producer_id_response(123456, 0, ErrorCode::none));
  bench.wait_for_producer_id(identity);
}

TEST_CASE("SenderTest.testUnresolvedSequencesAreNotFatal") {
  TransactionBench bench;
  set_up(bench, {.transactional_id = "testUnresolvedSeq"}, Node0::raises_epochs);
  do_init_transactions(bench);
  begin_with(bench, tp0);
  const SendFuture request1 = bench.append(tp0);
  bench.run_once();
  bench.sleep(1000);
  bench.append(tp0);
  bench.run_once();
  CHECK(bench.in_flight() == 2);
  bench.respond_to_sequence(0, {tp0, -1, ErrorCode::not_leader_or_follower});
  bench.run_once();

  // The first batch has run out of time and waits for its second attempt.
  bench.sleep(1000);
  bench.lose_node(10);
  bench.run_once();
  CHECK(request1.is_done());
  CHECK(request1.exception() == "TimeoutException");
  CHECK(bench.tm().has_unresolved_sequence(tp0));
  bench.run_once();
  CHECK(bench.tm().has_abortable_error());
}

TEST_CASE("SenderTest.testTransactionalUnknownProducerHandlingWhenRetentionLimitReached") {
  TransactionBench bench;
  set_up(bench, {.transactional_id = "testUnresolvedSeq"});
  do_init_transactions(bench, {ProducerId{343434}, ProducerEpoch{0}});
  CHECK(bench.tm().has_producer_id());
  begin_with(bench, tp0);
  CHECK(bench.next_sequence(tp0) == 0);

  const SendFuture request1 = bench.append(tp0);
  bench.run_once();
  CHECK(bench.in_flight() == 1);
  CHECK(bench.next_sequence(tp0) == 1);
  CHECK_FALSE(bench.last_acked(tp0));
  bench.respond_to_sequence(0, {tp0, 1000, ErrorCode::none, -1, 10});
  bench.run_once();
  CHECK(request1.is_done());
  CHECK(request1.offset() == 1000);
  CHECK(bench.last_acked(tp0) == 0);
  CHECK(bench.tm().last_acked_offset(tp0) == 1000);

  bench.append(tp0);
  const SendFuture request2 = bench.append(tp0);
  bench.run_once();
  CHECK(bench.next_sequence(tp0) == 3);
  CHECK(bench.last_acked(tp0) == 0);
  CHECK_FALSE(request2.is_done());

  // What was acknowledged is no longer in the log, and the broker has forgotten the producer with it: begin at 0.
  bench.respond_to_sequence(1, {tp0, -1, ErrorCode::unknown_producer_id, -1, 1010});
  bench.run_once();
  CHECK_FALSE(bench.last_acked(tp0));
  CHECK(bench.next_sequence(tp0) == 2);
  CHECK_FALSE(request2.is_done());
  CHECK_FALSE(bench.client->has_in_flight_requests());

  bench.run_once();
  bench.respond_to_sequence(0, {tp0, 1011, ErrorCode::none, -1, 1010});
  bench.run_once();
  CHECK(bench.last_acked(tp0) == 1);
  CHECK(bench.next_sequence(tp0) == 2);
  CHECK_FALSE(bench.client->has_in_flight_requests());
  CHECK(request2.is_done());
  CHECK(request2.offset() == 1012);
  CHECK(bench.tm().last_acked_offset(tp0) == 1012);
}

TEST_CASE("SenderTest.testTransactionalSplitBatchAndSend") {
  TransactionBench bench;
  const TopicPartition partition{"testSplitBatchAndSend", 1};
  set_up(bench, {.transactional_id = "testSplitBatchAndSend"});
  do_init_transactions(bench);
  begin_with(bench, partition);
  split_batch_and_send(bench, partition);
}

TEST_CASE("SenderTest.testTransactionalRequestsSentOnShutdown") {
  check_end_on_shutdown(EndTxn::commit);
}

TEST_CASE("SenderTest.testRecordsFlushedImmediatelyOnTransactionCompletion") {
  constexpr std::int32_t linger_ms = 50;
  TransactionBench bench;
  set_up(bench, {.transactional_id = "txnId", .transaction_timeout_ms = 6000, .linger_ms = linger_ms});
  Sender sender = bench.new_sender(false, 1);
  do_init_transactions(bench);

  // The transaction is to be committed: its records linger no more.
  bench.tm().begin_transaction();
  add_partition(bench, sender, tp0);
  bench.append(tp0);
  bench.append(tp0);
  bench.run_once(sender);
  CHECK_FALSE(bench.client->has_in_flight_requests());
  const TxnResult commit = bench.begin_commit();
  bench.run_until(sender, [&] { return bench.client->has_in_flight_requests(); });
  respond_to_produce(bench, ErrorCode::none, 1);
  bench.run_until(sender, [&] { return bench.tm().has_in_flight_request(); });
  respond_to_end_txn(bench, ErrorCode::none);
  bench.run_until(sender, [&] { return bench.tm().is_ready(); });
  CHECK(commit.is_successful());
  CHECK(commit.await().empty());

  // Those of the next one do.
  bench.tm().begin_transaction();
  add_partition(bench, sender, tp0);
  bench.append(tp0);
  bench.append(tp0);
  bench.sleep(linger_ms - 1);
  bench.run_once(sender);
  CHECK_FALSE(bench.client->has_in_flight_requests());
  CHECK(bench.accumulator->has_undrained());
  bench.sleep(1);
  bench.run_until(sender, [&] { return bench.client->has_in_flight_requests(); });
  CHECK_FALSE(bench.accumulator->has_undrained());
}

TEST_CASE("SenderTest.testAwaitPendingRecordsBeforeCommittingTransaction") {
  TransactionBench bench;
  set_up(bench, {.transactional_id = "txnId", .transaction_timeout_ms = 6000});
  Sender sender = bench.new_sender(false, 1);
  do_init_transactions(bench);
  bench.tm().begin_transaction();
  add_partition(bench, sender, tp0);
  bench.append(tp0);
  bench.run_until(sender, [&] { return bench.client->requests().size() == 1; });
  CHECK_FALSE(bench.accumulator->has_undrained());
  CHECK(bench.client->has_in_flight_requests());
  CHECK(bench.tm().has_inflight_batches(tp0));

  bench.append(tp0);
  bench.begin_commit();
  bench.run_until(sender, [&] { return bench.client->requests().size() == 2; });
  CHECK(bench.tm().is_completing());
  CHECK_FALSE(bench.tm().has_in_flight_request());
  CHECK(bench.tm().has_inflight_batches(tp0));

  // EndTxn waits for both.
  respond_to_produce(bench, ErrorCode::none, 0);
  respond_to_produce(bench, ErrorCode::none, 1);
  bench.run_until(sender, [&] { return bench.tm().has_in_flight_request(); });
  respond_to_end_txn(bench, ErrorCode::none);
  bench.run_until(sender, [&] { return bench.tm().is_ready(); });
}

TEST_CASE("SenderTest.testIncompleteTransactionAbortOnShutdown") {
  check_end_on_shutdown(EndTxn::abort);
}

TEST_CASE("SenderTest.testForceShutdownWithIncompleteTransaction") {
  TransactionBench bench;
  set_up(bench, {.transactional_id = "shutdown", .transaction_timeout_ms = 6000});
  Sender sender = bench.new_sender(false, 1);
  do_init_transactions(bench);
  bench.tm().begin_transaction();
  const TopicPartition partition{"shutdown", 1};
  bench.tm().maybe_add_partition(partition);
  bench.client->prepare_response(TransactionBench::add_partitions_response({{partition, ErrorCode::none}}));
  bench.run_once(sender);
  const TxnResult commit = bench.begin_commit();
  sender.force_close(*bench.accumulator);
  bench.run_until_closed(sender);
  CHECK(commit.await() == "KafkaException");
}

TEST_CASE("SenderTest.testTransactionAbortedExceptionOnAbortWithoutError") {
  TransactionBench bench;
  set_up(bench, {.transactional_id = "testTransactionAbortedExceptionOnAbortWithoutError"});
  do_init_transactions(bench);
  begin_with(bench, tp0);
  const SendFuture future = bench.append(tp0);
  bench.begin_abort();
  bench.run_once();
  CHECK(future.is_done());
  CHECK(future.exception() == "TransactionAbortedException");
}

TEST_CASE("SenderTest.testDoNotPollWhenNoRequestSent") {
  TransactionBench bench;
  set_up(bench, {.transactional_id = "testDoNotPollWhenNoRequestSent", .transaction_timeout_ms = 6000});
  bench.client->calls().clear();
  do_init_transactions(bench);
  // One for FindCoordinator and one for InitProducerId; the turn between has nothing to send and does not wait.
  const auto& calls = bench.client->calls();
  CHECK(std::count_if(calls.begin(), calls.end(), [](const MockClient::Call& call) {
          return call.method == MockClient::Call::Method::poll && call.timeout_ms == SenderBench::retry_backoff_ms;
        }) == 2);
}

TEST_CASE("SenderTest.testTooLargeBatchesAreSafelyRemoved") {
  TransactionBench bench;
  set_up(bench, {.transactional_id = "testSplitBatchAndSend"});
  do_init_transactions(bench);
  begin_with(bench, tp0);
  bench.append(tp0, bench.now_ms, "key1", "value1");
  bench.append(tp0, bench.now_ms, "key2", "value2");
  bench.run_once();
  CHECK(bench.batches_in_flight(tp0) == 1);
  bench.client->respond(produce_response(tp0, -1, ErrorCode::message_too_large));
  bench.run_once();
  bench.run_once();
  bench.client->respond(produce_response(tp0, 0, ErrorCode::none));
  bench.run_once();
  CHECK(bench.batches_in_flight(tp0) == 0);
  // Nothing of the big batch is left that could run out of time.
  bench.sleep(2000);
  bench.run_once();
}

TEST_CASE("SenderTest.testTransactionShouldTransitionToAbortableForSenderAPI") {
  const ErrorCode error = GENERATE(ErrorCode::coordinator_load_in_progress, ErrorCode::invalid_txn_state);
  TransactionBench bench;
  set_up(bench, {.retries = 1, .transactional_id = "testRetriableException"});
  do_init_transactions(bench);
  begin_with(bench, tp0);
  bench.append(tp0);
  bench.client->prepare_response(produce_response(tp0, -1, error));
  bench.run_once();
  bench.sleep(SenderBench::retry_backoff_ms);
  bench.client->prepare_response(produce_response(tp0, -1, error));
  bench.run_once();
  CHECK(bench.tm().has_abortable_error());

  const SendFuture future = bench.append(tp0);
  bench.client->prepare_response(produce_response(tp0, -1, ErrorCode::none));
  bench.run_once();
  CHECK(future.is_done());
  CHECK(future.exception() == "TransactionAbortableException");
  CHECK(TransactionBench::throws_kafka_exception([&] { bench.begin_commit(); }));
  CHECK(bench.last_error() == "TransactionAbortableException");
}

TEST_CASE("SenderTest.testReceiveFailedBatchTwiceWithTransactions") {
  TransactionBench bench;
  set_up(bench, {.transactional_id = "testFailTwice"}, Node0::raises_epochs);
  do_init_transactions(bench);
  begin_with(bench, tp0);
  const SendFuture request1 = bench.append(tp0);
  bench.run_once();
  bench.sleep(2000);
  bench.run_once();
  CHECK(request1.is_done());
  CHECK(request1.exception() == "TimeoutException");
  bench.sleep(20);

  // The answer comes after the batch was given up.
  bench.respond_to_sequence(0, {tp0, -1, ErrorCode::invalid_txn_state});
  bench.run_once();
  bench.run_once();
  CHECK(bench.tm().has_abortable_error());
  const TxnResult result = bench.begin_abort();
  bench.run_once();
  respond_to_end_txn(bench, ErrorCode::none);
  bench.run_once();
  CHECK(bench.tm().is_initializing());
  bench.client->prepare_response(SenderBench::init_producer_id_response(123456, 0, ErrorCode::none));
  bench.run_once();
  CHECK(bench.tm().is_ready());
  CHECK(result.is_successful());
  CHECK(result.await().empty());
  bench.tm().begin_transaction();
}

TEST_CASE("SenderTest.testInvalidTxnStateIsAnAbortableError") {
  refused_record_makes_abortable(ErrorCode::invalid_txn_state, "InvalidTxnStateException");
}

TEST_CASE("SenderTest.testTransactionAbortableExceptionIsAnAbortableError") {
  refused_record_makes_abortable(ErrorCode::transaction_abortable, "TransactionAbortableException");
}

TEST_CASE("SenderTest.testAbortableErrorIsConvertedToFatalErrorDuringAbort") {
  TransactionBench bench;
  set_up(bench, {.transactional_id = "testAbortableErrorIsConvertedToFatalErrorDuringAbort"});
  do_init_transactions(bench, {ProducerId{1}, ProducerEpoch{0}});
  bench.tm().begin_transaction();
  add_partition(bench, bench.sender, tp0);
  bench.append(tp0);
  bench.run_once();
  bench.respond_to_sequence(0, {tp0, 0, ErrorCode::none});
  bench.run_once();

  bench.client->prepare_response(end_txn_response(ErrorCode::transaction_abortable));
  const TxnResult commit = bench.begin_commit();
  bench.run_once();
  CHECK(commit.await() == "TransactionAbortableException");
  CHECK(bench.tm().has_abortable_error());

  bench.client->prepare_response(end_txn_response(ErrorCode::transaction_abortable));
  const TxnResult abort = bench.begin_abort();
  bench.run_once();
  CHECK(abort.await() == "KafkaException");
  CHECK(bench.tm().has_fatal_error());
}

TEST_CASE("SenderTest.testSenderShouldCloseWhenTransactionManagerInErrorState") {
  // A call that timed out and was never made again stands in the way of the abort that closing wants to do.
  TransactionBench bench;
  set_up(bench, {.transactional_id = "close", .transaction_timeout_ms = 6000});
  do_init_transactions(bench);
  begin_with(bench, tp0);
  const TxnResult commit = bench.begin_commit();
  CHECK(commit.await() == "TimeoutException");
  bench.run_once();
  respond_to_end_txn(bench, ErrorCode::transaction_abortable);
  bench.run_once();
  REQUIRE(bench.tm().has_abortable_error());

  bench.sender.initiate_close(*bench.accumulator);
  bench.run_until_closed(bench.sender);
  CHECK(bench.sender.is_force_closed());
}

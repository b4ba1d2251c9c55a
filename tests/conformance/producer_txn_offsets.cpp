// Cases of Kafka's TransactionManagerTest (kafka-clients 4.3.1): offsets of a group in a transaction.

#include <catch2/catch.hpp>

#include "conformance/producer_transaction_bench.h"
#include "producer/clients/request_encoding.h"

using namespace linger;
using namespace linger::test;

namespace {

/// A transaction in which offsets of two partitions were sent and the group was added.
TxnResult offsets_of_two_partitions(TransactionBench& bench) {
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  const TxnResult offsets = bench.send_offsets({{tp0, {1, std::nullopt, ""}}, {tp1, {1, std::nullopt, ""}}},
                                               {bench.group_id, -1, "", std::nullopt});
  bench.prepare_add_offsets(ErrorCode::none);
  bench.wait_until_answered();
  CHECK_FALSE(offsets.is_completed());
  return offsets;
}

void retriable_error_in_txn_offset_commit(ErrorCode error) {
  TransactionBench bench;
  const TxnResult offsets = offsets_of_two_partitions(bench);
  PartitionErrors answers{{tp0, ErrorCode::none}, {tp1, error}};
  bench.prepare_find_coordinator(ErrorCode::none, CoordinatorType::group);
  bench.prepare_txn_offset_commit(answers);
  CHECK_FALSE(bench.knows_coordinator(CoordinatorType::group));
  bench.wait_for_coordinator(CoordinatorType::group);
  CHECK(bench.tm().has_pending_offset_commits());
  bench.run_until([&] { return bench.tm().has_pending_offset_commits(); });
  CHECK_FALSE(offsets.is_completed());
  answers[tp1] = ErrorCode::none;
  bench.prepare_txn_offset_commit(answers);
  bench.run_until([&] { return offsets.is_completed(); });
  CHECK(offsets.is_successful());
}

void fatal_error_in_txn_offset_commit(ErrorCode error, ErrorCode resulting_error) {
  TransactionBench bench;
  const TxnResult offsets = offsets_of_two_partitions(bench);
  bench.prepare_find_coordinator(ErrorCode::none, CoordinatorType::group);
  bench.prepare_txn_offset_commit({{tp0, ErrorCode::none}, {tp1, error}});
  bench.run_until([&] { return offsets.is_completed(); });
  CHECK_FALSE(offsets.is_successful());
  CHECK(offsets.error() == exception_name(resulting_error));
}

MockClient::Matcher names_member() {
  return [](const ClientRequest& request) {
    const TxnOffsetCommitRequest& commit = std::get<TxnOffsetCommitRequestBuilder>(request.builder).request;
    CHECK(commit.group_instance_id == TransactionBench::group_instance_id);
    CHECK(commit.member_id == TransactionBench::member_id);
    CHECK(commit.generation_id == TransactionBench::generation_id);
    return true;
  };
}

/// The offsets of a member of a group, up to the request that `prepare` has an answer for.
TxnResult prepare_group_metadata_commit(TransactionBench& bench, const std::function<void()>& prepare) {
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  const TxnResult offsets =
      bench.send_offsets({{tp0, {1, std::nullopt, ""}}, {tp1, {1, std::nullopt, ""}}},
                         {bench.group_id, bench.generation_id, bench.member_id, bench.group_instance_id});
  bench.prepare_add_offsets(ErrorCode::none);
  bench.run_once();
  CHECK_FALSE(offsets.is_completed());
  bench.prepare_find_coordinator(ErrorCode::none, CoordinatorType::group);
  prepare();
  CHECK_FALSE(bench.knows_coordinator(CoordinatorType::group));
  bench.run_once();
  bench.run_once();
  CHECK(bench.knows_coordinator(CoordinatorType::group));
  CHECK(bench.tm().has_pending_offset_commits());
  return offsets;
}

}  // namespace

TEST_CASE("TransactionManagerTest.testTransactionV2AddPartitionAndOffsets") {
  TransactionBench bench;
  bench.initialize(true);
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  const SendFuture response_future = bench.append(tp0);
  CHECK_FALSE(response_future.is_done());
  bench.prepare_produce(ErrorCode::none);
  bench.tm().maybe_add_partition(tp0);
  CHECK(bench.tm().transaction_contains_partition(tp0));
  CHECK(bench.tm().is_send_to_partition_allowed(tp0));
  CHECK_FALSE(response_future.is_done());
  bench.run_until([&] { return response_future.is_done(); });
  OffsetsToCommit offsets;
  offsets[tp1] = {1, std::nullopt, ""};
  const TxnResult add_offsets_result = bench.send_offsets(offsets, {bench.group_id, -1, "", std::nullopt});
  CHECK(bench.tm().has_pending_offset_commits());
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
  bench.prepare_end_txn(ErrorCode::none, EndTxn::commit, bench.first_epoch,
                        ProducerIdAndEpoch{ProducerId{bench.producer_id}, ProducerEpoch{bench.first_epoch + 1}});
  bench.run_until([&] { return !bench.tm().has_ongoing_transaction(); });
  CHECK_FALSE(bench.tm().is_completing());
}

TEST_CASE("TransactionManagerTest.testUnsupportedForMessageFormatInTxnOffsetCommit") {
  TransactionBench bench;
  const TopicPartition tp{"foo", 0};
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  const TxnResult send_offsets_result =
      bench.send_offsets({{tp, {39, std::nullopt, ""}}}, {bench.group_id, -1, "", std::nullopt});
  bench.prepare_add_offsets(ErrorCode::none);
  bench.prepare_find_coordinator(ErrorCode::none, CoordinatorType::group);
  bench.prepare_txn_offset_commit({{tp, ErrorCode::unsupported_for_message_format}});
  bench.run_until([&] { return bench.tm().has_error(); });
  CHECK(bench.last_error() == "UnsupportedForMessageFormatException");
  CHECK(send_offsets_result.is_completed());
  CHECK_FALSE(send_offsets_result.is_successful());
  CHECK(send_offsets_result.error() == "UnsupportedForMessageFormatException");
  bench.check_fatal_error("UnsupportedForMessageFormatException");
}

TEST_CASE("TransactionManagerTest.testFencedInstanceIdInTxnOffsetCommitByGroupMetadata") {
  TransactionBench bench;
  const TopicPartition tp{"foo", 0};
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  const TxnResult offsets =
      bench.send_offsets({{tp, {39, std::nullopt, ""}}}, {bench.group_id, 5, "fenced_member", bench.group_instance_id});
  bench.prepare_add_offsets(ErrorCode::none);
  bench.prepare_find_coordinator(ErrorCode::none, CoordinatorType::group);
  bench.wait_for_coordinator(CoordinatorType::group);
  bench.prepare_txn_offset_commit({{tp, ErrorCode::fenced_instance_id}}, [](const ClientRequest& request) {
    const TxnOffsetCommitRequest& commit = std::get<TxnOffsetCommitRequestBuilder>(request.builder).request;
    CHECK(commit.group_instance_id == TransactionBench::group_instance_id);
    CHECK(commit.member_id != TransactionBench::member_id);
    return true;
  });
  bench.run_until([&] { return bench.tm().has_error(); });
  CHECK(bench.last_error() == "FencedInstanceIdException");
  CHECK(offsets.is_completed());
  CHECK_FALSE(offsets.is_successful());
  CHECK(offsets.error() == "FencedInstanceIdException");
  bench.check_abortable_error("FencedInstanceIdException");
}

TEST_CASE("TransactionManagerTest.testUnknownMemberIdInTxnOffsetCommitByGroupMetadata") {
  TransactionBench bench;
  const TopicPartition tp{"foo", 0};
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  const TxnResult offsets =
      bench.send_offsets({{tp, {39, std::nullopt, ""}}}, {bench.group_id, 5, "unknownMember", std::nullopt});
  bench.prepare_add_offsets(ErrorCode::none);
  bench.prepare_find_coordinator(ErrorCode::none, CoordinatorType::group);
  bench.wait_for_coordinator(CoordinatorType::group);
  bench.prepare_txn_offset_commit({{tp, ErrorCode::unknown_member_id}}, [](const ClientRequest& request) {
    CHECK(std::get<TxnOffsetCommitRequestBuilder>(request.builder).request.member_id != TransactionBench::member_id);
    return true;
  });
  bench.run_until([&] { return bench.tm().has_error(); });
  CHECK(bench.last_error() == "CommitFailedException");
  CHECK(offsets.is_completed());
  CHECK_FALSE(offsets.is_successful());
  CHECK(offsets.error() == "CommitFailedException");
  bench.check_abortable_error("CommitFailedException");
}

TEST_CASE("TransactionManagerTest.testIllegalGenerationInTxnOffsetCommitByGroupMetadata") {
  TransactionBench bench;
  const TopicPartition tp{"foo", 0};
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  const TxnResult offsets = bench.send_offsets({{tp, {39, std::nullopt, ""}}}, {bench.group_id, 1, "", std::nullopt});
  bench.prepare_add_offsets(ErrorCode::none);
  bench.prepare_find_coordinator(ErrorCode::none, CoordinatorType::group);
  bench.wait_for_coordinator(CoordinatorType::group);
  bench.prepare_txn_offset_commit({{tp, ErrorCode::illegal_generation}}, [](const ClientRequest& request) {
    const TxnOffsetCommitRequest& commit = std::get<TxnOffsetCommitRequestBuilder>(request.builder).request;
    CHECK(commit.generation_id != TransactionBench::generation_id);
    return true;
  });
  bench.run_until([&] { return bench.tm().has_error(); });
  CHECK(bench.last_error() == "CommitFailedException");
  CHECK(offsets.is_completed());
  CHECK_FALSE(offsets.is_successful());
  CHECK(offsets.error() == "CommitFailedException");
  bench.check_abortable_error("CommitFailedException");
}

TEST_CASE("TransactionManagerTest.testGroupAuthorizationFailureInTxnOffsetCommit") {
  TransactionBench bench;
  const TopicPartition tp1{"foo", 0};
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  const TxnResult send_offsets_result =
      bench.send_offsets({{tp1, {39, std::nullopt, ""}}}, {bench.group_id, -1, "", std::nullopt});
  bench.prepare_add_offsets(ErrorCode::none);
  bench.run_until([&] { return !bench.tm().has_partitions_to_add(); });
  bench.prepare_find_coordinator(ErrorCode::none, CoordinatorType::group);
  bench.prepare_txn_offset_commit({{tp1, ErrorCode::group_authorization_failed}});
  bench.run_until([&] { return bench.tm().has_error(); });
  CHECK(bench.last_error() == "GroupAuthorizationException");
  CHECK(send_offsets_result.is_completed());
  CHECK_FALSE(send_offsets_result.is_successful());
  CHECK(send_offsets_result.error() == "GroupAuthorizationException");
  CHECK_FALSE(bench.tm().has_pending_offset_commits());
  CHECK(send_offsets_result.message().find(bench.group_id) != std::string::npos);
  bench.check_abortable_error("GroupAuthorizationException");
}

TEST_CASE("TransactionManagerTest.testTransactionalIdAuthorizationFailureInAddOffsetsToTxn") {
  TransactionBench bench;
  const TopicPartition tp{"foo", 0};
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  const TxnResult send_offsets_result =
      bench.send_offsets({{tp, {39, std::nullopt, ""}}}, {bench.group_id, -1, "", std::nullopt});
  bench.prepare_add_offsets(ErrorCode::transactional_id_authorization_failed);
  bench.run_until([&] { return bench.tm().has_error(); });
  CHECK(bench.last_error() == "TransactionalIdAuthorizationException");
  CHECK(send_offsets_result.is_completed());
  CHECK_FALSE(send_offsets_result.is_successful());
  CHECK(send_offsets_result.error() == "TransactionalIdAuthorizationException");
  bench.check_fatal_error("TransactionalIdAuthorizationException");
}

TEST_CASE("TransactionManagerTest.testInvalidTxnStateFailureInAddOffsetsToTxn") {
  TransactionBench bench;
  const TopicPartition tp{"foo", 0};
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  const TxnResult send_offsets_result =
      bench.send_offsets({{tp, {39, std::nullopt, ""}}}, {bench.group_id, -1, "", std::nullopt});
  bench.prepare_add_offsets(ErrorCode::invalid_txn_state);
  bench.run_until([&] { return bench.tm().has_error(); });
  CHECK(bench.last_error() == "InvalidTxnStateException");
  CHECK(send_offsets_result.is_completed());
  CHECK_FALSE(send_offsets_result.is_successful());
  CHECK(send_offsets_result.error() == "InvalidTxnStateException");
  bench.check_fatal_error("InvalidTxnStateException");
}

TEST_CASE("TransactionManagerTest.testTransactionalIdAuthorizationFailureInTxnOffsetCommit") {
  TransactionBench bench;
  const TopicPartition tp{"foo", 0};
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  const TxnResult send_offsets_result =
      bench.send_offsets({{tp, {39, std::nullopt, ""}}}, {bench.group_id, -1, "", std::nullopt});
  bench.prepare_add_offsets(ErrorCode::none);
  bench.run_until([&] { return !bench.tm().has_partitions_to_add(); });
  bench.prepare_find_coordinator(ErrorCode::none, CoordinatorType::group);
  bench.prepare_txn_offset_commit({{tp, ErrorCode::transactional_id_authorization_failed}});
  bench.run_until([&] { return bench.tm().has_error(); });
  CHECK(bench.last_error() == "TransactionalIdAuthorizationException");
  CHECK(send_offsets_result.is_completed());
  CHECK_FALSE(send_offsets_result.is_successful());
  CHECK(send_offsets_result.error() == "TransactionalIdAuthorizationException");
  bench.check_fatal_error("TransactionalIdAuthorizationException");
}

TEST_CASE("TransactionManagerTest.testHandlingOfUnknownTopicPartitionErrorOnTxnOffsetCommit") {
  retriable_error_in_txn_offset_commit(ErrorCode::unknown_topic_or_partition);
}

TEST_CASE("TransactionManagerTest.testHandlingOfCoordinatorLoadingErrorOnTxnOffsetCommit") {
  retriable_error_in_txn_offset_commit(ErrorCode::coordinator_load_in_progress);
}

TEST_CASE("TransactionManagerTest.testHandlingOfNetworkExceptionOnTxnOffsetCommit") {
  retriable_error_in_txn_offset_commit(ErrorCode::network_exception);
}

TEST_CASE("TransactionManagerTest.testHandlingOfProducerFencedErrorOnTxnOffsetCommit") {
  fatal_error_in_txn_offset_commit(ErrorCode::producer_fenced, ErrorCode::producer_fenced);
}

TEST_CASE("TransactionManagerTest.testHandlingOfTransactionalIdAuthorizationFailedErrorOnTxnOffsetCommit") {
  fatal_error_in_txn_offset_commit(ErrorCode::transactional_id_authorization_failed,
                                   ErrorCode::transactional_id_authorization_failed);
}

TEST_CASE("TransactionManagerTest.testHandlingOfInvalidProducerEpochErrorOnTxnOffsetCommit") {
  fatal_error_in_txn_offset_commit(ErrorCode::invalid_producer_epoch, ErrorCode::producer_fenced);
}

TEST_CASE("TransactionManagerTest.testHandlingOfUnsupportedForMessageFormatErrorOnTxnOffsetCommit") {
  fatal_error_in_txn_offset_commit(ErrorCode::unsupported_for_message_format,
                                   ErrorCode::unsupported_for_message_format);
}

TEST_CASE("TransactionManagerTest.shouldNotSendAbortTxnRequestWhenOnlyAddOffsetsRequestFailed") {
  TransactionBench bench;
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  OffsetsToCommit offsets;
  offsets[tp1] = {1, std::nullopt, ""};
  bench.send_offsets(offsets, {bench.group_id, -1, "", std::nullopt});
  const TxnResult abort_result = bench.begin_abort();
  bench.prepare_add_offsets(ErrorCode::group_authorization_failed);
  bench.run_until([&] { return abort_result.is_completed(); });
  CHECK(bench.tm().is_ready());
  CHECK(abort_result.is_completed());
  CHECK(abort_result.is_successful());
}

TEST_CASE("TransactionManagerTest.shouldFailAbortIfAddOffsetsFailsWithFatalError") {
  TransactionBench bench;
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  OffsetsToCommit offsets;
  offsets[tp1] = {1, std::nullopt, ""};
  bench.send_offsets(offsets, {bench.group_id, -1, "", std::nullopt});
  const TxnResult abort_result = bench.begin_abort();
  bench.prepare_add_offsets(ErrorCode::unknown_server_error);
  bench.run_until([&] { return abort_result.is_completed(); });
  CHECK_FALSE(abort_result.is_successful());
  CHECK(bench.tm().has_fatal_error());
}

TEST_CASE("TransactionManagerTest.testSendOffsetsWithGroupMetadata") {
  TransactionBench bench;
  PartitionErrors answers{{tp0, ErrorCode::none}, {tp1, ErrorCode::coordinator_load_in_progress}};
  const TxnResult offsets =
      prepare_group_metadata_commit(bench, [&] { bench.prepare_txn_offset_commit(answers, names_member()); });
  bench.run_once();
  CHECK(bench.tm().has_pending_offset_commits());
  CHECK_FALSE(offsets.is_completed());
  answers[tp1] = ErrorCode::none;
  bench.prepare_txn_offset_commit(answers, names_member());
  bench.run_once();
  CHECK(offsets.is_completed());
  CHECK(offsets.is_successful());
}

TEST_CASE("TransactionManagerTest.testSendOffsetWithGroupMetadataFailAsAutoDowngradeTxnCommitNotEnabled") {
  TransactionBench bench;
  const TxnResult offsets = prepare_group_metadata_commit(bench, [&] {
    bench.client->prepare_unsupported_version_response([](const ClientRequest& request) {
      // What the network client makes of it for a node that speaks version 2 at most.
      const auto& commit = std::get<TxnOffsetCommitRequestBuilder>(request.builder);
      const auto encoded = encode_client_request(commit, 2, CorrelationId{0}, "client");
      return std::holds_alternative<std::string>(encoded);
    });
  });
  bench.run_once();
  CHECK(offsets.is_completed());
  CHECK_FALSE(offsets.is_successful());
  CHECK(offsets.error() == "UnsupportedVersionException");
  bench.check_fatal_error("UnsupportedVersionException");
}

TEST_CASE("TransactionManagerTest.testBumpTransactionalEpochOnRecoverableAddOffsetsRequestError") {
  TransactionBench bench;
  constexpr std::int16_t initial_epoch = 1;
  constexpr std::int16_t bumped_epoch = 2;
  bench.do_init_transactions(bench.producer_id, initial_epoch);
  bench.tm().begin_transaction();
  bench.tm().maybe_add_partition(tp0);
  const SendFuture response_future = bench.append(tp0);
  CHECK_FALSE(response_future.is_done());
  bench.prepare_add_partitions(tp0, ErrorCode::none, initial_epoch);
  bench.prepare_produce(ErrorCode::none, initial_epoch);
  bench.run_until([&] { return response_future.is_done(); });
  OffsetsToCommit offsets;
  offsets[tp0] = {1, std::nullopt, ""};
  bench.send_offsets(offsets, {bench.group_id, -1, "", std::nullopt});
  CHECK_FALSE(bench.tm().has_pending_offset_commits());
  bench.prepare_add_offsets(ErrorCode::unknown_producer_id, initial_epoch);
  bench.run_until([&] { return bench.tm().has_abortable_error(); });
  const TxnResult abort_result = bench.begin_abort();
  bench.prepare_end_txn(ErrorCode::none, EndTxn::abort, initial_epoch);
  bench.prepare_init_pid(ErrorCode::none, bench.producer_id, bumped_epoch);
  bench.run_until([&] { return abort_result.is_completed(); });
  CHECK(bench.epoch() == bumped_epoch);
  CHECK(abort_result.is_successful());
  CHECK(bench.tm().is_ready());
}

TEST_CASE("TransactionManagerTest.testTransactionAbortableExceptionInAddOffsetsToTxn") {
  TransactionBench bench;
  const TopicPartition tp{"foo", 0};
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  const TxnResult send_offsets_result =
      bench.send_offsets({{tp, {39, std::nullopt, ""}}}, {bench.group_id, -1, "", std::nullopt});
  bench.prepare_add_offsets(ErrorCode::transaction_abortable);
  bench.run_until([&] { return bench.tm().has_error(); });
  CHECK(bench.last_error() == "TransactionAbortableException");
  CHECK(send_offsets_result.is_completed());
  CHECK_FALSE(send_offsets_result.is_successful());
  CHECK(send_offsets_result.error() == "TransactionAbortableException");
  bench.check_abortable_error("TransactionAbortableException");
}

TEST_CASE("TransactionManagerTest.testTransactionAbortableExceptionInTxnOffsetCommit") {
  TransactionBench bench;
  const TopicPartition tp{"foo", 0};
  bench.do_init_transactions();
  bench.tm().begin_transaction();
  const TxnResult send_offsets_result =
      bench.send_offsets({{tp, {39, std::nullopt, ""}}}, {bench.group_id, -1, "", std::nullopt});
  bench.prepare_add_offsets(ErrorCode::none);
  bench.prepare_find_coordinator(ErrorCode::none, CoordinatorType::group);
  bench.prepare_txn_offset_commit({{tp, ErrorCode::transaction_abortable}});
  bench.run_until([&] { return bench.tm().has_error(); });
  CHECK(bench.last_error() == "TransactionAbortableException");
  CHECK(send_offsets_result.is_completed());
  CHECK_FALSE(send_offsets_result.is_successful());
  CHECK(send_offsets_result.error() == "TransactionAbortableException");
  bench.check_abortable_error("TransactionAbortableException");
}

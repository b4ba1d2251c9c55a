#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "conformance/producer_sender_bench.h"
#include "producer/consumer_group_metadata.h"

namespace linger::test {

class TransactionBench;

/// What a call about a transaction returned (Kafka: TransactionalRequestResult).
class TxnResult {
 public:
  TxnResult(TransactionBench& bench, TxnResultId id) : bench_(&bench), id_(id) {}
  bool is_completed() const;
  bool is_successful() const;
  bool is_acked() const;
  /// The class of the exception; empty when there is none.
  std::string error() const;
  /// Its sentence.
  std::string message() const;
  /// Acknowledges a completed result and gives error(); "TimeoutException" when it is not completed.
  std::string await() const;
  friend bool operator==(const TxnResult&, const TxnResult&) = default;

 private:
  TransactionBench* bench_;
  TxnResultId id_;
};

using PartitionErrors = std::map<TopicPartition, ErrorCode>;
enum class EndTxn : std::uint8_t { abort, commit };

/// What nodes say they can speak.
struct SpokenVersions {
  std::vector<std::pair<ApiKey, std::int16_t>> newest;  ///< the oldest is always 0
  std::int16_t transaction_version = 0;                 ///< 0: no finalized feature
  std::int64_t features_epoch = 0;
  NodeApiVersions build() const;
};

/// The surroundings of Kafka's TransactionManagerTest: those of SenderTest with a transactional producer "foobar",
/// one request to a partition at a time, a delivery timeout of 3000 ms and a request timeout of 1000 ms.
class TransactionBench : public SenderBench {
 public:
  static constexpr std::int64_t producer_id = 13131;
  static constexpr std::int16_t first_epoch = 1;
  static constexpr std::int32_t transaction_timeout_ms = 1121;
  static constexpr std::int64_t default_retry_backoff_ms = 100;
  inline static const std::string transactional_id = "foobar";
  inline static const std::string group_id = "myConsumerGroup";
  inline static const std::string member_id = "member";
  inline static const std::string group_instance_id = "instance";
  static constexpr std::int32_t generation_id = 5;

  TransactionBench();
  void initialize(bool transaction_v2) { initialize_as(transactional_id, transaction_v2); }
  void initialize_idempotent(bool transaction_v2 = false) { initialize_as({}, transaction_v2); }
  void speak(const SpokenVersions& versions) { client->set_api_versions(NodeId{0}, versions.build()); }

  TransactionManager& tm() { return *transactions; }
  /// Turns of the sender until the condition holds, ten at most; fails the test when it never does.
  void run_until(const std::function<bool()>& condition) { run_until(sender, condition); }
  void run_until(Sender& which, const std::function<bool()>& condition);

  // The application's calls.
  TxnResult initialize_transactions() { return {*this, tm().initialize_transactions()}; }
  TxnResult begin_commit() { return {*this, tm().begin_commit(client->api_versions())}; }
  TxnResult begin_abort() { return {*this, tm().begin_abort(client->api_versions())}; }
  TxnResult send_offsets(const OffsetsToCommit& offsets, const ConsumerGroupMetadata& group) {
    return {*this, tm().send_offsets_to_transaction(offsets, group)};
  }
  void do_init_transactions(std::int64_t id = producer_id, std::int16_t epoch = first_epoch);
  /// What the call throws: the class of the exception, empty when it throws nothing.
  static std::string thrown_by(const std::function<void()>& call);
  static bool throws_kafka_exception(const std::function<void()>& call);
  /// The transaction cannot be committed for this reason, but aborted.
  void check_abortable_error(const std::string& cause);
  /// The transaction cannot even be aborted for this reason.
  void check_fatal_error(const std::string& cause);
  std::string last_error() { return tm().last_error() ? tm().last_error()->exception : std::string{}; }

  bool knows_coordinator(CoordinatorType type = CoordinatorType::transaction) {
    return tm().coordinator(type).has_value();
  }
  /// Whether the coordinator is known and the only broker.
  bool coordinator_is_broker(CoordinatorType type = CoordinatorType::transaction) {
    return knows_coordinator(type) && tm().coordinator(type)->id == NodeId{0};
  }
  void wait_for_coordinator(CoordinatorType type = CoordinatorType::transaction) {
    run_until([this, type] { return knows_coordinator(type); });
  }
  void wait_for_partition(const TopicPartition& partition) {
    run_until([this, partition] { return tm().transaction_contains_partition(partition); });
  }
  void wait_until_answered() {
    run_until([this] { return !client->has_pending_responses(); });
  }

  // Answers to the next request, which is looked at.
  void prepare_find_coordinator(ErrorCode error = ErrorCode::none, CoordinatorType type = CoordinatorType::transaction,
                                bool disconnect = false);
  void prepare_init_pid(ErrorCode error, std::int64_t id = producer_id, std::int16_t epoch = first_epoch,
                        bool disconnect = false);
  void prepare_add_partitions(const PartitionErrors& errors);
  void prepare_add_partitions(const TopicPartition& partition, ErrorCode error,
                              std::optional<std::int16_t> epoch = std::nullopt);
  void prepare_produce(ErrorCode error, std::int16_t epoch = first_epoch, const TopicPartition& partition = tp0,
                       std::int64_t log_start_offset = 10);
  void prepare_add_offsets(ErrorCode error, std::int16_t epoch = first_epoch);
  void prepare_txn_offset_commit(const PartitionErrors& errors, MockClient::Matcher matcher = {});
  /// The answer names an identity to go on with when the transaction is of version 2.
  void prepare_end_txn(ErrorCode error, EndTxn result, std::int16_t epoch = first_epoch,
                       std::optional<ProducerIdAndEpoch> next = std::nullopt, bool disconnect = false);
  // Answers to the request that waits.
  void send_produce(ErrorCode error);
  void send_add_partitions(const TopicPartition& partition, ErrorCode error);
  void send_end_txn(ErrorCode error, EndTxn result);

  MockClient::Matcher produce_matcher(std::int16_t epoch, const TopicPartition& partition);
  static MockClient::Matcher end_txn_matcher(EndTxn result, std::int16_t epoch, std::optional<bool> transaction_v2);
  static AddPartitionsToTxnResponse add_partitions_response(const PartitionErrors& errors);
  static TxnOffsetCommitResponse txn_offset_commit_response(const PartitionErrors& errors);

  void initialize_idempotent_producer_id(std::int64_t id, std::int16_t epoch);
  /// A batch of one record, tracked as if it had been sent.
  BatchId write_batch(const TopicPartition& partition, bool transactional = false);
  BatchId new_batch(const TopicPartition& partition);
  ProducerBatch& batch(BatchId id) { return accumulator->batches()[id]; }
  void complete_batch(BatchId id, std::int64_t offset = 500, std::int64_t log_start_offset = 0);
  void fail_batch(BatchId id, const KafkaError& error, bool adjust_sequence_numbers = false);
  bool can_retry(BatchId id, ErrorCode error, std::int64_t log_start_offset);
  std::int32_t sequence_number(const TopicPartition& partition = tp0) { return tm().sequence_number(partition); }
  std::optional<BatchId> next_batch(const TopicPartition& partition) { return tm().next_batch_by_sequence(partition); }
  std::int32_t first_in_flight_sequence(const TopicPartition& partition) {
    return tm().first_in_flight_sequence(partition, accumulator->batches());
  }
  void bump_idempotent_epoch_if_needed() {
    tm().bump_idempotent_epoch_and_reset_id_if_needed(accumulator->batches(), accumulator->observations());
  }
  Sender sender_without_order() const;
  /// The node's connection breaks, and is not tried again for a while.
  void lose_node(std::int64_t backoff_ms = 100);

 private:
  void initialize_as(const std::string& id, bool transaction_v2);

  std::int64_t next_features_epoch_ = 0;
};

}  // namespace linger::test

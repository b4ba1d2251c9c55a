#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "producer/batch_table.h"
#include "producer/clients/kafka_client.h"
#include "producer/consumer_group_metadata.h"
#include "producer/failure.h"
#include "producer/java_hash_map.h"
#include "producer/java_priority_queue.h"
#include "producer/observation.h"
#include "producer/producer_behaviour.h"
#include "producer/txn_partition_entry.h"
#include "producer/txn_request_handler.h"

namespace linger {

/// One partition's part of a produce answer, freed from its version (Kafka: ProduceResponse.PartitionResponse).
struct PartitionResponse {
  ErrorCode error = ErrorCode::none;
  std::int64_t base_offset = -1;
  std::int64_t log_append_time = -1;
  std::int64_t log_start_offset = -1;
  std::vector<ProduceResponse::BatchIndexAndErrorMessage> record_errors;
  std::string error_message;
  ProduceResponse::LeaderIdAndEpoch current_leader;
};

/// Identity and sequences of an idempotent producer, and the state of its transaction (Kafka: TransactionManager). The
/// table of batches and the observations belong to the accumulator, what nodes can speak to the network client; they
/// are lent to each call that needs them.
///
/// A call that waits in Java returns the name of its result. The caller looks at `result` until it is completed and
/// then acknowledges it, or gives it up when its patience is over; the same call made again then gets the same result.
class TransactionManager {
 public:
  enum class State : std::uint8_t {
    uninitialized,
    initializing,
    ready,
    in_transaction,
    prepared_transaction,
    committing_transaction,
    aborting_transaction,
    abortable_error,
    fatal_error,
  };

  /// An empty transactional id: idempotent only. retry.backoff.ms is a constant here.
  TransactionManager(std::string transactional_id, std::int32_t transaction_timeout_ms, std::int64_t retry_backoff_ms,
                     ProducerBehaviour behaviour = {}, bool enable_2pc = false);

  State current_state() const { return state_; }
  const std::optional<KafkaError>& last_error() const { return last_error_; }
  bool is_transactional() const { return !transactional_id_.empty(); }
  const std::string& transactional_id() const { return transactional_id_; }
  bool is_transaction_v2_enabled() const { return is_transaction_v2_enabled_; }
  bool has_error() const { return state_ == State::abortable_error || state_ == State::fatal_error; }
  bool has_fatal_error() const { return state_ == State::fatal_error; }
  bool has_abortable_error() const { return state_ == State::abortable_error; }
  bool is_2pc_enabled() const { return enable_2pc_; }
  bool is_ready() const { return is_transactional() && state_ == State::ready; }
  bool is_initializing() const { return is_transactional() && state_ == State::initializing; }
  bool is_prepared() const { return state_ == State::prepared_transaction; }
  /// Identity of the transaction that was prepared; invalid when none is.
  const ProducerIdAndEpoch& prepared_transaction_state() const { return prepared_txn_state_; }
  bool is_completing() const {
    return state_ == State::committing_transaction || state_ == State::aborting_transaction;
  }
  bool is_aborting() const { return state_ == State::aborting_transaction; }
  bool has_ongoing_transaction() const {
    return state_ == State::in_transaction || is_completing() || has_abortable_error();
  }
  /// While true an invalid transition poisons the manager, as on Java's sender thread; else it only throws.
  void set_on_sender_thread(bool on) { on_sender_thread_ = on; }

  const ProducerIdAndEpoch& producer_id_and_epoch() const { return producer_id_and_epoch_; }
  bool has_producer_id() const { return producer_id_and_epoch_.valid(); }

  // The application's calls. Each throws what Java throws.
  TxnResultId initialize_transactions(bool keep_prepared_txn = false);
  void begin_transaction();
  void prepare_transaction();
  TxnResultId begin_commit(const ApiVersions& api_versions);
  TxnResultId begin_abort(const ApiVersions& api_versions);
  TxnResultId send_offsets_to_transaction(const OffsetsToCommit& offsets, const ConsumerGroupMetadata& group);
  /// Requires: the result of a call that was not acknowledged yet.
  const TransactionalRequestResult& result(TxnResultId id) const { return results_.at(id); }
  /// The caller has seen that the result is completed.
  void acknowledge(TxnResultId id);
  /// The caller waits no more.
  void give_up(TxnResultId id);
  /// Looks whether brokers have finalized transaction.version 2 by now (KIP-890). Java does so when initTransactions
  /// has succeeded, with `on_initialization`, and when a transaction is completed.
  void maybe_update_transaction_v2_enabled(const ApiVersions& api_versions, bool on_initialization);

  /// Called after each append. Throws what a producer in an error state throws.
  void maybe_add_partition(const TopicPartition& partition);
  bool is_send_to_partition_allowed(const TopicPartition& partition) const;
  bool transaction_contains_partition(const TopicPartition& partition) const {
    return partitions_in_transaction_.contains(partition);
  }
  bool is_partition_pending_add(const TopicPartition& partition) const {
    return new_partitions_in_transaction_.contains(partition) || pending_partitions_in_transaction_.contains(partition);
  }
  bool has_partitions_to_add() const {
    return !new_partitions_in_transaction_.empty() || !pending_partitions_in_transaction_.empty();
  }
  bool has_pending_offset_commits() const { return !pending_txn_offset_commits_.empty(); }

  // Requests of its own, one at a time.
  bool has_pending_requests() const { return !pending_requests_.empty(); }
  bool has_in_flight_request() const { return in_flight_correlation_id_.has_value(); }
  void set_in_flight(CorrelationId correlation_id, TxnRequestHandler handler);
  /// The next request to send, if one may go.
  std::optional<TxnRequestHandler> next_request(bool has_incomplete_batches);
  void retry(TxnRequestHandler handler);
  /// The node found for requests to this kind of coordinator. Requires: transaction or group.
  const std::optional<Node>& coordinator(CoordinatorType type) const {
    return type == CoordinatorType::group ? consumer_group_coordinator_ : transaction_coordinator_;
  }
  void lookup_coordinator(CoordinatorType type, const std::string& key);
  void handle_coordinator_ready(const ApiVersions& api_versions);
  /// Takes the answer to the request in flight. May throw IllegalStateException.
  void on_complete(const ClientResponse& response, BatchTable& batches, ProducerObservations& observations);
  void authentication_failed(const KafkaError& error);
  void fail_pending_requests(const KafkaError& error);
  void close();

  // Errors.
  void maybe_transition_to_error_state(KafkaError error);
  void transition_to_abortable_error(const KafkaError& error);
  void transition_to_fatal_error(const KafkaError& error);
  void transition_to_uninitialized(const KafkaError& error);

  // Identity.
  void request_idempotent_epoch_bump_for_partition(const TopicPartition& partition);
  void bump_idempotent_epoch_and_reset_id_if_needed(BatchTable& batches, ProducerObservations& observations);
  void maybe_update_producer_id_and_epoch(const TopicPartition& partition, BatchTable& batches);
  /// A bump is due and waits (see ProducerBehaviour::epoch_bump_awaits_unknown): no new batch may be drained for the
  /// partition.
  bool is_awaiting_epoch_bump(const TopicPartition& partition) const;

  // Sequences. Like Java's, all but the queries marked const create the partition's entry when there is none.
  std::int32_t sequence_number(const TopicPartition& partition);
  const ProducerIdAndEpoch& producer_id_and_epoch(const TopicPartition& partition);
  void increment_sequence_number(const TopicPartition& partition, std::int32_t by);
  void add_in_flight_batch(BatchTable& batches, BatchId id);
  void remove_in_flight_batch(BatchTable& batches, BatchId id);
  std::int32_t first_in_flight_sequence(const TopicPartition& partition, const BatchTable& batches);
  std::optional<BatchId> next_batch_by_sequence(const TopicPartition& partition);
  bool has_inflight_batches(const TopicPartition& partition);
  /// Batches sent since the oldest unanswered one of the partition, itself included: what a broker must remember to
  /// recognise that one.
  std::uint32_t batches_since_oldest_inflight(const TopicPartition& partition);
  bool has_stale_producer_id_and_epoch(const TopicPartition& partition);
  std::optional<std::int32_t> last_acked_sequence(const TopicPartition& partition) const;
  std::optional<std::int64_t> last_acked_offset(const TopicPartition& partition) const;
  bool has_unresolved_sequences() const { return !unresolved_.empty(); }
  bool has_unresolved_sequence(const TopicPartition& partition) const { return unresolved_.contains(partition); }
  void mark_sequence_unresolved(const ProducerBatch& batch, ProducerObservations& observations);
  void maybe_resolve_sequences(ProducerObservations& observations);
  const TxnPartitionMap& txn_partition_map() const { return partitions_; }
  /// Forgets the sequences of partitions without batches in flight whose topic is gone (librdkafka before 1.9.0).
  void forget_topics(const std::set<std::string>& known_topics, BatchTable& batches);

  // What became of batches.
  void handle_completed_batch(BatchTable& batches, BatchId id, const PartitionResponse& response);
  void handle_failed_batch(BatchTable& batches, BatchId id, const KafkaError& error, bool adjust_sequence_numbers);
  /// A batch ran into delivery.timeout.ms and its successors take over its sequence (KAFKA-14397).
  void renumber_after_expiry(BatchTable& batches, BatchId id);
  bool can_retry(const PartitionResponse& response, BatchTable& batches, BatchId id);

 private:
  /// Kafka: PendingStateTransition. Until the caller has seen its result only the same call may be made again.
  struct PendingStateTransition {
    TxnResultId result = 0;
    State state = State::uninitialized;
    std::string_view operation;
  };
  /// What an answer may change besides the manager.
  struct Lent {
    BatchTable& batches;
    ProducerObservations& observations;
  };

  static bool is_transition_valid(State from, State to);
  void transition_to(State target, const KafkaError* error = nullptr);
  void throw_if_failed() const;
  void ensure_transactional() const;
  void throw_if_pending_state(std::string_view operation);
  [[noreturn]] void throw_pending_state(std::string_view operation) const;
  /// The result of the same call if that is still to be seen, else nothing.
  std::optional<TxnResultId> cached_result(State next, std::string_view operation);
  TxnResultId enqueue_init_producer_id(const ProducerIdAndEpoch& identity, bool is_epoch_bump);
  TxnResultId begin_completing_transaction(bool commit, const ApiVersions& api_versions);
  void reset_transaction_state();
  bool need_to_trigger_epoch_bump_from_client() const {
    return coordinator_supports_bumping_epoch_ && !is_transaction_v2_enabled_;
  }
  bool can_handle_abortable_error() const { return coordinator_supports_bumping_epoch_ || is_transaction_v2_enabled_; }

  // Results.
  TxnResultId new_result(std::string_view operation);
  bool is_wanted(TxnResultId id) const { return pending_transition_ && pending_transition_->result == id; }
  void settle(TxnResultId id, const KafkaError* error);

  // Requests.
  TxnRequestHandler handler_of(TxnRequestKind kind, RequestBuilder request) const;
  TxnRequestHandler add_partitions_handler();
  TxnRequestHandler txn_offset_commit_handler(TxnResultId result, const OffsetsToCommit& offsets,
                                              const ConsumerGroupMetadata& group);
  void enqueue(TxnRequestHandler handler) { pending_requests_.add(std::move(handler)); }
  void reenqueue(TxnRequestHandler handler);
  bool maybe_terminate_request_with_error(const TxnRequestHandler& handler);

  // Answers.
  void handle_response(const TxnRequestHandler& handler, const ResponseBody& body, const Lent& lent);
  void handle(const TxnRequestHandler& handler, const InitProducerIdResponse& response, const Lent& lent);
  void handle(const TxnRequestHandler& handler, const FindCoordinatorResponse& response);
  void handle(const TxnRequestHandler& handler, const AddPartitionsToTxnResponse& response);
  void handle(const TxnRequestHandler& handler, const EndTxnResponse& response, const Lent& lent);
  void handle(const TxnRequestHandler& handler, const AddOffsetsToTxnResponse& response);
  void handle(const TxnRequestHandler& handler, const TxnOffsetCommitResponse& response);
  void fail_offset_commit(const TxnRequestHandler& handler, ErrorCode error);
  /// Asks again after an error that passes, of a new coordinator where the old one is none any more. False: it is no
  /// such error.
  bool retry_if_transient(const TxnRequestHandler& handler, ErrorCode error);
  /// The errors that AddPartitionsToTxn, AddOffsetsToTxn and EndTxn treat alike; false when it is none of them.
  bool handle_common_error(const TxnRequestHandler& handler, ErrorCode error);
  void abortable_error(const TxnRequestHandler& handler, const KafkaError& error);
  void abortable_error_if_possible(const TxnRequestHandler& handler, const KafkaError& error);
  void fatal_error(const TxnRequestHandler& handler, const KafkaError& error);
  void set_producer_id_and_epoch(const ProducerIdAndEpoch& identity, ProducerObservations& observations);
  void bump_idempotent_producer_epoch(BatchTable& batches, ProducerObservations& observations);
  bool outcome_unknown(const TopicPartition& partition, const BatchTable& batches) const;
  void reset_sequence_for_partition(const TopicPartition& partition, BatchTable& batches);
  void reset_sequence_numbers(BatchTable& batches);
  // ProducerBehaviour::on_oooseq
  void take_new_epoch_within_transaction();
  void go_on_with_new_epoch(BatchTable& batches);
  void note_unacknowledged_sequences();
  void close_gap_of(BatchTable& batches, BatchId id);
  bool is_next_sequence(const TopicPartition& partition, std::int32_t sequence) const;
  bool is_next_sequence_for_unresolved_partition(const TopicPartition& partition, std::int32_t sequence) const;

  std::string transactional_id_;
  std::int32_t transaction_timeout_ms_;
  std::int64_t retry_backoff_ms_;
  ProducerBehaviour behaviour_;
  bool enable_2pc_;
  State state_ = State::uninitialized;
  std::optional<KafkaError> last_error_;
  ProducerIdAndEpoch producer_id_and_epoch_;
  bool on_sender_thread_ = false;
  bool client_side_epoch_bump_required_ = false;
  bool new_epoch_within_transaction_ = false;  ///< asked for; see ProducerBehaviour::on_oooseq
  TxnPartitionMap partitions_;
  /// The sequence behind the expired batch, for partitions whose last sequences are in doubt.
  JavaHashMap<TopicPartition, std::int32_t> unresolved_;
  std::set<TopicPartition> to_rewrite_;  ///< partitions whose sequences the next bump rewrites

  // The transaction.
  bool transaction_started_ = false;                               ///< the coordinator may know of it
  JavaHashSet<TopicPartition> new_partitions_in_transaction_;      ///< written to, and not yet in a request
  JavaHashSet<TopicPartition> pending_partitions_in_transaction_;  ///< in a request that is not answered
  JavaHashSet<TopicPartition> partitions_in_transaction_;
  JavaHashMap<TopicPartition, OffsetAndMetadata> pending_txn_offset_commits_;
  std::optional<PendingStateTransition> pending_transition_;
  ProducerIdAndEpoch prepared_txn_state_;
  bool is_transaction_v2_enabled_ = false;
  std::int64_t latest_finalized_features_epoch_ = -1;

  // Its requests.
  JavaPriorityQueue<TxnRequestHandler, TxnRequestBefore> pending_requests_;
  std::optional<CorrelationId> in_flight_correlation_id_;
  TxnRequestHandler in_flight_;
  std::optional<Node> transaction_coordinator_;
  std::optional<Node> consumer_group_coordinator_;
  bool coordinator_supports_bumping_epoch_ = false;
  std::map<TxnResultId, TransactionalRequestResult> results_;
  TxnResultId next_result_ = 1;
};

/// While it lives the transaction manager, if there is one, is on the sender thread, or stays where it is when `on` is
/// false.
class OnSenderThread {
 public:
  explicit OnSenderThread(TransactionManager* transactions, bool on = true)
      : transactions_(on ? transactions : nullptr) {
    if (transactions_ != nullptr) transactions_->set_on_sender_thread(true);
  }
  ~OnSenderThread() {
    if (transactions_ != nullptr) transactions_->set_on_sender_thread(false);
  }
  OnSenderThread(const OnSenderThread&) = delete;
  OnSenderThread& operator=(const OnSenderThread&) = delete;

 private:
  TransactionManager* transactions_;
};

/// "READY", as Java prints the state.
std::string_view state_name(TransactionManager::State state);

}  // namespace linger

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
#include "producer/failure.h"
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
/// table of batches and the observations belong to the accumulator and are lent to each call that needs them.
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

  /// retry.backoff.ms is a constant here. Requires: an empty transactional id (transactions are another owner's half).
  TransactionManager(std::string transactional_id, std::int32_t transaction_timeout_ms, std::int64_t retry_backoff_ms,
                     ProducerBehaviour behaviour = {});

  State current_state() const { return state_; }
  const std::optional<KafkaError>& last_error() const { return last_error_; }
  bool is_transactional() const { return !transactional_id_.empty(); }
  const std::string& transactional_id() const { return transactional_id_; }
  bool is_transaction_v2_enabled() const { return is_transaction_v2_enabled_; }
  bool has_error() const { return state_ == State::abortable_error || state_ == State::fatal_error; }
  bool has_fatal_error() const { return state_ == State::fatal_error; }
  bool has_abortable_error() const { return state_ == State::abortable_error; }
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

  /// Called after each append. Throws what a producer in an error state throws.
  void maybe_add_partition(const TopicPartition& partition);
  bool is_send_to_partition_allowed(const TopicPartition& partition) const;

  // Requests of its own, one at a time.
  bool has_pending_requests() const { return !pending_requests_.empty(); }
  bool has_in_flight_request() const { return in_flight_correlation_id_.has_value(); }
  void set_in_flight(CorrelationId correlation_id, TxnRequestHandler handler);
  /// The next request to send, if one may go.
  std::optional<TxnRequestHandler> next_request(bool has_incomplete_batches);
  void retry(TxnRequestHandler handler);
  /// Takes the answer to the request in flight. May throw IllegalStateException.
  void on_complete(const ClientResponse& response, ProducerObservations& observations);
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
  /// Batches sent since the oldest unanswered one of the partition, itself included: what a broker must remember to recognise that one.
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
  bool can_retry(const PartitionResponse& response, const ProducerBatch& batch);

 private:
  static bool is_transition_valid(State from, State to);
  void transition_to(State target, const KafkaError* error = nullptr);
  void throw_if_failed() const;
  bool maybe_terminate_request_with_error(const TxnRequestHandler& handler);
  void settle(const TxnRequestHandler& handler, const KafkaError* error);
  void reenqueue(TxnRequestHandler handler);
  void handle_init_producer_id(const TxnRequestHandler& handler, const InitProducerIdResponse& response,
                               ProducerObservations& observations);
  void abortable_error(const TxnRequestHandler& handler, const KafkaError& error);
  void fatal_error(const TxnRequestHandler& handler, const KafkaError& error);
  void set_producer_id_and_epoch(const ProducerIdAndEpoch& identity, ProducerObservations& observations);
  void bump_idempotent_producer_epoch(BatchTable& batches, ProducerObservations& observations);
  bool outcome_unknown(const TopicPartition& partition, const BatchTable& batches) const;
  void reset_sequence_for_partition(const TopicPartition& partition, BatchTable& batches);
  bool is_next_sequence(const TopicPartition& partition, std::int32_t sequence) const;
  bool is_next_sequence_for_unresolved_partition(const TopicPartition& partition, std::int32_t sequence) const;

  std::string transactional_id_;
  std::int32_t transaction_timeout_ms_;
  std::int64_t retry_backoff_ms_;
  ProducerBehaviour behaviour_;
  State state_ = State::uninitialized;
  std::optional<KafkaError> last_error_;
  ProducerIdAndEpoch producer_id_and_epoch_;
  bool on_sender_thread_ = false;
  bool transaction_started_ = false;
  bool is_transaction_v2_enabled_ = false;
  bool client_side_epoch_bump_required_ = false;
  TxnPartitionMap partitions_;
  /// The sequence behind the expired batch, for partitions whose last sequences are in doubt.
  std::map<TopicPartition, std::int32_t> unresolved_;
  std::set<TopicPartition> to_rewrite_;  ///< partitions whose sequences the next bump rewrites
  std::set<TopicPartition> partitions_in_transaction_;
  JavaPriorityQueue<TxnRequestHandler, TxnRequestBefore> pending_requests_;
  std::optional<CorrelationId> in_flight_correlation_id_;
  TxnRequestHandler in_flight_;
  std::map<std::uint64_t, TransactionalRequestResult> results_;
};

/// "READY", as Java prints the state.
std::string_view state_name(TransactionManager::State state);

}  // namespace linger

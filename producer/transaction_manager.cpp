#include "producer/transaction_manager.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <initializer_list>
#include <utility>

namespace linger {

TransactionManager::TransactionManager(std::string transactional_id, std::int32_t transaction_timeout_ms,
                                       std::int64_t retry_backoff_ms, ProducerBehaviour behaviour, bool enable_2pc)
    : transactional_id_(std::move(transactional_id)),
      transaction_timeout_ms_(transaction_timeout_ms),
      retry_backoff_ms_(retry_backoff_ms),
      behaviour_(behaviour),
      enable_2pc_(enable_2pc) {}

std::string_view state_name(TransactionManager::State state) {
  constexpr std::array<std::string_view, 9> names{
      "UNINITIALIZED",          "INITIALIZING",         "READY",           "IN_TRANSACTION", "PREPARED_TRANSACTION",
      "COMMITTING_TRANSACTION", "ABORTING_TRANSACTION", "ABORTABLE_ERROR", "FATAL_ERROR"};
  return names[static_cast<std::size_t>(state)];
}

bool TransactionManager::is_transition_valid(State from, State to) {
  const auto one_of = [from](std::initializer_list<State> sources) {
    return std::find(sources.begin(), sources.end(), from) != sources.end();
  };
  switch (to) {
    case State::uninitialized:
      return one_of({State::ready, State::abortable_error});
    case State::initializing:
      return one_of({State::uninitialized, State::committing_transaction, State::aborting_transaction});
    case State::ready:
      return one_of({State::initializing, State::committing_transaction, State::aborting_transaction});
    case State::in_transaction:
      return one_of({State::ready});
    case State::prepared_transaction:
      return one_of({State::in_transaction, State::initializing});
    case State::committing_transaction:
      return one_of({State::in_transaction, State::prepared_transaction});
    case State::aborting_transaction:
      return one_of({State::in_transaction, State::prepared_transaction, State::abortable_error});
    case State::abortable_error:
      return one_of(
          {State::in_transaction, State::committing_transaction, State::abortable_error, State::initializing});
    case State::fatal_error:
      return true;
  }
  return true;
}

void TransactionManager::transition_to(State target, const KafkaError* error) {
  if (!is_transition_valid(state_, target)) {
    KafkaError invalid = illegal_state("Invalid transition attempted from state " + std::string(state_name(state_)) +
                                       " to state " + std::string(state_name(target)));
    if (on_sender_thread_) {
      state_ = State::fatal_error;
      last_error_ = invalid;
    }
    throw JavaThrow(std::move(invalid));
  }
  if (target == State::fatal_error || target == State::abortable_error) {
    assert(error != nullptr);
    // Of an application's thread or of an older error: the argument may be last_error_ itself.
    last_error_ = KafkaError(*error);
  } else {
    last_error_.reset();
  }
  state_ = target;
}

void TransactionManager::throw_if_failed() const {
  if (!has_error()) {
    return;
  }
  const std::string who = "The producer with transactional id '" + transactional_id_ + "' ";
  if (last_error_->code == ErrorCode::producer_fenced) {
    throw JavaThrow(api_error(ErrorCode::producer_fenced, who + "was fenced by another one"));
  }
  if (last_error_->code == ErrorCode::invalid_producer_epoch) {
    throw JavaThrow(api_error(ErrorCode::invalid_producer_epoch, who + "tried to write with an old epoch"));
  }
  if (last_error_->exception == "IllegalStateException") {
    throw JavaThrow(illegal_state(who + "went through an invalid state: " + last_error_->message));
  }
  throw JavaThrow(kafka_exception("The producer is in an error state: " + last_error_->message));
}

void TransactionManager::ensure_transactional() const {
  if (!is_transactional()) {
    throw JavaThrow(illegal_state("A producer without transactional.id has no transactions"));
  }
}

void TransactionManager::maybe_add_partition(const TopicPartition& partition) {
  throw_if_failed();
  throw_if_pending_state("send");
  if (!is_transactional()) {
    return;
  }
  if (!has_producer_id()) {
    throw JavaThrow(illegal_state("A record for " + partition.describe() + " before initTransactions was completed"));
  }
  if (state_ != State::in_transaction) {
    throw JavaThrow(
        illegal_state("A record for " + partition.describe() + " in state " + std::string(state_name(state_))));
  }
  if (is_transaction_v2_enabled_) {
    // The broker adds the partition itself when it gets the first batch (KIP-890).
    partitions_.get_or_create(partition);
    partitions_in_transaction_.add(partition);
    transaction_started_ = true;
  } else if (!transaction_contains_partition(partition) && !is_partition_pending_add(partition)) {
    partitions_.get_or_create(partition);
    new_partitions_in_transaction_.add(partition);
  }
}

bool TransactionManager::is_send_to_partition_allowed(const TopicPartition& partition) const {
  if (has_fatal_error()) {
    return false;
  }
  return !is_transactional() || partitions_in_transaction_.contains(partition);
}

void TransactionManager::transition_to_abortable_error(const KafkaError& error) {
  if (state_ == State::aborting_transaction) {
    return;
  }
  transition_to(State::abortable_error, &error);
}

void TransactionManager::transition_to_fatal_error(const KafkaError& error) {
  transition_to(State::fatal_error, &error);
  if (pending_transition_) {
    settle(pending_transition_->result, &error);
  }
}

void TransactionManager::transition_to_uninitialized(const KafkaError& error) {
  transition_to(State::uninitialized);
  if (pending_transition_) {
    settle(pending_transition_->result, &error);
  }
  last_error_.reset();
}

void TransactionManager::maybe_transition_to_error_state(KafkaError error) {
  if (is_fatal_for_producer(error)) {
    transition_to_fatal_error(error);
    return;
  }
  if (!is_transactional()) {
    return;
  }
  if (is_retriable(error) || error.code == ErrorCode::invalid_txn_state) {
    error = api_error(ErrorCode::transaction_abortable,
                      "Retries are exhausted, so the transaction must be aborted: " + error.message);
  }
  if (need_to_trigger_epoch_bump_from_client() && !is_completing()) {
    client_side_epoch_bump_required_ = true;
  }
  transition_to_abortable_error(error);
}

void TransactionManager::reset_transaction_state() {
  transition_to(client_side_epoch_bump_required_ ? State::initializing : State::ready);
  last_error_.reset();
  client_side_epoch_bump_required_ = false;
  transaction_started_ = false;
  new_partitions_in_transaction_.clear();
  pending_partitions_in_transaction_.clear();
  partitions_in_transaction_.clear();
  prepared_txn_state_ = ProducerIdAndEpoch{};
}

void TransactionManager::maybe_update_transaction_v2_enabled(const ApiVersions& api_versions, bool on_initialization) {
  if (latest_finalized_features_epoch_ >= api_versions.max_finalized_features_epoch()) {
    return;
  }
  latest_finalized_features_epoch_ = api_versions.max_finalized_features_epoch();
  const auto version = api_versions.finalized_features().find("transaction.version");
  const bool was_enabled = is_transaction_v2_enabled_;
  is_transaction_v2_enabled_ = version != api_versions.finalized_features().end() && version->second >= 2;
  if (!on_initialization && !was_enabled && is_transaction_v2_enabled_) {
    client_side_epoch_bump_required_ = true;
  }
}

}  // namespace linger

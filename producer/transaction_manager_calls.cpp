#include <algorithm>
#include <string>
#include <utility>

#include "producer/transaction_manager.h"

namespace linger {

TxnResultId TransactionManager::new_result(std::string_view operation) {
  // A result that was seen, or that nobody waits for any more, is of no use unless the same call may still ask for it.
  std::erase_if(results_, [this](const auto& entry) {
    const TransactionalRequestResult& result = entry.second;
    return result.completed && (result.acked || result.given_up) && !is_wanted(entry.first);
  });
  const TxnResultId id = next_result_++;
  results_[id].operation = operation;
  return id;
}

void TransactionManager::settle(TxnResultId id, const KafkaError* error) {
  const auto found = results_.find(id);
  if (found == results_.end()) {
    return;
  }
  found->second.completed = true;
  if (error != nullptr) {
    found->second.error = *error;
  }
}

void TransactionManager::acknowledge(TxnResultId id) {
  results_.at(id).acked = true;
}

void TransactionManager::give_up(TxnResultId id) {
  results_.at(id).given_up = true;
}

void TransactionManager::throw_pending_state(std::string_view operation) const {
  throw JavaThrow(illegal_state("Cannot do " + std::string(operation) + ": " +
                                std::string(pending_transition_->operation) +
                                " timed out before and must be called again first"));
}

void TransactionManager::throw_if_pending_state(std::string_view operation) {
  if (!pending_transition_) {
    return;
  }
  if (!results_.at(pending_transition_->result).acked) {
    throw_pending_state(operation);
  }
  pending_transition_.reset();
}

std::optional<TxnResultId> TransactionManager::cached_result(State next, std::string_view operation) {
  ensure_transactional();
  if (!pending_transition_) {
    return std::nullopt;
  }
  TransactionalRequestResult& pending = results_.at(pending_transition_->result);
  if (pending.acked) {
    pending_transition_.reset();
    return std::nullopt;
  }
  if (next != pending_transition_->state) {
    throw_pending_state(operation);
  }
  pending.given_up = false;
  return pending_transition_->result;
}

TxnResultId TransactionManager::initialize_transactions(bool keep_prepared_txn) {
  throw_if_failed();
  constexpr std::string_view operation = "initTransactions";
  if (const auto cached = cached_result(State::initializing, operation)) {
    return *cached;
  }
  transition_to(State::initializing);
  // 4.3.1 takes the wish to keep a prepared transaction and does not tell the coordinator of it.
  static_cast<void>(keep_prepared_txn);
  const TxnResultId id = enqueue_init_producer_id(ProducerIdAndEpoch{}, false);
  pending_transition_ = PendingStateTransition{id, State::initializing, operation};
  return id;
}

TxnResultId TransactionManager::enqueue_init_producer_id(const ProducerIdAndEpoch& identity, bool is_epoch_bump) {
  InitProducerIdRequest request;
  request.transactional_id = transactional_id_;
  request.transaction_timeout_ms = transaction_timeout_ms_;
  request.producer_id = identity.id.value();
  request.producer_epoch = identity.epoch.value();
  TxnRequestHandler handler = handler_of(TxnRequestKind::init_producer_id, std::move(request));
  handler.is_epoch_bump = is_epoch_bump;
  const TxnResultId id = new_result("InitProducerId");
  handler.result = id;
  enqueue(std::move(handler));
  return id;
}

void TransactionManager::begin_transaction() {
  ensure_transactional();
  throw_if_pending_state("beginTransaction");
  throw_if_failed();
  transition_to(State::in_transaction);
}

void TransactionManager::prepare_transaction() {
  ensure_transactional();
  throw_if_pending_state("prepareTransaction");
  throw_if_failed();
  transition_to(State::prepared_transaction);
  prepared_txn_state_ = producer_id_and_epoch_;
}

TxnResultId TransactionManager::begin_commit(const ApiVersions& api_versions) {
  constexpr std::string_view operation = "commitTransaction";
  if (const auto cached = cached_result(State::committing_transaction, operation)) {
    return *cached;
  }
  throw_if_failed();
  transition_to(State::committing_transaction);
  const TxnResultId id = begin_completing_transaction(true, api_versions);
  pending_transition_ = PendingStateTransition{id, State::committing_transaction, operation};
  return id;
}

TxnResultId TransactionManager::begin_abort(const ApiVersions& api_versions) {
  constexpr std::string_view operation = "abortTransaction";
  if (const auto cached = cached_result(State::aborting_transaction, operation)) {
    return *cached;
  }
  if (state_ != State::abortable_error) {
    throw_if_failed();
  }
  transition_to(State::aborting_transaction);
  // What the coordinator has not heard of yet need not be aborted.
  new_partitions_in_transaction_.clear();
  const TxnResultId id = begin_completing_transaction(false, api_versions);
  pending_transition_ = PendingStateTransition{id, State::aborting_transaction, operation};
  return id;
}

TxnResultId TransactionManager::begin_completing_transaction(bool commit, const ApiVersions& api_versions) {
  if (!new_partitions_in_transaction_.empty()) {
    enqueue(add_partitions_handler());
  }
  EndTxnRequestBuilder builder;
  builder.request.transactional_id = transactional_id_;
  builder.request.producer_id = producer_id_and_epoch_.id.value();
  builder.request.producer_epoch = producer_id_and_epoch_.epoch.value();
  builder.request.committed = commit;
  // The transaction ends in the version in which it began; only the next one takes the new version.
  builder.transaction_v2 = is_transaction_v2_enabled_;
  maybe_update_transaction_v2_enabled(api_versions, false);

  TxnRequestHandler handler = handler_of(TxnRequestKind::end_txn, std::move(builder));
  if (client_side_epoch_bump_required_) {
    // The caller waits for the new epoch, which is asked for once the transaction has ended.
    enqueue(std::move(handler));
    const bool is_epoch_bump = producer_id_and_epoch_ != ProducerIdAndEpoch{};
    if (!is_epoch_bump) {
      transition_to(State::initializing);
    }
    return enqueue_init_producer_id(producer_id_and_epoch_, is_epoch_bump);
  }
  const TxnResultId id = new_result(commit ? "EndTxn(true)" : "EndTxn(false)");
  handler.result = id;
  enqueue(std::move(handler));
  return id;
}

TxnResultId TransactionManager::send_offsets_to_transaction(const OffsetsToCommit& offsets,
                                                            const ConsumerGroupMetadata& group) {
  ensure_transactional();
  throw_if_pending_state("sendOffsetsToTransaction");
  throw_if_failed();
  if (state_ != State::in_transaction) {
    throw JavaThrow(illegal_state("Offsets can only be sent in a transaction, and the state is " +
                                  std::string(state_name(state_))));
  }
  const TxnResultId id = new_result(is_transaction_v2_enabled_ ? "TxnOffsetCommitHandler" : "AddOffsetsToTxn");
  if (is_transaction_v2_enabled_) {
    // The group's coordinator adds the group to the transaction itself (KIP-890).
    enqueue(txn_offset_commit_handler(id, offsets, group));
    transaction_started_ = true;
    return id;
  }
  AddOffsetsToTxnRequest request;
  request.transactional_id = transactional_id_;
  request.producer_id = producer_id_and_epoch_.id.value();
  request.producer_epoch = producer_id_and_epoch_.epoch.value();
  request.group_id = group.group_id;
  TxnRequestHandler handler = handler_of(TxnRequestKind::add_offsets_to_txn, std::move(request));
  handler.result = id;
  handler.offsets = offsets;
  handler.group = group;
  enqueue(std::move(handler));
  return id;
}

}  // namespace linger

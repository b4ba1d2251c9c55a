#include "producer/transaction_manager.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <limits>
#include <utility>

namespace linger {

TransactionManager::TransactionManager(std::string transactional_id, std::int32_t transaction_timeout_ms,
                                       std::int64_t retry_backoff_ms, ProducerBehaviour behaviour)
    : transactional_id_(std::move(transactional_id)),
      transaction_timeout_ms_(transaction_timeout_ms),
      retry_backoff_ms_(retry_backoff_ms),
      behaviour_(behaviour) {
  assert(transactional_id_.empty());
}

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
    last_error_ = *error;
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

void TransactionManager::maybe_add_partition(const TopicPartition&) {
  throw_if_failed();
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
}

void TransactionManager::transition_to_uninitialized(const KafkaError&) {
  transition_to(State::uninitialized);
  last_error_.reset();
}

void TransactionManager::maybe_transition_to_error_state(KafkaError error) {
  if (is_fatal_for_producer(error)) {
    transition_to_fatal_error(error);
  }
}

void TransactionManager::set_in_flight(CorrelationId correlation_id, TxnRequestHandler handler) {
  in_flight_correlation_id_ = correlation_id;
  in_flight_ = std::move(handler);
}

std::optional<TxnRequestHandler> TransactionManager::next_request(bool has_incomplete_batches) {
  if (pending_requests_.empty()) {
    return std::nullopt;
  }
  if (pending_requests_.peek().is_end_txn() && has_incomplete_batches) {
    return std::nullopt;
  }
  TxnRequestHandler next = pending_requests_.poll();
  if (maybe_terminate_request_with_error(next)) {
    return std::nullopt;
  }
  return next;
}

bool TransactionManager::maybe_terminate_request_with_error(const TxnRequestHandler& handler) {
  if (!has_error()) {
    return false;
  }
  if (has_abortable_error() && handler.kind == TxnRequestKind::find_coordinator) {
    return false;
  }
  settle(handler, &*last_error_);
  return true;
}

void TransactionManager::settle(const TxnRequestHandler& handler, const KafkaError* error) {
  const auto found = results_.find(handler.result);
  if (found == results_.end()) {
    return;
  }
  found->second.completed = true;
  if (error != nullptr) {
    found->second.error = *error;
  }
}

void TransactionManager::retry(TxnRequestHandler handler) {
  reenqueue(std::move(handler));
}

void TransactionManager::reenqueue(TxnRequestHandler handler) {
  handler.is_retry = true;
  pending_requests_.add(std::move(handler));
}

void TransactionManager::abortable_error(const TxnRequestHandler& handler, const KafkaError& error) {
  settle(handler, &error);
  transition_to_abortable_error(error);
}

void TransactionManager::fatal_error(const TxnRequestHandler& handler, const KafkaError& error) {
  settle(handler, &error);
  transition_to_fatal_error(error);
}

void TransactionManager::authentication_failed(const KafkaError& error) {
  for (const TxnRequestHandler& handler : pending_requests_.array()) {
    fatal_error(handler, error);
  }
}

void TransactionManager::fail_pending_requests(const KafkaError& error) {
  for (const TxnRequestHandler& handler : pending_requests_.array()) {
    abortable_error(handler, error);
  }
}

void TransactionManager::close() {
  const KafkaError shutdown = kafka_exception("The producer was closed forcefully");
  for (const TxnRequestHandler& handler : pending_requests_.array()) {
    fatal_error(handler, shutdown);
  }
}

void TransactionManager::on_complete(const ClientResponse& response, ProducerObservations& observations) {
  const TxnRequestHandler handler = in_flight_;
  if (in_flight_correlation_id_ != response.correlation_id) {
    fatal_error(handler, KafkaError{ErrorFamily::java, "RuntimeException",
                                    "More than one request of the transaction manager was in flight",
                                    ErrorCode::unknown_server_error});
    return;
  }
  in_flight_correlation_id_.reset();
  if (response.disconnected) {
    reenqueue(handler);
  } else if (response.version_mismatch) {
    fatal_error(handler, api_error(ErrorCode::unsupported_version, *response.version_mismatch));
  } else if (const auto* init = std::get_if<InitProducerIdResponse>(&response.body)) {
    handle_init_producer_id(handler, *init, observations);
  } else {
    fatal_error(handler, kafka_exception("A request of the transaction manager ended without an answer"));
  }
}

void TransactionManager::handle_init_producer_id(const TxnRequestHandler& handler,
                                                 const InitProducerIdResponse& response,
                                                 ProducerObservations& observations) {
  const ErrorCode error = error_from_wire(response.error_code);
  if (error == ErrorCode::none) {
    set_producer_id_and_epoch(
        ProducerIdAndEpoch{ProducerId{response.producer_id}, ProducerEpoch{response.producer_epoch}}, observations);
    transition_to(State::ready);
    last_error_.reset();
    settle(handler, nullptr);
  } else if (is_retriable(error)) {
    reenqueue(handler);
  } else if (error == ErrorCode::transactional_id_authorization_failed ||
             error == ErrorCode::cluster_authorization_failed) {
    last_error_ = api_error(error);
    abortable_error(handler, api_error(error));
  } else if (error == ErrorCode::invalid_producer_epoch || error == ErrorCode::producer_fenced) {
    fatal_error(handler, api_error(ErrorCode::producer_fenced));
  } else if (error == ErrorCode::transaction_abortable) {
    abortable_error(handler, api_error(error));
  } else {
    fatal_error(handler, kafka_exception("InitProducerId was refused: " + std::string(error_message(error))));
  }
}

}  // namespace linger

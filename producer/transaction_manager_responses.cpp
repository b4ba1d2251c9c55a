#include <string>
#include <utility>

#include "producer/transaction_manager.h"

namespace linger {
namespace {

KafkaError refused(std::string_view request, ErrorCode error) {
  return kafka_exception(std::string(request) + " was refused: " + std::string(error_message(error)));
}

KafkaError group_not_authorized(const std::string& group) {
  return api_error(ErrorCode::group_authorization_failed, "Not authorized to access group " + group);
}

/// What Java's errors() of an answer gives: a HashMap, in whose order the errors are judged.
using PartitionErrors = JavaHashMap<TopicPartition, ErrorCode>;

}  // namespace

void TransactionManager::abortable_error(const TxnRequestHandler& handler, const KafkaError& error) {
  settle(handler.result, &error);
  transition_to_abortable_error(error);
}

void TransactionManager::abortable_error_if_possible(const TxnRequestHandler& handler, const KafkaError& error) {
  if (!can_handle_abortable_error()) {
    fatal_error(handler, error);
    return;
  }
  if (need_to_trigger_epoch_bump_from_client()) {
    client_side_epoch_bump_required_ = true;
  }
  abortable_error(handler, error);
}

void TransactionManager::fatal_error(const TxnRequestHandler& handler, const KafkaError& error) {
  settle(handler.result, &error);
  transition_to_fatal_error(error);
}

void TransactionManager::on_complete(const ClientResponse& response, BatchTable& batches,
                                     ProducerObservations& observations) {
  const TxnRequestHandler handler = in_flight_;
  if (in_flight_correlation_id_ != response.correlation_id) {
    fatal_error(handler, KafkaError{ErrorFamily::java, "RuntimeException",
                                    "More than one request of the transaction manager was in flight",
                                    ErrorCode::unknown_server_error});
    return;
  }
  in_flight_correlation_id_.reset();
  if (response.disconnected) {
    if (handler.needs_coordinator()) {
      lookup_coordinator(handler.coordinator, handler.coordinator_key);
    }
    reenqueue(handler);
  } else if (response.version_mismatch) {
    fatal_error(handler, api_error(ErrorCode::unsupported_version, *response.version_mismatch));
  } else {
    handle_response(handler, response.body, Lent{batches, observations});
  }
}

void TransactionManager::handle_response(const TxnRequestHandler& handler, const ResponseBody& body, const Lent& lent) {
  if (const auto* init = std::get_if<InitProducerIdResponse>(&body)) {
    handle(handler, *init, lent);
  } else if (const auto* found = std::get_if<FindCoordinatorResponse>(&body)) {
    handle(handler, *found);
  } else if (const auto* partitions = std::get_if<AddPartitionsToTxnResponse>(&body)) {
    handle(handler, *partitions);
  } else if (const auto* end = std::get_if<EndTxnResponse>(&body)) {
    handle(handler, *end, lent);
  } else if (const auto* offsets = std::get_if<AddOffsetsToTxnResponse>(&body)) {
    handle(handler, *offsets);
  } else if (const auto* commit = std::get_if<TxnOffsetCommitResponse>(&body)) {
    handle(handler, *commit);
  } else {
    fatal_error(handler, kafka_exception("A request of the transaction manager ended without an answer"));
  }
}

bool TransactionManager::retry_if_transient(const TxnRequestHandler& handler, ErrorCode error) {
  if (!is_retriable(error)) {
    return false;
  }
  if (is_transactional() && (error == ErrorCode::coordinator_not_available || error == ErrorCode::not_coordinator)) {
    lookup_coordinator(CoordinatorType::transaction, transactional_id_);
  }
  reenqueue(handler);
  return true;
}

bool TransactionManager::handle_common_error(const TxnRequestHandler& handler, ErrorCode error) {
  switch (error) {
    case ErrorCode::invalid_producer_epoch:
    case ErrorCode::producer_fenced:
      // Brokers before 2.7 say the first where the second is meant (KIP-588).
      fatal_error(handler, api_error(ErrorCode::producer_fenced));
      return true;
    case ErrorCode::transactional_id_authorization_failed:
    case ErrorCode::invalid_txn_state:
    case ErrorCode::invalid_producer_id_mapping:
      fatal_error(handler, api_error(error));
      return true;
    case ErrorCode::unknown_producer_id:
      abortable_error_if_possible(handler, api_error(error));
      return true;
    default:
      return retry_if_transient(handler, error);
  }
}

void TransactionManager::handle(const TxnRequestHandler& handler, const InitProducerIdResponse& response,
                                const Lent& lent) {
  const ErrorCode error = error_from_wire(response.error_code);
  if (error == ErrorCode::none) {
    set_producer_id_and_epoch(
        ProducerIdAndEpoch{ProducerId{response.producer_id}, ProducerEpoch{response.producer_epoch}},
        lent.observations);
    if (new_epoch_within_transaction_) {
      go_on_with_new_epoch(lent.batches);
      settle(handler.result, nullptr);
      return;
    }
    const auto& request = std::get<InitProducerIdRequest>(handler.request);
    if (request.keep_prepared_txn && response.ongoing_txn_producer_id != no_producer_id.value()) {
      transition_to(State::prepared_transaction);
      prepared_txn_state_ = ProducerIdAndEpoch{ProducerId{response.ongoing_txn_producer_id},
                                               ProducerEpoch{response.ongoing_txn_producer_epoch}};
    } else {
      transition_to(State::ready);
    }
    last_error_.reset();
    if (handler.is_epoch_bump) {
      reset_sequence_numbers(lent.batches);
    }
    settle(handler.result, nullptr);
  } else if (retry_if_transient(handler, error)) {
    return;
  } else if (error == ErrorCode::transactional_id_authorization_failed ||
             error == ErrorCode::cluster_authorization_failed) {
    last_error_ = api_error(error);
    abortable_error(handler, api_error(error));
  } else if (error == ErrorCode::invalid_producer_epoch || error == ErrorCode::producer_fenced) {
    fatal_error(handler, api_error(ErrorCode::producer_fenced));
  } else if (error == ErrorCode::transaction_abortable) {
    abortable_error(handler, api_error(error));
  } else {
    fatal_error(handler, refused("InitProducerId", error));
  }
}

void TransactionManager::handle(const TxnRequestHandler& handler, const FindCoordinatorResponse& response) {
  const auto& request = std::get<FindCoordinatorRequest>(handler.request);
  FindCoordinatorResponse::Coordinator coordinator;
  if (!response.coordinators.empty()) {
    coordinator = response.coordinators.front();
  } else {
    coordinator = {request.key,   response.node_id,    response.host,
                   response.port, response.error_code, response.error_message};
  }
  if (response.coordinators.size() > 1) {
    fatal_error(handler, illegal_state("One coordinator was asked for and several came"));
  }
  const bool of_group = request.key_type == 0;
  const ErrorCode error = error_from_wire(coordinator.error_code);
  if (error == ErrorCode::none) {
    (of_group ? consumer_group_coordinator_ : transaction_coordinator_) =
        Node{NodeId{coordinator.node_id}, coordinator.host, coordinator.port, std::nullopt};
    settle(handler.result, nullptr);
  } else if (is_retriable(error)) {
    reenqueue(handler);
  } else if (error == ErrorCode::transactional_id_authorization_failed) {
    fatal_error(handler, api_error(error));
  } else if (error == ErrorCode::group_authorization_failed) {
    abortable_error(handler, group_not_authorized(coordinator.key));
  } else if (error == ErrorCode::transaction_abortable) {
    abortable_error(handler, api_error(error));
  } else {
    fatal_error(handler, refused("FindCoordinator", error));
  }
}

void TransactionManager::handle(const TxnRequestHandler& answered, const AddPartitionsToTxnResponse& response) {
  TxnRequestHandler handler = answered;
  handler.retry_backoff_ms = retry_backoff_ms_;
  PartitionErrors errors;
  for (const auto& topic : response.results_by_topic_v3_and_below) {
    for (const auto& partition : topic.results_by_partition) {
      errors.put({topic.name, partition.partition_index}, error_from_wire(partition.partition_error_code));
    }
  }
  std::string unauthorized;
  std::string failed;
  for (const auto& [partition, error, hash] : errors.entries()) {
    if (error == ErrorCode::none) {
      continue;
    }
    if (error == ErrorCode::concurrent_transactions) {
      // The transaction before is still being completed, which takes less than the usual backoff (KAFKA-5477).
      constexpr std::int64_t first_partitions_retry_backoff_ms = 20;
      if (partitions_in_transaction_.empty() && first_partitions_retry_backoff_ms < retry_backoff_ms_) {
        handler.retry_backoff_ms = first_partitions_retry_backoff_ms;
      }
      reenqueue(std::move(handler));
      return;
    }
    if (handle_common_error(handler, error)) {
      return;
    }
    if (error == ErrorCode::transaction_abortable) {
      abortable_error(handler, api_error(error));
      return;
    }
    std::string& list = error == ErrorCode::topic_authorization_failed ? unauthorized : failed;
    list += " " + partition.describe() + ": " + std::string(error_name(error));
  }
  for (const auto& entry : errors.entries()) {
    pending_partitions_in_transaction_.erase(entry.key);
  }
  if (!unauthorized.empty()) {
    abortable_error(handler,
                    api_error(ErrorCode::topic_authorization_failed, "Not authorized to write to" + unauthorized));
  } else if (!failed.empty()) {
    abortable_error(handler, kafka_exception("Partitions could not be added to the transaction:" + failed));
  } else {
    for (const auto& entry : errors.entries()) {
      partitions_in_transaction_.add(entry.key);
    }
    transaction_started_ = true;
    settle(handler.result, nullptr);
  }
}

void TransactionManager::handle(const TxnRequestHandler& handler, const EndTxnResponse& response, const Lent& lent) {
  const ErrorCode error = error_from_wire(response.error_code);
  const bool commit = std::get<EndTxnRequestBuilder>(handler.request).request.committed;
  if (error == ErrorCode::none) {
    if (response.producer_id != no_producer_id.value()) {
      // With transaction.version 2 each transaction has its own epoch (KIP-890).
      set_producer_id_and_epoch(
          ProducerIdAndEpoch{ProducerId{response.producer_id}, ProducerEpoch{response.producer_epoch}},
          lent.observations);
      reset_sequence_numbers(lent.batches);
    }
    reset_transaction_state();
    settle(handler.result, nullptr);
  } else if (handle_common_error(handler, error)) {
    return;
  } else if (error == ErrorCode::transaction_abortable && commit) {
    abortable_error(handler, api_error(error));
  } else if (error == ErrorCode::transaction_abortable) {
    fatal_error(handler, kafka_exception("The transaction could not be aborted: " + std::string(error_message(error))));
  } else {
    fatal_error(handler, refused("EndTxn", error));
  }
}

void TransactionManager::handle(const TxnRequestHandler& handler, const AddOffsetsToTxnResponse& response) {
  const ErrorCode error = error_from_wire(response.error_code);
  if (error == ErrorCode::none) {
    // The caller waits until the offsets are committed as well.
    enqueue(txn_offset_commit_handler(handler.result, handler.offsets, handler.group));
    transaction_started_ = true;
  } else if (handle_common_error(handler, error)) {
    return;
  } else if (error == ErrorCode::group_authorization_failed) {
    abortable_error(handler, group_not_authorized(handler.group.group_id));
  } else if (error == ErrorCode::transaction_abortable) {
    abortable_error(handler, api_error(error));
  } else {
    fatal_error(handler, refused("AddOffsetsToTxn", error));
  }
}

void TransactionManager::handle(const TxnRequestHandler& handler, const TxnOffsetCommitResponse& response) {
  PartitionErrors errors;
  for (const auto& topic : response.topics) {
    for (const auto& partition : topic.partitions) {
      errors.put({topic.name, partition.partition_index}, error_from_wire(partition.error_code));
    }
  }
  bool coordinator_reloaded = false;
  for (const auto& [partition, error, hash] : errors.entries()) {
    if (error == ErrorCode::none) {
      pending_txn_offset_commits_.erase(partition);
    } else if (error == ErrorCode::coordinator_not_available || error == ErrorCode::not_coordinator ||
               error == ErrorCode::request_timed_out) {
      if (!std::exchange(coordinator_reloaded, true)) {
        lookup_coordinator(CoordinatorType::group, handler.coordinator_key);
      }
    } else if (!is_retriable(error)) {
      fail_offset_commit(handler, error);
      break;
    }
  }
  const auto result = results_.find(handler.result);
  if (result == results_.end() || result->second.completed) {
    pending_txn_offset_commits_.clear();
  } else if (pending_txn_offset_commits_.empty()) {
    settle(handler.result, nullptr);
  } else {
    reenqueue(handler);
  }
}

void TransactionManager::fail_offset_commit(const TxnRequestHandler& handler, ErrorCode error) {
  switch (error) {
    case ErrorCode::group_authorization_failed:
      return abortable_error(handler, group_not_authorized(handler.coordinator_key));
    case ErrorCode::fenced_instance_id:
    case ErrorCode::transaction_abortable:
      return abortable_error(handler, api_error(error));
    case ErrorCode::unknown_member_id:
    case ErrorCode::illegal_generation:
      return abortable_error(handler,
                             KafkaError{ErrorFamily::kafka, "CommitFailedException",
                                        "The group knows the consumer otherwise: " + std::string(error_message(error)),
                                        ErrorCode::unknown_server_error});
    case ErrorCode::invalid_producer_epoch:
    case ErrorCode::producer_fenced:
      return fatal_error(handler, api_error(ErrorCode::producer_fenced));
    case ErrorCode::transactional_id_authorization_failed:
    case ErrorCode::unsupported_for_message_format:
      return fatal_error(handler, api_error(error));
    default:
      return fatal_error(handler, refused("TxnOffsetCommit", error));
  }
}

}  // namespace linger

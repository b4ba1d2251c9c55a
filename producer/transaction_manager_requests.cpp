#include <cassert>
#include <string>
#include <utility>
#include <vector>

#include "producer/transaction_manager.h"

namespace linger {

TxnRequestHandler TransactionManager::handler_of(TxnRequestKind kind, RequestBuilder request) const {
  TxnRequestHandler handler;
  handler.kind = kind;
  handler.retry_backoff_ms = retry_backoff_ms_;
  handler.request = std::move(request);
  const bool any_node = kind == TxnRequestKind::find_coordinator || !is_transactional();
  if (!any_node) {
    handler.coordinator = CoordinatorType::transaction;
    handler.coordinator_key = transactional_id_;
  }
  return handler;
}

TxnRequestHandler TransactionManager::add_partitions_handler() {
  for (const TopicPartition& partition : new_partitions_in_transaction_.keys()) {
    pending_partitions_in_transaction_.add(partition);
  }
  new_partitions_in_transaction_.clear();
  AddPartitionsToTxnRequest request;
  request.v3_and_below_transactional_id = transactional_id_;
  request.v3_and_below_producer_id = producer_id_and_epoch_.id.value();
  request.v3_and_below_producer_epoch = producer_id_and_epoch_.epoch.value();
  JavaHashMap<std::string, std::vector<std::int32_t>> topics;
  for (const TopicPartition& partition : pending_partitions_in_transaction_.keys()) {
    const std::vector<std::int32_t>* known = topics.find(partition.topic);
    std::vector<std::int32_t> partitions = known == nullptr ? std::vector<std::int32_t>{} : *known;
    partitions.push_back(partition.partition);
    topics.put(partition.topic, std::move(partitions));
  }
  for (const auto& topic : topics.entries()) {
    request.v3_and_below_topics.push_back({topic.key, topic.value});
  }
  return handler_of(TxnRequestKind::add_partitions_to_txn, std::move(request));
}

TxnRequestHandler TransactionManager::txn_offset_commit_handler(TxnResultId result, const OffsetsToCommit& offsets,
                                                                const ConsumerGroupMetadata& group) {
  for (const auto& [partition, offset] : offsets) {
    pending_txn_offset_commits_.put(partition, offset);
  }
  TxnOffsetCommitRequestBuilder builder;
  builder.transaction_v2 = is_transaction_v2_enabled_;
  TxnOffsetCommitRequest& request = builder.request;
  request.transactional_id = transactional_id_;
  request.group_id = group.group_id;
  request.producer_id = producer_id_and_epoch_.id.value();
  request.producer_epoch = producer_id_and_epoch_.epoch.value();
  request.generation_id = group.generation_id;
  request.member_id = group.member_id;
  request.group_instance_id = group.group_instance_id;
  using Partition = TxnOffsetCommitRequest::TxnOffsetCommitRequestPartition;
  JavaHashMap<std::string, std::vector<Partition>> topics;
  for (const auto& pending : pending_txn_offset_commits_.entries()) {
    const std::vector<Partition>* known = topics.find(pending.key.topic);
    std::vector<Partition> partitions = known == nullptr ? std::vector<Partition>{} : *known;
    Partition partition;
    partition.partition_index = pending.key.partition;
    partition.committed_offset = pending.value.offset;
    partition.committed_leader_epoch = pending.value.leader_epoch.value_or(no_leader_epoch.value());
    partition.committed_metadata = pending.value.metadata;
    partitions.push_back(std::move(partition));
    topics.put(pending.key.topic, std::move(partitions));
  }
  for (const auto& topic : topics.entries()) {
    request.topics.push_back({topic.key, topic.value});
  }
  TxnRequestHandler handler = handler_of(TxnRequestKind::txn_offset_commit, std::move(builder));
  handler.result = result;
  handler.coordinator = CoordinatorType::group;
  handler.coordinator_key = group.group_id;
  return handler;
}

void TransactionManager::set_in_flight(CorrelationId correlation_id, TxnRequestHandler handler) {
  in_flight_correlation_id_ = correlation_id;
  in_flight_ = std::move(handler);
}

std::optional<TxnRequestHandler> TransactionManager::next_request(bool has_incomplete_batches) {
  if (!new_partitions_in_transaction_.empty()) {
    enqueue(add_partitions_handler());
  }
  if (pending_requests_.empty()) {
    return std::nullopt;
  }
  // A transaction is not ended before all its records are answered.
  if (pending_requests_.peek().is_end_txn() && has_incomplete_batches) {
    return std::nullopt;
  }
  TxnRequestHandler next = pending_requests_.poll();
  if (maybe_terminate_request_with_error(next)) {
    return std::nullopt;
  }
  if (!next.is_end_txn() || transaction_started_) {
    return next;
  }
  // The coordinator has never heard of this transaction.
  settle(next.result, nullptr);
  if (!has_fatal_error()) {
    reset_transaction_state();
  }
  if (pending_requests_.empty()) {
    return std::nullopt;
  }
  return pending_requests_.poll();
}

bool TransactionManager::maybe_terminate_request_with_error(const TxnRequestHandler& handler) {
  if (!has_error()) {
    return false;
  }
  if (has_abortable_error() && handler.kind == TxnRequestKind::find_coordinator) {
    return false;
  }
  settle(handler.result, &*last_error_);
  return true;
}

void TransactionManager::retry(TxnRequestHandler handler) {
  reenqueue(std::move(handler));
}

void TransactionManager::reenqueue(TxnRequestHandler handler) {
  handler.is_retry = true;
  enqueue(std::move(handler));
}

void TransactionManager::lookup_coordinator(CoordinatorType type, const std::string& key) {
  assert(type != CoordinatorType::none);
  constexpr std::int8_t group = 0;
  constexpr std::int8_t transaction = 1;
  (type == CoordinatorType::group ? consumer_group_coordinator_ : transaction_coordinator_).reset();
  FindCoordinatorRequest request;
  request.key = key;
  request.key_type = type == CoordinatorType::group ? group : transaction;
  enqueue(handler_of(TxnRequestKind::find_coordinator, std::move(request)));
}

void TransactionManager::handle_coordinator_ready(const ApiVersions& api_versions) {
  // A producer can only ask for a higher epoch from this version of InitProducerId on (KIP-360).
  constexpr std::int16_t first_with_epoch_bump = 3;
  const NodeApiVersions* versions = transaction_coordinator_ ? api_versions.get(transaction_coordinator_->id) : nullptr;
  const auto init_producer_id = versions != nullptr ? versions->api_version(ApiKey::init_producer_id) : std::nullopt;
  coordinator_supports_bumping_epoch_ = init_producer_id && init_producer_id->max >= first_with_epoch_bump;
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
  if (pending_transition_) {
    settle(pending_transition_->result, &shutdown);
  }
}

}  // namespace linger

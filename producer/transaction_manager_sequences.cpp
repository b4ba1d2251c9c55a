#include <algorithm>
#include <limits>
#include <utility>

#include "producer/transaction_manager.h"

namespace linger {

void TransactionManager::set_producer_id_and_epoch(const ProducerIdAndEpoch& identity,
                                                   ProducerObservations& observations) {
  producer_id_and_epoch_ = identity;
  ProducerObservation seen;
  seen.event = ProducerEvent::producer_id_set;
  seen.producer_id = identity.id.value();
  seen.epoch = identity.epoch.value();
  observations.add(seen);
}

void TransactionManager::maybe_update_producer_id_and_epoch(const TopicPartition& partition, BatchTable& batches) {
  if (has_fatal_error()) {
    return;
  }
  if (has_stale_producer_id_and_epoch(partition) && !has_inflight_batches(partition)) {
    partitions_.get(partition).start_sequences_at_beginning(batches, producer_id_and_epoch_, behaviour_);
  }
}

void TransactionManager::request_idempotent_epoch_bump_for_partition(const TopicPartition& partition) {
  client_side_epoch_bump_required_ = true;
  to_rewrite_.insert(partition);
}

bool TransactionManager::outcome_unknown(const TopicPartition& partition, const BatchTable& batches) const {
  const TxnPartitionEntry* entry = partitions_.find(partition);
  if (entry == nullptr) {
    return false;
  }
  const std::vector<BatchId> tracked = entry->inflight_batches();
  return std::any_of(tracked.begin(), tracked.end(), [&batches](BatchId id) { return batches[id].outcome_unknown(); });
}

bool TransactionManager::is_awaiting_epoch_bump(const TopicPartition& partition) const {
  return new_epoch_within_transaction_ ||
         (behaviour_.epoch_bump_awaits_unknown && client_side_epoch_bump_required_ && to_rewrite_.contains(partition));
}

void TransactionManager::bump_idempotent_producer_epoch(BatchTable& batches, ProducerObservations& observations) {
  if (producer_id_and_epoch_.epoch.value() == std::numeric_limits<std::int16_t>::max()) {
    set_producer_id_and_epoch(ProducerIdAndEpoch{}, observations);
    transition_to(State::uninitialized);
  } else {
    const auto next = static_cast<std::int16_t>(producer_id_and_epoch_.epoch.value() + 1);
    producer_id_and_epoch_.epoch = ProducerEpoch{next};
    ProducerObservation seen;
    seen.event = ProducerEvent::epoch_bumped;
    seen.producer_id = producer_id_and_epoch_.id.value();
    seen.epoch = next;
    observations.add(seen);
  }
  if (!behaviour_.epoch_bump_drains_inflight) {
    for (const TxnPartitionEntry& entry : partitions_.entries()) {
      to_rewrite_.insert(entry.partition());
    }
  }
  for (const TopicPartition& partition : to_rewrite_) {
    TxnPartitionEntry& entry = partitions_.get(partition);
    entry.start_sequences_at_beginning(batches, producer_id_and_epoch_, behaviour_);
    unresolved_.erase(partition);
    for (const BatchId id : entry.inflight_batches()) {
      const ProducerBatch& batch = batches[id];
      ProducerObservation seen = batch.observe(ProducerEvent::sequences_reset);
      observations.add(seen);
    }
  }
  to_rewrite_.clear();
  client_side_epoch_bump_required_ = false;
}

void TransactionManager::bump_idempotent_epoch_and_reset_id_if_needed(BatchTable& batches,
                                                                      ProducerObservations& observations) {
  if (is_transactional()) {
    return;
  }
  if (client_side_epoch_bump_required_) {
    const bool wait = behaviour_.epoch_bump_awaits_unknown &&
                      std::any_of(to_rewrite_.begin(), to_rewrite_.end(),
                                  [&](const TopicPartition& partition) { return outcome_unknown(partition, batches); });
    if (!wait) {
      bump_idempotent_producer_epoch(batches, observations);
    }
  }
  if (state_ != State::initializing && !has_producer_id()) {
    transition_to(State::initializing);
    InitProducerIdRequest request;
    request.transactional_id.reset();
    request.transaction_timeout_ms = std::numeric_limits<std::int32_t>::max();
    enqueue(handler_of(TxnRequestKind::init_producer_id, std::move(request)));
  }
}

std::int32_t TransactionManager::sequence_number(const TopicPartition& partition) {
  return partitions_.get_or_create(partition).next_sequence();
}

const ProducerIdAndEpoch& TransactionManager::producer_id_and_epoch(const TopicPartition& partition) {
  return partitions_.get_or_create(partition).producer_id_and_epoch();
}

void TransactionManager::increment_sequence_number(const TopicPartition& partition, std::int32_t by) {
  partitions_.get(partition).increment_sequence(by);
}

void TransactionManager::add_in_flight_batch(BatchTable& batches, BatchId id) {
  const ProducerBatch& batch = batches[id];
  if (!batch.has_sequence()) {
    throw JavaThrow(
        illegal_state("A batch of " + batch.topic_partition().describe() + " has no sequence to track it by"));
  }
  partitions_.get(batch.topic_partition()).add_inflight_batch(batches, id, behaviour_);
}

void TransactionManager::remove_in_flight_batch(BatchTable& batches, BatchId id) {
  const TopicPartition& partition = batches[id].topic_partition();
  if (has_inflight_batches(partition)) {
    partitions_.get(partition).remove_inflight_batch(batches, id, behaviour_);
  }
}

std::int32_t TransactionManager::first_in_flight_sequence(const TopicPartition& partition, const BatchTable& batches) {
  const std::optional<BatchId> first = partitions_.get_or_create(partition).next_batch_by_sequence();
  return first ? batches[*first].base_sequence() : no_sequence;
}

std::optional<BatchId> TransactionManager::next_batch_by_sequence(const TopicPartition& partition) {
  return partitions_.get(partition).next_batch_by_sequence();
}

std::uint32_t TransactionManager::batches_since_oldest_inflight(const TopicPartition& partition) {
  return partitions_.get_or_create(partition).tracked_since_oldest();
}

bool TransactionManager::has_inflight_batches(const TopicPartition& partition) {
  return partitions_.get_or_create(partition).has_inflight_batches();
}

bool TransactionManager::has_stale_producer_id_and_epoch(const TopicPartition& partition) {
  return producer_id_and_epoch_ != partitions_.get_or_create(partition).producer_id_and_epoch();
}

std::optional<std::int32_t> TransactionManager::last_acked_sequence(const TopicPartition& partition) const {
  const TxnPartitionEntry* entry = partitions_.find(partition);
  return entry == nullptr ? std::nullopt : entry->last_acked_sequence();
}

std::optional<std::int64_t> TransactionManager::last_acked_offset(const TopicPartition& partition) const {
  const TxnPartitionEntry* entry = partitions_.find(partition);
  return entry == nullptr ? std::nullopt : entry->last_acked_offset();
}

bool TransactionManager::is_next_sequence(const TopicPartition& partition, std::int32_t sequence) const {
  const std::int32_t last = last_acked_sequence(partition).value_or(TxnPartitionEntry::no_last_acked_sequence);
  return std::int64_t{sequence} - last == 1;
}

bool TransactionManager::is_next_sequence_for_unresolved_partition(const TopicPartition& partition,
                                                                   std::int32_t sequence) const {
  const std::int32_t* found = unresolved_.find(partition);
  return found != nullptr && *found == sequence;
}

void TransactionManager::mark_sequence_unresolved(const ProducerBatch& batch, ProducerObservations& observations) {
  const auto next = static_cast<std::int32_t>(static_cast<std::uint32_t>(batch.last_sequence()) + 1U);
  const std::int32_t* known = unresolved_.find(batch.topic_partition());
  const std::int32_t latest = known == nullptr ? next : std::max(*known, next);
  unresolved_.put(batch.topic_partition(), latest);
  ProducerObservation seen = batch.observe(ProducerEvent::sequence_unresolved);
  seen.sequence = latest;
  observations.add(seen);
}

void TransactionManager::maybe_resolve_sequences(ProducerObservations& observations) {
  const auto unresolved = unresolved_.entries();
  for (const auto& entry : unresolved) {
    const TopicPartition& partition = entry.key;
    if (has_inflight_batches(partition)) {
      continue;
    }
    if (!is_next_sequence(partition, sequence_number(partition))) {
      if (is_transactional()) {
        note_unacknowledged_sequences();
      } else {
        request_idempotent_epoch_bump_for_partition(partition);
      }
    }
    ProducerObservation seen;
    seen.event = ProducerEvent::sequence_resolved;
    seen.partition = partition.partition;
    observations.add(seen);
    unresolved_.erase(partition);
  }
}

void TransactionManager::note_unacknowledged_sequences() {
  const std::string what = "Records were sent, never acknowledged and can no longer be sent again";
  if (!can_handle_abortable_error()) {
    transition_to_fatal_error(kafka_exception(what + "; it is not safe to go on"));
    return;
  }
  if (need_to_trigger_epoch_bump_from_client()) {
    client_side_epoch_bump_required_ = true;
  }
  transition_to_abortable_error(kafka_exception(what + "; the transaction can be aborted"));
}

void TransactionManager::forget_topics(const std::set<std::string>& known_topics, BatchTable& batches) {
  std::vector<TopicPartition> gone;
  for (const TxnPartitionEntry& entry : partitions_.entries()) {
    if (!known_topics.contains(entry.partition().topic) && !entry.has_inflight_batches()) {
      gone.push_back(entry.partition());
    }
  }
  for (const TopicPartition& partition : gone) {
    reset_sequence_for_partition(partition, batches);
  }
}

void TransactionManager::reset_sequence_for_partition(const TopicPartition& partition, BatchTable& batches) {
  partitions_.remove(partition, batches);
  unresolved_.erase(partition);
}

void TransactionManager::reset_sequence_numbers(BatchTable& batches) {
  partitions_.reset(batches);
  unresolved_.clear();
}

void TransactionManager::handle_completed_batch(BatchTable& batches, BatchId id, const PartitionResponse& response) {
  const ProducerBatch& batch = batches[id];
  if (TxnPartitionEntry* entry = partitions_.find(batch.topic_partition())) {
    entry->maybe_update_last_acked_sequence(batch.last_sequence());
  }
  if (response.base_offset != TxnPartitionEntry::invalid_offset) {
    const std::int64_t last_offset = response.base_offset + batch.record_count() - 1;
    const std::optional<std::int64_t> known = last_acked_offset(batch.topic_partition());
    // The partition may have been reset while the batch was under way, and Java then tracks it anew, unless it is part
    // of a transaction: then the next line throws.
    if (!known && !is_transactional()) {
      partitions_.get_or_create(batch.topic_partition());
    }
    if (partitions_.find(batch.topic_partition()) == nullptr && behaviour_.settles_after_reset) {
      return;
    }
    if (last_offset > known.value_or(TxnPartitionEntry::invalid_offset)) {
      partitions_.get(batch.topic_partition()).set_last_acked_offset(last_offset);
    }
  }
  remove_in_flight_batch(batches, id);
}

void TransactionManager::handle_failed_batch(BatchTable& batches, BatchId id, const KafkaError& error,
                                             bool adjust_sequence_numbers) {
  maybe_transition_to_error_state(error);
  remove_in_flight_batch(batches, id);
  if (has_fatal_error()) {
    return;
  }
  const TopicPartition& partition = batches[id].topic_partition();
  if (is_out_of_order_sequence(error) && !is_transactional()) {
    request_idempotent_epoch_bump_for_partition(partition);
  } else if (error.code == ErrorCode::unknown_producer_id) {
    reset_sequence_for_partition(partition, batches);
  } else if (adjust_sequence_numbers && !is_transactional()) {
    request_idempotent_epoch_bump_for_partition(partition);
  } else if (adjust_sequence_numbers) {
    close_gap_of(batches, id);
  }
}

void TransactionManager::close_gap_of(BatchTable& batches, BatchId id) {
  const ProducerBatch& batch = batches[id];
  if (TxnPartitionEntry* entry = partitions_.find(batch.topic_partition())) {
    entry->adjust_sequences_due_to_failed_batch(batches, batch.base_sequence(), batch.record_count(), behaviour_);
  }
}

void TransactionManager::renumber_after_expiry(BatchTable& batches, BatchId id) {
  const ProducerBatch& batch = batches[id];
  if (TxnPartitionEntry* entry = partitions_.find(batch.topic_partition()); entry != nullptr && batch.has_sequence()) {
    entry->adjust_sequences_due_to_failed_batch(batches, batch.base_sequence(), batch.record_count(), behaviour_);
  }
}

bool TransactionManager::can_retry(const PartitionResponse& response, BatchTable& batches, BatchId id) {
  const ProducerBatch& batch = batches[id];
  const TopicPartition& partition = batch.topic_partition();
  if (response.error == ErrorCode::unknown_producer_id) {
    if (response.log_start_offset == -1 || batch.sequence_has_been_reset()) {
      return true;
    }
    const std::int64_t acked = last_acked_offset(partition).value_or(TxnPartitionEntry::no_last_acked_sequence);
    if (!is_transactional()) {
      request_idempotent_epoch_bump_for_partition(partition);
      return true;
    }
    if (acked < response.log_start_offset) {
      // All that this producer wrote was deleted, and the broker has forgotten it with that.
      partitions_.get(partition).start_sequences_at_beginning(batches, producer_id_and_epoch_, behaviour_);
      return true;
    }
  } else if (response.error == ErrorCode::out_of_order_sequence_number) {
    const bool unresolved = has_unresolved_sequence(partition);
    if (!unresolved && (batch.sequence_has_been_reset() || !is_next_sequence(partition, batch.base_sequence()))) {
      return true;
    }
    if (!is_transactional()) {
      if (!unresolved || is_next_sequence_for_unresolved_partition(partition, batch.base_sequence())) {
        request_idempotent_epoch_bump_for_partition(partition);
      }
      return true;
    }
    if (!behaviour_.on_oooseq) {
      take_new_epoch_within_transaction();
      return true;
    }
  }
  return is_retriable(response.error);
}

void TransactionManager::take_new_epoch_within_transaction() {
  if (new_epoch_within_transaction_) {
    return;
  }
  new_epoch_within_transaction_ = true;
  give_up(enqueue_init_producer_id(ProducerIdAndEpoch{}, false));
}

void TransactionManager::go_on_with_new_epoch(BatchTable& batches) {
  new_epoch_within_transaction_ = false;
  for (const TxnPartitionEntry& entry : partitions_.entries()) {
    partitions_.get(entry.partition()).start_sequences_at_beginning(batches, producer_id_and_epoch_, behaviour_);
  }
  unresolved_.clear();
  if (is_transaction_v2_enabled_) {
    return;
  }
  for (const TopicPartition& partition : partitions_in_transaction_.keys()) {
    new_partitions_in_transaction_.add(partition);
  }
  partitions_in_transaction_.clear();
}

}  // namespace linger

#include "broker_model/transaction_coordinator.h"

#include <algorithm>
#include <cassert>
#include <limits>

#include "broker_model/transaction_log.h"

namespace linger::broker {
namespace {

using State = TransactionState;
using Purpose = TransactionAppend::Purpose;

constexpr std::int16_t max_epoch = std::numeric_limits<std::int16_t>::max();
constexpr std::int32_t never_times_out = std::numeric_limits<std::int32_t>::max();
constexpr ProducerIdAndEpoch nobody{no_producer_id, no_producer_epoch};

CoordinatorDecision refuse(ErrorCode error) {
  return CoordinatorAnswer{error, nobody};
}

TransactionAppend append_of(Purpose purpose, const TransactionMetadata& metadata, std::int32_t partition,
                            std::int32_t coordinator_epoch, TransactionTransit next) {
  TransactionAppend append;
  append.purpose = purpose;
  append.transactional_id = metadata.transactional_id;
  append.partition = partition;
  append.coordinator_epoch = coordinator_epoch;
  append.next = std::move(next);
  return append;
}

/// Whether asking for this verdict again may be answered "in progress" or "done" rather than "wrong state".
bool same_verdict(State state, bool commit) {
  return state == (commit ? State::prepare_commit : State::prepare_abort) ||
         state == (commit ? State::complete_commit : State::complete_abort);
}

/// How a failed append to the transaction log is told to whoever asked (Kafka: appendTransactionToLog).
ErrorCode as_coordinator_error(ErrorCode error) {
  switch (error) {
    case ErrorCode::unknown_topic_or_partition:
    case ErrorCode::not_enough_replicas:
    case ErrorCode::not_enough_replicas_after_append:
    case ErrorCode::request_timed_out:
      return ErrorCode::coordinator_not_available;
    case ErrorCode::not_leader_or_follower:
    case ErrorCode::kafka_storage_error:
      return ErrorCode::not_coordinator;
    case ErrorCode::message_too_large:
    case ErrorCode::record_list_too_large:
      return ErrorCode::unknown_server_error;
    default:
      return error;
  }
}

MarkersToWrite markers_for(TransactionMetadata& metadata, std::int32_t partition, std::int32_t coordinator_epoch,
                           std::int64_t wall_ms) {
  MarkersToWrite markers;
  markers.transactional_id = metadata.transactional_id;
  markers.partition = partition;
  markers.coordinator_epoch = coordinator_epoch;
  markers.producer = {metadata.producer, metadata.epoch};
  markers.commit = metadata.state == State::prepare_commit;
  markers.transaction_version = metadata.client_version;
  markers.partitions = metadata.partitions;
  markers.complete = metadata.prepare_complete(wall_ms);
  return markers;
}

}  // namespace

// ---------------------------------------------------------------- parts of the log

TransactionCoordinator::Part* TransactionCoordinator::part(std::int32_t partition) {
  const auto at = std::find_if(parts_.begin(), parts_.end(), [&](const Part& p) { return p.partition == partition; });
  return at == parts_.end() ? nullptr : &*at;
}

bool TransactionCoordinator::loading(std::int32_t partition) const {
  return std::any_of(loading_.begin(), loading_.end(), [&](const auto& l) { return l.first == partition; });
}

void TransactionCoordinator::begin_loading(std::int32_t partition, std::int32_t coordinator_epoch) {
  std::erase_if(loading_, [&](const auto& l) { return l.first == partition; });
  loading_.emplace_back(partition, coordinator_epoch);
}

std::vector<MarkersToWrite> TransactionCoordinator::loaded(std::int32_t partition, std::int32_t coordinator_epoch,
                                                           std::map<std::string, TransactionMetadata> transactions,
                                                           const Context& context) {
  std::vector<MarkersToWrite> verdicts;
  if (std::erase(loading_, std::pair{partition, coordinator_epoch}) == 0) return verdicts;
  std::erase_if(parts_, [&](const Part& p) { return p.partition == partition; });
  const auto at = std::lower_bound(parts_.begin(), parts_.end(), partition,
                                   [](const Part& p, std::int32_t wanted) { return p.partition < wanted; });
  Part& fresh = *parts_.insert(at, Part{partition, coordinator_epoch, std::move(transactions)});
  for (auto& [id, metadata] : fresh.transactions) {
    if (metadata.state == State::prepare_abort || metadata.state == State::prepare_commit)
      verdicts.push_back(markers_for(metadata, partition, coordinator_epoch, context.wall_ms));
  }
  return verdicts;
}

void TransactionCoordinator::resign(std::int32_t partition) {
  std::erase_if(loading_, [&](const auto& l) { return l.first == partition; });
  std::erase_if(parts_, [&](const Part& p) { return p.partition == partition; });
}

void TransactionCoordinator::forget_all() {
  parts_.clear();
  loading_.clear();
}

TransactionCoordinator::Found TransactionCoordinator::look_up(const std::string& transactional_id,
                                                              std::int32_t partitions) {
  const std::int32_t partition = coordinator_partition(transactional_id, partitions);
  if (loading(partition)) return {ErrorCode::coordinator_load_in_progress, nullptr, nullptr};
  Part* owner = part(partition);
  if (owner == nullptr) return {ErrorCode::not_coordinator, nullptr, nullptr};
  const auto at = owner->transactions.find(transactional_id);
  return {ErrorCode::none, owner, at == owner->transactions.end() ? nullptr : &at->second};
}

TransactionMetadata* TransactionCoordinator::find(const std::string& transactional_id, std::int32_t partition,
                                                  std::int32_t coordinator_epoch) {
  Part* owner = loading(partition) ? nullptr : part(partition);
  if (owner == nullptr || owner->coordinator_epoch != coordinator_epoch) return nullptr;
  const auto at = owner->transactions.find(transactional_id);
  return at == owner->transactions.end() ? nullptr : &at->second;
}

// ---------------------------------------------------------------- InitProducerId

CoordinatorDecision TransactionCoordinator::init_producer_id(const std::string& transactional_id,
                                                             std::int32_t timeout_ms,
                                                             std::optional<ProducerIdAndEpoch> expected,
                                                             const Context& context) {
  if (transactional_id.empty()) return refuse(ErrorCode::invalid_request);
  if (timeout_ms <= 0 || timeout_ms > context.max_timeout_ms) return refuse(ErrorCode::invalid_transaction_timeout);
  Found found = look_up(transactional_id, context.partitions);
  if (found.error != ErrorCode::none) return refuse(found.error);
  if (found.metadata == nullptr) {
    const auto fresh = context.producer_ids();
    if (!fresh) return refuse(ErrorCode::coordinator_load_in_progress);
    TransactionMetadata& created = found.part->transactions[transactional_id];
    created.transactional_id = transactional_id;
    created.producer = ProducerId{*fresh};
    created.timeout_ms = timeout_ms;
    created.last_update_ms = context.wall_ms;
    found.metadata = &created;
  }
  TransactionMetadata& metadata = *found.metadata;
  if (metadata.pending_transition()) return refuse(ErrorCode::concurrent_transactions);
  // A producer that names itself must be the present one; or the one before whose epochs were used up, which was not
  // told of its new id; unless nothing is known of the id.
  const bool exhausted_before = expected && expected->epoch.value() >= max_epoch - 1;
  if (expected && metadata.epoch != no_producer_epoch && expected->id != metadata.producer &&
      !(expected->id == metadata.previous_producer && exhausted_before))
    return refuse(ErrorCode::producer_fenced);
  switch (metadata.state) {
    case State::prepare_abort:
    case State::prepare_commit:
      return refuse(ErrorCode::concurrent_transactions);
    case State::ongoing: {
      // The epoch that fences is told to nobody: whoever asks again gets a higher one.
      const TransactionTransit fence = metadata.prepare_fence();
      return end(transactional_id, {fence.producer, fence.epoch}, false, false, context.transaction_version, true,
                 context);
    }
    case State::empty:
    case State::complete_abort:
    case State::complete_commit:
      break;
    case State::dead:
    case State::prepare_epoch_fence:
      assert(false && "these are never anything but pending");
      break;
  }
  TransactionTransit next;
  if (metadata.epoch_exhausted() && (!expected || expected->epoch == metadata.epoch)) {
    const auto fresh = context.producer_ids();
    if (!fresh) return refuse(ErrorCode::coordinator_load_in_progress);
    next = metadata.prepare_producer_id_rotation(ProducerId{*fresh}, timeout_ms, context.wall_ms, expected.has_value());
  } else if (metadata.epoch_exhausted()) {
    // Kafka meets an exception of its own here.
    return refuse(ErrorCode::unknown_server_error);
  } else {
    auto increment = metadata.prepare_increment_epoch(
        timeout_ms, expected ? std::optional{expected->epoch} : std::nullopt, context.wall_ms);
    if (increment.error != ErrorCode::none) return refuse(increment.error);
    next = std::move(increment.transit);
  }
  return append_of(Purpose::init_producer_id, metadata, found.part->partition, found.part->coordinator_epoch,
                   std::move(next));
}

// ---------------------------------------------------------------- partitions

CoordinatorDecision TransactionCoordinator::add_partitions(const std::string& transactional_id,
                                                           ProducerIdAndEpoch producer, const PartitionSet& partitions,
                                                           std::int16_t client_version, const Context& context) {
  if (transactional_id.empty()) return refuse(ErrorCode::invalid_request);
  const Found found = look_up(transactional_id, context.partitions);
  if (found.error != ErrorCode::none) return refuse(found.error);
  if (found.metadata == nullptr) return refuse(ErrorCode::invalid_producer_id_mapping);
  TransactionMetadata& metadata = *found.metadata;
  // What is under way comes first: it may be about to change the very producer id that is compared below.
  if (metadata.pending_transition()) return refuse(ErrorCode::concurrent_transactions);
  if (metadata.producer != producer.id) return refuse(ErrorCode::invalid_producer_id_mapping);
  if (metadata.epoch != producer.epoch) return refuse(ErrorCode::producer_fenced);
  if (metadata.state == State::prepare_commit || metadata.state == State::prepare_abort)
    return refuse(ErrorCode::concurrent_transactions);
  if (metadata.state == State::ongoing && includes(metadata.partitions, partitions)) return CoordinatorAnswer{};
  return append_of(Purpose::add_partitions, metadata, found.part->partition, found.part->coordinator_epoch,
                   metadata.prepare_add_partitions(partitions, context.wall_ms, client_version));
}

std::vector<ErrorCode> TransactionCoordinator::verify_partitions(const std::string& transactional_id,
                                                                 ProducerIdAndEpoch producer,
                                                                 const PartitionSet& partitions,
                                                                 const Context& context) const {
  const auto all = [&](ErrorCode error) { return std::vector<ErrorCode>(partitions.size(), error); };
  if (transactional_id.empty()) return all(ErrorCode::invalid_request);
  const Found found = const_cast<TransactionCoordinator*>(this)->look_up(transactional_id, context.partitions);
  if (found.error != ErrorCode::none) return all(found.error);
  if (found.metadata == nullptr || found.metadata->producer != producer.id)
    return all(ErrorCode::invalid_producer_id_mapping);
  const TransactionMetadata& metadata = *found.metadata;
  if (metadata.epoch != producer.epoch) return all(ErrorCode::producer_fenced);
  if (metadata.state == State::prepare_commit || metadata.state == State::prepare_abort)
    return all(ErrorCode::concurrent_transactions);
  std::vector<ErrorCode> errors;
  for (const TopicPartition& partition : partitions)
    errors.push_back(includes(metadata.partitions, {partition}) ? ErrorCode::none : ErrorCode::transaction_abortable);
  return errors;
}

// ---------------------------------------------------------------- EndTxn

CoordinatorDecision TransactionCoordinator::end_transaction(const std::string& transactional_id,
                                                            ProducerIdAndEpoch producer, bool commit,
                                                            std::int16_t client_version, const Context& context) {
  return end(transactional_id, producer, commit, true, client_version, false, context);
}

CoordinatorDecision TransactionCoordinator::end(const std::string& transactional_id, ProducerIdAndEpoch producer,
                                                bool commit, bool from_client, std::int16_t client_version,
                                                bool for_new_producer, const Context& context) {
  if (transactional_id.empty()) return refuse(ErrorCode::invalid_request);
  const Found found = look_up(transactional_id, context.partitions);
  if (found.error != ErrorCode::none) return refuse(found.error);
  if (found.metadata == nullptr) return refuse(ErrorCode::invalid_producer_id_mapping);
  const bool bumps = supports_epoch_bump(client_version) && context.epoch_bump_per_txn;
  auto decision =
      bumps ? end_version_2(*found.part, *found.metadata, producer, commit, from_client, client_version, context)
            : end_version_1(*found.part, *found.metadata, producer, commit, from_client, context);
  if (auto* append = std::get_if<TransactionAppend>(&decision)) {
    append->asked = producer;
    append->commit = commit;
    append->bumps_epoch = bumps;
    append->for_new_producer = for_new_producer;
  }
  return decision;
}

CoordinatorDecision TransactionCoordinator::end_version_1(Part& part, TransactionMetadata& metadata,
                                                          ProducerIdAndEpoch producer, bool commit, bool from_client,
                                                          const Context& context) {
  if (metadata.producer != producer.id) return refuse(ErrorCode::invalid_producer_id_mapping);
  // A client never raises the epoch itself; the coordinator does when it fences.
  if ((from_client && producer.epoch != metadata.epoch) || producer.epoch < metadata.epoch)
    return refuse(ErrorCode::producer_fenced);
  const bool fences = metadata.pending == State::prepare_epoch_fence;
  if (metadata.pending_transition() && !fences) return refuse(ErrorCode::concurrent_transactions);
  if (metadata.state != State::ongoing) {
    if (!same_verdict(metadata.state, commit)) return refuse(ErrorCode::invalid_txn_state);
    const bool done = metadata.state == State::complete_commit || metadata.state == State::complete_abort;
    return refuse(done ? ErrorCode::none : ErrorCode::concurrent_transactions);
  }
  const bool fence_now = !commit && fences;
  if (fence_now) {
    metadata.pending.reset();
    metadata.epoch = producer.epoch;
    metadata.last_epoch = no_producer_epoch;
  }
  auto append = append_of(Purpose::prepare_end, metadata, part.partition, part.coordinator_epoch,
                          metadata.prepare_end(commit ? State::prepare_commit : State::prepare_abort, 0, no_producer_id,
                                               context.wall_ms, false));
  append.epoch_fence = fence_now;
  return append;
}

/// With version 2 an equal epoch means the next verdict, not the last one asked for again: that has the epoch before.
CoordinatorDecision TransactionCoordinator::end_version_2(Part& part, TransactionMetadata& metadata,
                                                          ProducerIdAndEpoch producer, bool commit, bool from_client,
                                                          std::int16_t client_version, const Context& context) {
  const bool fences = metadata.pending == State::prepare_epoch_fence;
  const bool same_epoch = producer.epoch == metadata.epoch;
  const bool retry_on_overflow = !fences && metadata.previous_producer == producer.id &&
                                 producer.epoch.value() == max_epoch - 1 && metadata.epoch == ProducerEpoch{0};
  const bool retry_on_bump = !fences && metadata.epoch.value() == producer.epoch.value() + 1;
  const bool retry = retry_on_overflow || retry_on_bump;
  const auto valid_epoch = [&] {
    if (fences) return (!from_client || same_epoch) && producer.epoch >= metadata.epoch;
    switch (metadata.state) {
      case State::prepare_commit:
      case State::prepare_abort:
        return retry_on_bump;
      case State::complete_commit:
      case State::complete_abort:
        return retry || same_epoch;
      default:
        return same_epoch;
    }
  };
  if (metadata.pending_transition() && !fences) return refuse(ErrorCode::concurrent_transactions);
  if (metadata.producer != producer.id && !retry_on_overflow) return refuse(ErrorCode::invalid_producer_id_mapping);
  if (!valid_epoch()) return refuse(ErrorCode::producer_fenced);
  bool no_partition_added = false;
  switch (metadata.state) {
    case State::ongoing:
      break;
    case State::prepare_commit:
    case State::prepare_abort:
      return refuse(same_verdict(metadata.state, commit) ? ErrorCode::concurrent_transactions
                                                         : ErrorCode::invalid_txn_state);
    case State::complete_commit:
    case State::complete_abort:
      if (retry) {
        if (!same_verdict(metadata.state, commit)) return refuse(ErrorCode::invalid_txn_state);
        return CoordinatorAnswer{ErrorCode::none, {metadata.producer, metadata.epoch}};
      }
      [[fallthrough]];
    default:
      // An abort of nothing is allowed: the client cannot know whether its writes arrived.
      if (commit) return refuse(ErrorCode::invalid_txn_state);
      no_partition_added = true;
      break;
  }
  if (!commit && fences) metadata.pending.reset();
  ProducerId rotate_to = no_producer_id;
  if (metadata.epoch_exhausted()) {
    const auto fresh = context.producer_ids();
    if (!fresh) return refuse(ErrorCode::coordinator_load_in_progress);
    rotate_to = ProducerId{*fresh};
  }
  auto append = append_of(Purpose::prepare_end, metadata, part.partition, part.coordinator_epoch,
                          metadata.prepare_end(commit ? State::prepare_commit : State::prepare_abort, client_version,
                                               rotate_to, context.wall_ms, no_partition_added));
  append.epoch_fence = fences;
  return append;
}

// ---------------------------------------------------------------- periodic work

std::vector<TransactionAppend> TransactionCoordinator::abort_timed_out(const Context& context) {
  std::vector<TransactionAppend> aborts;
  for (Part& part : parts_) {
    if (loading(part.partition)) continue;
    for (auto& [id, metadata] : part.transactions) {
      const bool late =
          metadata.timeout_ms != never_times_out && metadata.start_ms + metadata.timeout_ms < context.wall_ms;
      if (metadata.pending_transition() || metadata.state != State::ongoing || !late) continue;
      ProducerIdAndEpoch aborting{metadata.producer, metadata.epoch};
      if (context.bump_epoch_on_timeout_abort) aborting.epoch = metadata.prepare_fence().epoch;
      auto decision = end(id, aborting, false, false, context.transaction_version, false, context);
      if (auto* append = std::get_if<TransactionAppend>(&decision)) aborts.push_back(std::move(*append));
    }
  }
  return aborts;
}

std::vector<TransactionAppend> TransactionCoordinator::expire_ids(const Context& context) {
  std::vector<TransactionAppend> tombstones;
  for (Part& part : parts_) {
    for (auto& [id, metadata] : part.transactions) {
      const bool at_rest = can_follow(metadata.state, State::dead);
      if (metadata.pending_transition() || !at_rest ||
          metadata.last_update_ms > context.wall_ms - context.id_expiration_ms)
        continue;
      tombstones.push_back(
          append_of(Purpose::expire, metadata, part.partition, part.coordinator_epoch, metadata.prepare_dead()));
    }
  }
  return tombstones;
}

// ---------------------------------------------------------------- after the log

ErrorCode TransactionCoordinator::check_append(const TransactionAppend& append) const {
  auto* self = const_cast<TransactionCoordinator*>(this);
  if (loading(append.partition)) return ErrorCode::coordinator_load_in_progress;
  return self->find(append.transactional_id, append.partition, append.coordinator_epoch) == nullptr
             ? ErrorCode::not_coordinator
             : ErrorCode::none;
}

/// Kafka: the second half of endTransaction, after the verdict is in the log.
ErrorCode TransactionCoordinator::may_write_markers(const TransactionAppend& append,
                                                    const TransactionMetadata& metadata) const {
  if (metadata.producer != append.asked.id) return ErrorCode::invalid_producer_id_mapping;
  const bool bumped = append.bumps_epoch && metadata.epoch.value() == append.asked.epoch.value() + 1;
  if (metadata.epoch != append.asked.epoch && !bumped) return ErrorCode::producer_fenced;
  if (metadata.pending_transition()) return ErrorCode::concurrent_transactions;
  return metadata.state == (append.commit ? State::prepare_commit : State::prepare_abort)
             ? ErrorCode::none
             : ErrorCode::invalid_txn_state;
}

TransactionCoordinator::Appended TransactionCoordinator::appended(const TransactionAppend& append, ErrorCode log_error,
                                                                  const Context& context) {
  Appended result;
  result.answer.producer = nobody;
  ErrorCode error = as_coordinator_error(log_error);
  TransactionMetadata* metadata = find(append.transactional_id, append.partition, append.coordinator_epoch);
  if (append.purpose == Purpose::expire) {
    if (metadata == nullptr) return result;
    if (error == ErrorCode::none && metadata->pending == State::dead && metadata->epoch == append.next.epoch) {
      part(append.partition)->transactions.erase(append.transactional_id);
    } else {
      metadata->pending.reset();
    }
    return result;
  }
  if (error == ErrorCode::none) {
    if (metadata == nullptr) {
      error = loading(append.partition) ? ErrorCode::coordinator_load_in_progress : ErrorCode::not_coordinator;
    } else {
      metadata->complete_transition(append.next);
      result.transitioned = true;
    }
  } else if (metadata != nullptr) {
    // The completion is tried until it is written, and keeps its place meanwhile.
    result.retry = append.purpose == Purpose::complete && error == ErrorCode::coordinator_not_available;
    if (!result.retry) metadata->pending.reset();
    // The raised epoch was told to nobody, so it is not raised again. Version 2 raises it only in the log.
    if (append.epoch_fence && !append.bumps_epoch) metadata->failed_epoch_fence = true;
  }
  result.answer.error = error;
  if (error != ErrorCode::none) return result;
  switch (append.purpose) {
    case Purpose::init_producer_id:
      result.answer.producer = {append.next.producer, append.next.epoch};
      break;
    case Purpose::prepare_end:
      result.answer.error = may_write_markers(append, *metadata);
      if (result.answer.error != ErrorCode::none) break;
      result.markers = markers_for(*metadata, append.partition, append.coordinator_epoch, context.wall_ms);
      if (append.bumps_epoch)
        result.answer.producer = {result.markers->complete.producer, result.markers->complete.epoch};
      if (append.for_new_producer) result.answer = {ErrorCode::concurrent_transactions, nobody};
      break;
    case Purpose::add_partitions:
    case Purpose::complete:
    case Purpose::expire:
      break;
  }
  return result;
}

}  // namespace linger::broker

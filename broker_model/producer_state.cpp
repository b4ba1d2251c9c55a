#include "broker_model/producer_state.h"

#include <algorithm>
#include <cassert>
#include <limits>

namespace linger::broker {
namespace {

bool in_sequence(std::int32_t last, std::int32_t next) {
  return next == std::int64_t{last} + 1 || (next == 0 && last == std::numeric_limits<std::int32_t>::max());
}

ProducerVerdict refuse(ErrorCode error, std::int32_t expected = 0) {
  ProducerVerdict verdict;
  verdict.kind = ProducerVerdict::Kind::refused;
  verdict.error = error;
  verdict.expected_sequence = expected;
  return verdict;
}

}  // namespace

void ProducerStateEntry::add(ProducerEpoch batch_epoch, const BatchMetadata& batch, std::size_t keep) {
  if (epoch != batch_epoch) {
    count = 0;
    epoch = batch_epoch;
  }
  while (count >= keep) {
    std::move(batches.begin() + 1, batches.begin() + count, batches.begin());
    --count;
  }
  batches[count++] = batch;
  last_timestamp = batch.timestamp;
}

const ProducerStateEntry* ProducerState::find(ProducerId id) const {
  const auto at =
      std::lower_bound(entries_.begin(), entries_.end(), id,
                       [](const ProducerStateEntry& entry, ProducerId wanted) { return entry.id < wanted; });
  return at != entries_.end() && at->id == id ? &*at : nullptr;
}

ProducerStateEntry& ProducerState::entry_for(ProducerId id) {
  const auto at =
      std::lower_bound(entries_.begin(), entries_.end(), id,
                       [](const ProducerStateEntry& entry, ProducerId wanted) { return entry.id < wanted; });
  if (at != entries_.end() && at->id == id) return *at;
  ProducerStateEntry fresh;
  fresh.id = id;
  return *entries_.insert(at, fresh);
}

bool ProducerState::has_ongoing_transaction(ProducerId id, ProducerEpoch epoch) const {
  const ProducerStateEntry* known = find(id);
  return known != nullptr && known->in_transaction() && known->epoch == epoch;
}

/// Kafka: UnifiedLog.analyzeAndValidateProducerState, the part before ProducerAppendInfo. Two phases: the first batch
/// of a transaction needs a guard that is still the current one, so that nothing gets in behind a marker; later ones
/// find the transaction open.
ErrorCode ProducerState::check_transaction(const BatchIdentity& batch, const VerificationCheck& check) const {
  if (!batch.transactional || has_ongoing_transaction(batch.id, batch.epoch)) return ErrorCode::none;
  const ProducerStateEntry* known = find(batch.id);
  if (known != nullptr && batch.epoch < known->epoch) return ErrorCode::invalid_producer_epoch;
  const VerificationStateEntry* pending = verification(batch.id);
  const bool verified = pending != nullptr && check.guard != no_guard && pending->guard == check.guard;
  return check.enabled && !verified ? ErrorCode::invalid_txn_state : ErrorCode::none;
}

ErrorCode ProducerState::check_from_coordinator(const BatchIdentity& batch, const VerificationCheck& check) const {
  if (batch.id == no_producer_id) return ErrorCode::none;
  if (const ErrorCode error = check_transaction(batch, check); error != ErrorCode::none) return error;
  const ProducerStateEntry* known = find(batch.id);
  if (known == nullptr) return ErrorCode::none;
  if (batch.epoch < known->epoch) return ErrorCode::invalid_producer_epoch;
  return known->in_transaction() && !batch.transactional ? ErrorCode::invalid_txn_state : ErrorCode::none;
}

ErrorCode ProducerState::check_marker(const EndMarker& marker, const BrokerBehaviour& behaviour) const {
  const ProducerStateEntry* known = find(marker.id);
  if (known == nullptr) return ErrorCode::none;
  const bool bumps = marker.transaction_version >= 2;
  const bool stale = bumps ? marker.epoch <= known->epoch : marker.epoch < known->epoch;
  // Written once more (its answer was lost, or the coordinator was loaded anew), or a producer that came to an epoch
  // which it should never have: both may end.
  const bool harmless = bumps && marker.epoch == known->epoch && behaviour.accept_marker_again &&
                        (!known->in_transaction() || marker.epoch.value() == std::numeric_limits<std::int16_t>::max());
  if (stale && !harmless) return ErrorCode::invalid_producer_epoch;
  return known->coordinator_epoch > marker.coordinator_epoch ? ErrorCode::transaction_coordinator_fenced
                                                             : ErrorCode::none;
}

ProducerVerdict ProducerState::check(const BatchIdentity& batch, const BrokerBehaviour& behaviour, bool never_written,
                                     const VerificationCheck& verification) const {
  if (batch.id == no_producer_id) return {};
  if (!behaviour.deduplication) {
    const ErrorCode error = check_transaction(batch, verification);
    return error == ErrorCode::none ? ProducerVerdict{} : refuse(error);
  }
  const ProducerStateEntry* known = find(batch.id);
  const VerificationStateEntry* pending = this->verification(batch.id);
  // A producer of transaction version 2 that nothing is known of has to begin at 0, and nobody may overtake a batch
  // that was seen first and is being tried again.
  const bool begins_late = pending != nullptr && pending->supports_epoch_bump && batch.first_seq != 0 &&
                           (known == nullptr || known->count == 0);
  const bool overtakes = pending != nullptr && batch.first_seq > pending->lowest_sequence;
  if (known == nullptr) {
    if (const ErrorCode error = check_transaction(batch, verification); error != ErrorCode::none) return refuse(error);
    if (begins_late || overtakes) return refuse(ErrorCode::out_of_order_sequence_number, 0);
    const FirstSeqWithoutState rule = behaviour.first_seq_without_state;
    const bool wants_zero = rule == FirstSeqWithoutState::zero ||
                            (rule == FirstSeqWithoutState::zero_if_never_written && never_written);
    if (wants_zero && batch.first_seq != 0) {
      return refuse(ErrorCode::out_of_order_sequence_number, 0);
    }
    return {};
  }
  if (known->epoch == batch.epoch) {
    for (std::size_t i = 0; i < known->count; ++i) {
      const BatchMetadata& held = known->batches[i];
      if (held.first_seq != batch.first_seq || held.last_seq != batch.last_seq) continue;
      ProducerVerdict verdict;
      verdict.kind = ProducerVerdict::Kind::duplicate;
      verdict.original = held;
      return verdict;
    }
  }
  if (const ErrorCode error = check_transaction(batch, verification); error != ErrorCode::none) return refuse(error);
  if (batch.epoch < known->epoch) return refuse(ErrorCode::invalid_producer_epoch);
  if (begins_late) return refuse(ErrorCode::out_of_order_sequence_number, 0);
  if (overtakes) return refuse(ErrorCode::out_of_order_sequence_number, pending->lowest_sequence);
  if (batch.epoch != known->epoch) {
    const bool begins_anew = batch.first_seq == 0 || known->epoch == no_producer_epoch;
    if (!begins_anew) return refuse(ErrorCode::out_of_order_sequence_number, 0);
  } else if (known->epoch != no_producer_epoch && !in_sequence(known->last_seq(), batch.first_seq)) {
    return refuse(ErrorCode::out_of_order_sequence_number, increment_sequence(known->last_seq(), 1));
  }
  if (known->in_transaction() && !batch.transactional) return refuse(ErrorCode::invalid_txn_state);
  return {};
}

void ProducerState::append(const BatchIdentity& batch, std::int64_t base_offset, std::int64_t last_offset,
                           std::int64_t timestamp, const BrokerBehaviour& behaviour) {
  assert(batch.id != no_producer_id);
  BatchMetadata metadata;
  metadata.first_seq = batch.first_seq;
  metadata.last_seq = batch.last_seq;
  metadata.last_offset = last_offset;
  metadata.offset_delta = static_cast<std::int32_t>(last_offset - base_offset);
  metadata.timestamp = timestamp;
  ProducerStateEntry& entry = entry_for(batch.id);
  entry.add(batch.epoch, metadata, static_cast<std::size_t>(behaviour.dedup_cache_batches));
  if (!batch.transactional) return;
  std::erase_if(verifications_, [&](const VerificationStateEntry& v) { return v.id == batch.id; });
  if (entry.in_transaction()) return;
  entry.current_txn_first = base_offset;
  ongoing_.push_back({batch.id, base_offset, -1});
}

std::optional<CompletedTransaction> ProducerState::append_marker(const EndMarker& marker, std::int64_t offset,
                                                                 std::int64_t timestamp) {
  assert(marker.id != no_producer_id);
  ProducerStateEntry& entry = entry_for(marker.id);
  const std::int64_t first = entry.current_txn_first;
  if (entry.epoch != marker.epoch) {
    entry.count = 0;
    entry.epoch = marker.epoch;
  }
  entry.coordinator_epoch = marker.coordinator_epoch;
  entry.current_txn_first = -1;
  entry.last_timestamp = timestamp;
  // With version 2 the next transaction has the marker's own epoch: whoever is being verified for it stays.
  std::erase_if(verifications_, [&](const VerificationStateEntry& v) {
    return v.id == marker.id && !(v.supports_epoch_bump && v.epoch == marker.epoch);
  });
  if (first < 0) return std::nullopt;
  CompletedTransaction completed{marker.id, first, offset, !marker.commit, offset + 1};
  const auto ended = std::find_if(ongoing_.begin(), ongoing_.end(),
                                  [&](const PartitionTransaction& txn) { return txn.first == first; });
  assert(ended != ongoing_.end());
  PartitionTransaction decided = *ended;
  decided.last = offset;
  ongoing_.erase(ended);
  if (!ongoing_.empty()) completed.last_stable_offset = ongoing_.front().first;
  const auto place = std::lower_bound(unreplicated_.begin(), unreplicated_.end(), first,
                                      [](const PartitionTransaction& txn, std::int64_t o) { return txn.first < o; });
  unreplicated_.insert(place, decided);
  return completed;
}

ProducerState::VerificationStart ProducerState::maybe_start_verification(ProducerId id, std::int32_t sequence,
                                                                         ProducerEpoch epoch, bool supports_epoch_bump,
                                                                         std::int64_t wall_ms) {
  const ProducerStateEntry* known = find(id);
  if (known != nullptr && epoch < known->epoch) return {ErrorCode::invalid_producer_epoch, no_guard};
  if (has_ongoing_transaction(id, epoch)) return {};
  const auto at = std::lower_bound(verifications_.begin(), verifications_.end(), id,
                                   [](const VerificationStateEntry& v, ProducerId wanted) { return v.id < wanted; });
  if (at == verifications_.end() || at->id != id) {
    verifications_.insert(at, {id, wall_ms, ++guards_, sequence, epoch, supports_epoch_bump});
    return {ErrorCode::none, guards_};
  }
  if (epoch == at->epoch) at->lowest_sequence = std::min(at->lowest_sequence, sequence);
  if (epoch > at->epoch) {
    at->epoch = epoch;
    at->lowest_sequence = sequence;
  }
  return {ErrorCode::none, at->guard};
}

const VerificationStateEntry* ProducerState::verification(ProducerId id) const {
  const auto at = std::lower_bound(verifications_.begin(), verifications_.end(), id,
                                   [](const VerificationStateEntry& v, ProducerId wanted) { return v.id < wanted; });
  return at != verifications_.end() && at->id == id ? &*at : nullptr;
}

void ProducerState::on_stable_below(std::int64_t offset) {
  std::erase_if(unreplicated_, [&](const PartitionTransaction& txn) { return txn.last < offset; });
}

std::optional<std::int64_t> ProducerState::first_unstable() const {
  if (unreplicated_.empty() && ongoing_.empty()) return std::nullopt;
  if (unreplicated_.empty()) return ongoing_.front().first;
  if (ongoing_.empty()) return unreplicated_.front().first;
  return std::min(ongoing_.front().first, unreplicated_.front().first);
}

std::size_t ProducerState::remove_expired(std::int64_t wall_ms, std::int64_t expiration_ms) {
  std::erase_if(verifications_,
                [&](const VerificationStateEntry& v) { return wall_ms - v.timestamp >= expiration_ms; });
  return std::erase_if(entries_, [&](const ProducerStateEntry& entry) {
    return !entry.in_transaction() && wall_ms - entry.last_timestamp >= expiration_ms;
  });
}

std::size_t ProducerState::forget_idle() {
  snapshots_.clear();
  return std::erase_if(entries_, [](const ProducerStateEntry& entry) { return !entry.in_transaction(); });
}

void ProducerState::take_snapshot(std::int64_t log_end) {
  if (!snapshots_.empty() && snapshots_.back().offset >= log_end) return;
  ProducerSnapshot snapshot;
  snapshot.offset = log_end;
  snapshot.entries = entries_;
  for (ProducerStateEntry& entry : snapshot.entries) {
    if (entry.count <= 1) continue;
    entry.batches[0] = entry.batches[entry.count - 1U];
    entry.count = 1;
  }
  snapshots_.push_back(std::move(snapshot));
}

std::int64_t ProducerState::reload(std::int64_t log_start, std::int64_t log_end, std::int64_t wall_ms,
                                   std::int64_t expiration_ms) {
  while (!snapshots_.empty() && snapshots_.back().offset > log_end) snapshots_.pop_back();
  entries_.clear();
  ongoing_.clear();
  unreplicated_.clear();
  if (snapshots_.empty()) return log_start;
  entries_ = snapshots_.back().entries;
  std::erase_if(entries_, [&](const ProducerStateEntry& entry) {
    return !entry.in_transaction() && wall_ms - entry.last_timestamp >= expiration_ms;
  });
  for (const ProducerStateEntry& entry : entries_) {
    if (entry.in_transaction()) ongoing_.push_back({entry.id, entry.current_txn_first, -1});
  }
  std::sort(ongoing_.begin(), ongoing_.end(),
            [](const PartitionTransaction& a, const PartitionTransaction& b) { return a.first < b.first; });
  return snapshots_.back().offset;
}

void ProducerState::clear() {
  entries_.clear();
  snapshots_.clear();
  ongoing_.clear();
  unreplicated_.clear();
}

void ProducerState::drop_snapshots_before(std::int64_t offset) {
  std::erase_if(snapshots_, [&](const ProducerSnapshot& snapshot) { return snapshot.offset < offset; });
}

void ProducerState::put(const ProducerStateEntry& entry) {
  entry_for(entry.id) = entry;
}

}  // namespace linger::broker

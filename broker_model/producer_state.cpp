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

ProducerVerdict ProducerState::check(const BatchIdentity& batch, const BrokerBehaviour& behaviour,
                                     bool never_written) const {
  if (batch.id == no_producer_id || !behaviour.deduplication) return {};
  const ProducerStateEntry* known = find(batch.id);
  if (known == nullptr) {
    if (behaviour.first_seq_without_state == FirstSeqWithoutState::zero_if_never_written && never_written &&
        batch.first_seq != 0) {
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
  if (batch.epoch < known->epoch) return refuse(ErrorCode::invalid_producer_epoch);
  if (batch.epoch != known->epoch) {
    const bool begins_anew = batch.first_seq == 0 || known->epoch == no_producer_epoch;
    return begins_anew ? ProducerVerdict{} : refuse(ErrorCode::out_of_order_sequence_number, 0);
  }
  if (known->epoch != no_producer_epoch && !in_sequence(known->last_seq(), batch.first_seq)) {
    return refuse(ErrorCode::out_of_order_sequence_number, increment_sequence(known->last_seq(), 1));
  }
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
  entry_for(batch.id).add(batch.epoch, metadata, static_cast<std::size_t>(behaviour.dedup_cache_batches));
}

std::size_t ProducerState::remove_expired(std::int64_t wall_ms, std::int64_t expiration_ms) {
  return std::erase_if(
      entries_, [&](const ProducerStateEntry& entry) { return wall_ms - entry.last_timestamp >= expiration_ms; });
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
  if (snapshots_.empty()) return log_start;
  entries_ = snapshots_.back().entries;
  remove_expired(wall_ms, expiration_ms);
  return snapshots_.back().offset;
}

void ProducerState::clear() {
  entries_.clear();
  snapshots_.clear();
}

void ProducerState::drop_snapshots_before(std::int64_t offset) {
  std::erase_if(snapshots_, [&](const ProducerSnapshot& snapshot) { return snapshot.offset < offset; });
}

void ProducerState::put(const ProducerStateEntry& entry) {
  entry_for(entry.id) = entry;
}

}  // namespace linger::broker

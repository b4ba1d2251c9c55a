#include "producer/txn_partition_entry.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "producer/failure.h"

namespace linger {

std::optional<std::int64_t> TxnPartitionEntry::last_acked_offset() const {
  return last_acked_offset_ == invalid_offset ? std::nullopt : std::optional(last_acked_offset_);
}

std::optional<std::int32_t> TxnPartitionEntry::last_acked_sequence() const {
  return last_acked_sequence_ == no_last_acked_sequence ? std::nullopt : std::optional(last_acked_sequence_);
}

std::optional<BatchId> TxnPartitionEntry::next_batch_by_sequence() const {
  return inflight_.empty() ? std::nullopt : std::optional(inflight_.front().id);
}

std::vector<BatchId> TxnPartitionEntry::inflight_batches() const {
  std::vector<BatchId> ids;
  ids.reserve(inflight_.size());
  for (const Tracked& tracked : inflight_) {
    ids.push_back(tracked.id);
  }
  return ids;
}

std::int32_t TxnPartitionEntry::maybe_update_last_acked_sequence(std::int32_t sequence) {
  last_acked_sequence_ = std::max(last_acked_sequence_, sequence);
  return last_acked_sequence_;
}

std::vector<TxnPartitionEntry::Tracked>::iterator TxnPartitionEntry::position_of(const Tracked& key,
                                                                                 const ProducerBehaviour& behaviour) {
  const auto before = [&behaviour](const Tracked& a, const Tracked& b) {
    if (!behaviour.inflight_key) {
      return a.base_sequence < b.base_sequence;
    }
    return std::tie(a.identity, a.base_sequence) < std::tie(b.identity, b.base_sequence);
  };
  const auto at = std::lower_bound(inflight_.begin(), inflight_.end(), key, before);
  const bool same = at != inflight_.end() && !before(key, *at);
  return same ? at : inflight_.end();
}

void TxnPartitionEntry::add_inflight_batch(BatchTable& batches, BatchId id, const ProducerBehaviour& behaviour) {
  const ProducerBatch& batch = batches[id];
  Tracked tracked{batch.producer_id_and_epoch(), batch.base_sequence(), id};
  if (position_of(tracked, behaviour) != inflight_.end()) {
    return;
  }
  tracked.number = ++tracked_;
  const auto before = [&behaviour](const Tracked& a, const Tracked& b) {
    if (!behaviour.inflight_key) {
      return a.base_sequence < b.base_sequence;
    }
    return std::tie(a.identity, a.base_sequence) < std::tie(b.identity, b.base_sequence);
  };
  inflight_.insert(std::upper_bound(inflight_.begin(), inflight_.end(), tracked, before), tracked);
  batches.hold(id);
  if (!behaviour.renumber_order) {
    heap_.add(tracked);
  }
}

std::uint32_t TxnPartitionEntry::tracked_since_oldest() const {
  if (inflight_.empty()) return 0;
  const auto oldest = std::min_element(inflight_.begin(), inflight_.end(), [](const Tracked& a, const Tracked& b) { return a.number < b.number; });
  return tracked_ - oldest->number + 1;
}

void TxnPartitionEntry::remove_inflight_batch(BatchTable& batches, BatchId id, const ProducerBehaviour& behaviour) {
  const ProducerBatch& batch = batches[id];
  const auto at = position_of(Tracked{batch.producer_id_and_epoch(), batch.base_sequence(), id}, behaviour);
  if (at == inflight_.end()) {
    return;
  }
  const BatchId removed = at->id;
  inflight_.erase(at);
  heap_.remove_first([removed](const Tracked& tracked) { return tracked.id == removed; });
  batches.release(removed);
}

void TxnPartitionEntry::forget_all(BatchTable& batches) {
  for (const Tracked& tracked : inflight_) {
    batches.release(tracked.id);
  }
  inflight_.clear();
  heap_.clear();
}

template <class Reset>
void TxnPartitionEntry::reset_sequence_numbers(BatchTable& batches, const ProducerBehaviour& behaviour, Reset reset) {
  const std::vector<Tracked> old = behaviour.renumber_order ? inflight_ : heap_.array();
  const std::vector<Tracked> held = inflight_;
  inflight_.clear();
  heap_.clear();
  for (const Tracked& tracked : old) {
    reset(batches[tracked.id]);
    add_inflight_batch(batches, tracked.id, behaviour);
  }
  for (const Tracked& tracked : held) {
    batches.release(tracked.id);
  }
}

void TxnPartitionEntry::start_sequences_at_beginning(BatchTable& batches, const ProducerIdAndEpoch& identity,
                                                     const ProducerBehaviour& behaviour) {
  std::int32_t sequence = 0;
  reset_sequence_numbers(batches, behaviour, [&identity, &sequence](ProducerBatch& batch) {
    batch.reset_producer_state(identity, sequence);
    sequence += batch.record_count();
  });
  producer_id_and_epoch_ = identity;
  next_sequence_ = sequence;
  last_acked_sequence_ = no_last_acked_sequence;
}

void TxnPartitionEntry::adjust_sequences_due_to_failed_batch(BatchTable& batches, std::int32_t base_sequence,
                                                             std::int32_t record_count,
                                                             const ProducerBehaviour& behaviour) {
  if (next_sequence_ < record_count) {
    throw JavaThrow(illegal_state("The next sequence of " + partition_.describe() + " would become negative"));
  }
  next_sequence_ -= record_count;
  for (const Tracked& tracked : inflight_) {
    if (tracked.base_sequence >= base_sequence && tracked.base_sequence < record_count) {
      throw JavaThrow(illegal_state("The sequence of a batch of " + partition_.describe() + " would become negative"));
    }
  }
  reset_sequence_numbers(batches, behaviour, [base_sequence, record_count](ProducerBatch& batch) {
    if (batch.base_sequence() >= base_sequence) {
      batch.reset_producer_state(batch.producer_id_and_epoch(), batch.base_sequence() - record_count);
    }
  });
}

TxnPartitionEntry* TxnPartitionMap::find(const TopicPartition& partition) {
  const auto at =
      std::lower_bound(entries_.begin(), entries_.end(), partition,
                       [](const TxnPartitionEntry& e, const TopicPartition& p) { return e.partition() < p; });
  return at != entries_.end() && at->partition() == partition ? &*at : nullptr;
}

const TxnPartitionEntry* TxnPartitionMap::find(const TopicPartition& partition) const {
  return const_cast<TxnPartitionMap*>(this)->find(partition);
}

TxnPartitionEntry& TxnPartitionMap::get(const TopicPartition& partition) {
  TxnPartitionEntry* entry = find(partition);
  if (entry == nullptr) {
    throw JavaThrow(illegal_state("No sequences are tracked for " + partition.describe()));
  }
  return *entry;
}

TxnPartitionEntry& TxnPartitionMap::get_or_create(const TopicPartition& partition) {
  const auto at =
      std::lower_bound(entries_.begin(), entries_.end(), partition,
                       [](const TxnPartitionEntry& e, const TopicPartition& p) { return e.partition() < p; });
  if (at != entries_.end() && at->partition() == partition) {
    return *at;
  }
  return *entries_.insert(at, TxnPartitionEntry(partition));
}

void TxnPartitionMap::reset(BatchTable& batches) {
  for (TxnPartitionEntry& entry : entries_) {
    entry.forget_all(batches);
  }
  entries_.clear();
}

void TxnPartitionMap::remove(const TopicPartition& partition, BatchTable& batches) {
  TxnPartitionEntry* entry = find(partition);
  if (entry != nullptr) {
    entry->forget_all(batches);
    entries_.erase(entries_.begin() + (entry - entries_.data()));
  }
}

}  // namespace linger

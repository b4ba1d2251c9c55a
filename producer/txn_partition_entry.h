#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "producer/batch_table.h"
#include "producer/java_priority_queue.h"
#include "producer/producer_behaviour.h"
#include "protocol/ids.h"

namespace linger {

/// What is known about the sequences of one partition (Kafka: TxnPartitionEntry): the next one to assign, the last one
/// that was acknowledged, and the batches between, ordered by sequence however their answers come back.
class TxnPartitionEntry {
 public:
  static constexpr std::int32_t no_last_acked_sequence = -1;
  static constexpr std::int64_t invalid_offset = -1;

  explicit TxnPartitionEntry(TopicPartition partition) : partition_(std::move(partition)) {}

  const TopicPartition& partition() const { return partition_; }
  const ProducerIdAndEpoch& producer_id_and_epoch() const { return producer_id_and_epoch_; }
  std::int32_t next_sequence() const { return next_sequence_; }
  std::optional<std::int64_t> last_acked_offset() const;
  std::optional<std::int32_t> last_acked_sequence() const;
  bool has_inflight_batches() const { return !inflight_.empty(); }
  /// How many batches have been tracked since the oldest one that still is, itself included.
  std::uint32_t tracked_since_oldest() const;
  /// The tracked batch with the lowest sequence.
  std::optional<BatchId> next_batch_by_sequence() const;
  /// Tracked batches by sequence.
  std::vector<BatchId> inflight_batches() const;

  void increment_sequence(std::int32_t by) { next_sequence_ = linger::increment_sequence(next_sequence_, by); }
  void set_last_acked_offset(std::int64_t offset) { last_acked_offset_ = offset; }
  std::int32_t maybe_update_last_acked_sequence(std::int32_t sequence);

  /// Tracks the batch, unless one with the same key is tracked already.
  void add_inflight_batch(BatchTable& batches, BatchId id, const ProducerBehaviour& behaviour);
  /// Forgets the tracked batch with the key of this one, which need not be the same batch.
  void remove_inflight_batch(BatchTable& batches, BatchId id, const ProducerBehaviour& behaviour);
  void forget_all(BatchTable& batches);

  /// New identity for the partition and its tracked batches, whose sequences begin at 0.
  void start_sequences_at_beginning(BatchTable& batches, const ProducerIdAndEpoch& identity,
                                    const ProducerBehaviour& behaviour);
  /// Closes the gap that a definitely failed batch left. Throws IllegalStateException when a sequence would become
  /// negative.
  void adjust_sequences_due_to_failed_batch(BatchTable& batches, std::int32_t base_sequence, std::int32_t record_count,
                                            const ProducerBehaviour& behaviour);

 private:
  struct Tracked {
    ProducerIdAndEpoch identity;
    std::int32_t base_sequence = 0;
    BatchId id;
    std::uint32_t number = 0;  ///< the how many-th that was tracked here
  };
  struct BySequence {
    bool operator()(const Tracked& a, const Tracked& b) const { return a.base_sequence < b.base_sequence; }
  };

  std::vector<Tracked>::iterator position_of(const Tracked& key, const ProducerBehaviour& behaviour);
  template <class Reset>
  void reset_sequence_numbers(BatchTable& batches, const ProducerBehaviour& behaviour, Reset reset);

  TopicPartition partition_;
  ProducerIdAndEpoch producer_id_and_epoch_;
  std::int32_t next_sequence_ = 0;
  std::int32_t last_acked_sequence_ = no_last_acked_sequence;
  std::int64_t last_acked_offset_ = invalid_offset;
  std::vector<Tracked> inflight_;  ///< sorted by key
  std::uint32_t tracked_ = 0;
  /// The same batches in the container of Kafka before 2.3, kept only while renumber_order is historical.
  JavaPriorityQueue<Tracked, BySequence> heap_;
};

/// The entries of all partitions, sorted by (topic, partition) (Kafka: TxnPartitionMap).
class TxnPartitionMap {
 public:
  /// Throws IllegalStateException when there is no entry.
  TxnPartitionEntry& get(const TopicPartition& partition);
  TxnPartitionEntry& get_or_create(const TopicPartition& partition);
  TxnPartitionEntry* find(const TopicPartition& partition);
  const TxnPartitionEntry* find(const TopicPartition& partition) const;
  bool contains(const TopicPartition& partition) const { return find(partition) != nullptr; }
  void reset(BatchTable& batches);
  void remove(const TopicPartition& partition, BatchTable& batches);
  std::vector<TxnPartitionEntry>& entries() { return entries_; }
  const std::vector<TxnPartitionEntry>& entries() const { return entries_; }

 private:
  std::vector<TxnPartitionEntry> entries_;
};

}  // namespace linger

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "producer/clients/cluster.h"
#include "producer/entropy.h"

namespace linger {

/// Chooses partitions for records without a key: stays with one until about batch.size bytes went to it, then draws the
/// next, preferring short queues (KIP-480, KIP-794; Kafka: BuiltInPartitioner). One for each topic.
class BuiltInPartitioner {
 public:
  /// Names one choice of a sticky partition; a later choice of the same partition has another number.
  struct StickyPartitionInfo {
    std::int32_t partition = -1;
    std::uint64_t choice = 0;
  };

  /// Requires: sticky_batch_size >= 1.
  BuiltInPartitioner(std::string topic, std::int32_t sticky_batch_size);

  /// The partition in force; the first call draws one. Throws JavaThrow where the cluster does not know the topic
  /// (Java divides by zero); KafkaProducer has waited for the topic's metadata before.
  StickyPartitionInfo peek_current_partition_info(const Cluster& cluster, Entropy& entropy);
  bool is_partition_changed(const StickyPartitionInfo& info) const { return info.choice != current_.choice; }
  /// Counts the bytes, then moves on when batch.size is reached and switching is allowed, or twice that in any case.
  /// Requires: info is the choice in force.
  void update_partition_info(const StickyPartitionInfo& info, std::int32_t appended_bytes, const Cluster& cluster,
                             Entropy& entropy, bool enable_switch = true);
  /// Takes the queue lengths of the first `length` listed partitions as weights; without queue_sizes, or when they say
  /// nothing, choices become uniform again. Both lists have the same size, which is the number of the topic's
  /// partitions.
  void update_partition_load_stats(std::optional<std::vector<std::int32_t>> queue_sizes,
                                   std::vector<std::int32_t> partition_ids, std::size_t length);
  /// The end of the range that a weighted draw covers. Requires: weights are in force.
  std::int32_t load_stats_range_end() const;
  bool has_load_stats() const { return load_stats_.has_value(); }

 private:
  struct LoadStats {
    std::vector<std::int32_t> cumulative_frequency;
    std::vector<std::int32_t> partition_ids;
    std::size_t length = 0;
  };

  std::int32_t next_partition(const Cluster& cluster, Entropy& entropy) const;
  void choose(std::int32_t partition);

  std::string topic_;
  std::int32_t sticky_batch_size_;
  StickyPartitionInfo current_;
  std::int32_t produced_bytes_ = 0;
  std::optional<LoadStats> load_stats_;
};

}  // namespace linger

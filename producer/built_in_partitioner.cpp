#include "producer/built_in_partitioner.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "producer/failure.h"

namespace linger {

BuiltInPartitioner::BuiltInPartitioner(std::string topic, std::int32_t sticky_batch_size)
    : topic_(std::move(topic)), sticky_batch_size_(sticky_batch_size) {
  assert(sticky_batch_size >= 1);
}

std::int32_t BuiltInPartitioner::next_partition(const Cluster& cluster, Entropy& entropy) const {
  const auto random = static_cast<std::int32_t>(entropy.draw(DrawUse::sticky_partition) >> 33);
  if (!load_stats_) {
    const std::vector<PartitionInfo>& all = cluster.partitions_for_topic(topic_);
    const auto available =
        std::count_if(all.begin(), all.end(), [](const PartitionInfo& p) { return p.leader.has_value(); });
    if (available == 0) {
      if (all.empty()) throw JavaThrow(division_by_zero());
      return random % static_cast<std::int32_t>(all.size());
    }
    auto skip = random % static_cast<std::int32_t>(available);
    for (const PartitionInfo& info : all) {
      if (info.leader && skip-- == 0) {
        return info.partition.partition;
      }
    }
  }
  const auto end = load_stats_->cumulative_frequency.begin() + static_cast<std::ptrdiff_t>(load_stats_->length);
  const std::int32_t weighted = random % *(end - 1);
  const auto found = std::upper_bound(load_stats_->cumulative_frequency.begin(), end, weighted);
  return load_stats_->partition_ids[static_cast<std::size_t>(found - load_stats_->cumulative_frequency.begin())];
}

void BuiltInPartitioner::choose(std::int32_t partition) {
  current_ = StickyPartitionInfo{partition, current_.choice + 1};
  produced_bytes_ = 0;
}

BuiltInPartitioner::StickyPartitionInfo BuiltInPartitioner::peek_current_partition_info(const Cluster& cluster,
                                                                                        Entropy& entropy) {
  if (current_.choice == 0) {
    choose(next_partition(cluster, entropy));
  }
  return current_;
}

void BuiltInPartitioner::update_partition_info(const StickyPartitionInfo& info, std::int32_t appended_bytes,
                                               const Cluster& cluster, Entropy& entropy, bool enable_switch) {
  assert(info.choice == current_.choice);
  (void)info;
  produced_bytes_ += appended_bytes;
  const bool enough = produced_bytes_ >= sticky_batch_size_ && enable_switch;
  // Batches may stay unready for ever when keyed records are mixed in, so twice the size switches in any case.
  // Doubling wraps as Java's int does: a batch.size above 2^30 switches after each record.
  const auto twice = static_cast<std::int32_t>(2U * static_cast<std::uint32_t>(sticky_batch_size_));
  const bool too_much = produced_bytes_ >= twice;
  if (enough || too_much) {
    choose(next_partition(cluster, entropy));
  }
}

void BuiltInPartitioner::update_partition_load_stats(std::optional<std::vector<std::int32_t>> queue_sizes,
                                                     std::vector<std::int32_t> partition_ids, std::size_t length) {
  load_stats_.reset();
  if (!queue_sizes) {
    return;
  }
  std::vector<std::int32_t>& sizes = *queue_sizes;
  assert(sizes.size() == partition_ids.size() && length <= sizes.size());
  if (length < 1 || sizes.size() < 2) {
    return;
  }
  const auto used_end = sizes.begin() + static_cast<std::ptrdiff_t>(length);
  const auto [smallest, largest] = std::minmax_element(sizes.begin(), used_end);
  if (*smallest == *largest && length == sizes.size()) {
    return;
  }
  const std::int32_t above_largest = *largest + 1;
  std::int32_t sum = 0;
  for (auto size = sizes.begin(); size != used_end; ++size) {
    sum += above_largest - *size;
    *size = sum;
  }
  load_stats_ = LoadStats{std::move(sizes), std::move(partition_ids), length};
}

std::int32_t BuiltInPartitioner::load_stats_range_end() const {
  assert(load_stats_);
  return load_stats_->cumulative_frequency[load_stats_->length - 1];
}

}  // namespace linger

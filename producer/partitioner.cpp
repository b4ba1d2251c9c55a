#include "producer/partitioner.h"

#include <cassert>

#include "producer/murmur2.h"

namespace linger {

std::int32_t RoundRobinPartitioner::partition(PartitionerState& state, std::string_view topic, const OptionalBytes&,
                                              const OptionalBytes&, const Cluster& cluster, Entropy&) const {
  auto counter = state.counters.find(topic);
  if (counter == state.counters.end()) counter = state.counters.emplace(std::string(topic), 0).first;
  const std::int32_t next = to_positive(counter->second);
  counter->second = static_cast<std::int32_t>(static_cast<std::uint32_t>(counter->second) + 1);

  const auto& available = cluster.available_partitions_for_topic(topic);
  if (!available.empty()) return available[static_cast<std::size_t>(next) % available.size()].partition.partition;
  const auto& all = cluster.partitions_for_topic(topic);
  assert(!all.empty());
  return next % static_cast<std::int32_t>(all.size());
}

}  // namespace linger

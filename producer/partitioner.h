#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "producer/clients/cluster.h"
#include "producer/entropy.h"
#include "protocol/record.h"

namespace linger {

/// All that a partitioner remembers between records; copied with its producer.
struct PartitionerState {
  std::map<std::string, std::int32_t, std::less<>> counters;  ///< by topic, or whatever the partitioner counts
};

/// Chooses partitions in the producer's stead (Kafka: Partitioner). Objects never change; what they remember is the
/// state that is passed in. With none the accumulator chooses by BuiltInPartitioner.
class Partitioner {
 public:
  virtual ~Partitioner() = default;
  /// The partition; a negative number is refused as Java refuses it. Requires: the cluster knows the topic.
  virtual std::int32_t partition(PartitionerState& state, std::string_view topic, const OptionalBytes& key,
                                 const OptionalBytes& value, const Cluster& cluster, Entropy& entropy) const = 0;
};

/// Kafka's RoundRobinPartitioner: one partition after the other, whatever the key, leaderless ones left out while
/// others have leaders.
class RoundRobinPartitioner final : public Partitioner {
 public:
  std::int32_t partition(PartitionerState& state, std::string_view topic, const OptionalBytes& key,
                         const OptionalBytes& value, const Cluster& cluster, Entropy& entropy) const override;
};

}  // namespace linger

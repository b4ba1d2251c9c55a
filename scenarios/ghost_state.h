#pragma once

#include <cstdint>
#include <vector>

#include "broker_model/observation.h"
#include "sim/time.h"

namespace linger::scenarios {

/// Why a replica no longer has what it had.
enum class Destroyed : std::uint8_t {
  power_loss,  ///< the page cache went with the power
  wipe,        ///< the disk was emptied
  truncation,  ///< it followed a leader that did not have it
};

/// A stretch of a replica's log that went away: offsets from `to` up to `from`, exclusive.
struct Destruction {
  Destroyed how = Destroyed::truncation;
  std::int64_t from = 0;
  std::int64_t to = 0;
  sim::SimTime at;
  bool after_unclean_election = false;
};

struct GhostReplica {
  std::int64_t log_end = 0;
  std::int64_t flushed_end = 0;
  std::vector<Destruction> destructions;
};

/// A broker began to lead in an epoch in which nobody had led before.
struct Leadership {
  std::int32_t leader = -1;
  std::int32_t epoch = -1;
  std::int64_t log_end = 0;
  sim::SimTime at;
  bool unclean = false;  ///< after an unclean election, which may lose records
};

/// What is true of one partition, whatever anybody believes.
struct GhostPartition {
  std::int32_t leader = -1;
  std::int32_t leader_epoch = -1;
  std::int32_t partition_epoch = -1;
  broker::NodeMask isr = 0;
  broker::NodeMask elr = 0;
  std::int64_t elections = 0;
  bool unclean = false;  ///< an unclean election has taken place
  std::vector<GhostReplica> replicas;  ///< by broker number - 1
  std::vector<Leadership> leaderships;  ///< by epoch
};

/// Truth beside the model: what every log really held, when it lost it and why, and what the controllers have committed. Fed by observations
/// alone; nothing that is judged can write it.
class GhostState {
 public:
  GhostState() = default;
  explicit GhostState(std::int32_t brokers) : brokers_(brokers) {}

  /// `topic` is the world's number. `power`: whether the last stop of this node was a loss of power by a fault of the plan.
  void observe(const broker::Observation& seen, std::int32_t topic, sim::SimTime now, bool power);
  /// A fault emptied this broker's disk.
  void wiped(std::int32_t broker, sim::SimTime now);

  /// Grows as partitions appear.
  GhostPartition& partition(std::int32_t topic, std::int32_t number);
  const GhostPartition* find(std::int32_t topic, std::int32_t number) const;
  /// The brokers in ISR ∪ ELR as committed, one bit each as in NodeMask.
  broker::NodeMask holders(std::int32_t topic, std::int32_t number) const;
  /// Whether every broker of `holders` has lost this offset since `since` by something that the configuration or the faults permit: power, a wipe, or an
  /// unclean election.
  bool excused(std::int32_t topic, std::int32_t number, std::int64_t offset, broker::NodeMask holders, sim::SimTime since) const;
  std::int64_t elections() const { return elections_; }
  std::int64_t leader_changes() const { return leader_changes_; }

 private:
  std::int32_t brokers_ = 0;
  std::vector<std::vector<GhostPartition>> topics_;
  std::int64_t elections_ = 0;
  std::int64_t leader_changes_ = 0;
};

}  // namespace linger::scenarios

#include "scenarios/ghost_state.h"

#include <algorithm>

namespace linger::scenarios {

using broker::NodeMask;
using broker::Observation;

GhostPartition& GhostState::partition(std::int32_t topic, std::int32_t number) {
  const auto t = static_cast<std::size_t>(topic);
  const auto n = static_cast<std::size_t>(number);
  if (topics_.size() <= t) topics_.resize(t + 1);
  if (topics_[t].size() <= n) topics_[t].resize(n + 1);
  GhostPartition& found = topics_[t][n];
  if (found.replicas.empty()) found.replicas.resize(static_cast<std::size_t>(brokers_));
  return found;
}

const GhostPartition* GhostState::find(std::int32_t topic, std::int32_t number) const {
  const auto t = static_cast<std::size_t>(topic);
  const auto n = static_cast<std::size_t>(number);
  if (topic < 0 || number < 0 || t >= topics_.size() || n >= topics_[t].size()) return nullptr;
  return &topics_[t][n];
}

NodeMask GhostState::holders(std::int32_t topic, std::int32_t number) const {
  const GhostPartition* found = find(topic, number);
  return found == nullptr ? 0 : found->isr | found->elr;
}

void GhostState::observe(const Observation& seen, std::int32_t topic, sim::SimTime now, bool power) {
  if (topic < 0 || seen.partition < 0) return;
  GhostPartition& ghost = partition(topic, seen.partition);
  const auto committed = [&] {
    if (seen.partition_epoch < ghost.partition_epoch) return false;
    ghost.partition_epoch = seen.partition_epoch;
    ghost.isr = seen.nodes;
    ghost.elr = seen.elr;
    return true;
  };
  switch (seen.kind) {
    case Observation::Kind::leader_elected:
    case Observation::Kind::unclean_election:
      if (!committed()) return;
      if (seen.leader_epoch > ghost.leader_epoch) {
        ++ghost.elections;
        ++elections_;
        if (ghost.leader != seen.other.value()) ++leader_changes_;
      }
      ghost.leader = seen.other.value();
      ghost.leader_epoch = seen.leader_epoch;
      ghost.unclean = ghost.unclean || seen.kind == Observation::Kind::unclean_election;
      return;
    case Observation::Kind::partition_offline:
      if (committed()) ghost.leader = -1;
      return;
    case Observation::Kind::isr_committed: committed(); return;
    case Observation::Kind::became_leader:
      // One who learns late that it was to lead, or leads once more in the same epoch after a restart, serves nobody.
      if (seen.leader_epoch == ghost.leader_epoch && (ghost.leaderships.empty() || ghost.leaderships.back().epoch < seen.leader_epoch)) {
        ghost.leaderships.push_back({seen.node.value(), seen.leader_epoch, seen.to, now, ghost.unclean});
      }
      // A partition that was made during the run: its first leader says with whom it began.
      if (ghost.partition_epoch < 0) {
        ghost.partition_epoch = seen.partition_epoch;
        ghost.leader = seen.node.value();
        ghost.leader_epoch = seen.leader_epoch;
        ghost.isr = seen.nodes;
      }
      return;
    default: break;
  }
  const std::int32_t number = seen.node.value();
  if (number < 1 || number > brokers_) return;
  GhostReplica& replica = ghost.replicas[static_cast<std::size_t>(number - 1)];
  switch (seen.kind) {
    case Observation::Kind::appended: replica.log_end = seen.to + 1; return;
    case Observation::Kind::truncated:
      replica.destructions.push_back(Destruction{Destroyed::truncation, seen.from, seen.to, now, ghost.unclean});
      replica.log_end = seen.to;
      return;
    case Observation::Kind::lost_unflushed:
      // A process crash that took unflushed records would be a defect of the broker, not an excuse.
      replica.destructions.push_back(Destruction{power ? Destroyed::power_loss : Destroyed::truncation, seen.from, seen.to, now, false});
      replica.log_end = seen.to;
      return;
    case Observation::Kind::flushed: replica.flushed_end = std::max(replica.flushed_end, seen.to); return;
    default: return;
  }
}

void GhostState::wiped(std::int32_t broker, sim::SimTime now) {
  for (auto& topic : topics_) {
    for (GhostPartition& ghost : topic) {
      if (ghost.replicas.empty()) continue;
      GhostReplica& replica = ghost.replicas[static_cast<std::size_t>(broker - 1)];
      replica.destructions.push_back(Destruction{Destroyed::wipe, replica.log_end, 0, now, false});
      replica.log_end = 0;
      replica.flushed_end = 0;
    }
  }
}

bool GhostState::excused(std::int32_t topic, std::int32_t number, std::int64_t offset, NodeMask holders, sim::SimTime since) const {
  const GhostPartition* ghost = find(topic, number);
  if (ghost == nullptr || holders == 0) return false;
  for (std::int32_t b = 1; b <= brokers_; ++b) {
    if ((holders & broker::mask_of(NodeId{b})) == 0) continue;
    const auto& destructions = ghost->replicas[static_cast<std::size_t>(b - 1)].destructions;
    const bool gone = std::any_of(destructions.begin(), destructions.end(), [&](const Destruction& d) {
      const bool permitted = d.how != Destroyed::truncation || d.after_unclean_election;
      return permitted && d.at >= since && d.to <= offset && offset < d.from;
    });
    if (!gone) return false;
  }
  return true;
}

}  // namespace linger::scenarios

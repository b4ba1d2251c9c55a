#include "broker_model/partition.h"

#include <algorithm>
#include <cassert>

namespace linger::broker {

std::size_t Partition::effective_min_isr() const {
  return std::min(static_cast<std::size_t>(config.min_insync_replicas), remotes.size() + 1);
}

RemoteReplica* Partition::remote(NodeId node) {
  const auto at = std::find_if(remotes.begin(), remotes.end(), [&](const RemoteReplica& r) { return r.id == node; });
  return at == remotes.end() ? nullptr : &*at;
}

const RemoteReplica* Partition::remote(NodeId node) const {
  return const_cast<Partition*>(this)->remote(node);
}

void Partition::take_assignment(const PartitionRegistration& registration) {
  replicas = registration.replicas;
  isr = registration.isr;
  pending = {};
  partition_epoch = registration.partition_epoch;
  leader = registration.leader;
}

bool Partition::make_leader(const PartitionRegistration& registration, const PartitionContext& context) {
  if (registration.partition_epoch < partition_epoch) return false;
  const bool new_leader = role != Role::leader;
  const bool new_epoch = registration.leader_epoch > leader_epoch;
  take_assignment(registration);
  role = Role::leader;
  std::vector<RemoteReplica> known;
  known.reserve(registration.replicas.size());
  for (const std::int32_t node : registration.replicas) {
    if (NodeId{node} == context.self) continue;
    const RemoteReplica* before = remote(NodeId{node});
    RemoteReplica replica = before == nullptr ? RemoteReplica{} : *before;
    replica.id = NodeId{node};
    known.push_back(replica);
  }
  remotes = std::move(known);
  if (new_epoch) {
    // Every new leader notes its epoch, written to or not: a follower may hold later epochs than any in this log
    // (KAFKA-7415).
    epoch_start = log.log_end();
    log.epochs().assign(registration.leader_epoch, epoch_start);
    for (RemoteReplica& replica : remotes) {
      const bool in_sync = contains(isr, replica.id.value());
      const std::int64_t since = in_sync ? context.now_ms : RemoteReplica::long_ago;
      if (new_leader) {
        const NodeId node = replica.id;
        replica = RemoteReplica{};
        replica.id = node;
      } else {
        replica.last_fetch_leader_log_end = epoch_start;
        replica.last_fetch_ms = since;
      }
      replica.last_caught_up_ms = since;
    }
    leader_epoch = registration.leader_epoch;
  }
  return new_epoch;
}

bool Partition::make_follower(const PartitionRegistration& registration, const PartitionContext&) {
  if (registration.partition_epoch < partition_epoch) return false;
  const bool new_epoch = registration.leader_epoch > leader_epoch;
  take_assignment(registration);
  role = Role::follower;
  remotes.clear();
  isr.clear();
  leader_epoch = registration.leader_epoch;
  epoch_start = -1;
  return new_epoch;
}

bool Partition::isr_eligible(const RemoteReplica& replica, const PartitionContext& context) const {
  const BrokerRegistration* broker = context.image.broker(replica.id);
  if (broker == nullptr || !broker->active() || !replica.broker_epoch) return false;
  return *replica.broker_epoch == -1 || *replica.broker_epoch == broker->epoch;
}

bool Partition::maybe_increment_high_watermark(const PartitionContext& context) {
  if (!is_leader() || under_min_isr()) return false;
  const std::int64_t end = log.log_end();
  std::int64_t reached = end;
  for (const RemoteReplica& replica : remotes) {
    if (replica.log_end >= reached) continue;
    // A replica that has caught up and may join is waited for: otherwise it would join below the high watermark.
    const bool counts = in_maximal_isr(replica.id.value()) ||
                        (replica.caught_up(end, context.now_ms, context.config.replica_lag_time_max_ms) &&
                         isr_eligible(replica, context));
    if (counts) reached = replica.log_end;
  }
  return log.maybe_increment_high_watermark(reached);
}

Partition::Progress Partition::enough_replicas_reached(std::int64_t required, const PartitionContext& context) const {
  if (!is_leader()) return {true, ErrorCode::not_leader_or_follower};
  if (context.behaviour.ack_before_replication) return {true, ErrorCode::none};
  if (log.high_watermark() < required) return {};
  const bool enough = effective_min_isr() <= maximal_isr_size();
  return {true, enough ? ErrorCode::none : ErrorCode::not_enough_replicas_after_append};
}

ErrorCode Partition::update_follower(NodeId follower, std::int64_t fetch_offset, std::int64_t follower_log_start,
                                     std::int64_t leader_end_before, std::int64_t follower_epoch,
                                     const PartitionContext& context) {
  RemoteReplica* replica = remote(follower);
  if (replica == nullptr) return ErrorCode::unknown_leader_epoch;
  const BrokerRegistration* broker = context.image.broker(follower);
  if (follower_epoch != -1 && broker != nullptr && !broker->fenced && broker->epoch > follower_epoch)
    return ErrorCode::not_leader_or_follower;
  if (fetch_offset >= leader_end_before) {
    replica->last_caught_up_ms = std::max(replica->last_caught_up_ms, context.now_ms);
  } else if (fetch_offset >= replica->last_fetch_leader_log_end) {
    replica->last_caught_up_ms = std::max(replica->last_caught_up_ms, replica->last_fetch_ms);
  }
  replica->log_start = follower_log_start;
  replica->log_end = fetch_offset;
  replica->last_fetch_leader_log_end = std::max(leader_end_before, replica->last_fetch_leader_log_end);
  replica->last_fetch_ms = context.now_ms;
  replica->broker_epoch = follower_epoch;
  return ErrorCode::none;
}

IsrProposal Partition::propose(PendingIsr::Kind kind, Replicas proposed, const PartitionContext& context) {
  pending.kind = kind;
  pending.isr = std::move(proposed);
  pending.number = ++proposals;
  IsrProposal proposal;
  proposal.partition = id;
  proposal.leader_epoch = leader_epoch;
  proposal.partition_epoch = partition_epoch;
  proposal.number = pending.number;
  for (const std::int32_t node : pending.isr) {
    const RemoteReplica* replica = remote(NodeId{node});
    const std::int64_t epoch = NodeId{node} == context.self ? context.broker_epoch
                               : replica == nullptr         ? -1
                                                            : replica->broker_epoch.value_or(-1);
    proposal.isr.push_back({node, epoch});
  }
  return proposal;
}

std::optional<IsrProposal> Partition::maybe_expand_isr(NodeId follower, const PartitionContext& context) {
  if (!is_leader() || pending.kind != PendingIsr::Kind::none || contains(isr, follower.value())) return std::nullopt;
  const RemoteReplica* replica = remote(follower);
  if (replica == nullptr || !isr_eligible(*replica, context)) return std::nullopt;
  if (replica->log_end < log.high_watermark()) return std::nullopt;
  const bool epoch_start_matters = context.behaviour.isr_join_rule == IsrJoinRule::hw_and_epoch_start;
  if (epoch_start_matters && replica->log_end < epoch_start) return std::nullopt;
  Replicas proposed = isr;
  proposed.push_back(follower.value());
  return propose(PendingIsr::Kind::expand, std::move(proposed), context);
}

std::optional<IsrProposal> Partition::maybe_shrink_isr(const PartitionContext& context) {
  if (!is_leader() || pending.kind != PendingIsr::Kind::none) return std::nullopt;
  Replicas kept;
  for (const std::int32_t node : isr) {
    const RemoteReplica* replica = remote(NodeId{node});
    const bool in_sync = NodeId{node} == context.self ||
                         (replica != nullptr &&
                          replica->caught_up(log.log_end(), context.now_ms, context.config.replica_lag_time_max_ms));
    if (in_sync) kept.push_back(node);
  }
  if (kept.size() == isr.size()) return std::nullopt;
  return propose(PendingIsr::Kind::shrink, std::move(kept), context);
}

std::optional<IsrProposal> Partition::propose_isr(const Replicas& wanted, const PartitionContext& context) {
  if (!is_leader() || pending.kind != PendingIsr::Kind::none || !contains(wanted, context.self.value()) ||
      wanted == isr)
    return std::nullopt;
  const bool grows = std::any_of(wanted.begin(), wanted.end(), [&](std::int32_t node) { return !contains(isr, node); });
  return propose(grows ? PendingIsr::Kind::expand : PendingIsr::Kind::shrink, wanted, context);
}

Partition::AlterOutcome Partition::on_alter_answer(std::uint64_t number, ErrorCode error,
                                                   std::int32_t answered_leader_epoch,
                                                   std::int32_t answered_partition_epoch,
                                                   const Replicas& answered_isr) {
  if (!is_leader() || pending.kind == PendingIsr::Kind::none || pending.number != number) return AlterOutcome::outdated;
  switch (error) {
    case ErrorCode::none:
      break;
    case ErrorCode::operation_not_attempted:
    case ErrorCode::ineligible_replica:
      pending = {};
      return AlterOutcome::reverted;
    case ErrorCode::unknown_topic_or_partition:
    case ErrorCode::unknown_topic_id:
    case ErrorCode::fenced_leader_epoch:
    case ErrorCode::invalid_update_version:
    case ErrorCode::invalid_request:
    case ErrorCode::new_leader_elected:
      return AlterOutcome::wait_for_metadata;
    default:
      return AlterOutcome::retry;
  }
  if (answered_leader_epoch != leader_epoch || answered_partition_epoch < partition_epoch)
    return AlterOutcome::outdated;
  isr = answered_isr;
  pending = {};
  partition_epoch = answered_partition_epoch;
  return AlterOutcome::applied;
}

EpochEnd Partition::end_of_epoch(std::int32_t epoch, const BrokerBehaviour& behaviour) const {
  EpochEnd end = log.epochs().end_offset_for(epoch, log.log_end());
  if (behaviour.epoch_answer == EpochAnswer::offset_only && end.known()) end.epoch = epoch;
  return end;
}

std::int64_t Partition::low_watermark(const MetadataImage& image) const {
  std::int64_t low = log.log_start();
  for (const RemoteReplica& replica : remotes) {
    if (image.alive(replica.id)) low = std::min(low, replica.log_start);
  }
  return low;
}

Truncation truncation_for(const ReplicaLog& log, const EpochEnd& leader_answer, std::int64_t fetch_offset) {
  if (!leader_answer.known()) return {fetch_offset, true};
  const std::int64_t end = log.log_end();
  if (leader_answer.epoch < 0) return {std::min(leader_answer.end, end), true};
  const EpochEnd mine = log.epochs().end_offset_for(leader_answer.epoch, end);
  if (!mine.known()) return {std::min(leader_answer.end, end), true};
  if (mine.epoch != leader_answer.epoch) return {std::min(mine.end, end), false};
  return {std::min({mine.end, leader_answer.end, end}), true};
}

}  // namespace linger::broker

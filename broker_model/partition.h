#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "broker_model/metadata_image.h"
#include "broker_model/replica_log.h"
#include "protocol/error_code.h"
#include "sim/disk.h"
#include "sim/time.h"

namespace linger::broker {

/// What a leader knows of one follower (Kafka: Replica, ReplicaState). Times in milliseconds of the host.
struct RemoteReplica {
  static constexpr std::int64_t long_ago = -(std::int64_t{1} << 50);
  NodeId id;
  std::int64_t log_start = -1;
  std::int64_t log_end = -1;
  std::int64_t last_fetch_leader_log_end = -1;
  std::int64_t last_fetch_ms = long_ago;
  std::int64_t last_caught_up_ms = long_ago;
  std::optional<std::int64_t> broker_epoch;
  bool caught_up(std::int64_t leader_end, std::int64_t now_ms, std::int64_t max_lag_ms) const {
    return leader_end == log_end || now_ms - last_caught_up_ms <= max_lag_ms;
  }
  friend bool operator==(const RemoteReplica&, const RemoteReplica&) = default;
};

/// An ISR change that the leader has asked for and not heard of (Kafka: PendingExpandIsr, PendingShrinkIsr).
struct PendingIsr {
  enum class Kind : std::uint8_t { none, expand, shrink } kind = Kind::none;
  Replicas isr;
  std::uint64_t number = 0;  ///< tells answers to different proposals apart
  friend bool operator==(const PendingIsr&, const PendingIsr&) = default;
};

/// A member of a proposed ISR with the epoch of the broker that was seen (KIP-903).
struct IsrMember {
  std::int32_t id = 0;
  std::int64_t broker_epoch = -1;
  friend bool operator==(const IsrMember&, const IsrMember&) = default;
};

/// What a leader asks of the controller, as it was when it was decided.
struct IsrProposal {
  TopicIdPartition partition;
  std::int32_t leader_epoch = 0;
  std::int32_t partition_epoch = 0;
  std::vector<IsrMember> isr;
  std::uint64_t number = 0;
  friend bool operator==(const IsrProposal&, const IsrProposal&) = default;
};

/// What the rules of a partition look at besides the partition itself.
struct PartitionContext {
  NodeId self;
  std::int64_t broker_epoch = -1;
  const MetadataImage& image;
  const BrokerConfig& config;
  const BrokerBehaviour& behaviour;
  std::int64_t now_ms = 0;
  std::int64_t wall_ms = 0;
};

enum class Role : std::uint8_t { none, leader, follower };

/// One replica of a partition on one broker: its log, and as a leader what it knows of the others (Kafka:
/// cluster.Partition). As leader: high watermark <= smallest log end in the maximal ISR. The maximal ISR is the
/// committed one and whatever is being added: a shrink counts only when the controller has confirmed it, an expansion
/// at once, so neither lets the high watermark run ahead.
struct Partition {
  TopicIdPartition id;
  sim::FileId file;
  ReplicaLog log;
  TopicConfig config;
  Role role = Role::none;
  std::int32_t leader = no_leader;
  std::int32_t leader_epoch = -1;
  std::int32_t partition_epoch = -1;
  std::int64_t epoch_start = -1;  ///< leader: log end when its epoch began
  Replicas replicas;
  Replicas isr;  ///< committed
  PendingIsr pending;
  std::uint64_t proposals = 0;
  std::vector<RemoteReplica> remotes;
  bool offline = false;  ///< the disk failed

  bool is_leader() const { return role == Role::leader && !offline; }
  bool in_maximal_isr(std::int32_t node) const {
    return contains(isr, node) || (pending.kind == PendingIsr::Kind::expand && contains(pending.isr, node));
  }
  std::size_t maximal_isr_size() const {
    return pending.kind == PendingIsr::Kind::expand ? pending.isr.size() : isr.size();
  }
  /// min.insync.replicas, but never more than there are replicas.
  std::size_t effective_min_isr() const;
  bool under_min_isr() const { return is_leader() && isr.size() < effective_min_isr(); }

  /// Takes over from the metadata log. Returns whether the leader epoch is new; nothing happens for an older partition
  /// epoch.
  bool make_leader(const PartitionRegistration& registration, const PartitionContext& context);
  bool make_follower(const PartitionRegistration& registration, const PartitionContext& context);

  /// Raises the high watermark as far as the rules allow; returns whether it moved. Not while under
  /// min.insync.replicas.
  bool maybe_increment_high_watermark(const PartitionContext& context);

  /// Whether acks=all is satisfied up to `required` (exclusive offset), and with which error. Requires: leader.
  struct Progress {
    bool done = false;
    ErrorCode error = ErrorCode::none;
  };
  Progress enough_replicas_reached(std::int64_t required, const PartitionContext& context) const;

  /// Notes a follower's fetch. Returns an error when the fetch must not count (not a replica, or an older life of that
  /// broker).
  ErrorCode update_follower(NodeId follower, std::int64_t fetch_offset, std::int64_t follower_log_start,
                            std::int64_t leader_end_before, std::int64_t follower_epoch,
                            const PartitionContext& context);
  /// A proposal to let this follower in, when it may join.
  std::optional<IsrProposal> maybe_expand_isr(NodeId follower, const PartitionContext& context);
  /// A proposal to leave out those who lag, if there are any.
  std::optional<IsrProposal> maybe_shrink_isr(const PartitionContext& context);

  /// A proposal of this very ISR, for a planned fault. Nothing unless this is the leader, it stays in, and no change is
  /// pending.
  std::optional<IsrProposal> propose_isr(const Replicas& wanted, const PartitionContext& context);

  /// What the controller answered to proposal `number`.
  enum class AlterOutcome : std::uint8_t { applied, reverted, wait_for_metadata, retry, outdated };
  AlterOutcome on_alter_answer(std::uint64_t number, ErrorCode error, std::int32_t answered_leader_epoch,
                               std::int32_t answered_partition_epoch, const Replicas& answered_isr);

  /// The end of an epoch as this leader answers it (OffsetsForLeaderEpoch, and a fetch's diverging epoch).
  EpochEnd end_of_epoch(std::int32_t epoch, const BrokerBehaviour& behaviour) const;

  /// Smallest log start among live replicas: what DeleteRecords waits for.
  std::int64_t low_watermark(const MetadataImage& image) const;

  RemoteReplica* remote(NodeId node);
  const RemoteReplica* remote(NodeId node) const;

 private:
  bool isr_eligible(const RemoteReplica& replica, const PartitionContext& context) const;
  IsrProposal propose(PendingIsr::Kind kind, Replicas proposed, const PartitionContext& context);
  void take_assignment(const PartitionRegistration& registration);
};

/// Where a follower cuts its log when the leader answered with the end of an epoch, and whether that settles it
/// (Kafka: AbstractFetcherThread.getOffsetTruncationState). `fetch_offset`: where the follower fetches.
struct Truncation {
  std::int64_t offset = 0;
  bool complete = true;
};
Truncation truncation_for(const ReplicaLog& log, const EpochEnd& leader_answer, std::int64_t fetch_offset);

}  // namespace linger::broker

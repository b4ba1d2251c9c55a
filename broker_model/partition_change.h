#pragma once

#include <optional>

#include "broker_model/metadata_image.h"

namespace linger::broker {

enum class Election : std::uint8_t {
  preferred,  ///< the preferred replica if it may lead, else keep the partition online
  online,     ///< from the ISR, or from the ELR when the ISR is empty
  unclean     ///< rather a replica from outside than none
};

/// What is asked of one partition; what is not set stays as it is.
struct PartitionTarget {
  std::optional<Replicas> isr;
  std::optional<Replicas> replicas;
  std::optional<Replicas> removing;
  std::optional<Replicas> adding;
  Replicas unclean_shutdown;  ///< brokers that came back without having stopped in order: they leave the ELR
  Election election = Election::online;
  std::optional<bool> recovering;
};

/// The circumstances in which it is asked.
struct PartitionRules {
  NodeMask acceptable_leaders = 0;  ///< alive, not shutting down
  std::size_t min_isr = 1;
  bool elr_enabled = true;
};

/// The record that takes the partition to where it should be, or nothing when nothing changes: completes a
/// reassignment, keeps the ELR, elects a leader where the present one may not go on, bumps the leader epoch where a
/// replica is dropped (Kafka: PartitionChangeBuilder.build, metadata versions since 3.6).
std::optional<PartitionChangeRecord> build_partition_change(const PartitionRegistration& partition,
                                                            const TopicIdPartition& id, const PartitionTarget& target,
                                                            const PartitionRules& rules);

}  // namespace linger::broker

#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "broker_model/group_log.h"
#include "broker_model/replica_log.h"
#include "protocol/error_code.h"
#include "protocol/ids.h"

namespace linger::broker {

/// An offset that a group committed.
struct GroupOffset {
  std::int64_t offset = -1;
  std::int32_t leader_epoch = -1;
  std::string metadata;
  std::int64_t record_offset = -1;  ///< where it lies in the log
  friend bool operator==(const GroupOffset&, const GroupOffset&) = default;
};

/// What the beginning of one partition of __consumer_offsets says: a function of the records in it (Kafka:
/// OffsetMetadataManager's replay). Offsets that are part of a transaction are pending until its marker.
class GroupOffsets {
 public:
  /// Reads on from where it stopped, up to `limit` (an offset, exclusive).
  void advance(const ReplicaLog& log, std::int64_t limit);

  /// A group exists as soon as an offset was committed for it.
  bool knows(const std::string& group) const { return groups_.contains(group); }
  const GroupOffset* find(const std::string& group, const TopicPartition& partition) const;
  /// Some open transaction commits an offset for this partition.
  bool unstable(const std::string& group, const TopicPartition& partition) const;
  /// All of one group's, by topic and partition.
  std::vector<std::pair<TopicPartition, GroupOffset>> all_of(const std::string& group) const;
  std::int64_t end() const { return end_; }

 private:
  using Key = std::pair<std::string, TopicPartition>;
  void replay(const OffsetCommitRecord& record, std::int64_t at, ProducerId producer);
  void replay_marker(ProducerId producer, bool commit);

  std::map<Key, GroupOffset> offsets_;
  std::map<ProducerId, std::map<Key, GroupOffset>> pending_;
  std::set<std::string> groups_;
  std::int64_t end_ = 0;
};

/// The groups whose part of __consumer_offsets this broker leads (Kafka: GroupCoordinatorService): offsets only, no
/// members. Of each part it knows the newest state and the replicated one.
class GroupCoordinator {
 public:
  struct Part {
    std::int32_t partition = 0;
    std::int32_t epoch = 0;
    GroupOffsets newest;
    GroupOffsets replicated;
  };

  void begin_loading(std::int32_t partition, std::int32_t epoch);
  /// The log was read; nothing happens when this load was cancelled.
  void loaded(std::int32_t partition, std::int32_t epoch);
  void resign(std::int32_t partition);
  void forget_all();

  /// The part, or why there is none: COORDINATOR_LOAD_IN_PROGRESS, NOT_COORDINATOR.
  Part* find(std::int32_t partition, ErrorCode& error);

  /// Whether a transaction may commit offsets for this group: one without members takes those that name no generation;
  /// a group that does not exist comes to be. Who names a generation or a member is none of its members.
  static ErrorCode validate_commit(const GroupOffsets& newest, const std::string& group, std::int32_t generation);

 private:
  std::vector<Part> parts_;  ///< by partition
  std::vector<std::pair<std::int32_t, std::int32_t>> loading_;
};

}  // namespace linger::broker

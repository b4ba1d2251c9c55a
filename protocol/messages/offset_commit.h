#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/message.h"

namespace linger {

struct OffsetCommitResponse;

/// Commits a group's offsets, outside of any transaction.
struct OffsetCommitRequest {
  static constexpr MessageSpec spec{"OffsetCommitRequest", MessageType::request, 8, "2-10", "8+"};
  using Response = OffsetCommitResponse;

  struct OffsetCommitRequestPartition {
    std::int32_t partition_index = 0;
    std::int64_t committed_offset = 0;
    std::int32_t committed_leader_epoch = -1;
    std::optional<std::string> committed_metadata{std::in_place};

    static constexpr auto fields() {
      return field_list(
          field("PartitionIndex", &OffsetCommitRequestPartition::partition_index, "0+"),
          field("CommittedOffset", &OffsetCommitRequestPartition::committed_offset, "0+"),
          field("CommittedLeaderEpoch", &OffsetCommitRequestPartition::committed_leader_epoch, "6+").ignorable(),
          field("CommittedMetadata", &OffsetCommitRequestPartition::committed_metadata, "0+").nullable("0+"));
    }
    friend bool operator==(const OffsetCommitRequestPartition&, const OffsetCommitRequestPartition&) = default;
  };

  struct OffsetCommitRequestTopic {
    std::string name;
    Uuid topic_id;
    std::vector<OffsetCommitRequestPartition> partitions;

    static constexpr auto fields() {
      return field_list(field("Name", &OffsetCommitRequestTopic::name, "0-9").ignorable(),
                        field("TopicId", &OffsetCommitRequestTopic::topic_id, "10+").ignorable(),
                        field("Partitions", &OffsetCommitRequestTopic::partitions, "0+"));
    }
    friend bool operator==(const OffsetCommitRequestTopic&, const OffsetCommitRequestTopic&) = default;
  };

  std::string group_id;
  std::int32_t generation_id_or_member_epoch = -1;
  std::string member_id;
  std::optional<std::string> group_instance_id;
  std::int64_t retention_time_ms = -1;
  std::vector<OffsetCommitRequestTopic> topics;

  static constexpr auto fields() {
    return field_list(
        field("GroupId", &OffsetCommitRequest::group_id, "0+"),
        field("GenerationIdOrMemberEpoch", &OffsetCommitRequest::generation_id_or_member_epoch, "1+").ignorable(),
        field("MemberId", &OffsetCommitRequest::member_id, "1+").ignorable(),
        field("GroupInstanceId", &OffsetCommitRequest::group_instance_id, "7+").nullable("7+"),
        field("RetentionTimeMs", &OffsetCommitRequest::retention_time_ms, "2-4").ignorable(),
        field("Topics", &OffsetCommitRequest::topics, "0+"));
  }
  friend bool operator==(const OffsetCommitRequest&, const OffsetCommitRequest&) = default;
};

/// What became of each offset.
struct OffsetCommitResponse {
  static constexpr MessageSpec spec{"OffsetCommitResponse", MessageType::response, 8, "2-10", "8+"};

  struct OffsetCommitResponsePartition {
    std::int32_t partition_index = 0;
    std::int16_t error_code = 0;

    static constexpr auto fields() {
      return field_list(field("PartitionIndex", &OffsetCommitResponsePartition::partition_index, "0+"),
                        field("ErrorCode", &OffsetCommitResponsePartition::error_code, "0+"));
    }
    friend bool operator==(const OffsetCommitResponsePartition&, const OffsetCommitResponsePartition&) = default;
  };

  struct OffsetCommitResponseTopic {
    std::string name;
    Uuid topic_id;
    std::vector<OffsetCommitResponsePartition> partitions;

    static constexpr auto fields() {
      return field_list(field("Name", &OffsetCommitResponseTopic::name, "0-9").ignorable(),
                        field("TopicId", &OffsetCommitResponseTopic::topic_id, "10+").ignorable(),
                        field("Partitions", &OffsetCommitResponseTopic::partitions, "0+"));
    }
    friend bool operator==(const OffsetCommitResponseTopic&, const OffsetCommitResponseTopic&) = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<OffsetCommitResponseTopic> topics;

  static constexpr auto fields() {
    return field_list(field("ThrottleTimeMs", &OffsetCommitResponse::throttle_time_ms, "3+").ignorable(),
                      field("Topics", &OffsetCommitResponse::topics, "0+"));
  }
  friend bool operator==(const OffsetCommitResponse&, const OffsetCommitResponse&) = default;
};

}  // namespace linger

LINGER_DECLARE_MESSAGE(linger::OffsetCommitRequest);
LINGER_DECLARE_MESSAGE(linger::OffsetCommitResponse);

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/message.h"

namespace linger {

struct OffsetFetchResponse;

/// Asks for the committed offsets of groups.
struct OffsetFetchRequest {
  static constexpr MessageSpec spec{"OffsetFetchRequest", MessageType::request, 9, "1-10", "6+"};
  using Response = OffsetFetchResponse;

  struct OffsetFetchRequestTopic {
    std::string name;
    std::vector<std::int32_t> partition_indexes;

    static constexpr auto fields() {
      return field_list(field("Name", &OffsetFetchRequestTopic::name, "0-7"),
                        field("PartitionIndexes", &OffsetFetchRequestTopic::partition_indexes, "0-7"));
    }
    friend bool operator==(const OffsetFetchRequestTopic&, const OffsetFetchRequestTopic&) = default;
  };

  struct OffsetFetchRequestTopics {
    std::string name;
    Uuid topic_id;
    std::vector<std::int32_t> partition_indexes;

    static constexpr auto fields() {
      return field_list(field("Name", &OffsetFetchRequestTopics::name, "8-9").ignorable(),
                        field("TopicId", &OffsetFetchRequestTopics::topic_id, "10+").ignorable(),
                        field("PartitionIndexes", &OffsetFetchRequestTopics::partition_indexes, "8+"));
    }
    friend bool operator==(const OffsetFetchRequestTopics&, const OffsetFetchRequestTopics&) = default;
  };

  struct OffsetFetchRequestGroup {
    std::string group_id;
    std::optional<std::string> member_id;
    std::int32_t member_epoch = -1;
    std::optional<std::vector<OffsetFetchRequestTopics>> topics{std::in_place};

    static constexpr auto fields() {
      return field_list(field("GroupId", &OffsetFetchRequestGroup::group_id, "8+"),
                        field("MemberId", &OffsetFetchRequestGroup::member_id, "9+").nullable("9+").ignorable(),
                        field("MemberEpoch", &OffsetFetchRequestGroup::member_epoch, "9+").ignorable(),
                        field("Topics", &OffsetFetchRequestGroup::topics, "8+").nullable("8+"));
    }
    friend bool operator==(const OffsetFetchRequestGroup&, const OffsetFetchRequestGroup&) = default;
  };

  std::string group_id;
  std::optional<std::vector<OffsetFetchRequestTopic>> topics{std::in_place};
  std::vector<OffsetFetchRequestGroup> groups;
  bool require_stable = false;

  static constexpr auto fields() {
    return field_list(field("GroupId", &OffsetFetchRequest::group_id, "0-7"),
                      field("Topics", &OffsetFetchRequest::topics, "0-7").nullable("2-7"),
                      field("Groups", &OffsetFetchRequest::groups, "8+"),
                      field("RequireStable", &OffsetFetchRequest::require_stable, "7+"));
  }
  friend bool operator==(const OffsetFetchRequest&, const OffsetFetchRequest&) = default;
};

/// The offsets.
struct OffsetFetchResponse {
  static constexpr MessageSpec spec{"OffsetFetchResponse", MessageType::response, 9, "1-10", "6+"};

  struct OffsetFetchResponsePartition {
    std::int32_t partition_index = 0;
    std::int64_t committed_offset = 0;
    std::int32_t committed_leader_epoch = -1;
    std::optional<std::string> metadata{std::in_place};
    std::int16_t error_code = 0;

    static constexpr auto fields() {
      return field_list(
          field("PartitionIndex", &OffsetFetchResponsePartition::partition_index, "0-7"),
          field("CommittedOffset", &OffsetFetchResponsePartition::committed_offset, "0-7"),
          field("CommittedLeaderEpoch", &OffsetFetchResponsePartition::committed_leader_epoch, "5-7").ignorable(),
          field("Metadata", &OffsetFetchResponsePartition::metadata, "0-7").nullable("0-7"),
          field("ErrorCode", &OffsetFetchResponsePartition::error_code, "0-7"));
    }
    friend bool operator==(const OffsetFetchResponsePartition&, const OffsetFetchResponsePartition&) = default;
  };

  struct OffsetFetchResponseTopic {
    std::string name;
    std::vector<OffsetFetchResponsePartition> partitions;

    static constexpr auto fields() {
      return field_list(field("Name", &OffsetFetchResponseTopic::name, "0-7"),
                        field("Partitions", &OffsetFetchResponseTopic::partitions, "0-7"));
    }
    friend bool operator==(const OffsetFetchResponseTopic&, const OffsetFetchResponseTopic&) = default;
  };

  struct OffsetFetchResponsePartitions {
    std::int32_t partition_index = 0;
    std::int64_t committed_offset = 0;
    std::int32_t committed_leader_epoch = -1;
    std::optional<std::string> metadata{std::in_place};
    std::int16_t error_code = 0;

    static constexpr auto fields() {
      return field_list(
          field("PartitionIndex", &OffsetFetchResponsePartitions::partition_index, "8+"),
          field("CommittedOffset", &OffsetFetchResponsePartitions::committed_offset, "8+"),
          field("CommittedLeaderEpoch", &OffsetFetchResponsePartitions::committed_leader_epoch, "8+").ignorable(),
          field("Metadata", &OffsetFetchResponsePartitions::metadata, "8+").nullable("8+"),
          field("ErrorCode", &OffsetFetchResponsePartitions::error_code, "8+"));
    }
    friend bool operator==(const OffsetFetchResponsePartitions&, const OffsetFetchResponsePartitions&) = default;
  };

  struct OffsetFetchResponseTopics {
    std::string name;
    Uuid topic_id;
    std::vector<OffsetFetchResponsePartitions> partitions;

    static constexpr auto fields() {
      return field_list(field("Name", &OffsetFetchResponseTopics::name, "8-9").ignorable(),
                        field("TopicId", &OffsetFetchResponseTopics::topic_id, "10+").ignorable(),
                        field("Partitions", &OffsetFetchResponseTopics::partitions, "8+"));
    }
    friend bool operator==(const OffsetFetchResponseTopics&, const OffsetFetchResponseTopics&) = default;
  };

  struct OffsetFetchResponseGroup {
    std::string group_id;
    std::vector<OffsetFetchResponseTopics> topics;
    std::int16_t error_code = 0;

    static constexpr auto fields() {
      return field_list(field("GroupId", &OffsetFetchResponseGroup::group_id, "8+"),
                        field("Topics", &OffsetFetchResponseGroup::topics, "8+"),
                        field("ErrorCode", &OffsetFetchResponseGroup::error_code, "8+"));
    }
    friend bool operator==(const OffsetFetchResponseGroup&, const OffsetFetchResponseGroup&) = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<OffsetFetchResponseTopic> topics;
  std::int16_t error_code = 0;
  std::vector<OffsetFetchResponseGroup> groups;

  static constexpr auto fields() {
    return field_list(field("ThrottleTimeMs", &OffsetFetchResponse::throttle_time_ms, "3+").ignorable(),
                      field("Topics", &OffsetFetchResponse::topics, "0-7"),
                      field("ErrorCode", &OffsetFetchResponse::error_code, "2-7").ignorable(),
                      field("Groups", &OffsetFetchResponse::groups, "8+"));
  }
  friend bool operator==(const OffsetFetchResponse&, const OffsetFetchResponse&) = default;
};

}  // namespace linger

LINGER_DECLARE_MESSAGE(linger::OffsetFetchRequest);
LINGER_DECLARE_MESSAGE(linger::OffsetFetchResponse);

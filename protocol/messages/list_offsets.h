#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/message.h"

namespace linger {

struct ListOffsetsResponse;

/// Offsets by timestamp, and the earliest and latest ones.
struct ListOffsetsRequest {
  static constexpr MessageSpec spec{"ListOffsetsRequest", MessageType::request, 2, "1-11", "6+"};
  using Response = ListOffsetsResponse;

  struct ListOffsetsPartition {
    std::int32_t partition_index = 0;
    std::int32_t current_leader_epoch = -1;
    std::int64_t timestamp = 0;

    static constexpr auto fields() {
      return field_list(field("PartitionIndex", &ListOffsetsPartition::partition_index, "0+"),
                        field("CurrentLeaderEpoch", &ListOffsetsPartition::current_leader_epoch, "4+").ignorable(),
                        field("Timestamp", &ListOffsetsPartition::timestamp, "0+"));
    }
    friend bool operator==(const ListOffsetsPartition&, const ListOffsetsPartition&) = default;
  };

  struct ListOffsetsTopic {
    std::string name;
    std::vector<ListOffsetsPartition> partitions;

    static constexpr auto fields() {
      return field_list(field("Name", &ListOffsetsTopic::name, "0+"),
                        field("Partitions", &ListOffsetsTopic::partitions, "0+"));
    }
    friend bool operator==(const ListOffsetsTopic&, const ListOffsetsTopic&) = default;
  };

  std::int32_t replica_id = 0;
  std::int8_t isolation_level = 0;
  std::vector<ListOffsetsTopic> topics;
  std::int32_t timeout_ms = 0;

  static constexpr auto fields() {
    return field_list(field("ReplicaId", &ListOffsetsRequest::replica_id, "0+"),
                      field("IsolationLevel", &ListOffsetsRequest::isolation_level, "2+"),
                      field("Topics", &ListOffsetsRequest::topics, "0+"),
                      field("TimeoutMs", &ListOffsetsRequest::timeout_ms, "10+").ignorable());
  }
  friend bool operator==(const ListOffsetsRequest&, const ListOffsetsRequest&) = default;
};

/// The offset found for each partition.
struct ListOffsetsResponse {
  static constexpr MessageSpec spec{"ListOffsetsResponse", MessageType::response, 2, "1-11", "6+"};

  struct ListOffsetsPartitionResponse {
    std::int32_t partition_index = 0;
    std::int16_t error_code = 0;
    std::int64_t timestamp = -1;
    std::int64_t offset = -1;
    std::int32_t leader_epoch = -1;

    static constexpr auto fields() {
      return field_list(field("PartitionIndex", &ListOffsetsPartitionResponse::partition_index, "0+"),
                        field("ErrorCode", &ListOffsetsPartitionResponse::error_code, "0+"),
                        field("Timestamp", &ListOffsetsPartitionResponse::timestamp, "1+"),
                        field("Offset", &ListOffsetsPartitionResponse::offset, "1+"),
                        field("LeaderEpoch", &ListOffsetsPartitionResponse::leader_epoch, "4+"));
    }
    friend bool operator==(const ListOffsetsPartitionResponse&, const ListOffsetsPartitionResponse&) = default;
  };

  struct ListOffsetsTopicResponse {
    std::string name;
    std::vector<ListOffsetsPartitionResponse> partitions;

    static constexpr auto fields() {
      return field_list(field("Name", &ListOffsetsTopicResponse::name, "0+"),
                        field("Partitions", &ListOffsetsTopicResponse::partitions, "0+"));
    }
    friend bool operator==(const ListOffsetsTopicResponse&, const ListOffsetsTopicResponse&) = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<ListOffsetsTopicResponse> topics;

  static constexpr auto fields() {
    return field_list(field("ThrottleTimeMs", &ListOffsetsResponse::throttle_time_ms, "2+").ignorable(),
                      field("Topics", &ListOffsetsResponse::topics, "0+"));
  }
  friend bool operator==(const ListOffsetsResponse&, const ListOffsetsResponse&) = default;
};

}  // namespace linger

LINGER_DECLARE_MESSAGE(linger::ListOffsetsRequest);
LINGER_DECLARE_MESSAGE(linger::ListOffsetsResponse);

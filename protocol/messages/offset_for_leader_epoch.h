#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/message.h"

namespace linger {

struct OffsetForLeaderEpochResponse;

/// Where does this leader epoch end in your log? Asked before truncating.
struct OffsetForLeaderEpochRequest {
  static constexpr MessageSpec spec{"OffsetForLeaderEpochRequest", MessageType::request, 23, "2-4", "4+"};
  using Response = OffsetForLeaderEpochResponse;

  struct OffsetForLeaderPartition {
    std::int32_t partition = 0;
    std::int32_t current_leader_epoch = -1;
    std::int32_t leader_epoch = 0;

    static constexpr auto fields() {
      return field_list(field("Partition", &OffsetForLeaderPartition::partition, "0+"),
                        field("CurrentLeaderEpoch", &OffsetForLeaderPartition::current_leader_epoch, "2+").ignorable(),
                        field("LeaderEpoch", &OffsetForLeaderPartition::leader_epoch, "0+"));
    }
    friend bool operator==(const OffsetForLeaderPartition&, const OffsetForLeaderPartition&) = default;
  };

  struct OffsetForLeaderTopic {
    std::string topic;
    std::vector<OffsetForLeaderPartition> partitions;

    static constexpr auto fields() {
      return field_list(field("Topic", &OffsetForLeaderTopic::topic, "0+"),
                        field("Partitions", &OffsetForLeaderTopic::partitions, "0+"));
    }
    friend bool operator==(const OffsetForLeaderTopic&, const OffsetForLeaderTopic&) = default;
  };

  std::int32_t replica_id = -2;
  std::vector<OffsetForLeaderTopic> topics;

  static constexpr auto fields() {
    return field_list(field("ReplicaId", &OffsetForLeaderEpochRequest::replica_id, "3+").ignorable(),
                      field("Topics", &OffsetForLeaderEpochRequest::topics, "0+"));
  }
  friend bool operator==(const OffsetForLeaderEpochRequest&, const OffsetForLeaderEpochRequest&) = default;
};

/// The end of the largest epoch not above the one asked for.
struct OffsetForLeaderEpochResponse {
  static constexpr MessageSpec spec{"OffsetForLeaderEpochResponse", MessageType::response, 23, "2-4", "4+"};

  struct EpochEndOffset {
    std::int16_t error_code = 0;
    std::int32_t partition = 0;
    std::int32_t leader_epoch = -1;
    std::int64_t end_offset = -1;

    static constexpr auto fields() {
      return field_list(field("ErrorCode", &EpochEndOffset::error_code, "0+"),
                        field("Partition", &EpochEndOffset::partition, "0+"),
                        field("LeaderEpoch", &EpochEndOffset::leader_epoch, "1+").ignorable(),
                        field("EndOffset", &EpochEndOffset::end_offset, "0+"));
    }
    friend bool operator==(const EpochEndOffset&, const EpochEndOffset&) = default;
  };

  struct OffsetForLeaderTopicResult {
    std::string topic;
    std::vector<EpochEndOffset> partitions;

    static constexpr auto fields() {
      return field_list(field("Topic", &OffsetForLeaderTopicResult::topic, "0+"),
                        field("Partitions", &OffsetForLeaderTopicResult::partitions, "0+"));
    }
    friend bool operator==(const OffsetForLeaderTopicResult&, const OffsetForLeaderTopicResult&) = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<OffsetForLeaderTopicResult> topics;

  static constexpr auto fields() {
    return field_list(field("ThrottleTimeMs", &OffsetForLeaderEpochResponse::throttle_time_ms, "2+").ignorable(),
                      field("Topics", &OffsetForLeaderEpochResponse::topics, "0+"));
  }
  friend bool operator==(const OffsetForLeaderEpochResponse&, const OffsetForLeaderEpochResponse&) = default;
};

}  // namespace linger

LINGER_DECLARE_MESSAGE(linger::OffsetForLeaderEpochRequest);
LINGER_DECLARE_MESSAGE(linger::OffsetForLeaderEpochResponse);

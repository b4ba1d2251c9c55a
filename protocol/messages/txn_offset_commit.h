#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/message.h"

namespace linger {

struct TxnOffsetCommitResponse;

/// Commits a group's offsets as part of a transaction.
struct TxnOffsetCommitRequest {
  static constexpr MessageSpec spec{"TxnOffsetCommitRequest", MessageType::request, 28, "0-5", "3+"};
  using Response = TxnOffsetCommitResponse;

  struct TxnOffsetCommitRequestPartition {
    std::int32_t partition_index = 0;
    std::int64_t committed_offset = 0;
    std::int32_t committed_leader_epoch = -1;
    std::optional<std::string> committed_metadata{std::in_place};

    static constexpr auto fields() {
      return field_list(
          field("PartitionIndex", &TxnOffsetCommitRequestPartition::partition_index, "0+"),
          field("CommittedOffset", &TxnOffsetCommitRequestPartition::committed_offset, "0+"),
          field("CommittedLeaderEpoch", &TxnOffsetCommitRequestPartition::committed_leader_epoch, "2+").ignorable(),
          field("CommittedMetadata", &TxnOffsetCommitRequestPartition::committed_metadata, "0+").nullable("0+"));
    }
    friend bool operator==(const TxnOffsetCommitRequestPartition&, const TxnOffsetCommitRequestPartition&) = default;
  };

  struct TxnOffsetCommitRequestTopic {
    std::string name;
    std::vector<TxnOffsetCommitRequestPartition> partitions;

    static constexpr auto fields() {
      return field_list(field("Name", &TxnOffsetCommitRequestTopic::name, "0+"),
                        field("Partitions", &TxnOffsetCommitRequestTopic::partitions, "0+"));
    }
    friend bool operator==(const TxnOffsetCommitRequestTopic&, const TxnOffsetCommitRequestTopic&) = default;
  };

  std::string transactional_id;
  std::string group_id;
  std::int64_t producer_id = 0;
  std::int16_t producer_epoch = 0;
  std::int32_t generation_id = -1;
  std::string member_id;
  std::optional<std::string> group_instance_id;
  std::vector<TxnOffsetCommitRequestTopic> topics;

  static constexpr auto fields() {
    return field_list(field("TransactionalId", &TxnOffsetCommitRequest::transactional_id, "0+"),
                      field("GroupId", &TxnOffsetCommitRequest::group_id, "0+"),
                      field("ProducerId", &TxnOffsetCommitRequest::producer_id, "0+"),
                      field("ProducerEpoch", &TxnOffsetCommitRequest::producer_epoch, "0+"),
                      field("GenerationId", &TxnOffsetCommitRequest::generation_id, "3+"),
                      field("MemberId", &TxnOffsetCommitRequest::member_id, "3+"),
                      field("GroupInstanceId", &TxnOffsetCommitRequest::group_instance_id, "3+").nullable("3+"),
                      field("Topics", &TxnOffsetCommitRequest::topics, "0+"));
  }
  friend bool operator==(const TxnOffsetCommitRequest&, const TxnOffsetCommitRequest&) = default;
};

/// What became of each offset.
struct TxnOffsetCommitResponse {
  static constexpr MessageSpec spec{"TxnOffsetCommitResponse", MessageType::response, 28, "0-5", "3+"};

  struct TxnOffsetCommitResponsePartition {
    std::int32_t partition_index = 0;
    std::int16_t error_code = 0;

    static constexpr auto fields() {
      return field_list(field("PartitionIndex", &TxnOffsetCommitResponsePartition::partition_index, "0+"),
                        field("ErrorCode", &TxnOffsetCommitResponsePartition::error_code, "0+"));
    }
    friend bool operator==(const TxnOffsetCommitResponsePartition&, const TxnOffsetCommitResponsePartition&) = default;
  };

  struct TxnOffsetCommitResponseTopic {
    std::string name;
    std::vector<TxnOffsetCommitResponsePartition> partitions;

    static constexpr auto fields() {
      return field_list(field("Name", &TxnOffsetCommitResponseTopic::name, "0+"),
                        field("Partitions", &TxnOffsetCommitResponseTopic::partitions, "0+"));
    }
    friend bool operator==(const TxnOffsetCommitResponseTopic&, const TxnOffsetCommitResponseTopic&) = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<TxnOffsetCommitResponseTopic> topics;

  static constexpr auto fields() {
    return field_list(field("ThrottleTimeMs", &TxnOffsetCommitResponse::throttle_time_ms, "0+"),
                      field("Topics", &TxnOffsetCommitResponse::topics, "0+"));
  }
  friend bool operator==(const TxnOffsetCommitResponse&, const TxnOffsetCommitResponse&) = default;
};

}  // namespace linger

LINGER_DECLARE_MESSAGE(linger::TxnOffsetCommitRequest);
LINGER_DECLARE_MESSAGE(linger::TxnOffsetCommitResponse);

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/message.h"

namespace linger::broker {

struct VoteResponse;

/// A controller asks another for its vote (KIP-595). Version 0 is all that the model's controllers speak.
struct VoteRequest {
  static constexpr MessageSpec spec{"VoteRequest", MessageType::request, 52, "0", "0+"};
  using Response = VoteResponse;

  struct PartitionData {
    std::int32_t partition_index = 0;
    std::int32_t replica_epoch = 0;
    std::int32_t replica_id = 0;
    std::int32_t last_offset_epoch = 0;
    std::int64_t last_offset = 0;
    static constexpr auto fields() {
      return field_list(field("PartitionIndex", &PartitionData::partition_index, "0+"),
                        field("ReplicaEpoch", &PartitionData::replica_epoch, "0+"),
                        field("ReplicaId", &PartitionData::replica_id, "0+"),
                        field("LastOffsetEpoch", &PartitionData::last_offset_epoch, "0+"),
                        field("LastOffset", &PartitionData::last_offset, "0+"));
    }
    friend bool operator==(const PartitionData&, const PartitionData&) = default;
  };
  struct TopicData {
    std::string topic_name;
    std::vector<PartitionData> partitions;
    static constexpr auto fields() {
      return field_list(field("TopicName", &TopicData::topic_name, "0+"),
                        field("Partitions", &TopicData::partitions, "0+"));
    }
    friend bool operator==(const TopicData&, const TopicData&) = default;
  };
  std::optional<std::string> cluster_id;
  std::vector<TopicData> topics;
  static constexpr auto fields() {
    return field_list(field("ClusterId", &VoteRequest::cluster_id, "0+").nullable("0+"),
                      field("Topics", &VoteRequest::topics, "0+"));
  }
  friend bool operator==(const VoteRequest&, const VoteRequest&) = default;
};

struct VoteResponse {
  static constexpr MessageSpec spec{"VoteResponse", MessageType::response, 52, "0", "0+"};

  struct PartitionData {
    std::int32_t partition_index = 0;
    std::int16_t error_code = 0;
    std::int32_t leader_id = -1;
    std::int32_t leader_epoch = 0;
    bool vote_granted = false;
    static constexpr auto fields() {
      return field_list(field("PartitionIndex", &PartitionData::partition_index, "0+"),
                        field("ErrorCode", &PartitionData::error_code, "0+"),
                        field("LeaderId", &PartitionData::leader_id, "0+"),
                        field("LeaderEpoch", &PartitionData::leader_epoch, "0+"),
                        field("VoteGranted", &PartitionData::vote_granted, "0+"));
    }
    friend bool operator==(const PartitionData&, const PartitionData&) = default;
  };
  struct TopicData {
    std::string topic_name;
    std::vector<PartitionData> partitions;
    static constexpr auto fields() {
      return field_list(field("TopicName", &TopicData::topic_name, "0+"),
                        field("Partitions", &TopicData::partitions, "0+"));
    }
    friend bool operator==(const TopicData&, const TopicData&) = default;
  };
  std::int16_t error_code = 0;
  std::vector<TopicData> topics;
  static constexpr auto fields() {
    return field_list(field("ErrorCode", &VoteResponse::error_code, "0+"),
                      field("Topics", &VoteResponse::topics, "0+"));
  }
  friend bool operator==(const VoteResponse&, const VoteResponse&) = default;
};

}  // namespace linger::broker

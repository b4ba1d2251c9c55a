#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/message.h"

namespace linger {

struct ElectLeadersResponse;

/// Asks for a preferred or an unclean election.
struct ElectLeadersRequest {
  static constexpr MessageSpec spec{"ElectLeadersRequest", MessageType::request, 43, "0-2", "2+"};
  using Response = ElectLeadersResponse;

  struct TopicPartitions {
    std::string topic;
    std::vector<std::int32_t> partitions;

    static constexpr auto fields() {
      return field_list(field("Topic", &TopicPartitions::topic, "0+"),
                        field("Partitions", &TopicPartitions::partitions, "0+"));
    }
    friend bool operator==(const TopicPartitions&, const TopicPartitions&) = default;
  };

  std::int8_t election_type = 0;
  std::optional<std::vector<TopicPartitions>> topic_partitions{std::in_place};
  std::int32_t timeout_ms = 60000;

  static constexpr auto fields() {
    return field_list(field("ElectionType", &ElectLeadersRequest::election_type, "1+"),
                      field("TopicPartitions", &ElectLeadersRequest::topic_partitions, "0+").nullable("0+"),
                      field("TimeoutMs", &ElectLeadersRequest::timeout_ms, "0+"));
  }
  friend bool operator==(const ElectLeadersRequest&, const ElectLeadersRequest&) = default;
};

/// What became of each election.
struct ElectLeadersResponse {
  static constexpr MessageSpec spec{"ElectLeadersResponse", MessageType::response, 43, "0-2", "2+"};

  struct PartitionResult {
    std::int32_t partition_id = 0;
    std::int16_t error_code = 0;
    std::optional<std::string> error_message{std::in_place};

    static constexpr auto fields() {
      return field_list(field("PartitionId", &PartitionResult::partition_id, "0+"),
                        field("ErrorCode", &PartitionResult::error_code, "0+"),
                        field("ErrorMessage", &PartitionResult::error_message, "0+").nullable("0+"));
    }
    friend bool operator==(const PartitionResult&, const PartitionResult&) = default;
  };

  struct ReplicaElectionResult {
    std::string topic;
    std::vector<PartitionResult> partition_result;

    static constexpr auto fields() {
      return field_list(field("Topic", &ReplicaElectionResult::topic, "0+"),
                        field("PartitionResult", &ReplicaElectionResult::partition_result, "0+"));
    }
    friend bool operator==(const ReplicaElectionResult&, const ReplicaElectionResult&) = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::vector<ReplicaElectionResult> replica_election_results;

  static constexpr auto fields() {
    return field_list(field("ThrottleTimeMs", &ElectLeadersResponse::throttle_time_ms, "0+"),
                      field("ErrorCode", &ElectLeadersResponse::error_code, "1+"),
                      field("ReplicaElectionResults", &ElectLeadersResponse::replica_election_results, "0+"));
  }
  friend bool operator==(const ElectLeadersResponse&, const ElectLeadersResponse&) = default;
};

}  // namespace linger

LINGER_DECLARE_MESSAGE(linger::ElectLeadersRequest);
LINGER_DECLARE_MESSAGE(linger::ElectLeadersResponse);

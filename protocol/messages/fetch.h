#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "protocol/message.h"

namespace linger {

struct FetchResponse;

/// Followers and consumers ask a leader for records; fetch sessions name only what changed.
struct FetchRequest {
  static constexpr MessageSpec spec{"FetchRequest", MessageType::request, 1, "4-18", "12+"};
  using Response = FetchResponse;

  struct ReplicaState {
    std::int32_t replica_id = -1;
    std::int64_t replica_epoch = -1;

    static constexpr auto fields() {
      return field_list(field("ReplicaId", &ReplicaState::replica_id, "15+"),
                        field("ReplicaEpoch", &ReplicaState::replica_epoch, "15+"));
    }
    friend bool operator==(const ReplicaState&, const ReplicaState&) = default;
  };

  struct FetchPartition {
    std::int32_t partition = 0;
    std::int32_t current_leader_epoch = -1;
    std::int64_t fetch_offset = 0;
    std::int32_t last_fetched_epoch = -1;
    std::int64_t log_start_offset = -1;
    std::int32_t partition_max_bytes = 0;
    Uuid replica_directory_id;
    std::int64_t high_watermark = std::numeric_limits<std::int64_t>::max();

    static constexpr auto fields() {
      return field_list(
          field("Partition", &FetchPartition::partition, "0+"),
          field("CurrentLeaderEpoch", &FetchPartition::current_leader_epoch, "9+").ignorable(),
          field("FetchOffset", &FetchPartition::fetch_offset, "0+"),
          field("LastFetchedEpoch", &FetchPartition::last_fetched_epoch, "12+"),
          field("LogStartOffset", &FetchPartition::log_start_offset, "5+").ignorable(),
          field("PartitionMaxBytes", &FetchPartition::partition_max_bytes, "0+"),
          field("ReplicaDirectoryId", &FetchPartition::replica_directory_id, "17+").tagged(0, "17+").ignorable(),
          field("HighWatermark", &FetchPartition::high_watermark, "18+").tagged(1, "18+").ignorable());
    }
    friend bool operator==(const FetchPartition&, const FetchPartition&) = default;
  };

  struct FetchTopic {
    std::string topic;
    Uuid topic_id;
    std::vector<FetchPartition> partitions;

    static constexpr auto fields() {
      return field_list(field("Topic", &FetchTopic::topic, "0-12").ignorable(),
                        field("TopicId", &FetchTopic::topic_id, "13+").ignorable(),
                        field("Partitions", &FetchTopic::partitions, "0+"));
    }
    friend bool operator==(const FetchTopic&, const FetchTopic&) = default;
  };

  struct ForgottenTopic {
    std::string topic;
    Uuid topic_id;
    std::vector<std::int32_t> partitions;

    static constexpr auto fields() {
      return field_list(field("Topic", &ForgottenTopic::topic, "7-12").ignorable(),
                        field("TopicId", &ForgottenTopic::topic_id, "13+").ignorable(),
                        field("Partitions", &ForgottenTopic::partitions, "7+"));
    }
    friend bool operator==(const ForgottenTopic&, const ForgottenTopic&) = default;
  };

  std::optional<std::string> cluster_id;
  std::int32_t replica_id = -1;
  ReplicaState replica_state;
  std::int32_t max_wait_ms = 0;
  std::int32_t min_bytes = 0;
  std::int32_t max_bytes = std::numeric_limits<std::int32_t>::max();
  std::int8_t isolation_level = 0;
  std::int32_t session_id = 0;
  std::int32_t session_epoch = -1;
  std::vector<FetchTopic> topics;
  std::vector<ForgottenTopic> forgotten_topics_data;
  std::string rack_id;

  static constexpr auto fields() {
    return field_list(field("ClusterId", &FetchRequest::cluster_id, "12+").nullable("12+").tagged(0, "12+").ignorable(),
                      field("ReplicaId", &FetchRequest::replica_id, "0-14"),
                      field("ReplicaState", &FetchRequest::replica_state, "15+").tagged(1, "15+"),
                      field("MaxWaitMs", &FetchRequest::max_wait_ms, "0+"),
                      field("MinBytes", &FetchRequest::min_bytes, "0+"),
                      field("MaxBytes", &FetchRequest::max_bytes, "3+").ignorable(),
                      field("IsolationLevel", &FetchRequest::isolation_level, "4+").ignorable(),
                      field("SessionId", &FetchRequest::session_id, "7+").ignorable(),
                      field("SessionEpoch", &FetchRequest::session_epoch, "7+").ignorable(),
                      field("Topics", &FetchRequest::topics, "0+"),
                      field("ForgottenTopicsData", &FetchRequest::forgotten_topics_data, "7+"),
                      field("RackId", &FetchRequest::rack_id, "11+").ignorable());
  }
  friend bool operator==(const FetchRequest&, const FetchRequest&) = default;
};

/// Records and marks of each partition.
struct FetchResponse {
  static constexpr MessageSpec spec{"FetchResponse", MessageType::response, 1, "4-18", "12+"};

  struct EpochEndOffset {
    std::int32_t epoch = -1;
    std::int64_t end_offset = -1;

    static constexpr auto fields() {
      return field_list(field("Epoch", &EpochEndOffset::epoch, "12+"),
                        field("EndOffset", &EpochEndOffset::end_offset, "12+"));
    }
    friend bool operator==(const EpochEndOffset&, const EpochEndOffset&) = default;
  };

  struct LeaderIdAndEpoch {
    std::int32_t leader_id = -1;
    std::int32_t leader_epoch = -1;

    static constexpr auto fields() {
      return field_list(field("LeaderId", &LeaderIdAndEpoch::leader_id, "12+"),
                        field("LeaderEpoch", &LeaderIdAndEpoch::leader_epoch, "12+"));
    }
    friend bool operator==(const LeaderIdAndEpoch&, const LeaderIdAndEpoch&) = default;
  };

  struct SnapshotId {
    std::int64_t end_offset = -1;
    std::int32_t epoch = -1;

    static constexpr auto fields() {
      return field_list(field("EndOffset", &SnapshotId::end_offset, "0+"), field("Epoch", &SnapshotId::epoch, "0+"));
    }
    friend bool operator==(const SnapshotId&, const SnapshotId&) = default;
  };

  struct AbortedTransaction {
    std::int64_t producer_id = 0;
    std::int64_t first_offset = 0;

    static constexpr auto fields() {
      return field_list(field("ProducerId", &AbortedTransaction::producer_id, "4+"),
                        field("FirstOffset", &AbortedTransaction::first_offset, "4+"));
    }
    friend bool operator==(const AbortedTransaction&, const AbortedTransaction&) = default;
  };

  struct PartitionData {
    std::int32_t partition_index = 0;
    std::int16_t error_code = 0;
    std::int64_t high_watermark = 0;
    std::int64_t last_stable_offset = -1;
    std::int64_t log_start_offset = -1;
    EpochEndOffset diverging_epoch;
    LeaderIdAndEpoch current_leader;
    SnapshotId snapshot_id;
    std::optional<std::vector<AbortedTransaction>> aborted_transactions{std::in_place};
    std::int32_t preferred_read_replica = -1;
    RecordsView records;

    static constexpr auto fields() {
      return field_list(
          field("PartitionIndex", &PartitionData::partition_index, "0+"),
          field("ErrorCode", &PartitionData::error_code, "0+"),
          field("HighWatermark", &PartitionData::high_watermark, "0+"),
          field("LastStableOffset", &PartitionData::last_stable_offset, "4+").ignorable(),
          field("LogStartOffset", &PartitionData::log_start_offset, "5+").ignorable(),
          field("DivergingEpoch", &PartitionData::diverging_epoch, "12+").tagged(0, "12+"),
          field("CurrentLeader", &PartitionData::current_leader, "12+").tagged(1, "12+"),
          field("SnapshotId", &PartitionData::snapshot_id, "12+").tagged(2, "12+"),
          field("AbortedTransactions", &PartitionData::aborted_transactions, "4+").nullable("4+").ignorable(),
          field("PreferredReadReplica", &PartitionData::preferred_read_replica, "11+"),
          field("Records", &PartitionData::records, "0+").nullable("0+"));
    }
    friend bool operator==(const PartitionData&, const PartitionData&) = default;
  };

  struct FetchableTopicResponse {
    std::string topic;
    Uuid topic_id;
    std::vector<PartitionData> partitions;

    static constexpr auto fields() {
      return field_list(field("Topic", &FetchableTopicResponse::topic, "0-12").ignorable(),
                        field("TopicId", &FetchableTopicResponse::topic_id, "13+").ignorable(),
                        field("Partitions", &FetchableTopicResponse::partitions, "0+"));
    }
    friend bool operator==(const FetchableTopicResponse&, const FetchableTopicResponse&) = default;
  };

  struct NodeEndpoint {
    std::int32_t node_id = 0;
    std::string host;
    std::int32_t port = 0;
    std::optional<std::string> rack;

    static constexpr auto fields() {
      return field_list(field("NodeId", &NodeEndpoint::node_id, "16+"), field("Host", &NodeEndpoint::host, "16+"),
                        field("Port", &NodeEndpoint::port, "16+"),
                        field("Rack", &NodeEndpoint::rack, "16+").nullable("16+"));
    }
    friend bool operator==(const NodeEndpoint&, const NodeEndpoint&) = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::int32_t session_id = 0;
  std::vector<FetchableTopicResponse> responses;
  std::vector<NodeEndpoint> node_endpoints;

  static constexpr auto fields() {
    return field_list(field("ThrottleTimeMs", &FetchResponse::throttle_time_ms, "1+").ignorable(),
                      field("ErrorCode", &FetchResponse::error_code, "7+").ignorable(),
                      field("SessionId", &FetchResponse::session_id, "7+"),
                      field("Responses", &FetchResponse::responses, "0+"),
                      field("NodeEndpoints", &FetchResponse::node_endpoints, "16+").tagged(0, "16+"));
  }
  friend bool operator==(const FetchResponse&, const FetchResponse&) = default;
};

}  // namespace linger

LINGER_DECLARE_MESSAGE(linger::FetchRequest);
LINGER_DECLARE_MESSAGE(linger::FetchResponse);

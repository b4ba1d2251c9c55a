#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/message.h"

namespace linger {

struct MetadataResponse;

/// Which brokers, topics, partitions and leaders there are.
struct MetadataRequest {
  static constexpr MessageSpec spec{"MetadataRequest", MessageType::request, 3, "0-13", "9+"};
  using Response = MetadataResponse;

  struct MetadataRequestTopic {
    Uuid topic_id;
    std::optional<std::string> name{std::in_place};

    static constexpr auto fields() {
      return field_list(field("TopicId", &MetadataRequestTopic::topic_id, "10+").ignorable(),
                        field("Name", &MetadataRequestTopic::name, "0+").nullable("10+"));
    }
    friend bool operator==(const MetadataRequestTopic&, const MetadataRequestTopic&) = default;
  };

  std::optional<std::vector<MetadataRequestTopic>> topics{std::in_place};
  bool allow_auto_topic_creation = true;
  bool include_cluster_authorized_operations = false;
  bool include_topic_authorized_operations = false;

  static constexpr auto fields() {
    return field_list(
        field("Topics", &MetadataRequest::topics, "0+").nullable("1+"),
        field("AllowAutoTopicCreation", &MetadataRequest::allow_auto_topic_creation, "4+"),
        field("IncludeClusterAuthorizedOperations", &MetadataRequest::include_cluster_authorized_operations, "8-10"),
        field("IncludeTopicAuthorizedOperations", &MetadataRequest::include_topic_authorized_operations, "8+"));
  }
  friend bool operator==(const MetadataRequest&, const MetadataRequest&) = default;
};

/// The cluster as the answering broker knows it, perhaps late.
struct MetadataResponse {
  static constexpr MessageSpec spec{"MetadataResponse", MessageType::response, 3, "0-13", "9+"};

  struct MetadataResponseBroker {
    std::int32_t node_id = 0;
    std::string host;
    std::int32_t port = 0;
    std::optional<std::string> rack;

    static constexpr auto fields() {
      return field_list(field("NodeId", &MetadataResponseBroker::node_id, "0+"),
                        field("Host", &MetadataResponseBroker::host, "0+"),
                        field("Port", &MetadataResponseBroker::port, "0+"),
                        field("Rack", &MetadataResponseBroker::rack, "1+").nullable("1+").ignorable());
    }
    friend bool operator==(const MetadataResponseBroker&, const MetadataResponseBroker&) = default;
  };

  struct MetadataResponsePartition {
    std::int16_t error_code = 0;
    std::int32_t partition_index = 0;
    std::int32_t leader_id = 0;
    std::int32_t leader_epoch = -1;
    std::vector<std::int32_t> replica_nodes;
    std::vector<std::int32_t> isr_nodes;
    std::vector<std::int32_t> offline_replicas;

    static constexpr auto fields() {
      return field_list(field("ErrorCode", &MetadataResponsePartition::error_code, "0+"),
                        field("PartitionIndex", &MetadataResponsePartition::partition_index, "0+"),
                        field("LeaderId", &MetadataResponsePartition::leader_id, "0+"),
                        field("LeaderEpoch", &MetadataResponsePartition::leader_epoch, "7+").ignorable(),
                        field("ReplicaNodes", &MetadataResponsePartition::replica_nodes, "0+"),
                        field("IsrNodes", &MetadataResponsePartition::isr_nodes, "0+"),
                        field("OfflineReplicas", &MetadataResponsePartition::offline_replicas, "5+").ignorable());
    }
    friend bool operator==(const MetadataResponsePartition&, const MetadataResponsePartition&) = default;
  };

  struct MetadataResponseTopic {
    std::int16_t error_code = 0;
    std::optional<std::string> name{std::in_place};
    Uuid topic_id;
    bool is_internal = false;
    std::vector<MetadataResponsePartition> partitions;
    std::int32_t topic_authorized_operations = -2147483648;

    static constexpr auto fields() {
      return field_list(field("ErrorCode", &MetadataResponseTopic::error_code, "0+"),
                        field("Name", &MetadataResponseTopic::name, "0+").nullable("12+"),
                        field("TopicId", &MetadataResponseTopic::topic_id, "10+").ignorable(),
                        field("IsInternal", &MetadataResponseTopic::is_internal, "1+").ignorable(),
                        field("Partitions", &MetadataResponseTopic::partitions, "0+"),
                        field("TopicAuthorizedOperations", &MetadataResponseTopic::topic_authorized_operations, "8+"));
    }
    friend bool operator==(const MetadataResponseTopic&, const MetadataResponseTopic&) = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<MetadataResponseBroker> brokers;
  std::optional<std::string> cluster_id;
  std::int32_t controller_id = -1;
  std::vector<MetadataResponseTopic> topics;
  std::int32_t cluster_authorized_operations = -2147483648;
  std::int16_t error_code = 0;

  static constexpr auto fields() {
    return field_list(field("ThrottleTimeMs", &MetadataResponse::throttle_time_ms, "3+").ignorable(),
                      field("Brokers", &MetadataResponse::brokers, "0+"),
                      field("ClusterId", &MetadataResponse::cluster_id, "2+").nullable("2+").ignorable(),
                      field("ControllerId", &MetadataResponse::controller_id, "1+").ignorable(),
                      field("Topics", &MetadataResponse::topics, "0+"),
                      field("ClusterAuthorizedOperations", &MetadataResponse::cluster_authorized_operations, "8-10"),
                      field("ErrorCode", &MetadataResponse::error_code, "13+").ignorable());
  }
  friend bool operator==(const MetadataResponse&, const MetadataResponse&) = default;
};

}  // namespace linger

LINGER_DECLARE_MESSAGE(linger::MetadataRequest);
LINGER_DECLARE_MESSAGE(linger::MetadataResponse);

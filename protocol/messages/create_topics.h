#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/message.h"

namespace linger {

struct CreateTopicsResponse;

/// Asks for new topics.
struct CreateTopicsRequest {
  static constexpr MessageSpec spec{"CreateTopicsRequest", MessageType::request, 19, "2-7", "5+"};
  using Response = CreateTopicsResponse;

  struct CreatableReplicaAssignment {
    std::int32_t partition_index = 0;
    std::vector<std::int32_t> broker_ids;

    static constexpr auto fields() {
      return field_list(field("PartitionIndex", &CreatableReplicaAssignment::partition_index, "0+"),
                        field("BrokerIds", &CreatableReplicaAssignment::broker_ids, "0+"));
    }
    friend bool operator==(const CreatableReplicaAssignment&, const CreatableReplicaAssignment&) = default;
  };

  struct CreatableTopicConfig {
    std::string name;
    std::optional<std::string> value{std::in_place};

    static constexpr auto fields() {
      return field_list(field("Name", &CreatableTopicConfig::name, "0+"),
                        field("Value", &CreatableTopicConfig::value, "0+").nullable("0+"));
    }
    friend bool operator==(const CreatableTopicConfig&, const CreatableTopicConfig&) = default;
  };

  struct CreatableTopic {
    std::string name;
    std::int32_t num_partitions = 0;
    std::int16_t replication_factor = 0;
    std::vector<CreatableReplicaAssignment> assignments;
    std::vector<CreatableTopicConfig> configs;

    static constexpr auto fields() {
      return field_list(
          field("Name", &CreatableTopic::name, "0+"), field("NumPartitions", &CreatableTopic::num_partitions, "0+"),
          field("ReplicationFactor", &CreatableTopic::replication_factor, "0+"),
          field("Assignments", &CreatableTopic::assignments, "0+"), field("Configs", &CreatableTopic::configs, "0+"));
    }
    friend bool operator==(const CreatableTopic&, const CreatableTopic&) = default;
  };

  std::vector<CreatableTopic> topics;
  std::int32_t timeout_ms = 60000;
  bool validate_only = false;

  static constexpr auto fields() {
    return field_list(field("Topics", &CreateTopicsRequest::topics, "0+"),
                      field("timeoutMs", &CreateTopicsRequest::timeout_ms, "0+"),
                      field("validateOnly", &CreateTopicsRequest::validate_only, "1+"));
  }
  friend bool operator==(const CreateTopicsRequest&, const CreateTopicsRequest&) = default;
};

/// What became of each topic.
struct CreateTopicsResponse {
  static constexpr MessageSpec spec{"CreateTopicsResponse", MessageType::response, 19, "2-7", "5+"};

  struct CreatableTopicConfigs {
    std::string name;
    std::optional<std::string> value{std::in_place};
    bool read_only = false;
    std::int8_t config_source = -1;
    bool is_sensitive = false;

    static constexpr auto fields() {
      return field_list(field("Name", &CreatableTopicConfigs::name, "5+"),
                        field("Value", &CreatableTopicConfigs::value, "5+").nullable("5+"),
                        field("ReadOnly", &CreatableTopicConfigs::read_only, "5+"),
                        field("ConfigSource", &CreatableTopicConfigs::config_source, "5+").ignorable(),
                        field("IsSensitive", &CreatableTopicConfigs::is_sensitive, "5+"));
    }
    friend bool operator==(const CreatableTopicConfigs&, const CreatableTopicConfigs&) = default;
  };

  struct CreatableTopicResult {
    std::string name;
    Uuid topic_id;
    std::int16_t error_code = 0;
    std::optional<std::string> error_message{std::in_place};
    std::int16_t topic_config_error_code = 0;
    std::int32_t num_partitions = -1;
    std::int16_t replication_factor = -1;
    std::optional<std::vector<CreatableTopicConfigs>> configs{std::in_place};

    static constexpr auto fields() {
      return field_list(field("Name", &CreatableTopicResult::name, "0+"),
                        field("TopicId", &CreatableTopicResult::topic_id, "7+").ignorable(),
                        field("ErrorCode", &CreatableTopicResult::error_code, "0+"),
                        field("ErrorMessage", &CreatableTopicResult::error_message, "1+").nullable("0+").ignorable(),
                        field("TopicConfigErrorCode", &CreatableTopicResult::topic_config_error_code, "5+")
                            .tagged(0, "5+")
                            .ignorable(),
                        field("NumPartitions", &CreatableTopicResult::num_partitions, "5+").ignorable(),
                        field("ReplicationFactor", &CreatableTopicResult::replication_factor, "5+").ignorable(),
                        field("Configs", &CreatableTopicResult::configs, "5+").nullable("5+").ignorable());
    }
    friend bool operator==(const CreatableTopicResult&, const CreatableTopicResult&) = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<CreatableTopicResult> topics;

  static constexpr auto fields() {
    return field_list(field("ThrottleTimeMs", &CreateTopicsResponse::throttle_time_ms, "2+").ignorable(),
                      field("Topics", &CreateTopicsResponse::topics, "0+"));
  }
  friend bool operator==(const CreateTopicsResponse&, const CreateTopicsResponse&) = default;
};

}  // namespace linger

LINGER_DECLARE_MESSAGE(linger::CreateTopicsRequest);
LINGER_DECLARE_MESSAGE(linger::CreateTopicsResponse);

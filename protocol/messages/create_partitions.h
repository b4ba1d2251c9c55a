#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/message.h"

namespace linger {

struct CreatePartitionsResponse;

/// Asks for more partitions of existing topics.
struct CreatePartitionsRequest {
  static constexpr MessageSpec spec{"CreatePartitionsRequest", MessageType::request, 37, "0-3", "2+"};
  using Response = CreatePartitionsResponse;

  struct CreatePartitionsAssignment {
    std::vector<std::int32_t> broker_ids;

    static constexpr auto fields() {
      return field_list(field("BrokerIds", &CreatePartitionsAssignment::broker_ids, "0+"));
    }
    friend bool operator==(const CreatePartitionsAssignment&, const CreatePartitionsAssignment&) = default;
  };

  struct CreatePartitionsTopic {
    std::string name;
    std::int32_t count = 0;
    std::optional<std::vector<CreatePartitionsAssignment>> assignments{std::in_place};

    static constexpr auto fields() {
      return field_list(field("Name", &CreatePartitionsTopic::name, "0+"),
                        field("Count", &CreatePartitionsTopic::count, "0+"),
                        field("Assignments", &CreatePartitionsTopic::assignments, "0+").nullable("0+"));
    }
    friend bool operator==(const CreatePartitionsTopic&, const CreatePartitionsTopic&) = default;
  };

  std::vector<CreatePartitionsTopic> topics;
  std::int32_t timeout_ms = 0;
  bool validate_only = false;

  static constexpr auto fields() {
    return field_list(field("Topics", &CreatePartitionsRequest::topics, "0+"),
                      field("TimeoutMs", &CreatePartitionsRequest::timeout_ms, "0+"),
                      field("ValidateOnly", &CreatePartitionsRequest::validate_only, "0+"));
  }
  friend bool operator==(const CreatePartitionsRequest&, const CreatePartitionsRequest&) = default;
};

/// What became of each topic.
struct CreatePartitionsResponse {
  static constexpr MessageSpec spec{"CreatePartitionsResponse", MessageType::response, 37, "0-3", "2+"};

  struct CreatePartitionsTopicResult {
    std::string name;
    std::int16_t error_code = 0;
    std::optional<std::string> error_message;

    static constexpr auto fields() {
      return field_list(field("Name", &CreatePartitionsTopicResult::name, "0+"),
                        field("ErrorCode", &CreatePartitionsTopicResult::error_code, "0+"),
                        field("ErrorMessage", &CreatePartitionsTopicResult::error_message, "0+").nullable("0+"));
    }
    friend bool operator==(const CreatePartitionsTopicResult&, const CreatePartitionsTopicResult&) = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<CreatePartitionsTopicResult> results;

  static constexpr auto fields() {
    return field_list(field("ThrottleTimeMs", &CreatePartitionsResponse::throttle_time_ms, "0+"),
                      field("Results", &CreatePartitionsResponse::results, "0+"));
  }
  friend bool operator==(const CreatePartitionsResponse&, const CreatePartitionsResponse&) = default;
};

}  // namespace linger

LINGER_DECLARE_MESSAGE(linger::CreatePartitionsRequest);
LINGER_DECLARE_MESSAGE(linger::CreatePartitionsResponse);

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/message.h"

namespace linger {

struct DeleteTopicsResponse;

/// Asks for topics to be deleted, by name or by id.
struct DeleteTopicsRequest {
  static constexpr MessageSpec spec{"DeleteTopicsRequest", MessageType::request, 20, "1-6", "4+"};
  using Response = DeleteTopicsResponse;

  struct DeleteTopicState {
    std::optional<std::string> name;
    Uuid topic_id;

    static constexpr auto fields() {
      return field_list(field("Name", &DeleteTopicState::name, "6+").nullable("6+"),
                        field("TopicId", &DeleteTopicState::topic_id, "6+"));
    }
    friend bool operator==(const DeleteTopicState&, const DeleteTopicState&) = default;
  };

  std::vector<DeleteTopicState> topics;
  std::vector<std::string> topic_names;
  std::int32_t timeout_ms = 0;

  static constexpr auto fields() {
    return field_list(field("Topics", &DeleteTopicsRequest::topics, "6+"),
                      field("TopicNames", &DeleteTopicsRequest::topic_names, "0-5").ignorable(),
                      field("TimeoutMs", &DeleteTopicsRequest::timeout_ms, "0+"));
  }
  friend bool operator==(const DeleteTopicsRequest&, const DeleteTopicsRequest&) = default;
};

/// What became of each topic.
struct DeleteTopicsResponse {
  static constexpr MessageSpec spec{"DeleteTopicsResponse", MessageType::response, 20, "1-6", "4+"};

  struct DeletableTopicResult {
    std::optional<std::string> name{std::in_place};
    Uuid topic_id;
    std::int16_t error_code = 0;
    std::optional<std::string> error_message;

    static constexpr auto fields() {
      return field_list(field("Name", &DeletableTopicResult::name, "0+").nullable("6+"),
                        field("TopicId", &DeletableTopicResult::topic_id, "6+").ignorable(),
                        field("ErrorCode", &DeletableTopicResult::error_code, "0+"),
                        field("ErrorMessage", &DeletableTopicResult::error_message, "5+").nullable("5+").ignorable());
    }
    friend bool operator==(const DeletableTopicResult&, const DeletableTopicResult&) = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<DeletableTopicResult> responses;

  static constexpr auto fields() {
    return field_list(field("ThrottleTimeMs", &DeleteTopicsResponse::throttle_time_ms, "1+").ignorable(),
                      field("Responses", &DeleteTopicsResponse::responses, "0+"));
  }
  friend bool operator==(const DeleteTopicsResponse&, const DeleteTopicsResponse&) = default;
};

}  // namespace linger

LINGER_DECLARE_MESSAGE(linger::DeleteTopicsRequest);
LINGER_DECLARE_MESSAGE(linger::DeleteTopicsResponse);

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/message.h"

namespace linger {

struct FindCoordinatorResponse;

/// Which broker coordinates this group or transactional id?
struct FindCoordinatorRequest {
  static constexpr MessageSpec spec{"FindCoordinatorRequest", MessageType::request, 10, "0-6", "3+"};
  using Response = FindCoordinatorResponse;

  std::string key;
  std::int8_t key_type = 0;
  std::vector<std::string> coordinator_keys;

  static constexpr auto fields() {
    return field_list(field("Key", &FindCoordinatorRequest::key, "0-3"),
                      field("KeyType", &FindCoordinatorRequest::key_type, "1+"),
                      field("CoordinatorKeys", &FindCoordinatorRequest::coordinator_keys, "4+"));
  }
  friend bool operator==(const FindCoordinatorRequest&, const FindCoordinatorRequest&) = default;
};

/// The coordinators.
struct FindCoordinatorResponse {
  static constexpr MessageSpec spec{"FindCoordinatorResponse", MessageType::response, 10, "0-6", "3+"};

  struct Coordinator {
    std::string key;
    std::int32_t node_id = 0;
    std::string host;
    std::int32_t port = 0;
    std::int16_t error_code = 0;
    std::optional<std::string> error_message{std::in_place};

    static constexpr auto fields() {
      return field_list(field("Key", &Coordinator::key, "4+"), field("NodeId", &Coordinator::node_id, "4+"),
                        field("Host", &Coordinator::host, "4+"), field("Port", &Coordinator::port, "4+"),
                        field("ErrorCode", &Coordinator::error_code, "4+"),
                        field("ErrorMessage", &Coordinator::error_message, "4+").nullable("4+").ignorable());
    }
    friend bool operator==(const Coordinator&, const Coordinator&) = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::optional<std::string> error_message{std::in_place};
  std::int32_t node_id = 0;
  std::string host;
  std::int32_t port = 0;
  std::vector<Coordinator> coordinators;

  static constexpr auto fields() {
    return field_list(field("ThrottleTimeMs", &FindCoordinatorResponse::throttle_time_ms, "1+").ignorable(),
                      field("ErrorCode", &FindCoordinatorResponse::error_code, "0-3"),
                      field("ErrorMessage", &FindCoordinatorResponse::error_message, "1-3").nullable("1-3").ignorable(),
                      field("NodeId", &FindCoordinatorResponse::node_id, "0-3"),
                      field("Host", &FindCoordinatorResponse::host, "0-3"),
                      field("Port", &FindCoordinatorResponse::port, "0-3"),
                      field("Coordinators", &FindCoordinatorResponse::coordinators, "4+"));
  }
  friend bool operator==(const FindCoordinatorResponse&, const FindCoordinatorResponse&) = default;
};

}  // namespace linger

LINGER_DECLARE_MESSAGE(linger::FindCoordinatorRequest);
LINGER_DECLARE_MESSAGE(linger::FindCoordinatorResponse);

#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "protocol/message.h"

namespace linger {

struct BrokerHeartbeatResponse;

/// A broker says that it lives, how far it has read the metadata log, and whether it wants to be fenced or to shut
/// down.
struct BrokerHeartbeatRequest {
  static constexpr MessageSpec spec{"BrokerHeartbeatRequest", MessageType::request, 63, "0-2", "0+"};
  using Response = BrokerHeartbeatResponse;

  std::int32_t broker_id = 0;
  std::int64_t broker_epoch = -1;
  std::int64_t current_metadata_offset = 0;
  bool want_fence = false;
  bool want_shut_down = false;
  std::vector<Uuid> offline_log_dirs;
  std::optional<std::vector<Uuid>> cordoned_log_dirs;

  static constexpr auto fields() {
    return field_list(
        field("BrokerId", &BrokerHeartbeatRequest::broker_id, "0+"),
        field("BrokerEpoch", &BrokerHeartbeatRequest::broker_epoch, "0+"),
        field("CurrentMetadataOffset", &BrokerHeartbeatRequest::current_metadata_offset, "0+"),
        field("WantFence", &BrokerHeartbeatRequest::want_fence, "0+"),
        field("WantShutDown", &BrokerHeartbeatRequest::want_shut_down, "0+"),
        field("OfflineLogDirs", &BrokerHeartbeatRequest::offline_log_dirs, "1+").tagged(0, "1+"),
        field("CordonedLogDirs", &BrokerHeartbeatRequest::cordoned_log_dirs, "2+").nullable("2+").tagged(1, "2+"));
  }
  friend bool operator==(const BrokerHeartbeatRequest&, const BrokerHeartbeatRequest&) = default;
};

/// What the controller decided about the broker.
struct BrokerHeartbeatResponse {
  static constexpr MessageSpec spec{"BrokerHeartbeatResponse", MessageType::response, 63, "0-2", "0+"};

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  bool is_caught_up = false;
  bool is_fenced = true;
  bool should_shut_down = false;

  static constexpr auto fields() {
    return field_list(field("ThrottleTimeMs", &BrokerHeartbeatResponse::throttle_time_ms, "0+"),
                      field("ErrorCode", &BrokerHeartbeatResponse::error_code, "0+"),
                      field("IsCaughtUp", &BrokerHeartbeatResponse::is_caught_up, "0+"),
                      field("IsFenced", &BrokerHeartbeatResponse::is_fenced, "0+"),
                      field("ShouldShutDown", &BrokerHeartbeatResponse::should_shut_down, "0+"));
  }
  friend bool operator==(const BrokerHeartbeatResponse&, const BrokerHeartbeatResponse&) = default;
};

}  // namespace linger

LINGER_DECLARE_MESSAGE(linger::BrokerHeartbeatRequest);
LINGER_DECLARE_MESSAGE(linger::BrokerHeartbeatResponse);

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/message.h"

namespace linger {

struct BrokerRegistrationResponse;

/// A broker announces itself to the active controller.
struct BrokerRegistrationRequest {
  static constexpr MessageSpec spec{"BrokerRegistrationRequest", MessageType::request, 62, "0-4", "0+"};
  using Response = BrokerRegistrationResponse;

  struct Listener {
    std::string name;
    std::string host;
    std::uint16_t port = 0;
    std::int16_t security_protocol = 0;

    static constexpr auto fields() {
      return field_list(field("Name", &Listener::name, "0+"), field("Host", &Listener::host, "0+"),
                        field("Port", &Listener::port, "0+"),
                        field("SecurityProtocol", &Listener::security_protocol, "0+"));
    }
    friend bool operator==(const Listener&, const Listener&) = default;
  };

  struct Feature {
    std::string name;
    std::int16_t min_supported_version = 0;
    std::int16_t max_supported_version = 0;

    static constexpr auto fields() {
      return field_list(field("Name", &Feature::name, "0+"),
                        field("MinSupportedVersion", &Feature::min_supported_version, "0+"),
                        field("MaxSupportedVersion", &Feature::max_supported_version, "0+"));
    }
    friend bool operator==(const Feature&, const Feature&) = default;
  };

  std::int32_t broker_id = 0;
  std::string cluster_id;
  Uuid incarnation_id;
  std::vector<Listener> listeners;
  std::vector<Feature> features;
  std::optional<std::string> rack{std::in_place};
  bool is_migrating_zk_broker = false;
  std::vector<Uuid> log_dirs;
  std::int64_t previous_broker_epoch = -1;

  static constexpr auto fields() {
    return field_list(
        field("BrokerId", &BrokerRegistrationRequest::broker_id, "0+"),
        field("ClusterId", &BrokerRegistrationRequest::cluster_id, "0+"),
        field("IncarnationId", &BrokerRegistrationRequest::incarnation_id, "0+"),
        field("Listeners", &BrokerRegistrationRequest::listeners, "0+"),
        field("Features", &BrokerRegistrationRequest::features, "0+"),
        field("Rack", &BrokerRegistrationRequest::rack, "0+").nullable("0+"),
        field("IsMigratingZkBroker", &BrokerRegistrationRequest::is_migrating_zk_broker, "1+"),
        field("LogDirs", &BrokerRegistrationRequest::log_dirs, "2+").ignorable(),
        field("PreviousBrokerEpoch", &BrokerRegistrationRequest::previous_broker_epoch, "3+").ignorable());
  }
  friend bool operator==(const BrokerRegistrationRequest&, const BrokerRegistrationRequest&) = default;
};

/// The epoch that the broker runs under.
struct BrokerRegistrationResponse {
  static constexpr MessageSpec spec{"BrokerRegistrationResponse", MessageType::response, 62, "0-4", "0+"};

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::int64_t broker_epoch = -1;

  static constexpr auto fields() {
    return field_list(field("ThrottleTimeMs", &BrokerRegistrationResponse::throttle_time_ms, "0+"),
                      field("ErrorCode", &BrokerRegistrationResponse::error_code, "0+"),
                      field("BrokerEpoch", &BrokerRegistrationResponse::broker_epoch, "0+"));
  }
  friend bool operator==(const BrokerRegistrationResponse&, const BrokerRegistrationResponse&) = default;
};

}  // namespace linger

LINGER_DECLARE_MESSAGE(linger::BrokerRegistrationRequest);
LINGER_DECLARE_MESSAGE(linger::BrokerRegistrationResponse);

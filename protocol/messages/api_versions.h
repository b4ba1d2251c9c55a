#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/message.h"

namespace linger {

struct ApiVersionsResponse;

/// Which requests in which versions a peer speaks; always the first on a connection.
struct ApiVersionsRequest {
  static constexpr MessageSpec spec{"ApiVersionsRequest", MessageType::request, 18, "0-4", "3+"};
  using Response = ApiVersionsResponse;

  std::string client_software_name;
  std::string client_software_version;

  static constexpr auto fields() {
    return field_list(field("ClientSoftwareName", &ApiVersionsRequest::client_software_name, "3+").ignorable(),
                      field("ClientSoftwareVersion", &ApiVersionsRequest::client_software_version, "3+").ignorable());
  }
  friend bool operator==(const ApiVersionsRequest&, const ApiVersionsRequest&) = default;
};

/// Versions and features of the peer.
struct ApiVersionsResponse {
  static constexpr MessageSpec spec{"ApiVersionsResponse", MessageType::response, 18, "0-4", "3+"};

  struct ApiVersion {
    std::int16_t api_key = 0;
    std::int16_t min_version = 0;
    std::int16_t max_version = 0;

    static constexpr auto fields() {
      return field_list(field("ApiKey", &ApiVersion::api_key, "0+"),
                        field("MinVersion", &ApiVersion::min_version, "0+"),
                        field("MaxVersion", &ApiVersion::max_version, "0+"));
    }
    friend bool operator==(const ApiVersion&, const ApiVersion&) = default;
  };

  struct SupportedFeatureKey {
    std::string name;
    std::int16_t min_version = 0;
    std::int16_t max_version = 0;

    static constexpr auto fields() {
      return field_list(field("Name", &SupportedFeatureKey::name, "3+"),
                        field("MinVersion", &SupportedFeatureKey::min_version, "3+"),
                        field("MaxVersion", &SupportedFeatureKey::max_version, "3+"));
    }
    friend bool operator==(const SupportedFeatureKey&, const SupportedFeatureKey&) = default;
  };

  struct FinalizedFeatureKey {
    std::string name;
    std::int16_t max_version_level = 0;
    std::int16_t min_version_level = 0;

    static constexpr auto fields() {
      return field_list(field("Name", &FinalizedFeatureKey::name, "3+"),
                        field("MaxVersionLevel", &FinalizedFeatureKey::max_version_level, "3+"),
                        field("MinVersionLevel", &FinalizedFeatureKey::min_version_level, "3+"));
    }
    friend bool operator==(const FinalizedFeatureKey&, const FinalizedFeatureKey&) = default;
  };

  std::int16_t error_code = 0;
  std::vector<ApiVersion> api_keys;
  std::int32_t throttle_time_ms = 0;
  std::vector<SupportedFeatureKey> supported_features;
  std::int64_t finalized_features_epoch = -1;
  std::vector<FinalizedFeatureKey> finalized_features;
  bool zk_migration_ready = false;

  static constexpr auto fields() {
    return field_list(
        field("ErrorCode", &ApiVersionsResponse::error_code, "0+"),
        field("ApiKeys", &ApiVersionsResponse::api_keys, "0+"),
        field("ThrottleTimeMs", &ApiVersionsResponse::throttle_time_ms, "1+").ignorable(),
        field("SupportedFeatures", &ApiVersionsResponse::supported_features, "3+").tagged(0, "3+").ignorable(),
        field("FinalizedFeaturesEpoch", &ApiVersionsResponse::finalized_features_epoch, "3+")
            .tagged(1, "3+")
            .ignorable(),
        field("FinalizedFeatures", &ApiVersionsResponse::finalized_features, "3+").tagged(2, "3+").ignorable(),
        field("ZkMigrationReady", &ApiVersionsResponse::zk_migration_ready, "3+").tagged(3, "3+").ignorable());
  }
  friend bool operator==(const ApiVersionsResponse&, const ApiVersionsResponse&) = default;
};

}  // namespace linger

LINGER_DECLARE_MESSAGE(linger::ApiVersionsRequest);
LINGER_DECLARE_MESSAGE(linger::ApiVersionsResponse);

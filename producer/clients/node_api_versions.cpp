#include "producer/clients/node_api_versions.h"

#include <algorithm>
#include <utility>

#include "protocol/messages/api_versions.h"

namespace linger {

NodeApiVersions::NodeApiVersions(const ApiVersionsResponse& response)
    : finalized_features_epoch_(response.finalized_features_epoch) {
  for (const auto& api : response.api_keys) {
    const VersionRange range{api.min_version, api.max_version};
    if (const auto key = api_key_from_wire(api.api_key)) {
      supported_[*key] = range;
    } else {
      unknown_apis_[api.api_key] = range;
    }
  }
  for (const auto& feature : response.supported_features) {
    supported_features_[feature.name] = VersionRange{feature.min_version, feature.max_version};
  }
  for (const auto& feature : response.finalized_features) finalized_features_[feature.name] = feature.max_version_level;
}

UsableVersion NodeApiVersions::latest_usable_version(ApiKey api, std::int16_t oldest_allowed,
                                                     std::int16_t latest_allowed) const {
  const auto found = supported_.find(api);
  if (found == supported_.end()) return {-1, "The node does not support " + std::string(api_name(api))};
  const VersionRange& node = found->second;
  const std::int16_t lowest = std::max(node.min, oldest_allowed);
  const std::int16_t highest = std::min(node.max, latest_allowed);
  if (lowest <= highest) return {highest, std::nullopt};
  return {-1, "The node does not support " + std::string(api_name(api)) + " with version in range [" +
                  std::to_string(oldest_allowed) + "," + std::to_string(latest_allowed) +
                  "]. The supported range is [" + std::to_string(node.min) + "," + std::to_string(node.max) + "]."};
}

std::optional<VersionRange> NodeApiVersions::api_version(ApiKey api) const {
  const auto found = supported_.find(api);
  return found == supported_.end() ? std::nullopt : std::optional(found->second);
}

void ApiVersions::update(NodeId node, NodeApiVersions versions) {
  if (max_finalized_features_epoch_ < versions.finalized_features_epoch()) {
    max_finalized_features_epoch_ = versions.finalized_features_epoch();
    finalized_features_ = versions.finalized_features();
  }
  nodes_[node] = std::make_shared<const NodeApiVersions>(std::move(versions));
}

const NodeApiVersions* ApiVersions::get(NodeId node) const {
  const auto found = nodes_.find(node);
  return found == nodes_.end() ? nullptr : found->second.get();
}

}  // namespace linger

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "protocol/api_key.h"
#include "protocol/ids.h"

namespace linger {

struct ApiVersionsResponse;

/// The version to speak, or the sentence of Java's UnsupportedVersionException.
struct UsableVersion {
  std::int16_t version = -1;
  std::optional<std::string> mismatch;
};

/// What a node said it can speak (Kafka: NodeApiVersions).
class NodeApiVersions {
 public:
  NodeApiVersions() = default;
  explicit NodeApiVersions(const ApiVersionsResponse& response);

  /// The newest version that the node and [oldest, latest] have in common.
  UsableVersion latest_usable_version(ApiKey api, std::int16_t oldest_allowed, std::int16_t latest_allowed) const;
  std::optional<VersionRange> api_version(ApiKey api) const;
  const std::map<std::int16_t, VersionRange>& unknown_apis() const { return unknown_apis_; }
  const std::map<std::string, VersionRange>& supported_features() const { return supported_features_; }
  const std::map<std::string, std::int16_t>& finalized_features() const { return finalized_features_; }
  std::int64_t finalized_features_epoch() const { return finalized_features_epoch_; }

 private:
  std::map<ApiKey, VersionRange> supported_;
  std::map<std::int16_t, VersionRange> unknown_apis_;
  std::map<std::string, VersionRange> supported_features_;
  std::map<std::string, std::int16_t> finalized_features_;
  std::int64_t finalized_features_epoch_ = -1;
};

/// The versions of all connected nodes, and the newest finalized features that any of them ever told (Kafka:
/// ApiVersions).
class ApiVersions {
 public:
  void update(NodeId node, NodeApiVersions versions);
  void remove(NodeId node) { nodes_.erase(node); }
  /// Null when the node has not told yet.
  const NodeApiVersions* get(NodeId node) const;
  std::int64_t max_finalized_features_epoch() const { return max_finalized_features_epoch_; }
  const std::map<std::string, std::int16_t>& finalized_features() const { return finalized_features_; }

 private:
  std::map<NodeId, std::shared_ptr<const NodeApiVersions>> nodes_;
  std::int64_t max_finalized_features_epoch_ = -1;
  std::map<std::string, std::int16_t> finalized_features_;
};

}  // namespace linger

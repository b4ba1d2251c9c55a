#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "protocol/ids.h"

namespace linger {

/// What a consumer says about its place in a group (Kafka: ConsumerGroupMetadata). The initial values are those of a
/// consumer without one.
struct ConsumerGroupMetadata {
  std::string group_id;
  std::int32_t generation_id = -1;
  std::string member_id;
  std::optional<std::string> group_instance_id;
  friend bool operator==(const ConsumerGroupMetadata&, const ConsumerGroupMetadata&) = default;
};

/// How far a group has read a partition (Kafka: OffsetAndMetadata).
struct OffsetAndMetadata {
  std::int64_t offset = 0;
  std::optional<std::int32_t> leader_epoch;
  std::string metadata;
  friend bool operator==(const OffsetAndMetadata&, const OffsetAndMetadata&) = default;
};

using OffsetsToCommit = std::map<TopicPartition, OffsetAndMetadata>;

}  // namespace linger

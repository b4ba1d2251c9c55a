#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/message.h"
#include "protocol/record.h"

namespace linger::broker {

/// The topic in which the group coordinators keep the groups' offsets.
inline constexpr std::string_view offsets_topic = "__consumer_offsets";

/// A topic that coordinators write and clients must not.
bool is_internal_topic(std::string_view topic);

/// Key of a record that holds a committed offset.
struct OffsetCommitKey {
  static constexpr MessageSpec spec{"OffsetCommitKey", MessageType::record, 1, "0", "none"};

  std::string group;
  std::string topic;
  std::int32_t partition = 0;

  static constexpr auto fields() {
    return field_list(field("group", &OffsetCommitKey::group, "0"), field("topic", &OffsetCommitKey::topic, "0"),
                      field("partition", &OffsetCommitKey::partition, "0"));
  }
  friend bool operator==(const OffsetCommitKey&, const OffsetCommitKey&) = default;
};

/// Its value; none: the offset was deleted.
struct OffsetCommitValue {
  static constexpr MessageSpec spec{"OffsetCommitValue", MessageType::record, 1, "0-4", "4+"};

  std::int64_t offset = 0;
  std::int32_t leader_epoch = -1;
  std::string metadata;
  std::int64_t commit_timestamp = 0;
  std::int64_t expire_timestamp = -1;
  Uuid topic_id;

  static constexpr auto fields() {
    return field_list(field("offset", &OffsetCommitValue::offset, "0+"),
                      field("leaderEpoch", &OffsetCommitValue::leader_epoch, "3+").ignorable(),
                      field("metadata", &OffsetCommitValue::metadata, "0+"),
                      field("commitTimestamp", &OffsetCommitValue::commit_timestamp, "0+"),
                      field("expireTimestamp", &OffsetCommitValue::expire_timestamp, "1").ignorable(),
                      field("topicId", &OffsetCommitValue::topic_id, "4+").tagged(0, "4+").ignorable());
  }
  friend bool operator==(const OffsetCommitValue&, const OffsetCommitValue&) = default;
};

/// Bytes of a record's key and value as Kafka 4.3.1 writes them (Kafka: GroupCoordinatorRecordHelpers).
Bytes offset_commit_key(const OffsetCommitKey& key);
Bytes offset_commit_value(const OffsetCommitValue& value);

/// What one record says. Records of other kinds and of unknown versions say nothing.
struct OffsetCommitRecord {
  OffsetCommitKey key;
  std::optional<OffsetCommitValue> value;  ///< none: deleted
};
std::optional<OffsetCommitRecord> read_offset_commit(const OptionalBytes& key, const OptionalBytes& value);

}  // namespace linger::broker

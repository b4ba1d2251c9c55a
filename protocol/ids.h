#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace linger {

/// A number that means something: it has its own type, no implicit way in or out, and only the operations that make
/// sense for it. Tag makes the type, Rep is the width that Kafka's wire format gives it.
template <class Tag, class Rep>
class Id {
 public:
  using rep = Rep;
  constexpr Id() = default;
  constexpr explicit Id(Rep value) : value_(value) {}
  constexpr Rep value() const { return value_; }
  friend constexpr auto operator<=>(Id, Id) = default;

 private:
  Rep value_{};
};

using NodeId = Id<struct NodeIdTag, std::int32_t>;
using CorrelationId = Id<struct CorrelationIdTag, std::int32_t>;
using LeaderEpoch = Id<struct LeaderEpochTag, std::int32_t>;
using PartitionEpoch = Id<struct PartitionEpochTag, std::int32_t>;
using ControllerEpoch = Id<struct ControllerEpochTag, std::int32_t>;
using BrokerEpoch = Id<struct BrokerEpochTag, std::int64_t>;
using ProducerId = Id<struct ProducerIdTag, std::int64_t>;
using ProducerEpoch = Id<struct ProducerEpochTag, std::int16_t>;
using Offset = Id<struct OffsetTag, std::int64_t>;

constexpr Offset operator+(Offset base, std::int64_t records) {
  return Offset{base.value() + records};
}
constexpr std::int64_t operator-(Offset to, Offset from) {
  return to.value() - from.value();
}

/// "No value" as Kafka writes it on the wire.
inline constexpr NodeId no_node{-1};
inline constexpr LeaderEpoch no_leader_epoch{-1};
inline constexpr ProducerId no_producer_id{-1};
inline constexpr ProducerEpoch no_producer_epoch{-1};
inline constexpr std::int32_t no_sequence = -1;

/// A producer's identity as the broker checks it (Kafka: ProducerIdAndEpoch).
struct ProducerIdAndEpoch {
  ProducerId id = no_producer_id;
  ProducerEpoch epoch = no_producer_epoch;
  constexpr bool valid() const { return id > no_producer_id; }
  friend constexpr auto operator<=>(const ProducerIdAndEpoch&, const ProducerIdAndEpoch&) = default;
};

/// Sequence numbers of the idempotent producer: after 2147483647 comes 0 (Kafka: DefaultRecordBatch.incrementSequence).
constexpr std::int32_t increment_sequence(std::int32_t sequence, std::int32_t by) {
  return static_cast<std::int32_t>((std::int64_t{sequence} + by) & 0x7fff'ffff);
}
constexpr std::int32_t decrement_sequence(std::int32_t sequence, std::int32_t by) {
  return static_cast<std::int32_t>((std::int64_t{sequence} - by) & 0x7fff'ffff);
}

/// 16 bytes that name a topic (KIP-516). The all-zero value means "none".
struct Uuid {
  std::uint64_t most = 0;
  std::uint64_t least = 0;
  constexpr bool is_zero() const { return most == 0 && least == 0; }
  /// 22 characters of URL-safe base64, as Kafka prints a topic id.
  std::string describe() const;
  /// The inverse of describe; nothing when the text is no such id.
  static std::optional<Uuid> parse(std::string_view text);
  friend constexpr auto operator<=>(const Uuid&, const Uuid&) = default;
};

struct TopicPartition {
  std::string topic;
  std::int32_t partition = 0;
  friend auto operator<=>(const TopicPartition&, const TopicPartition&) = default;
  std::string describe() const { return topic + "-" + std::to_string(partition); }
};

}  // namespace linger

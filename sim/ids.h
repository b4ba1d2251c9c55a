#pragma once

#include <compare>
#include <cstdint>

namespace linger::sim {

/// A number that names one thing in the simulated world: its own type, no way in or out but on purpose.
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

/// A host: its index in the topology, from 0.
using HostId = Id<struct HostIdTag, std::uint32_t>;
/// A link between two nodes of the topology: its edge index, from 0.
using LinkId = Id<struct LinkIdTag, std::uint32_t>;
/// Events are numbered from 1 in the order in which they were scheduled; 0 means "no event" (the start of the run).
using EventNumber = Id<struct EventNumberTag, std::uint64_t>;

inline constexpr HostId no_host{0xffff'ffffU};
inline constexpr EventNumber no_event{0};

/// A connection: a slot of the network's table and the generation of that slot, so that an event or a caller that still
/// names a connection which is gone is noticed by one comparison. Generations start at 1: a default ConnectionId names
/// nothing.
struct ConnectionId {
  std::uint32_t index = 0;
  std::uint32_t generation = 0;
  constexpr bool valid() const { return generation != 0; }
  friend constexpr auto operator<=>(const ConnectionId&, const ConnectionId&) = default;
};

/// The two ends of a connection: the client called connect, the server listened.
enum class Side : std::uint8_t { client, server };
constexpr Side other(Side side) {
  return side == Side::client ? Side::server : Side::client;
}

/// The two ways through a connection.
enum class Direction : std::uint8_t { to_server, to_client };
constexpr Direction opposite(Direction direction) {
  return direction == Direction::to_server ? Direction::to_client : Direction::to_server;
}
/// The side that writes into this direction, and the one that reads from it.
constexpr Side sender(Direction direction) {
  return direction == Direction::to_server ? Side::client : Side::server;
}
constexpr Side receiver(Direction direction) {
  return direction == Direction::to_server ? Side::server : Side::client;
}
/// The direction into which this side writes.
constexpr Direction outgoing(Side side) {
  return side == Side::client ? Direction::to_server : Direction::to_client;
}

}  // namespace linger::sim

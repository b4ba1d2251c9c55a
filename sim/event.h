#pragma once

#include <cstdint>
#include <string>
#include <type_traits>
#include <variant>

#include "sim/ids.h"
#include "sim/time.h"

namespace linger::sim {

/// A host asked to be woken. `timer` and `arg` mean what the host's own layer says; a timer that is out of date is
/// ignored there.
struct Wake {
  HostId host;
  std::uint32_t timer = 0;
  std::uint64_t arg = 0;
  friend constexpr bool operator==(const Wake&, const Wake&) = default;
};

/// A step of a connection's setup: the request reaches the server, its answer reaches the client, or the client asks
/// again.
struct Handshake {
  enum class Step : std::uint8_t { request, answer, retry };
  ConnectionId connection;
  Step step = Step::request;
  bool accepted = false;  ///< with `answer`: accepted or refused
  std::uint16_t attempt = 0;
  HostId host;  ///< where it takes place
  friend constexpr bool operator==(const Handshake&, const Handshake&) = default;
};

/// The next item in this direction reaches the other end, or its retransmission is due. Out of date unless the ticket
/// is the direction's own.
struct Deliver {
  ConnectionId connection;
  Direction direction = Direction::to_server;
  std::uint32_t ticket = 0;
  HostId host;  ///< the one that it reaches
  friend constexpr bool operator==(const Deliver&, const Deliver&) = default;
};

/// A planned fault begins (phase 0) or goes on to its next phase. Only the plan knows what that means.
struct Strike {
  std::uint32_t fault = 0;
  std::uint32_t phase = 0;
  friend constexpr bool operator==(const Strike&, const Strike&) = default;
};

using EventBody = std::variant<Wake, Handshake, Deliver, Strike>;

/// Something that happens at a moment: data, never a closure. Order is total: (at, tie_break, number).
struct Event {
  SimTime at;
  std::uint64_t tie_break = 0;
  EventNumber number;
  EventNumber cause;  ///< the event during which this one was scheduled or sent; no_event at the start
  EventBody what;

  /// True if this happens before `other`. Two events are never equal: their numbers differ.
  constexpr bool before(const Event& other) const {
    if (at != other.at) return at < other.at;
    if (tie_break != other.tie_break) return tie_break < other.tie_break;
    return number < other.number;
  }
  friend constexpr bool operator==(const Event&, const Event&) = default;
};
static_assert(sizeof(Event) <= 64 && std::is_trivially_copyable_v<Event>);

/// The host at which it takes place; no_host for a fault.
HostId host_of(const EventBody& what);
/// One line, the same on every machine: "12.5ms #7 (after #3) deliver connection 2.1 to_server at host 4".
std::string describe(const EventBody& what);
std::string describe(const Event& event);

}  // namespace linger::sim

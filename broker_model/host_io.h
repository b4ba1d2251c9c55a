#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "broker_model/observation.h"
#include "protocol/api_key.h"
#include "protocol/ids.h"
#include "sim/bytes.h"
#include "sim/ids.h"
#include "sim/time.h"

namespace linger::broker {

using sim::Duration;
using sim::EventNumber;
using sim::SimTime;

/// A connection as one host knows it. The world numbers the connections that a host accepts (below own_connection_bit);
/// the host numbers those that it opens (with the bit set). A number is never used twice by one host.
using ConnId = std::uint64_t;
inline constexpr ConnId own_connection_bit = ConnId{1} << 63;

/// Node ids: brokers are 1, 2, …; controllers are 3001, 3002, ….
constexpr NodeId broker_node(std::int32_t number) {
  return NodeId{number};
}
constexpr NodeId controller_node(std::int32_t number) {
  return NodeId{3000 + number};
}
constexpr bool is_controller_node(NodeId node) {
  return node.value() > 3000 && node.value() < 4000;
}

/// What a frame is, so that a trace need not parse it again.
struct FrameSummary {
  ApiKey api = ApiKey::produce;
  std::int16_t version = 0;
  CorrelationId correlation;
  bool response = false;
};

/// Write this frame (its four-byte length included) on the connection.
struct Send {
  ConnId conn = 0;
  sim::Bytes frame;
  FrameSummary what;
  EventNumber cause;  ///< the event that brought the request behind it; no_event: the current one
};
/// Open a connection to a node; answered by on_connected or on_connect_failed.
struct Connect {
  ConnId conn = 0;
  NodeId to;
};
/// Close it in good order. The host has forgotten the connection: nothing about it may come any more.
struct Close {
  ConnId conn = 0;
};
/// Call on_timer with this token at this moment. Later wakes are asked for apart; an early or superfluous call changes
/// nothing.
struct WakeAt {
  SimTime at;
  std::uint64_t token = 0;
};

using Output = std::variant<Send, Connect, Close, WakeAt, Observation>;

/// How the other end of a connection went away.
enum class ClosedBy : std::uint8_t {
  fin,   ///< in good order: what it had sent before is still there to be read
  reset  ///< at once: nothing more can be written
};

/// Process crash, or loss of power (the page cache is gone).
enum class CrashKind : std::uint8_t { process, power };

}  // namespace linger::broker

#pragma once

#include <cstdint>

#include "sim/trace.h"

namespace linger::sim {

// K(name, "text field or empty", "what it says", "field", …). The host of a record is the one at which it takes place;
// `connection` is the connection's serial number in the run, `side` 0 = client, 1 = server, `direction` 0 = to the
// server, 1 = to the client.
#define LINGER_SIM_TRACE_KINDS(K)                                                                                     \
  K(connect, "", "a host starts to connect", "connection", "from", "to", "ordinal")                                   \
  K(connected, "", "the client's side of a connection is established", "connection", "from", "to")                    \
  K(accepted, "", "the server's side of a connection is established", "connection", "from", "to")                     \
  K(refused, "", "nobody listened: the connect failed", "connection", "from", "to")                                   \
  K(sent, "", "a message was handed to the connection", "connection", "direction", "api", "ordinal", "bytes", "user", \
    "to")                                                                                                             \
  K(delivered, "", "a message reached the other side", "connection", "direction", "api", "ordinal", "bytes", "user",  \
    "from")                                                                                                           \
  K(retransmit, "", "no acknowledgement: the first unacknowledged bytes are sent again", "connection", "direction",   \
    "attempt", "next_in_ns")                                                                                          \
  K(lost, "", "a direction swallows everything from this message on", "connection", "direction", "api", "ordinal",    \
    "bytes", "user")                                                                                                  \
  K(held, "", "a direction stands still for a time", "connection", "direction", "api", "ordinal", "for_ns", "user")   \
  K(reset, "", "a connection was reset by a fault; prefix bytes of a message got through", "connection", "direction", \
    "api", "ordinal", "prefix", "user")                                                                               \
  K(late, "", "the client's side is closed, its bytes arrive later", "connection", "direction", "api", "ordinal",     \
    "for_ns", "user")                                                                                                 \
  K(close, "", "a side closed its end", "connection", "side", "how")                                                  \
  K(closed, "", "a side learned that the connection is gone", "connection", "side", "how")                            \
  K(cut, "", "a link no longer carries anything this way", "from", "to")                                              \
  K(healed, "", "a link carries again this way", "from", "to")                                                        \
  K(link_changed, "what", "latency, loss or bandwidth of a link changed", "from", "to")                               \
  K(crash, "", "a host's process died; its kernel lives", "connections")                                              \
  K(power_lost, "", "a host lost its power", "connections")                                                           \
  K(restart, "", "a host runs again")                                                                                 \
  K(paused, "", "a host's process stands still")                                                                      \
  K(resumed, "", "a host's process goes on")

/// The kinds of record that the network writes.
enum class SimTrace : std::uint16_t {
#define LINGER_KIND(name, ...) name,
  LINGER_SIM_TRACE_KINDS(LINGER_KIND)
#undef LINGER_KIND
};

constexpr std::uint16_t trace_kind(SimTrace kind) {
  return static_cast<std::uint16_t>(sim_trace_first + static_cast<std::uint16_t>(kind));
}

/// This layer's table, for TraceKinds.
TraceLayer sim_trace_layer();

}  // namespace linger::sim

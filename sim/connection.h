#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>

#include "sim/bytes.h"
#include "sim/draw.h"
#include "sim/ids.h"
#include "sim/time.h"

namespace linger::sim {

/// What the world knows about a message, carried beside its bytes and never looked into but for its name in draws:
/// `api` and `ordinal` (the how many-th message of this api in this direction of this connection). `user` is the
/// world's own, e.g. an index into its frames.
struct MessageTag {
  std::uint32_t api = 0;
  std::uint32_t ordinal = 0;
  std::uint64_t user = 0;
  friend constexpr bool operator==(const MessageTag&, const MessageTag&) = default;
};

/// How an end comes about.
enum class CloseKind : std::uint8_t {
  fin,       ///< orderly, after all bytes sent before
  reset,     ///< the other kernel knows no such connection, or a fault
  timed_out  ///< no acknowledgement for so long that the kernel gave up
};
const char* describe(CloseKind how);

/// What became of send().
enum class SendResult : std::uint8_t {
  queued,     ///< under way
  swallowed,  ///< taken by the kernel, but this direction is black-holed: it will not arrive
  closed      ///< this side has no open connection (any more): nothing was sent
};

/// The constants of TCP as Linux has them, and their sources. One table.
struct TcpConstants {
  /// First retransmission timeout of an established connection (Linux TCP_RTO_MIN, 200 ms), doubled for each further
  /// one …
  static constexpr Duration rto_min = Duration::ms(200);
  /// … up to this (Linux TCP_RTO_MAX, 120 s).
  static constexpr Duration rto_max = Duration::s(120);
  /// Retransmissions before the kernel gives up (net.ipv4.tcp_retries2 = 15): 924.6 s in all.
  static constexpr std::uint32_t retries = 15;
  /// First timeout of a connection request (RFC 6298: 1 s), doubled for each further one.
  static constexpr Duration connect_rto = Duration::s(1);
  /// Repetitions of a connection request (net.ipv4.tcp_syn_retries = 6): gives up after 127 s.
  static constexpr std::uint32_t connect_retries = 6;
  /// Bytes that a direction takes beyond what the other side has read (send buffer and receive buffer together: Kafka's
  /// send.buffer.bytes 128 KiB and receive.buffer.bytes 64 KiB on the broker's side doubled by the kernel). room() says
  /// what is left.
  static constexpr std::int64_t buffered_bytes = 384 * 1024;
};

/// The timeout before the retransmission number `attempt` (0 = the first).
constexpr Duration retransmission_timeout(std::uint32_t attempt) {
  const Duration doubled = attempt >= 10 ? TcpConstants::rto_max : TcpConstants::rto_min * (std::int64_t{1} << attempt);
  return doubled < TcpConstants::rto_max ? doubled : TcpConstants::rto_max;
}

/// Nothing that anybody sees.
struct Nothing {
  friend constexpr bool operator==(const Nothing&, const Nothing&) = default;
};
/// The client's side is established.
struct Connected {
  ConnectionId connection;
  HostId client;
  HostId server;
  friend constexpr bool operator==(const Connected&, const Connected&) = default;
};
/// The server's side is established: it may read and write from now on. Always before the first Arrived there.
struct Accepted {
  ConnectionId connection;
  HostId client;
  HostId server;
  friend constexpr bool operator==(const Accepted&, const Accepted&) = default;
};
/// The server's kernel answered that nobody listens. The connection is gone.
struct Refused {
  ConnectionId connection;
  HostId client;
  HostId server;
  friend constexpr bool operator==(const Refused&, const Refused&) = default;
};
/// A message (or, after a reset with a prefix, its first bytes: then `whole` is false) reached `side`, which is at
/// `host`.
struct Arrived {
  ConnectionId connection;
  Side side = Side::client;
  bool whole = true;
  HostId host;
  EventNumber sent_by;  ///< the event that sent it
  MessageTag tag;
  Bytes bytes;
  std::uint64_t hash = 0;  ///< hash_bytes of them; who changes them keeps it true
  friend bool operator==(const Arrived&, const Arrived&) = default;
};
/// `side`, at `host`, learned that the connection is gone. That side is closed now; there is nothing left to call.
struct Closed {
  ConnectionId connection;
  Side side = Side::client;
  CloseKind how = CloseKind::fin;
  HostId host;
  friend constexpr bool operator==(const Closed&, const Closed&) = default;
};

/// What the hosts see of one event.
using Outcome = std::variant<Nothing, Connected, Accepted, Refused, Arrived, Closed>;
std::string describe(const Outcome& outcome);

/// Up to three outcomes of one fault, in the order in which the hosts see them.
struct Outcomes {
  std::array<Outcome, 3> items;
  std::size_t count = 0;
  void add(Outcome outcome) { items[count++] = std::move(outcome); }
  const Outcome* begin() const { return items.data(); }
  const Outcome* end() const { return items.data() + count; }
};

}  // namespace linger::sim

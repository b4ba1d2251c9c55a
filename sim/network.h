#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/connection.h"
#include "sim/context.h"
#include "sim/topology.h"
#include "sim/trace_kinds.h"

namespace linger::sim {

/// A message that is about to arrive: what a fault is matched against.
struct InFlight {
  ConnectionId connection;
  Direction direction = Direction::to_server;
  bool judged = false;  ///< hold() or delay() has already been applied to this very message: do not match it again
  HostId from;
  HostId to;
  EventNumber sent_by;
  SimTime sent_at;
  MessageTag tag;
  const Bytes* bytes = nullptr;  ///< valid until the network changes
};

/// Who a connection is between, and the state of its ends.
struct ConnectionInfo {
  HostId client;
  HostId server;
  std::uint32_t ordinal = 0;  ///< the how many-th connect from this client to this server, from 0
  std::uint32_t serial = 0;   ///< the how many-th connect of the run: how the trace names it
  bool client_open = false;
  bool server_open = false;
  bool connecting = false;
};

/// Hosts, links and the connections between them, which behave as TCP. A value: a copy goes on exactly as the original
/// does.
///
/// How it is driven. Calls change the state and schedule events. When the world pops a Handshake or Deliver event, it
/// asks peek() whether a message is about to arrive, decides about faults, and then calls exactly one of handle() (the
/// ordinary case, and always right when peek() gave nothing), lose(), reset(), hold(), delay() or late(). Events that
/// are out of date do nothing.
///
/// What stays true: the bytes that a side receives are a prefix of what the other side sent, in order, each once. A
/// side that got Closed or Refused, or called close(), is closed: what it sends afterwards is refused with
/// SendResult::closed, and nothing reaches it any more. Both applications treat the end of the other as the end of the
/// connection, as Kafka's do: there is no half-closed state.
class Network {
 public:
  Network(std::shared_ptr<const Topology> topology, Seed seed);

  const Topology& topology() const { return *topology_; }

  // ---- Connections
  // -------------------------------------------------------------------------------------------------------------------

  /// Starts to connect. Answers come as Connected, Refused, or, when nobody answers for 127 s, Closed{timed_out}; a
  /// shorter setup timeout is the caller's own: it calls close(). Requires from != to and that `from` is running.
  ConnectionId connect(HostId from, HostId to, Context& context);
  /// Writes one message. The connection must be established on this side, else nothing is sent (SendResult::closed).
  SendResult send(ConnectionId connection, Side side, Bytes message, const MessageTag& tag, Context& context);
  /// This side closes: with fin after all it has sent, with reset at once after what is under way. The other side gets
  /// Closed. Bytes that still come for this side are dropped. Closing a connection that is gone does nothing.
  void close(ConnectionId connection, Side side, CloseKind how, Context& context);
  /// Stops (false) or resumes reading at this side: while it does not read, messages wait in its socket.
  void set_reading(ConnectionId connection, Side side, bool reading, Context& context);

  bool is_open(ConnectionId connection, Side side) const;
  /// Bytes that this side has sent and the other has not read.
  std::int64_t backlog(ConnectionId connection, Side side) const;
  /// How many more bytes the sockets take before a writer would have to wait; may be negative, since a message is taken
  /// whole.
  std::int64_t room(ConnectionId connection, Side side) const {
    return TcpConstants::buffered_bytes - backlog(connection, side);
  }
  /// Nothing if the connection is gone.
  std::optional<ConnectionInfo> info(ConnectionId connection) const;
  /// The messages of this direction that have been sent and not been read, in order. They live until the next call that
  /// is not const.
  std::vector<const Bytes*> under_way(ConnectionId connection, Direction way) const;
  /// Every connection there is, by slot.
  std::vector<ConnectionId> connections() const;

  // ---- Events
  // ------------------------------------------------------------------------------------------------------------------------

  /// The message that this event is about to deliver, if it is one: not for handshakes, ends of connections,
  /// retransmissions, out-of-date events, or bytes that cannot get through now.
  std::optional<InFlight> peek(const Event& event) const;
  /// Lets the event take its course. Requires a Handshake or Deliver.
  Outcome handle(const Event& event, Context& context);

  // ---- Faults on the message that peek() showed: each instead of handle()
  // ---------------------------------------------------------------

  /// From this message's first byte on, this direction is black-holed until a side closes.
  void lose(const Event& event, Context& context);
  /// Both sides see a reset now; the receiver first gets `prefix` bytes of the message (0: none; at most its size).
  Outcomes reset(const Event& event, std::size_t prefix, Context& context);
  /// The whole direction stands still for this time, later messages too; then this message is looked at again with
  /// `judged`.
  void hold(const Event& event, Duration time, Context& context);
  /// This message takes this much longer; what is behind it waits behind it, as TCP keeps the order.
  void delay(const Event& event, Duration time, Context& context);
  /// The client's side sees a reset now. What it has already sent, this message included when it goes to the server,
  /// still arrives there, but only after `time`, followed by the end. What was under way to the client is dropped.
  Outcomes late(const Event& event, Duration time, Context& context);

  // ---- Faults without a message
  // ------------------------------------------------------------------------------------------------------

  /// As lose(), from the next byte on.
  void black_hole(ConnectionId connection, Direction direction, Context& context);
  /// As reset() without a message.
  Outcomes reset_connection(ConnectionId connection, Context& context);

  // ---- Hosts
  // -------------------------------------------------------------------------------------------------------------------------

  enum class HostState : std::uint8_t {
    running,
    crashed,   ///< the process is gone, the kernel answers with resets
    power_off  ///< nothing answers
  };
  HostState host_state(HostId host) const { return hosts_[host.value()].state; }
  bool is_paused(HostId host) const { return hosts_[host.value()].paused; }
  /// Whether connects are accepted; false at first. A crash ends it.
  void set_listening(HostId host, bool listening);
  /// The process dies: its connections are gone, the other sides get a reset. Requires that it is running.
  void crash(HostId host, Context& context);
  /// The power goes: its connections are gone and nobody is told. Also after a crash.
  void lose_power(HostId host, Context& context);
  /// The host runs again, without connections, not listening. Old connections' bytes are answered with a reset.
  /// Requires crashed or power_off.
  void restart(HostId host, Context& context);
  /// The process stands still: its kernel still takes connections and bytes, nothing is delivered until resume().
  void pause(HostId host, Context& context);
  void resume(HostId host, Context& context);
  /// Limits all that leaves or enters this host, each way; 0 lifts the limit.
  void set_host_bandwidth(HostId host, std::int64_t bytes_per_second, Context& context);

  // ---- Links
  // -------------------------------------------------------------------------------------------------------------------------

  /// The direct link no longer carries anything from `from` to `to`. Cuts count: each needs its heal(). False if there
  /// is no such link.
  bool cut(HostId from, HostId to, Context& context);
  bool heal(HostId from, HostId to, Context& context);
  /// Changes latency, bandwidth and loss of one way of a link. False if there is no such link. What is under way keeps
  /// its time.
  bool set_quality(HostId from, HostId to, const LinkQuality& quality, Context& context);
  /// The quality as it is now. Requires that the link exists.
  const LinkQuality& quality(HostId from, HostId to) const;

  /// Whether bytes get from one host to the other now: a route exists and both have power.
  bool reachable(HostId from, HostId to) const;
  /// The hosts of each island, by smallest member: what a cut has made of the network.
  std::vector<std::vector<HostId>> islands() const;

 private:
  static constexpr std::uint32_t none = 0xffff'ffffU;

  enum class ItemKind : std::uint8_t { message, accept, fin, reset };
  /// Something in a pipe. Items are kept in one pool and linked by index, so that a network copies as a few flat
  /// vectors.
  struct Item {
    Bytes bytes;
    std::uint64_t hash = 0;  ///< of a message's bytes
    MessageTag tag;
    SimTime arrives;
    SimTime sent_at;
    EventNumber cause;
    std::uint32_t next = none;
    ItemKind kind = ItemKind::message;
    bool judged = false;
  };
  /// One direction of a connection: items in order, the first of them under way or waiting for its retransmission.
  struct Pipe {
    Name name;
    SimTime last_arrival;
    SimTime in_socket_until =
        SimTime::at_ns(-1);  // what arrived up to then waits in the reader's socket: no cut can hit it
    std::int64_t backlog = 0;
    std::uint32_t head = none;
    std::uint32_t tail = none;
    std::uint32_t ticket = 0;     // of the event that is about the head; others are out of date
    std::uint32_t attempt = 0;    // how often the head has been retransmitted
    bool retransmitting = false;  // the head did not get through: the event is its retransmission timer
    bool black_holed = false;
    bool waiting_for_reader = false;  // the head is in the reader's socket and no event is scheduled
    bool end_queued = false;          // the last item is a fin or a reset
  };
  enum class SideState : std::uint8_t { none, connecting, open, closed };
  struct End {
    SideState state = SideState::none;
    bool reading = true;
  };
  /// The answer to a connect that a paused client has not seen yet.
  enum class Answer : std::uint8_t { none, accepted, refused };
  struct Connection {
    std::uint32_t generation = 0;
    bool used = false;
    std::uint32_t ordinal = 0;
    std::uint32_t serial = 0;
    std::uint32_t next_free = none;
    SimTime asked_at;  // when the connection request was sent last
    Answer waiting_answer = Answer::none;
    HostId hosts[2];
    End ends[2];
    Pipe pipes[2];
  };
  struct Host {
    HostState state = HostState::running;
    bool listening = false;
    bool paused = false;
    std::int64_t bytes_per_second = 0;
    SimTime out_busy_until;
    SimTime in_busy_until;
  };
  struct LaneState {
    LinkQuality quality;
    SimTime busy_until;
    std::uint32_t cuts = 0;
  };

  const Connection* find(ConnectionId id) const {
    if (id.index >= connections_.size()) return nullptr;
    const Connection& connection = connections_[id.index];
    return connection.used && connection.generation == id.generation ? &connection : nullptr;
  }
  Connection* find(ConnectionId id) { return const_cast<Connection*>(std::as_const(*this).find(id)); }
  static End& end_of(Connection& connection, Side side) { return connection.ends[static_cast<std::size_t>(side)]; }
  static Pipe& pipe_of(Connection& connection, Direction way) {
    return connection.pipes[static_cast<std::size_t>(way)];
  }
  static HostId host_at(const Connection& connection, Side side) {
    return connection.hosts[static_cast<std::size_t>(side)];
  }
  ConnectionId allocate(HostId from, HostId to);
  void release(ConnectionId id, Connection& connection);
  void release_if_gone(ConnectionId id, Connection& connection);

  // Pipes.
  SimTime transmit(Connection& connection, Direction way, const Item& item, SimTime now);
  SimTime cross(HostId from, HostId to, Name name, std::size_t bytes, std::uint32_t attempt, SimTime now);
  void append(ConnectionId id, Connection& connection, Direction way, ItemKind kind, Bytes bytes, const MessageTag& tag,
              Context& context);
  void append_end(ConnectionId id, Connection& connection, Side from, CloseKind how, Context& context);
  void launch_head(ConnectionId id, Connection& connection, Direction way, Context& context);
  void launch_next(ConnectionId id, Connection& connection, Direction way, Context& context);
  void wait_for_retransmission(ConnectionId id, Connection& connection, Direction way, Context& context);
  void schedule_head(ConnectionId id, Connection& connection, Direction way, SimTime at, Context& context);
  Item take_head(Pipe& pipe);
  void clear(Pipe& pipe);
  void drop_untransmitted(Pipe& pipe);
  bool gets_through(const Connection& connection, Direction way) const {
    const HostId to = host_at(connection, receiver(way));
    return !connection.pipes[static_cast<std::size_t>(way)].black_holed &&
           hosts_[to.value()].state != HostState::power_off &&
           routes().route(host_at(connection, sender(way)), to).reachable;
  }
  bool can_read(const Connection& connection, Side side) const {
    return connection.ends[static_cast<std::size_t>(side)].reading && !hosts_[host_at(connection, side).value()].paused;
  }
  const Deliver* current(const Event& event) const;

  // Events.
  Outcome handle_handshake(const Handshake& step, Context& context);
  Outcome handle_answer(ConnectionId id, Connection& connection, bool accepted, Context& context);
  Outcome retransmit(ConnectionId id, Connection& connection, Direction way, Context& context);
  Outcome receive(ConnectionId id, Connection& connection, Direction way, Item item, Context& context);
  void ask(ConnectionId id, Connection& connection, std::uint16_t attempt, Context& context);
  Outcome ask_again(ConnectionId id, Connection& connection, std::uint16_t attempt, Context& context);
  Outcome tell_closed(ConnectionId id, Connection& connection, Side side, CloseKind how, Context& context);
  void answer_with_reset(ConnectionId id, Connection& connection, Side from, Context& context);
  void wake_reader(ConnectionId id, Connection& connection, Side side, Context& context);
  Outcome give_up(ConnectionId id, Connection& connection, Direction way, Context& context);
  void postpone_head(ConnectionId id, Connection& connection, Direction way, SimTime until, Context& context);
  void add_closed(ConnectionId id, Connection& connection, Side side, CloseKind how, Outcomes& outcomes,
                  Context& context);
  bool in_socket(const Pipe& pipe) const { return items_[pipe.head].arrives <= pipe.in_socket_until; }
  void trace_message(SimTrace kind, const Connection& connection, Direction way, const Item& item, std::int64_t value,
                     Context& context);

  std::int64_t connections_of(HostId host) const;
  void drop_connections_of(HostId host, bool tell_peers, Context& context);
  LaneState* lane_state(HostId from, HostId to);
  const RouteTable& routes() const { return routes_ == nullptr ? compute_routes() : *routes_; }
  const RouteTable& compute_routes() const;

  std::shared_ptr<const Topology> topology_;
  mutable std::shared_ptr<const RouteTable> routes_;  // computed when asked for; none after a change
  Seed seed_;
  std::vector<Host> hosts_;
  std::vector<LaneState> lanes_;
  std::vector<std::uint32_t> connects_;  // by from * hosts + to
  std::vector<Connection> connections_;
  std::vector<Item> items_;
  std::uint32_t free_connection_ = none;
  std::uint32_t free_item_ = none;
  std::uint32_t serial_ = 0;
};

}  // namespace linger::sim

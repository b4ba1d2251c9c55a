#include "sim/network.h"

#include <algorithm>
#include <cassert>

namespace linger::sim {

namespace {

// What a connection's own packets have instead of an api in the names of their draws.
constexpr std::uint32_t control_api = 0xffff'ff00U;

}  // namespace

Network::Network(std::shared_ptr<const Topology> topology, Seed seed)
    : topology_(std::move(topology)),
      seed_(seed),
      hosts_(topology_->node_count()),
      lanes_(topology_->lane_count()),
      connects_(topology_->node_count() * topology_->node_count()) {
  for (std::uint32_t lane = 0; lane < lanes_.size(); ++lane) {
    lanes_[lane].quality = topology_->link(link_of(Lane{lane})).quality;
  }
}

// ---- The table of connections
// ----------------------------------------------------------------------------------------------------------

ConnectionId Network::allocate(HostId from, HostId to) {
  std::uint32_t index = free_connection_;
  if (index == none) {
    index = static_cast<std::uint32_t>(connections_.size());
    connections_.emplace_back();
  } else {
    free_connection_ = connections_[index].next_free;
  }
  Connection fresh;
  fresh.generation = connections_[index].generation + 1;
  fresh.used = true;
  fresh.ordinal = connects_[std::size_t{from.value()} * hosts_.size() + to.value()]++;
  fresh.serial = serial_++;
  fresh.hosts[0] = from;
  fresh.hosts[1] = to;
  const Name name = topology_->draw_name(from).with(topology_->draw_name(to)).with(fresh.ordinal);
  pipe_of(fresh, Direction::to_server).name = name.with(0);
  pipe_of(fresh, Direction::to_client).name = name.with(1);
  connections_[index] = fresh;
  return {index, fresh.generation};
}

void Network::release(ConnectionId id, Connection& connection) {
  clear(connection.pipes[0]);
  clear(connection.pipes[1]);
  connection.used = false;
  connection.next_free = free_connection_;
  free_connection_ = id.index;
}

void Network::release_if_gone(ConnectionId id, Connection& connection) {
  const auto gone = [](const End& end) { return end.state == SideState::closed || end.state == SideState::none; };
  if (gone(connection.ends[0]) && gone(connection.ends[1])) release(id, connection);
}

// ---- What the applications call
// --------------------------------------------------------------------------------------------------------

ConnectionId Network::connect(HostId from, HostId to, Context& context) {
  assert(from != to && hosts_[from.value()].state == HostState::running);
  const ConnectionId id = allocate(from, to);
  Connection& connection = connections_[id.index];
  end_of(connection, Side::client).state = SideState::connecting;
  context.record(trace_kind(SimTrace::connect), from,
                 {connection.serial, from.value(), to.value(), connection.ordinal});
  ask(id, connection, 0, context);
  return id;
}

SendResult Network::send(ConnectionId id, Side side, Bytes message, const MessageTag& tag, Context& context) {
  Connection* connection = find(id);
  if (connection == nullptr || end_of(*connection, side).state != SideState::open) return SendResult::closed;
  const Direction way = outgoing(side);
  const std::uint64_t hash = hash_bytes(message.span());
  context.fingerprint.add(hash);
  append(id, *connection, way, ItemKind::message, std::move(message), tag, context);
  const Pipe& pipe = pipe_of(*connection, way);
  items_[pipe.tail].hash = hash;
  trace_message(SimTrace::sent, *connection, way, items_[pipe.tail], host_at(*connection, other(side)).value(),
                context);
  context.trace.attach(items_[pipe.tail].bytes);
  return pipe.black_holed ? SendResult::swallowed : SendResult::queued;
}

void Network::close(ConnectionId id, Side side, CloseKind how, Context& context) {
  Connection* connection = find(id);
  if (connection == nullptr) return;
  End& end = end_of(*connection, side);
  if (end.state != SideState::open && end.state != SideState::connecting) return;
  context.record(trace_kind(SimTrace::close), host_at(*connection, side),
                 {connection->serial, static_cast<std::int64_t>(side), static_cast<std::int64_t>(how)});
  if (end.state == SideState::connecting) {
    // No application on the other side has seen it yet.
    release(id, *connection);
    return;
  }
  end.state = SideState::closed;
  clear(pipe_of(*connection, outgoing(other(side))));
  append_end(id, *connection, side, how, context);
  release_if_gone(id, *connection);
}

void Network::set_reading(ConnectionId id, Side side, bool reading, Context& context) {
  Connection* connection = find(id);
  if (connection == nullptr) return;
  end_of(*connection, side).reading = reading;
  if (reading) wake_reader(id, *connection, side, context);
}

bool Network::is_open(ConnectionId id, Side side) const {
  const Connection* connection = find(id);
  return connection != nullptr && connection->ends[static_cast<std::size_t>(side)].state == SideState::open;
}

std::int64_t Network::backlog(ConnectionId id, Side side) const {
  const Connection* connection = find(id);
  return connection == nullptr ? 0 : connection->pipes[static_cast<std::size_t>(outgoing(side))].backlog;
}

std::optional<ConnectionInfo> Network::info(ConnectionId id) const {
  const Connection* connection = find(id);
  if (connection == nullptr) return std::nullopt;
  return ConnectionInfo{connection->hosts[0],
                        connection->hosts[1],
                        connection->ordinal,
                        connection->serial,
                        connection->ends[0].state == SideState::open,
                        connection->ends[1].state == SideState::open,
                        connection->ends[0].state == SideState::connecting};
}

std::vector<const Bytes*> Network::under_way(ConnectionId connection, Direction way) const {
  std::vector<const Bytes*> messages;
  const Connection* found = find(connection);
  if (found == nullptr) return messages;
  for (std::uint32_t i = found->pipes[static_cast<std::size_t>(way)].head; i != none; i = items_[i].next) {
    if (items_[i].kind == ItemKind::message) messages.push_back(&items_[i].bytes);
  }
  return messages;
}

std::vector<ConnectionId> Network::connections() const {
  std::vector<ConnectionId> ids;
  for (std::uint32_t i = 0; i < connections_.size(); ++i) {
    if (connections_[i].used) ids.push_back({i, connections_[i].generation});
  }
  return ids;
}

// ---- Pipes
// -----------------------------------------------------------------------------------------------------------------------------

void Network::append(ConnectionId id, Connection& connection, Direction way, ItemKind kind, Bytes bytes,
                     const MessageTag& tag, Context& context) {
  std::uint32_t index = free_item_;
  if (index == none) {
    index = static_cast<std::uint32_t>(items_.size());
    items_.emplace_back();
  } else {
    free_item_ = items_[index].next;
  }
  Pipe& pipe = pipe_of(connection, way);
  Item& item = items_[index];
  item.bytes = std::move(bytes);
  item.tag = tag;
  item.arrives = SimTime::never();
  item.sent_at = context.now;
  item.cause = context.event;
  item.next = none;
  item.kind = kind;
  item.judged = false;
  pipe.backlog += static_cast<std::int64_t>(item.bytes.size());
  if (pipe.head == none) {
    pipe.head = index;
    pipe.tail = index;
    launch_head(id, connection, way, context);
    return;
  }
  items_[pipe.tail].next = index;
  pipe.tail = index;
  // Behind a head that does not get through nothing is sent: the window is closed.
  if (!pipe.retransmitting && gets_through(connection, way))
    item.arrives = transmit(connection, way, item, context.now);
}

void Network::append_end(ConnectionId id, Connection& connection, Side from, CloseKind how, Context& context) {
  const Direction way = outgoing(from);
  Pipe& pipe = pipe_of(connection, way);
  if (pipe.end_queued || end_of(connection, other(from)).state == SideState::closed) return;
  if (pipe.black_holed) {
    // The swallowed bytes are missing for good, so the other side cannot be given an orderly end.
    clear(pipe);
    pipe.black_holed = false;
    how = CloseKind::reset;
  }
  const ItemKind kind = how == CloseKind::fin ? ItemKind::fin : ItemKind::reset;
  append(id, connection, way, kind, Bytes{}, MessageTag{control_api + static_cast<std::uint32_t>(kind), 0, 0}, context);
  pipe.end_queued = true;
}

void Network::schedule_head(ConnectionId id, Connection& connection, Direction way, SimTime at, Context& context) {
  Pipe& pipe = pipe_of(connection, way);
  ++pipe.ticket;
  context.queue.push(at, items_[pipe.head].cause, Deliver{id, way, pipe.ticket, host_at(connection, receiver(way))});
}

void Network::launch_head(ConnectionId id, Connection& connection, Direction way, Context& context) {
  Pipe& pipe = pipe_of(connection, way);
  Item& item = items_[pipe.head];
  if (!gets_through(connection, way)) {
    wait_for_retransmission(id, connection, way, context);
    return;
  }
  item.arrives = transmit(connection, way, item, context.now);
  schedule_head(id, connection, way, item.arrives, context);
}

void Network::launch_next(ConnectionId id, Connection& connection, Direction way, Context& context) {
  const Pipe& pipe = pipe_of(connection, way);
  if (pipe.head == none) return;
  const SimTime arrives = items_[pipe.head].arrives;
  if (arrives == SimTime::never()) {
    launch_head(id, connection, way, context);
  } else {
    schedule_head(id, connection, way, std::max(arrives, context.now), context);
  }
}

void Network::wait_for_retransmission(ConnectionId id, Connection& connection, Direction way, Context& context) {
  Pipe& pipe = pipe_of(connection, way);
  const Item& item = items_[pipe.head];
  if (hosts_[host_at(connection, sender(way)).value()].state == HostState::power_off) {
    // Nobody is left to send it again.
    clear(pipe);
    return;
  }
  const Duration timeout = retransmission_timeout(pipe.attempt);
  const SimTime from = pipe.attempt == 0 ? item.sent_at : context.now;
  pipe.retransmitting = true;
  schedule_head(id, connection, way, std::max(context.now, from + timeout), context);
}

Network::Item Network::take_head(Pipe& pipe) {
  const std::uint32_t index = pipe.head;
  Item taken = std::move(items_[index]);
  pipe.head = taken.next;
  if (pipe.head == none) pipe.tail = none;
  pipe.backlog -= static_cast<std::int64_t>(taken.bytes.size());
  pipe.attempt = 0;
  items_[index].next = free_item_;
  free_item_ = index;
  return taken;
}

void Network::clear(Pipe& pipe) {
  while (pipe.head != none) take_head(pipe);
  ++pipe.ticket;
  pipe.retransmitting = false;
  pipe.waiting_for_reader = false;
  pipe.end_queued = false;
}

// The sender has lost its power: what has left it is still under way, the rest is gone.
void Network::drop_untransmitted(Pipe& pipe) {
  std::uint32_t kept = none;
  for (std::uint32_t i = pipe.head; i != none && !pipe.retransmitting && items_[i].arrives != SimTime::never();
       i = items_[i].next)
    kept = i;
  if (kept == none) {
    clear(pipe);
    return;
  }
  std::uint32_t index = items_[kept].next;
  items_[kept].next = none;
  pipe.tail = kept;
  while (index != none) {
    Item& item = items_[index];
    const std::uint32_t next = item.next;
    pipe.backlog -= static_cast<std::int64_t>(item.bytes.size());
    if (item.kind == ItemKind::fin || item.kind == ItemKind::reset) pipe.end_queued = false;
    item.bytes = Bytes{};
    item.next = free_item_;
    free_item_ = index;
    index = next;
  }
}

// Reading goes on at this side: what waits in its socket is delivered now.
void Network::wake_reader(ConnectionId id, Connection& connection, Side side, Context& context) {
  const Direction way = outgoing(other(side));
  Pipe& pipe = pipe_of(connection, way);
  if (!pipe.waiting_for_reader || !can_read(connection, side)) return;
  pipe.waiting_for_reader = false;
  pipe.in_socket_until = context.now;
  schedule_head(id, connection, way, context.now, context);
}

void Network::trace_message(SimTrace kind, const Connection& connection, Direction way, const Item& item,
                            std::int64_t value, Context& context) {
  if (!context.trace.on()) return;
  const bool about_sender = kind == SimTrace::sent;
  const std::int64_t size = static_cast<std::int64_t>(item.bytes.size());
  const bool about_size = about_sender || kind == SimTrace::delivered || kind == SimTrace::lost;
  context.record(trace_kind(kind), host_at(connection, about_sender ? sender(way) : receiver(way)),
                 {connection.serial, static_cast<std::int64_t>(way), item.tag.api, item.tag.ordinal,
                  about_size ? size : value, static_cast<std::int64_t>(item.tag.user), about_size ? value : 0},
                 0, item.cause);
}

}  // namespace linger::sim

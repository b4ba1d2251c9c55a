#include <algorithm>
#include <cassert>

#include "sim/network.h"

namespace linger::sim {

void Network::lose(const Event& event, Context& context) {
  const Deliver* deliver = current(event);
  assert(deliver != nullptr);
  Connection& connection = *find(deliver->connection);
  Pipe& pipe = pipe_of(connection, deliver->direction);
  trace_message(SimTrace::lost, connection, deliver->direction, items_[pipe.head], 0, context);
  pipe.black_holed = true;
  wait_for_retransmission(deliver->connection, connection, deliver->direction, context);
}

void Network::black_hole(ConnectionId id, Direction direction, Context& context) {
  Connection* connection = find(id);
  if (connection == nullptr) return;
  pipe_of(*connection, direction).black_holed = true;
  trace_message(SimTrace::lost, *connection, direction, Item{}, 0, context);
}

Outcomes Network::reset(const Event& event, std::size_t prefix, Context& context) {
  const Deliver* deliver = current(event);
  assert(deliver != nullptr);
  const ConnectionId id = deliver->connection;
  const Direction way = deliver->direction;
  Connection& connection = *find(id);
  const Side reader = receiver(way);
  const Item item = take_head(pipe_of(connection, way));
  assert(prefix <= item.bytes.size());
  trace_message(SimTrace::reset, connection, way, item, static_cast<std::int64_t>(prefix), context);
  Outcomes outcomes;
  if (prefix > 0) {
    const Bytes first = item.bytes.slice(0, prefix);
    outcomes.add(Arrived{id, reader, prefix == item.bytes.size(), host_at(connection, reader), item.cause, item.tag,
                         first, hash_bytes(first.span())});
  }
  add_closed(id, connection, reader, CloseKind::reset, outcomes, context);
  add_closed(id, connection, other(reader), CloseKind::reset, outcomes, context);
  release(id, connection);
  return outcomes;
}

Outcomes Network::reset_connection(ConnectionId id, Context& context) {
  Outcomes outcomes;
  Connection* connection = find(id);
  if (connection == nullptr) return outcomes;
  trace_message(SimTrace::reset, *connection, Direction::to_server, Item{}, 0, context);
  add_closed(id, *connection, Side::server, CloseKind::reset, outcomes, context);
  add_closed(id, *connection, Side::client, CloseKind::reset, outcomes, context);
  release(id, *connection);
  return outcomes;
}

// The head of this direction arrives at `until`, and nothing behind it earlier.
void Network::postpone_head(ConnectionId id, Connection& connection, Direction way, SimTime until, Context& context) {
  Pipe& pipe = pipe_of(connection, way);
  Item& item = items_[pipe.head];
  item.arrives = until;
  item.judged = true;
  pipe.last_arrival = std::max(pipe.last_arrival, until);
  schedule_head(id, connection, way, until, context);
}

void Network::hold(const Event& event, Duration time, Context& context) {
  const Deliver* deliver = current(event);
  assert(deliver != nullptr);
  Connection& connection = *find(deliver->connection);
  const Item& item = items_[pipe_of(connection, deliver->direction).head];
  trace_message(SimTrace::held, connection, deliver->direction, item, time.ns(), context);
  postpone_head(deliver->connection, connection, deliver->direction, context.now + time, context);
}

// TCP keeps the order, so a message that takes longer holds up all that is behind it, as hold() does.
void Network::delay(const Event& event, Duration time, Context& context) {
  hold(event, time, context);
}

Outcomes Network::late(const Event& event, Duration time, Context& context) {
  const Deliver* deliver = current(event);
  assert(deliver != nullptr);
  const ConnectionId id = deliver->connection;
  Connection& connection = *find(id);
  Pipe& pipe = pipe_of(connection, Direction::to_server);
  const SimTime until = context.now + time;
  trace_message(SimTrace::late, connection, deliver->direction, items_[pipe_of(connection, deliver->direction).head],
                time.ns(), context);

  Outcomes outcomes;
  add_closed(id, connection, Side::client, CloseKind::reset, outcomes, context);
  clear(pipe_of(connection, Direction::to_client));
  pipe.last_arrival = std::max(pipe.last_arrival, until);
  if (pipe.head != none && !pipe.retransmitting && !pipe.waiting_for_reader && items_[pipe.head].arrives < until) {
    postpone_head(id, connection, Direction::to_server, until, context);
  }
  append_end(id, connection, Side::client, CloseKind::fin, context);
  release_if_gone(id, connection);
  return outcomes;
}

}  // namespace linger::sim

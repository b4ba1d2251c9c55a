#include <algorithm>
#include <cassert>

#include "sim/network.h"

namespace linger::sim {

namespace {

Duration connect_timeout(std::uint32_t attempt) {
  return TcpConstants::connect_rto * (std::int64_t{1} << attempt);
}

// The names of a handshake's two packets in draws: pseudo-apis beside those of the applications.
constexpr std::uint64_t request_packet = 0xffff'ff10'0000'0000ULL;
constexpr std::uint64_t answer_packet = 0xffff'ff11'0000'0000ULL;

}  // namespace

// The Deliver of this event if it is still about something: nothing if its connection or its item has gone.
const Deliver* Network::current(const Event& event) const {
  const auto* deliver = std::get_if<Deliver>(&event.what);
  if (deliver == nullptr) return nullptr;
  const Connection* connection = find(deliver->connection);
  if (connection == nullptr) return nullptr;
  const Pipe& pipe = connection->pipes[static_cast<std::size_t>(deliver->direction)];
  return pipe.ticket == deliver->ticket && pipe.head != none ? deliver : nullptr;
}

std::optional<InFlight> Network::peek(const Event& event) const {
  const Deliver* deliver = current(event);
  if (deliver == nullptr) return std::nullopt;
  const Direction way = deliver->direction;
  const Connection& connection = *find(deliver->connection);
  const Pipe& pipe = connection.pipes[static_cast<std::size_t>(way)];
  const Item& item = items_[pipe.head];
  const Side reader = receiver(way);
  if (pipe.retransmitting || item.kind != ItemKind::message) return std::nullopt;
  if (connection.ends[static_cast<std::size_t>(reader)].state != SideState::open || !can_read(connection, reader))
    return std::nullopt;
  if (!in_socket(pipe) && !gets_through(connection, way)) return std::nullopt;
  return InFlight{deliver->connection,
                  way,
                  item.judged,
                  host_at(connection, sender(way)),
                  host_at(connection, reader),
                  item.cause,
                  item.sent_at,
                  item.tag,
                  &item.bytes};
}

Outcome Network::handle(const Event& event, Context& context) {
  if (const auto* step = std::get_if<Handshake>(&event.what)) return handle_handshake(*step, context);
  assert(std::holds_alternative<Deliver>(event.what));
  const Deliver* deliver = current(event);
  if (deliver == nullptr) return Nothing{};
  const ConnectionId id = deliver->connection;
  const Direction way = deliver->direction;
  Connection& connection = *find(id);
  Pipe& pipe = pipe_of(connection, way);
  if (pipe.retransmitting) return retransmit(id, connection, way, context);
  if (!in_socket(pipe) && !gets_through(connection, way)) {
    wait_for_retransmission(id, connection, way, context);
    return Nothing{};
  }
  if (!can_read(connection, receiver(way))) {
    pipe.waiting_for_reader = true;
    return Nothing{};
  }
  Item item = take_head(pipe);
  launch_next(id, connection, way, context);
  return receive(id, connection, way, std::move(item), context);
}

// ---- Connection setup
// ------------------------------------------------------------------------------------------------------------------

void Network::ask(ConnectionId id, Connection& connection, std::uint16_t attempt, Context& context) {
  const HostId from = host_at(connection, Side::client);
  const HostId to = host_at(connection, Side::server);
  connection.asked_at = context.now;
  if (routes().route(from, to).reachable) {
    const Name name = pipe_of(connection, Direction::to_server).name.with(request_packet);
    context.schedule(cross(from, to, name, 0, attempt, context.now),
                     Handshake{id, Handshake::Step::request, false, attempt, to});
  } else {
    context.schedule(context.now + connect_timeout(attempt),
                     Handshake{id, Handshake::Step::retry, false, attempt, from});
  }
}

Outcome Network::handle_handshake(const Handshake& step, Context& context) {
  Connection* connection = find(step.connection);
  if (connection == nullptr || end_of(*connection, Side::client).state != SideState::connecting) return Nothing{};
  const HostId client = host_at(*connection, Side::client);
  const HostId server = host_at(*connection, Side::server);
  const auto no_answer = [&] {
    const SimTime at = std::max(context.now, connection->asked_at + connect_timeout(step.attempt));
    context.schedule(at, Handshake{step.connection, Handshake::Step::retry, false, step.attempt, client});
    return Nothing{};
  };
  const Host& host = hosts_[server.value()];
  switch (step.step) {
    case Handshake::Step::retry:
      return ask_again(step.connection, *connection, static_cast<std::uint16_t>(step.attempt + 1), context);
    case Handshake::Step::request: {
      if (host.state == HostState::power_off || !routes().route(client, server).reachable) return no_answer();
      const bool accepted = host.listening;
      if (accepted) end_of(*connection, Side::server).state = SideState::connecting;
      if (!routes().route(server, client).reachable) return no_answer();
      Pipe& back = pipe_of(*connection, Direction::to_client);
      back.last_arrival = cross(server, client, back.name.with(answer_packet), 0, step.attempt, context.now);
      context.schedule(back.last_arrival,
                       Handshake{step.connection, Handshake::Step::answer, accepted, step.attempt, client});
      return Nothing{};
    }
    case Handshake::Step::answer:
      if (!routes().route(server, client).reachable) return no_answer();
      return handle_answer(step.connection, *connection, step.accepted, context);
  }
  assert(false);
  return Nothing{};
}

Outcome Network::ask_again(ConnectionId id, Connection& connection, std::uint16_t attempt, Context& context) {
  if (attempt <= TcpConstants::connect_retries) {
    ask(id, connection, attempt, context);
    return Nothing{};
  }
  const Outcome outcome = tell_closed(id, connection, Side::client, CloseKind::timed_out, context);
  return outcome;
}

Outcome Network::handle_answer(ConnectionId id, Connection& connection, bool accepted, Context& context) {
  const HostId client = host_at(connection, Side::client);
  const HostId server = host_at(connection, Side::server);
  if (hosts_[client.value()].paused) {
    connection.waiting_answer = accepted ? Answer::accepted : Answer::refused;
    return Nothing{};
  }
  if (!accepted) {
    context.record(trace_kind(SimTrace::refused), client, {connection.serial, client.value(), server.value()});
    release(id, connection);
    return Refused{id, client, server};
  }
  end_of(connection, Side::client).state = SideState::open;
  context.record(trace_kind(SimTrace::connected), client, {connection.serial, client.value(), server.value()});
  append(id, connection, Direction::to_server, ItemKind::accept, Bytes{}, MessageTag{0xffff'ff00U, 0, 0}, context);
  return Connected{id, client, server};
}

// ---- Data and ends
// ---------------------------------------------------------------------------------------------------------------------

Outcome Network::receive(ConnectionId id, Connection& connection, Direction way, Item item, Context& context) {
  const Side side = receiver(way);
  const HostId host = host_at(connection, side);
  End& end = end_of(connection, side);
  if (item.kind == ItemKind::fin) return tell_closed(id, connection, side, CloseKind::fin, context);
  if (item.kind == ItemKind::reset) return tell_closed(id, connection, side, CloseKind::reset, context);
  if (end.state == SideState::closed) {
    answer_with_reset(id, connection, side, context);
    return Nothing{};
  }
  if (item.kind == ItemKind::accept) {
    end.state = SideState::open;
    const HostId client = host_at(connection, Side::client);
    context.record(trace_kind(SimTrace::accepted), host, {connection.serial, client.value(), host.value()});
    return Accepted{id, client, host};
  }
  trace_message(SimTrace::delivered, connection, way, item, host_at(connection, sender(way)).value(), context);
  return Arrived{id, side, true, host, item.cause, item.tag, std::move(item.bytes), item.hash};
}

// Bytes came for a socket that is gone: a living kernel says so.
void Network::answer_with_reset(ConnectionId id, Connection& connection, Side from, Context& context) {
  if (hosts_[host_at(connection, from).value()].state == HostState::power_off) return;
  append_end(id, connection, from, CloseKind::reset, context);
}

Outcome Network::retransmit(ConnectionId id, Connection& connection, Direction way, Context& context) {
  Pipe& pipe = pipe_of(connection, way);
  ++pipe.attempt;
  if (pipe.attempt > TcpConstants::retries) return give_up(id, connection, way, context);
  context.record(
      trace_kind(SimTrace::retransmit), host_at(connection, sender(way)),
      {connection.serial, static_cast<std::int64_t>(way), pipe.attempt, retransmission_timeout(pipe.attempt).ns()}, 0,
      items_[pipe.head].cause);
  if (gets_through(connection, way)) {
    pipe.retransmitting = false;
    launch_head(id, connection, way, context);
  } else {
    wait_for_retransmission(id, connection, way, context);
  }
  return Nothing{};
}

Outcome Network::give_up(ConnectionId id, Connection& connection, Direction way, Context& context) {
  return tell_closed(id, connection, sender(way), CloseKind::timed_out, context);
}

// This side learns that the connection is gone. What it still had to send is of no use to anybody.
Outcome Network::tell_closed(ConnectionId id, Connection& connection, Side side, CloseKind how, Context& context) {
  Outcomes outcomes;
  add_closed(id, connection, side, how, outcomes, context);
  clear(pipe_of(connection, outgoing(side)));
  release_if_gone(id, connection);
  return outcomes.items[0];
}

void Network::add_closed(ConnectionId id, Connection& connection, Side side, CloseKind how, Outcomes& outcomes,
                         Context& context) {
  End& end = end_of(connection, side);
  const bool seen = end.state == SideState::open || (end.state == SideState::connecting && side == Side::client);
  end.state = SideState::closed;
  if (!seen) return;
  const HostId host = host_at(connection, side);
  context.record(trace_kind(SimTrace::closed), host,
                 {connection.serial, static_cast<std::int64_t>(side), static_cast<std::int64_t>(how)});
  outcomes.add(Closed{id, side, how, host});
}

}  // namespace linger::sim

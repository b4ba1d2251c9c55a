#include <cassert>

#include "sim/network.h"

namespace linger::sim {

void Network::set_listening(HostId host, bool listening) {
  assert(!listening || hosts_[host.value()].state == HostState::running);
  hosts_[host.value()].listening = listening;
}

std::int64_t Network::connections_of(HostId host) const {
  std::int64_t count = 0;
  for (const Connection& connection : connections_) {
    if (connection.used && (connection.hosts[0] == host || connection.hosts[1] == host)) ++count;
  }
  return count;
}

// The host's sockets are gone. A kernel that lives ends them with resets; without power, only what has left the host is
// still under way.
void Network::drop_connections_of(HostId host, bool tell_peers, Context& context) {
  for (std::uint32_t i = 0; i < connections_.size(); ++i) {
    Connection& connection = connections_[i];
    if (!connection.used) continue;
    const ConnectionId id{i, connection.generation};
    for (const Side side : {Side::client, Side::server}) {
      if (host_at(connection, side) != host) continue;
      End& end = end_of(connection, side);
      clear(pipe_of(connection, outgoing(other(side))));
      if (!tell_peers) drop_untransmitted(pipe_of(connection, outgoing(side)));
      if (end.state != SideState::open && end.state != SideState::connecting) continue;
      end.state = SideState::closed;
      if (tell_peers) append_end(id, connection, side, CloseKind::reset, context);
    }
    release_if_gone(id, connection);
  }
}

void Network::crash(HostId host, Context& context) {
  Host& state = hosts_[host.value()];
  assert(state.state == HostState::running);
  state.state = HostState::crashed;
  state.listening = false;
  state.paused = false;
  context.record(trace_kind(SimTrace::crash), host, {connections_of(host)});
  drop_connections_of(host, true, context);
}

void Network::lose_power(HostId host, Context& context) {
  Host& state = hosts_[host.value()];
  assert(state.state != HostState::power_off);
  state.state = HostState::power_off;
  state.listening = false;
  state.paused = false;
  routes_ = nullptr;
  context.record(trace_kind(SimTrace::power_lost), host, {connections_of(host)});
  drop_connections_of(host, false, context);
}

void Network::restart(HostId host, Context& context) {
  Host& state = hosts_[host.value()];
  assert(state.state != HostState::running);
  state.state = HostState::running;
  routes_ = nullptr;
  context.record(trace_kind(SimTrace::restart), host, {});
}

void Network::pause(HostId host, Context& context) {
  Host& state = hosts_[host.value()];
  assert(state.state == HostState::running);
  state.paused = true;
  context.record(trace_kind(SimTrace::paused), host, {});
}

void Network::resume(HostId host, Context& context) {
  Host& state = hosts_[host.value()];
  if (!state.paused) return;
  state.paused = false;
  context.record(trace_kind(SimTrace::resumed), host, {});
  for (std::uint32_t i = 0; i < connections_.size(); ++i) {
    Connection& connection = connections_[i];
    if (!connection.used) continue;
    const ConnectionId id{i, connection.generation};
    for (const Side side : {Side::client, Side::server}) {
      if (host_at(connection, side) == host) wake_reader(id, connection, side, context);
    }
    if (connection.waiting_answer != Answer::none && host_at(connection, Side::client) == host) {
      const bool accepted = connection.waiting_answer == Answer::accepted;
      connection.waiting_answer = Answer::none;
      context.schedule(context.now, Handshake{id, Handshake::Step::answer, accepted, 0, host});
    }
  }
}

void Network::set_host_bandwidth(HostId host, std::int64_t bytes_per_second, Context& context) {
  assert(bytes_per_second >= 0);
  hosts_[host.value()].bytes_per_second = bytes_per_second;
  const std::string what =
      bytes_per_second == 0 ? "no limit" : "all links of this host: " + std::to_string(bytes_per_second) + " B/s";
  context.record(trace_kind(SimTrace::link_changed), host, {host.value(), host.value()}, context.trace.intern(what));
}

}  // namespace linger::sim

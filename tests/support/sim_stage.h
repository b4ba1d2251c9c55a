#pragma once

#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/network.h"

namespace linger::sim {

inline Bytes bytes_of(std::string_view text) {
  return Bytes::copy_of(std::as_bytes(std::span{text.data(), text.size()}));
}
inline std::string text_of(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Hosts "a", "b", "c", … linked with each other, and what they see, one line each: "2ms b arrived hello". For plays in
/// tests.
struct Stage {
  explicit Stage(std::size_t hosts = 2, LinkQuality quality = {Latency::constant(Duration::ms(1)), 0, {}},
                 Seed seed = Seed{1})
      : network(Topology::full_mesh(names(hosts), quality), seed) {
    for (std::uint32_t i = 0; i < hosts; ++i) network.set_listening(HostId{i}, true);
  }
  explicit Stage(std::shared_ptr<const Topology> topology) : network(std::move(topology), Seed{1}) {
    for (std::uint32_t i = 0; i < network.topology().node_count(); ++i) network.set_listening(HostId{i}, true);
  }

  static std::vector<std::string> names(std::size_t count) {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < count; ++i) all.emplace_back(1, static_cast<char>('a' + i));
    return all;
  }
  HostId host(std::string_view name) const { return network.topology().find(name).value(); }

  Context now() { return Context{time, current, queue, fingerprint, trace}; }

  ConnectionId connect(std::string_view from, std::string_view to) {
    Context context = now();
    return network.connect(host(from), host(to), context);
  }
  /// Connects and runs until both sides are established.
  ConnectionId connected(std::string_view from, std::string_view to) {
    const ConnectionId connection = connect(from, to);
    run();
    seen.clear();
    return connection;
  }
  SendResult send(ConnectionId connection, Side side, std::string_view text) {
    Context context = now();
    return network.send(connection, side, bytes_of(text), MessageTag{1, ordinal++, 0}, context);
  }
  void close(ConnectionId connection, Side side, CloseKind how = CloseKind::fin) {
    Context context = now();
    network.close(connection, side, how, context);
  }
  void crash(std::string_view name) {
    Context context = now();
    network.crash(host(name), context);
  }
  void lose_power(std::string_view name) {
    Context context = now();
    network.lose_power(host(name), context);
  }
  void restart(std::string_view name) {
    Context context = now();
    network.restart(host(name), context);
    network.set_listening(host(name), true);
  }
  void cut(std::string_view from, std::string_view to) {
    Context context = now();
    network.cut(host(from), host(to), context);
  }
  void heal(std::string_view from, std::string_view to) {
    Context context = now();
    network.heal(host(from), host(to), context);
  }

  void pause(std::string_view name) {
    Context context = now();
    network.pause(host(name), context);
  }
  void resume(std::string_view name) {
    Context context = now();
    network.resume(host(name), context);
  }
  void set_reading(ConnectionId connection, Side side, bool reading) {
    Context context = now();
    network.set_reading(connection, side, reading, context);
  }

  /// Handles everything due up to this moment, and lets the time be that.
  void run_until(Duration until) {
    while (!queue.empty() && queue.next_time() <= SimTime::at(until)) step();
    time = SimTime::at(until);
  }
  void run() {
    while (!queue.empty()) step();
  }
  void step() {
    const Event event = queue.pop();
    fingerprint.add(event);
    time = event.at;
    current = event.number;
    Context context = now();
    const std::optional<InFlight> message = network.peek(event);
    if (message.has_value() && !message->judged && on_message && on_message(event, *message, context)) return;
    see(network.handle(event, context));
  }
  void see(const Outcomes& outcomes) {
    for (const Outcome& outcome : outcomes) see(outcome);
  }
  void see(const Outcome& outcome) {
    const std::string at = time.describe() + " ";
    if (const auto* arrived = std::get_if<Arrived>(&outcome)) {
      note(at, arrived->host, (arrived->whole ? "arrived " : "arrived the beginning ") + text_of(arrived->bytes));
    } else if (const auto* closed = std::get_if<Closed>(&outcome)) {
      note(at, closed->host, std::string{"closed "} + describe(closed->how));
    } else if (const auto* up = std::get_if<Connected>(&outcome)) {
      note(at, up->client, "connected");
    } else if (const auto* accepted = std::get_if<Accepted>(&outcome)) {
      note(at, accepted->server, "accepted");
    } else if (const auto* refused = std::get_if<Refused>(&outcome)) {
      note(at, refused->client, "refused");
    }
  }
  void note(const std::string& at, HostId who, const std::string& what) {
    seen.push_back(at + network.topology().name(who) + " " + what);
  }

  Network network;
  EventQueue queue;
  Fingerprint fingerprint;
  Trace trace;
  SimTime time;
  EventNumber current = no_event;
  std::uint32_t ordinal = 0;
  std::vector<std::string> seen;
  /// What a fault does with a message that is about to arrive; true if it has dealt with it.
  std::function<bool(const Event&, const InFlight&, Context&)> on_message;
};

using Lines = std::vector<std::string>;

}  // namespace linger::sim

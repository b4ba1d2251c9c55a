#pragma once

#include <cstring>
#include <memory>

#include "sim/network.h"

namespace linger::sim {

/// The smallest world: hosts that send each other a number, one higher each time. A value, as every world is: the trace
/// is not in it.
class PingWorld {
 public:
  PingWorld(std::size_t hosts, const LinkQuality& quality, Seed seed, std::uint64_t pings_in_flight = 1,
            TiePolicy ties = TiePolicy::fifo())
      : network_(Topology::full_mesh(names(hosts), quality), seed),
        queue_(std::move(ties)),
        in_flight_(pings_in_flight) {
    for (std::uint32_t i = 0; i < hosts; ++i) network_.set_listening(HostId{i}, true);
    for (std::uint32_t i = 0; i + 1 < hosts; ++i) queue_.push(SimTime{}, no_event, Wake{HostId{i}, 0, 0});
  }

  /// Lets the next event happen.
  void step(Trace& trace) {
    const Event event = queue_.pop();
    fingerprint_.add(event);
    Context context{event.at, event.number, queue_, fingerprint_, trace};
    if (const auto* wake = std::get_if<Wake>(&event.what)) {
      for (std::uint32_t to = wake->host.value() + 1; to < network_.topology().node_count(); ++to) {
        network_.connect(wake->host, HostId{to}, context);
      }
      return;
    }
    network_.peek(event);
    const Outcome outcome = network_.handle(event, context);
    if (const auto* connected = std::get_if<Connected>(&outcome)) {
      for (std::uint64_t i = 0; i < in_flight_; ++i) send(connected->connection, Side::client, i, 0, context);
    } else if (const auto* arrived = std::get_if<Arrived>(&outcome)) {
      std::uint64_t number = 0;
      std::memcpy(&number, arrived->bytes.data(), sizeof number);
      ++messages_;
      last_ = number;
      send(arrived->connection, arrived->side, number + 1, arrived->tag.ordinal + 1, context);
    }
  }

  std::uint64_t messages() const { return messages_; }
  std::uint64_t last() const { return last_; }
  SimTime now() const { return queue_.now(); }
  const Fingerprint& fingerprint() const { return fingerprint_; }
  const EventQueue& queue() const { return queue_; }

 private:
  static std::vector<std::string> names(std::size_t hosts) {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < hosts; ++i) all.push_back("h" + std::to_string(i));
    return all;
  }
  void send(ConnectionId connection, Side side, std::uint64_t number, std::uint32_t ordinal, Context& context) {
    std::byte bytes[sizeof number];
    std::memcpy(bytes, &number, sizeof number);
    network_.send(connection, side, Bytes::copy_of(bytes), MessageTag{1, ordinal, 0}, context);
  }

  Network network_;
  EventQueue queue_;
  Fingerprint fingerprint_;
  std::uint64_t in_flight_;
  std::uint64_t messages_ = 0;
  std::uint64_t last_ = 0;
};

}  // namespace linger::sim

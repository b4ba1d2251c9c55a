#include <array>
#include <cstring>
#include <optional>
#include <string>

#include "sim/network.h"
#include "ui/cli/perf_floors.h"
#include "ui/cli/perf_rows.h"

namespace linger::cli {
namespace {

using namespace sim;

/// Five hosts, each connected with each; on every connection one number goes back and forth.
class FiveHosts {
 public:
  FiveHosts() : network_(Topology::full_mesh({"h1", "h2", "h3", "h4", "h5"}, {Latency::uniform(Duration::ms(1), Duration::ms(10)), 0, {}}), Seed{1}) {
    for (std::uint32_t i = 0; i < hosts; ++i) network_.set_listening(HostId{i}, true);
    for (std::uint32_t i = 0; i + 1 < hosts; ++i) queue_.push(SimTime{}, no_event, Wake{HostId{i}, 0, 0});
  }

  void run_until(std::uint64_t messages) {
    while (messages_ < messages) step();
  }
  std::uint64_t messages() const { return messages_; }
  std::uint64_t fingerprint() const { return fingerprint_.value(); }

 private:
  static constexpr std::uint32_t hosts = 5;

  void step() {
    const Event event = queue_.pop();
    fingerprint_.add(event);
    Context context{event.at, event.number, queue_, fingerprint_, trace_};
    if (const auto* wake = std::get_if<Wake>(&event.what)) {
      for (std::uint32_t to = wake->host.value() + 1; to < hosts; ++to) network_.connect(wake->host, HostId{to}, context);
      return;
    }
    const Outcome outcome = network_.handle(event, context);
    if (const auto* connected = std::get_if<Connected>(&outcome)) {
      send(connected->connection, Side::client, 0, context);
    } else if (const auto* arrived = std::get_if<Arrived>(&outcome)) {
      std::uint64_t number = 0;
      std::memcpy(&number, arrived->bytes.data(), sizeof number);
      ++messages_;
      send(arrived->connection, arrived->side, number + 1, context);
    }
  }
  void send(ConnectionId connection, Side side, std::uint64_t number, Context& context) {
    std::array<std::byte, sizeof number> bytes{};
    std::memcpy(bytes.data(), &number, sizeof number);
    network_.send(connection, side, sim::Bytes::copy_of(bytes), MessageTag{1, static_cast<std::uint32_t>(number), 0}, context);
  }

  Network network_;
  EventQueue queue_;
  Fingerprint fingerprint_;
  Trace trace_{Trace::Mode::off};
  std::uint64_t messages_ = 0;
};

void add_queue_row(std::vector<PerfRow>& rows, std::size_t pending, double goal, double reference_floor) {
  constexpr std::size_t operations = 200'000;
  EventQueue queue;
  std::uint64_t state = 1;
  const auto delay = [&state] {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return Duration::ns(static_cast<std::int64_t>(state % 1'000'000));
  };
  for (std::size_t n = 0; n < pending; ++n) queue.push(SimTime{} + delay(), no_event, Wake{HostId{1}, 0, n});
  PerfRow row;
  row.name = "event queue, " + std::to_string(pending) + " pending";
  row.unit = "pop and push";
  row.goal = goal;
  row.goal_ratio = goal / reference_floor;
  row.ours = median_ns(operations, [&] {
    for (std::size_t n = 0; n < operations; ++n) {
      const Event event = queue.pop();
      queue.push(event.at + delay(), event.number, event.what);
    }
  });
  row.floor = median_ns(operations, [&] { keep(floor_event_queue(pending, operations)); });
  rows.push_back(std::move(row));
}

}  // namespace

void add_kernel_rows(std::vector<PerfRow>& rows) {
  add_queue_row(rows, 1, 10, 1.6);
  add_queue_row(rows, 100, 20, 8.7);
  add_queue_row(rows, 10'000, 45, 23);
  add_queue_row(rows, 1'000'000, 130, 66);
  {
    constexpr std::size_t messages = 200'000;
    FiveHosts world;
    PerfRow row{"five hosts, 1 to 10 ms, fingerprint on", "message", 0, 0, 125, 125.0 / 30.3, {}};
    row.ours = median_ns(messages, [&] { world.run_until(world.messages() + messages); });
    keep(world.fingerprint());
    row.floor = median_ns(messages, [&] { keep(floor_messages(messages)); });
    rows.push_back(std::move(row));
  }
  {
    constexpr std::size_t events = 1'000'000;
    EventQueue queue;
    queue.push(SimTime{}, no_event, Wake{HostId{1}, 2, 3});
    Event event = queue.pop();
    Fingerprint fingerprint;
    PerfRow row{"fingerprint", "event", 0, 0, 5, 2.5, {}};
    row.ours = median_ns(events, [&] {
      for (std::size_t n = 0; n < events; ++n) {
        event.at += Duration::ns(1);
        fingerprint.add(event);
      }
    });
    keep(fingerprint.value());
    row.floor = median_ns(events, [&] { keep(floor_hash(events)); });
    rows.push_back(std::move(row));
  }
}

}  // namespace linger::cli

#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include <map>

#include "support/sim_stage.h"

namespace linger::sim {
namespace {

// What may happen to a small network: drawn by RapidCheck as plain numbers, so that it can shrink them.
struct Move {
  std::uint32_t what = 0;
  std::uint32_t a = 0;
  std::uint32_t b = 0;
  std::uint32_t time = 0;
};

void showValue(const Move& move, std::ostream& out) {
  out << '{' << move.what << ',' << move.a << ',' << move.b << ',' << move.time << '}';
}

constexpr std::uint32_t host_count = 4;

// A network under random moves, with everything written down that each side sent and received.
struct Chaos {
  explicit Chaos(Seed seed)
      : network(Topology::full_mesh(
                    Stage::names(host_count),
                    LinkQuality{Latency::exponential(Duration::us(100), Duration::ms(2)), 1'000'000, Ratio{1, 10}}),
                seed) {
    for (std::uint32_t i = 0; i < host_count; ++i) network.set_listening(HostId{i}, true);
    for (std::uint32_t i = 0; i < host_count; ++i) apply(Move{0, i, i, 0});
    run_until(SimTime::at(Duration::ms(20)));
  }

  Context context() { return Context{time, current, queue, fingerprint, trace}; }
  HostId host(std::uint32_t n) const { return HostId{n % host_count}; }
  bool running(HostId h) const { return network.host_state(h) == Network::HostState::running; }

  void apply(const Move& move) {
    Context now = context();
    const HostId a = host(move.a);
    const HostId b = host(move.a + 1 + move.b % (host_count - 1));
    const std::vector<ConnectionId> all = network.connections();
    const ConnectionId connection = all.empty() ? ConnectionId{} : all[move.a % all.size()];
    const Side side = move.b % 2 == 0 ? Side::client : Side::server;
    const std::uint32_t what = move.what % 32;
    if (what < 3) {
      if (running(a)) network.connect(a, b, now);
    } else if (what < 15) {
      for (std::uint32_t i = 0; i <= move.time % 4; ++i) send(connection, side);
    } else if (what < 16) {
      if (network.is_open(connection, side)) closed[{connection, side}] = true;
      network.close(connection, side, move.time % 2 == 0 ? CloseKind::fin : CloseKind::reset, now);
    } else if (what < 17) {
      if (running(a)) network.crash(a, now);
    } else if (what < 18) {
      if (network.host_state(a) != Network::HostState::power_off) network.lose_power(a, now);
    } else if (what < 21) {
      for (std::uint32_t i = 0; i < host_count; ++i) restart(HostId{i});
    } else if (what < 22) {
      network.cut(a, b, now);
      ++cuts[{a, b}];
    } else if (what < 24) {
      for (auto& [lane, count] : cuts) {
        if (count > 0 && network.heal(lane.first, lane.second, now)) --count;
      }
    } else if (what < 26) {
      network.set_reading(connection, side, what == 24, now);
    } else if (what < 28) {
      if (running(a)) network.is_paused(a) ? network.resume(a, now) : network.pause(a, now);
    } else if (what < 31) {
      planned_fault = 1 + move.b % 5;
    } else if (move.b % 4 == 0) {
      network.black_hole(connection, outgoing(side), now);
    } else if (move.b % 4 == 1) {
      see(network.reset_connection(connection, now));
    }
  }

  void restart(HostId h) {
    if (running(h)) return;
    Context now = context();
    network.restart(h, now);
    network.set_listening(h, true);
  }

  void send(ConnectionId connection, Side side) {
    Context now = context();
    std::vector<std::uint64_t>& wrote = sent[{connection, side}];
    const std::string text = std::to_string(next_message);
    const SendResult result =
        network.send(connection, side, bytes_of(text), MessageTag{1, static_cast<std::uint32_t>(wrote.size()), 0}, now);
    RC_ASSERT((result == SendResult::closed) == !network.is_open(connection, side));
    if (result == SendResult::closed) return;
    RC_ASSERT((!closed[{connection, side}]));
    wrote.push_back(next_message++);
  }

  void run_until(SimTime until) {
    while (!queue.empty() && queue.next_time() <= until) step();
    time = until;
  }

  void step() {
    const Event event = queue.pop();
    fingerprint.add(event);
    time = event.at;
    current = event.number;
    Context now = context();
    const std::optional<InFlight> message = network.peek(event);
    const bool judge = message.has_value() && !message->judged && planned_fault != 0;
    const std::uint32_t fault = judge ? std::exchange(planned_fault, 0) : 0;
    if (fault == 1) {
      network.lose(event, now);
    } else if (fault == 2) {
      see(network.reset(event, message->bytes->size() / 2, now));
    } else if (fault == 3) {
      network.hold(event, Duration::ms(700), now);
    } else if (fault == 4) {
      see(network.late(event, Duration::ms(300), now));
    } else if (fault == 5) {
      network.delay(event, Duration::ms(30), now);
    } else {
      const Outcome outcome = network.handle(event, now);
      RC_ASSERT(message.has_value() == std::holds_alternative<Arrived>(outcome));
      see(outcome);
    }
  }

  void see(const Outcomes& outcomes) {
    for (const Outcome& outcome : outcomes) see(outcome);
  }

  void see(const Outcome& outcome) {
    if (const auto* end = std::get_if<Closed>(&outcome)) {
      RC_ASSERT((!closed[{end->connection, end->side}]));
      RC_ASSERT(running(end->host) && !network.is_open(end->connection, end->side));
      closed[{end->connection, end->side}] = true;
    } else if (const auto* accepted = std::get_if<Accepted>(&outcome)) {
      RC_ASSERT((received[{accepted->connection, Side::server}].empty()));
    } else if (const auto* arrived = std::get_if<Arrived>(&outcome)) {
      RC_ASSERT((!closed[{arrived->connection, arrived->side}]));
      RC_ASSERT(running(arrived->host) && !network.is_paused(arrived->host));
      RC_ASSERT(arrived->hash == hash_bytes(arrived->bytes.span()));
      if (!arrived->whole) return;
      std::vector<std::uint64_t>& got = received[{arrived->connection, arrived->side}];
      got.push_back(std::stoull(text_of(arrived->bytes)));
      // In order, none left out, none twice: what has come so far is a prefix of what was sent.
      const std::vector<std::uint64_t>& wrote = sent[{arrived->connection, other(arrived->side)}];
      RC_ASSERT(got.size() <= wrote.size());
      RC_ASSERT(got.back() == wrote[got.size() - 1]);
      ++arrivals;
    }
  }

  // Ends all faults and closes everything: then nothing may be left.
  void calm() {
    for (std::uint32_t i = 0; i < host_count; ++i) {
      restart(HostId{i});
      Context now = context();
      network.resume(HostId{i}, now);
    }
    for (auto& [lane, count] : cuts) {
      Context now = context();
      for (; count > 0; --count) network.heal(lane.first, lane.second, now);
    }
    for (const ConnectionId connection : network.connections()) {
      Context now = context();
      for (const Side side : {Side::client, Side::server}) network.set_reading(connection, side, true, now);
    }
    run_until(time + Duration::s(2'000));
    for (const ConnectionId connection : network.connections()) {
      Context now = context();
      network.close(connection, Side::client, CloseKind::fin, now);
      network.close(connection, Side::server, CloseKind::fin, now);
    }
    run_until(time + Duration::s(2'000));
  }

  using End = std::pair<ConnectionId, Side>;
  Network network;
  EventQueue queue;
  Fingerprint fingerprint;
  Trace trace;
  SimTime time;
  EventNumber current = no_event;
  std::uint32_t planned_fault = 0;
  std::uint64_t next_message = 0;
  std::uint64_t arrivals = 0;
  std::map<End, std::vector<std::uint64_t>> sent;
  std::map<End, std::vector<std::uint64_t>> received;
  std::map<End, bool> closed;
  std::map<std::pair<HostId, HostId>, int> cuts;
};

rc::Gen<std::vector<Move>> moves() {
  const auto number = rc::gen::inRange<std::uint32_t>(0, 1'000);
  const auto one =
      rc::gen::resize(100, rc::gen::build<Move>(rc::gen::set(&Move::what, number), rc::gen::set(&Move::a, number),
                                                rc::gen::set(&Move::b, number), rc::gen::set(&Move::time, number)));
  return rc::gen::scale(4.0, rc::gen::container<std::vector<Move>>(one));
}

// How long until the next move: mostly a moment, sometimes long enough for retransmissions.
Duration pause_after(const Move& move) {
  return move.time % 10 == 0 ? Duration::ms(move.time) : Duration::us(move.time);
}

TEST_CASE(
    "sim network: whatever happens, a side receives a prefix of what the other sent, in order, once, and nothing after "
    "its end") {
  std::uint64_t arrivals = 0;
  std::uint64_t sent = 0;
  REQUIRE(rc::check("prefix", [&] {
    Chaos chaos{Seed{*rc::gen::inRange<std::uint64_t>(0, 1'000)}};
    for (const Move& move : *moves()) {
      chaos.apply(move);
      chaos.run_until(chaos.time + pause_after(move));
    }
    chaos.calm();
    RC_ASSERT(chaos.network.connections().empty());
    arrivals += chaos.arrivals;
    sent += chaos.next_message;
  }));
  // The moves must mean something: a good part of what was sent arrives.
  CHECK(sent > 2'000);
  CHECK(arrivals > sent / 5);
}

TEST_CASE("sim network: a copy taken among cuts, crashes and faults goes on as the original") {
  REQUIRE(rc::check("copy", [] {
    const auto all = *moves();
    const std::size_t at = *rc::gen::inRange<std::size_t>(0, all.size() + 1);
    Chaos original{Seed{1}};
    std::optional<Chaos> copy;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (i == at) copy.emplace(original);
      original.apply(all[i]);
      original.run_until(original.time + pause_after(all[i]));
    }
    if (!copy.has_value()) return;
    for (std::size_t i = at; i < all.size(); ++i) {
      copy->apply(all[i]);
      copy->run_until(copy->time + pause_after(all[i]));
    }
    RC_ASSERT(copy->fingerprint == original.fingerprint);
    RC_ASSERT(copy->trace.hash() == original.trace.hash());
    RC_ASSERT(copy->queue.pending() == original.queue.pending());
  }));
}

}  // namespace
}  // namespace linger::sim

#include <algorithm>
#include <catch2/catch.hpp>

#include "sim/event_queue.h"

namespace linger::sim {
namespace {

EventBody wake(std::uint32_t host) {
  return Wake{HostId{host}, 0, 0};
}

// The hosts of all events in the order in which they happen.
std::vector<std::uint32_t> order(EventQueue queue) {
  std::vector<std::uint32_t> hosts;
  while (!queue.empty()) hosts.push_back(host_of(queue.pop().what).value());
  return hosts;
}

EventQueue simultaneous(TiePolicy ties, std::uint32_t count = 8) {
  EventQueue queue{std::move(ties)};
  for (std::uint32_t i = 0; i < count; ++i) queue.push(SimTime::at_ns(5), no_event, wake(i));
  return queue;
}

TEST_CASE("sim queue: earlier first; at the same moment the one scheduled first") {
  EventQueue queue;
  CHECK(queue.next_time() == SimTime::never());
  queue.push(SimTime::at_ns(30), no_event, wake(1));
  queue.push(SimTime::at_ns(10), no_event, wake(2));
  queue.push(SimTime::at_ns(30), no_event, wake(3));
  queue.push(SimTime::at_ns(10), EventNumber{2}, wake(4));
  CHECK(queue.next_time() == SimTime::at_ns(10));
  CHECK(queue.size() == 4);
  CHECK(order(queue) == std::vector<std::uint32_t>{2, 4, 1, 3});
  const Event first = queue.pop();
  CHECK(first.number == EventNumber{2});
  CHECK(queue.now() == SimTime::at_ns(10));
  CHECK(queue.pop().cause == EventNumber{2});
}

TEST_CASE("sim queue: far and near moments mix: from nanoseconds to never") {
  EventQueue queue;
  const std::vector<std::int64_t> times = {0,         1, 4'095,        4'096, 1'000'000, 999'999, 86'400'000'000'000,
                                           INT64_MAX, 2, INT64_MAX - 1};
  for (std::int64_t t : times) queue.push(SimTime::at_ns(t), no_event, wake(0));
  std::vector<std::int64_t> sorted = times;
  std::sort(sorted.begin(), sorted.end());
  std::vector<std::int64_t> popped;
  while (!queue.empty()) popped.push_back(queue.pop().at.ns());
  CHECK(popped == sorted);
}

TEST_CASE("sim queue: a copy goes on as the original does") {
  EventQueue queue = simultaneous(TiePolicy::seeded(Seed{3}));
  queue.pop();
  EventQueue copy = queue;
  queue.push(SimTime::at_ns(5), no_event, wake(100));
  copy.push(SimTime::at_ns(5), no_event, wake(100));
  CHECK(order(queue) == order(copy));
  CHECK(queue.pending() == copy.pending());
}

TEST_CASE("sim queue: pending shows what will happen, in order") {
  const EventQueue queue = simultaneous(TiePolicy::seeded(Seed{4}));
  std::vector<std::uint32_t> hosts;
  for (const Event& event : queue.pending()) hosts.push_back(host_of(event.what).value());
  CHECK(hosts == order(queue));
}

TEST_CASE("sim queue: ties drawn from a seed differ by seed and are the same each time") {
  CHECK(order(simultaneous(TiePolicy::fifo())) == std::vector<std::uint32_t>{0, 1, 2, 3, 4, 5, 6, 7});
  CHECK(order(simultaneous(TiePolicy::seeded(Seed{1}))) == order(simultaneous(TiePolicy::seeded(Seed{1}))));
  CHECK(order(simultaneous(TiePolicy::seeded(Seed{1}))) != order(simultaneous(TiePolicy::seeded(Seed{2}))));
}

TEST_CASE("sim queue: PCT: a host keeps its priority until its change point, then it is behind all others") {
  const auto rounds = [](std::uint64_t seed, std::uint32_t depth) {
    EventQueue queue{TiePolicy::pct(Seed{seed}, depth, 40)};
    std::vector<std::vector<std::uint32_t>> orders;
    for (int round = 0; round < 10; ++round) {
      for (std::uint32_t host = 0; host < 4; ++host) queue.push(SimTime::at_ns(round), no_event, wake(host));
    }
    while (!queue.empty()) {
      orders.emplace_back();
      for (int i = 0; i < 4; ++i) orders.back().push_back(host_of(queue.pop().what).value());
    }
    return orders;
  };
  int changed = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto steady = rounds(seed, 1);
    for (const auto& one : steady) CHECK(one == steady.front());
    const auto changing = rounds(seed, 2);
    if (changing.back() == steady.back()) continue;  // the host concerned was the last one anyway
    ++changed;
    std::vector<std::uint32_t> expected = steady.back();
    expected.erase(std::find(expected.begin(), expected.end(), changing.back().back()));
    expected.push_back(changing.back().back());
    CHECK(changing.back() == expected);
  }
  CHECK(changed > 8);
}

TEST_CASE("sim queue: recorded choices, played, give the same order, under any policy") {
  const auto busy = [](TiePolicy ties) {
    EventQueue queue{std::move(ties)};
    std::vector<std::uint64_t> numbers;
    for (std::uint32_t i = 0; i < 30; ++i) queue.push(SimTime::at_ns(i / 3), no_event, wake(i % 3));
    std::uint32_t more = 60;
    while (!queue.empty()) {
      const Event event = queue.pop();
      numbers.push_back(event.number.value());
      if (more > 0) {
        --more;
        queue.push(event.at + Duration::ns(more % 4), event.number, wake(more % 5));
      }
    }
    return std::pair{numbers, queue.choices()};
  };
  for (const TiePolicy& ties : {TiePolicy::seeded(Seed{9}), TiePolicy::pct(Seed{9}, 3, 90)}) {
    const auto [numbers, choices] = busy(ties);
    CHECK(numbers != busy(TiePolicy::fifo()).first);
    CHECK(busy(TiePolicy::played(choices)).first == numbers);
    CHECK(busy(TiePolicy::played(choices)).second == choices);
  }
  CHECK(busy(TiePolicy::fifo()).second.empty());
}

TEST_CASE("sim event: every kind can be printed") {
  const auto text = [](const EventBody& what, std::uint64_t cause = 0) {
    return describe(Event{SimTime::at_ns(12'500'000), 0, EventNumber{7}, EventNumber{cause}, what});
  };
  CHECK(text(Wake{HostId{3}, 2, 1}) == "12.5ms #7 wake host 3 timer 2 arg 1");
  CHECK(text(Deliver{{2, 1}, Direction::to_client, 9, HostId{4}}, 3) ==
        "12.5ms #7 (after #3) deliver connection 2.1 to_client at host 4");
  CHECK(text(Handshake{{2, 1}, Handshake::Step::answer, false, 0, HostId{4}}) ==
        "12.5ms #7 connect refused: connection 2.1 at host 4");
  CHECK(text(Handshake{{2, 1}, Handshake::Step::retry, false, 3, HostId{4}}) ==
        "12.5ms #7 connect retry 3 of connection 2.1 at host 4");
  CHECK(text(Strike{1, 0}) == "12.5ms #7 fault 1 phase 0");
}

}  // namespace
}  // namespace linger::sim

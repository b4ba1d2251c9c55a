#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <set>
#include <utility>

#include "sim/clock.h"
#include "sim/event_queue.h"

namespace linger::sim {
namespace {

// Pushes and pops by turns until `target` events wait, then takes them all out; the reference is a set.
void push_and_pop(EventQueue& queue, std::set<std::pair<std::int64_t, std::uint64_t>>& reference, std::uint64_t& state,
                  std::size_t target, std::int64_t spread) {
  const auto next = [&state] { return state = detail::mix(state + 1); };
  const auto pop = [&] {
    RC_ASSERT(queue.next_time().ns() == reference.begin()->first);
    const Event event = queue.pop();
    RC_ASSERT((std::pair{event.at.ns(), event.number.value()} == *reference.begin()));
    RC_ASSERT((event.what == EventBody{Wake{HostId{1}, 2, event.number.value()}}));
    reference.erase(reference.begin());
  };
  while (reference.size() < target) {
    // Most events are near, some far away, some at once.
    const std::int64_t reach = next() % 8 == 0 ? spread * 1'000 : next() % 8 == 0 ? 0 : spread;
    const SimTime at = queue.now() + Duration::ns(uniform(next(), 0, reach));
    const EventNumber number = queue.push(at, no_event, Wake{HostId{1}, 2, queue.next_number().value()});
    reference.insert({at.ns(), number.value()});
    if (next() % 3 == 0) pop();
    RC_ASSERT(queue.size() == reference.size());
  }
  RC_ASSERT(queue.pending().size() == reference.size());
  EventQueue copy = queue;
  while (reference.size() > target / 20) {
    pop();
    RC_ASSERT(copy.pop().number.value() != 0);
  }
  RC_ASSERT(copy.pending() == queue.pending());
}

TEST_CASE("sim queue: any mix of pushes and pops comes out as a sorted list would give it") {
  REQUIRE(rc::check("order", [] {
    std::uint64_t state = *rc::gen::arbitrary<std::uint64_t>();
    EventQueue queue;
    std::set<std::pair<std::int64_t, std::uint64_t>> reference;
    for (int phase = *rc::gen::inRange(1, 5); phase > 0; --phase) {
      const auto target = *rc::gen::element<std::size_t>(1, 10, 50, 300, 3'000);
      const auto spread = *rc::gen::element<std::int64_t>(1, 100, 100'000, 100'000'000, 100'000'000'000);
      push_and_pop(queue, reference, state, target, spread);
    }
  }));
}

TEST_CASE("sim clock: a wake-up is the first moment at which the clock reads the deadline, under any drift and jump") {
  REQUIRE(rc::check("inverse", [] {
    Clock clock;
    SimTime now;
    for (int i = *rc::gen::inRange(0, 4); i > 0; --i) {
      now += Duration::ns(*rc::gen::inRange<std::int64_t>(0, 1'000'000'000));
      clock.set_drift(*rc::gen::inRange<std::int64_t>(-500'000, 500'001), now);
      clock.jump(Duration::ns(*rc::gen::inRange<std::int64_t>(-5'000'000'000, 5'000'000'000)), now);
    }
    const std::int64_t wanted = clock.wall_ns(now) + *rc::gen::inRange<std::int64_t>(-1'000, 10'000'000'000);
    const SimTime at = clock.when_wall_ns(wanted, now);
    RC_ASSERT(at >= now);
    RC_ASSERT(clock.wall_ns(at) >= wanted);
    if (at > now) RC_ASSERT(clock.wall_ns(at - Duration::ns(1)) < wanted);

    const std::int64_t mono = clock.mono_ns(now) + *rc::gen::inRange<std::int64_t>(-1'000, 10'000'000'000);
    const SimTime then = clock.when_mono_ns(mono, now);
    RC_ASSERT(clock.mono_ns(then) >= mono);
    if (then > now) RC_ASSERT(clock.mono_ns(then - Duration::ns(1)) < mono);
  }));
}

}  // namespace
}  // namespace linger::sim

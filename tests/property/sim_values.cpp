#include <rapidcheck.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <vector>

#include "sim/clock.h"
#include "sim/event_queue.h"

namespace linger::sim {
namespace {

TEST_CASE("sim queue: any mix of pushes and pops comes out as a sorted list would give it") {
  REQUIRE(rc::check("order", [] {
    const bool seeded = *rc::gen::arbitrary<bool>();
    const auto spread = *rc::gen::element<std::int64_t>(1, 10, 1'000, 1'000'000, 10'000'000'000);
    const auto count = *rc::gen::inRange(0, 400);
    EventQueue queue{seeded ? TiePolicy::seeded(Seed{1}) : TiePolicy::fifo()};
    std::vector<Event> reference;
    const auto before = [](const Event& a, const Event& b) { return a.before(b); };
    for (int i = 0; i < count; ++i) {
      if (reference.empty() || *rc::gen::inRange(0, 5) < 3) {
        const SimTime at = queue.now() + Duration::ns(*rc::gen::inRange<std::int64_t>(0, spread));
        queue.push(at, no_event, Wake{HostId{static_cast<std::uint32_t>(i)}, 0, 0});
        const std::vector<Event> pending = queue.pending();
        const auto newest = std::max_element(pending.begin(), pending.end(),
                                             [](const Event& a, const Event& b) { return a.number < b.number; });
        RC_ASSERT(newest->at == at);
        reference.push_back(*newest);
      } else {
        const auto first = std::min_element(reference.begin(), reference.end(), before);
        RC_ASSERT(queue.next_time() == first->at);
        RC_ASSERT(queue.pop() == *first);
        reference.erase(first);
      }
      RC_ASSERT(queue.size() == reference.size());
    }
    std::sort(reference.begin(), reference.end(), before);
    RC_ASSERT(queue.pending() == reference);
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

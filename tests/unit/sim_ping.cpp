#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <new>

#include "support/ping_world.h"

namespace {
std::atomic<std::uint64_t> allocations{0};
}  // namespace

// Counts every allocation of this program, for "a run in its steady state allocates nothing". noinline keeps g++ from
// pairing malloc with delete.
__attribute__((noinline)) void* operator new(std::size_t size) {
  ++allocations;
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc{};
  return memory;
}
__attribute__((noinline)) void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size == 0 ? 1 : size);
}
__attribute__((noinline)) void operator delete(void* memory) noexcept {
  std::free(memory);
}
__attribute__((noinline)) void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace linger::sim {
namespace {

const LinkQuality lan{Latency::uniform(Duration::us(200), Duration::us(900)), 0, {}};

TEST_CASE("sim ping: two hosts count up to a thousand, and again with the same fingerprint") {
  const auto run = [](Seed seed) {
    PingWorld world{2, lan, seed};
    Trace trace;
    while (world.messages() < 1'000) world.step(trace);
    CHECK(world.last() == 999);
    CHECK(world.now() > SimTime::at(Duration::ms(200)));
    CHECK(world.now() < SimTime::at(Duration::ms(910)));
    return std::pair{world.fingerprint(), trace.hash()};
  };
  CHECK(run(Seed{1}) == run(Seed{1}));
  CHECK(run(Seed{1}).first.value() != run(Seed{2}).first.value());
}

TEST_CASE(
    "sim ping: a copy of the world, taken at any moment, ends as the original does, and neither disturbs the other") {
  const TiePolicy policies[] = {TiePolicy::fifo(), TiePolicy::seeded(Seed{3}), TiePolicy::pct(Seed{4}, 3, 2'000)};
  for (const TiePolicy& ties : policies) {
    for (std::uint64_t moment : {0U, 1U, 7U, 100U, 999U}) {
      PingWorld original{4, lan, Seed{5}, 3, ties};
      Trace trace;
      while (original.fingerprint().count() < moment) original.step(trace);
      PingWorld copy = original;
      Trace other = trace.branch();
      while (original.messages() < 1'000) original.step(trace);
      while (copy.messages() < 1'000) copy.step(other);
      CHECK(copy.fingerprint() == original.fingerprint());
      CHECK(copy.queue().pending() == original.queue().pending());
      CHECK(copy.queue().choices() == original.queue().choices());
      CHECK(other.hash() == trace.hash());
      CHECK(other.count() == trace.count());
    }
  }
}

TEST_CASE("sim ping: the trace being off changes nothing") {
  PingWorld world{3, lan, Seed{6}};
  PingWorld silent = world;
  Trace on;
  Trace off{Trace::Mode::off};
  while (world.messages() < 500) world.step(on);
  while (silent.messages() < 500) silent.step(off);
  CHECK(world.fingerprint() == silent.fingerprint());
  CHECK(on.count() >= 500);
  CHECK(off.count() == 0);
}

TEST_CASE("sim ping: a run in its steady state allocates nothing") {
  PingWorld world{5, lan, Seed{7}, 4};
  Trace off{Trace::Mode::off};
  while (world.messages() < 5'000) world.step(off);
  const std::uint64_t before = allocations;
  while (world.messages() < 50'000) world.step(off);
  CHECK(allocations == before);
}

}  // namespace
}  // namespace linger::sim

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <vector>

#if __has_include(<Random123/philox.h>)
#include <Random123/philox.h>
#define LINGER_HAVE_RANDOM123 1
#endif

#include "sim/draw.h"
#include "sim/latency.h"

namespace linger::sim {
namespace {

TEST_CASE("sim draw: Philox4x32-10 gives the published known answers") {
  // counter, key, answer: Random123's kat_vectors, lines "philox4x32 10".
  CHECK(philox4x32_10({0, 0, 0, 0}, {0, 0}) == PhiloxCounter{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(philox4x32_10({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}) ==
        PhiloxCounter{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox4x32_10({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        PhiloxCounter{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

#ifdef LINGER_HAVE_RANDOM123
TEST_CASE("sim draw: Philox4x32-10 agrees with Random123 over 100,000 counters and keys") {
  std::uint64_t state = 1;
  const auto next = [&state] { return static_cast<std::uint32_t>(state = detail::mix(state + 1)); };
  r123::Philox4x32 theirs;
  int equal = 0;
  for (int i = 0; i < 100'000; ++i) {
    PhiloxCounter counter{};
    PhiloxKey key{};
    for (std::uint32_t& word : counter) word = next();
    for (std::uint32_t& word : key) word = next();
    const r123::Philox4x32::ctr_type expected =
        theirs({{counter[0], counter[1], counter[2], counter[3]}}, {{key[0], key[1]}});
    const PhiloxCounter got = philox4x32_10(counter, key);
    if (std::equal(got.begin(), got.end(), expected.begin())) ++equal;
  }
  CHECK(equal == 100'000);
}
#endif

TEST_CASE("sim draw: a draw is a function of seed, stream, name and number, and of each of them") {
  constexpr Stream stream = Stream::of("test");
  const Name name = Name::of("p1").with("b1").with(3);
  const std::uint64_t drawn = draw(Seed{7}, stream, name, 0);
  CHECK(drawn == draw(Seed{7}, Stream::of("test"), Name::of("p1").with("b1").with(3), 0));
  CHECK(drawn != draw(Seed{8}, stream, name, 0));
  CHECK(drawn != draw(Seed{7}, Stream::of("other"), name, 0));
  CHECK(drawn != draw(Seed{7}, stream, name.with(0), 0));
  CHECK(drawn != draw(Seed{7}, stream, name, 1));
  CHECK(Name::of("a").with("b") != Name::of("b").with("a"));
  CHECK(Name::of("ab") != Name::of("a").with("b"));
  CHECK(Name::of("a").with(0) != Name::of("a"));
}

TEST_CASE("sim draw: names of small numbers do not collide") {
  std::set<std::uint64_t> values;
  for (std::uint64_t a = 0; a < 100; ++a) {
    for (std::uint64_t b = 0; b < 100; ++b) values.insert(Name::of("x").with(a).with(b).value());
  }
  CHECK(values.size() == 10'000);
}

TEST_CASE("sim draw: uniform reaches both ends, stays inside and is even") {
  std::vector<int> hits(10);
  for (std::uint64_t n = 0; n < 100'000; ++n) {
    const std::int64_t value = uniform(draw(Seed{1}, Stream::of("u"), Name{}, n), -3, 6);
    REQUIRE(value >= -3);
    REQUIRE(value <= 6);
    ++hits[static_cast<std::size_t>(value + 3)];
  }
  for (int count : hits) {
    CHECK(count > 9'600);
    CHECK(count < 10'400);
  }
  CHECK(uniform(0, 5, 5) == 5);
  CHECK(uniform(~std::uint64_t{0}, INT64_MIN, INT64_MAX) == INT64_MAX);
  CHECK(uniform(0, INT64_MIN, INT64_MAX) == INT64_MIN);
}

TEST_CASE("sim draw: chance keeps its ratio; 0 never, 1 always") {
  int hits = 0;
  for (std::uint64_t n = 0; n < 100'000; ++n) {
    const std::uint64_t drawn = draw(Seed{2}, Stream::of("c"), Name{}, n);
    hits += chance(drawn, Ratio{1, 20});
    CHECK_FALSE(chance(drawn, 0, 5));
    CHECK(chance(drawn, 5, 5));
  }
  CHECK(hits > 4'700);
  CHECK(hits < 5'300);
}

struct Sampled {
  double mean = 0;
  std::int64_t median = 0;
  std::int64_t p99 = 0;
  std::int64_t smallest = 0;
  std::int64_t largest = 0;
};

Sampled sample(const Latency& latency) {
  std::vector<std::int64_t> values;
  Sampled result;
  for (std::uint64_t n = 0; n < 100'000; ++n) {
    values.push_back(latency.sample(draw(Seed{3}, Stream::of("l"), Name{}, n)).us());
    result.mean += static_cast<double>(values.back()) / 100'000;
  }
  std::sort(values.begin(), values.end());
  result.median = values[50'000];
  result.p99 = values[99'000];
  result.smallest = values.front();
  result.largest = values.back();
  return result;
}

TEST_CASE("sim latency: each shape has the numbers that its name promises") {
  CHECK(Latency::constant(Duration::us(7)).sample(12'345).us() == 7);
  CHECK_FALSE(Latency::constant(Duration::us(7)).needs_draw());

  const Sampled even = sample(Latency::uniform(Duration::ms(1), Duration::ms(10)));
  CHECK(even.smallest >= 1'000);
  CHECK(even.largest <= 10'000);
  CHECK(even.mean == Approx(5'500).epsilon(0.01));

  // Exponential: median = mean * ln 2, 99th percentile = mean * ln 100.
  const Sampled exponential = sample(Latency::exponential(Duration::ms(1), Duration::ms(10)));
  CHECK(exponential.smallest >= 1'000);
  CHECK(exponential.mean == Approx(11'000).epsilon(0.01));
  CHECK(exponential.median == Approx(1'000 + 6'931).epsilon(0.02));
  CHECK(exponential.p99 == Approx(1'000 + 46'052).epsilon(0.03));
  CHECK(exponential.largest <= 121'000);

  // Lognormal with sigma 0.5: mean = median * e^(0.125), 99th percentile = median * e^(0.5 * 2.326).
  const Sampled lognormal = sample(Latency::lognormal(Duration::ms(10), 50));
  CHECK(lognormal.median == Approx(10'000).epsilon(0.01));
  CHECK(lognormal.mean == Approx(11'331).epsilon(0.02));
  CHECK(lognormal.p99 == Approx(32'003).epsilon(0.05));
  CHECK(lognormal.largest <= 74'000);
}

TEST_CASE("sim latency: the extremes of a draw neither overflow nor go below nothing") {
  for (const Latency& latency :
       {Latency::exponential(Duration{}, Duration::s(86'400)), Latency::lognormal(Duration::s(86'400), 500),
        Latency::lognormal(Duration::ns(1), 1'000)}) {
    CHECK(latency.sample(0) >= Duration{});
    CHECK(latency.sample(~std::uint64_t{0}) >= Duration{});
    CHECK(latency.sample(std::uint64_t{1} << 63) >= Duration{});
  }
}

}  // namespace
}  // namespace linger::sim

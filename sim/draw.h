#pragma once

#include <array>
#include <cassert>
#include <compare>
#include <cstdint>
#include <string_view>

namespace linger::sim {

/// The one number from which every draw of a run follows.
struct Seed {
  std::uint64_t value = 0;
  friend constexpr auto operator<=>(const Seed&, const Seed&) = default;
};

namespace detail {
/// A bijection of 64-bit words whose every output bit depends on every input bit (the finaliser of SplitMix64).
constexpr std::uint64_t mix(std::uint64_t x) {
  x ^= x >> 30;
  x *= 0xbf58'476d'1ce4'e5b9ULL;
  x ^= x >> 27;
  x *= 0x94d0'49bb'1331'11ebULL;
  return x ^ (x >> 31);
}
/// Both halves of the 128-bit product, folded together: two words into one.
constexpr std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  __extension__ using wide = unsigned __int128;
  const wide product = wide{a} * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}
/// One step of a rolling hash.
constexpr std::uint64_t mix_word(std::uint64_t hash, std::uint64_t word) {
  hash = (hash ^ word) * 0x9e37'79b9'7f4a'7c15ULL;
  return hash ^ (hash >> 32);
}
constexpr std::uint64_t hash_text(std::string_view text) {
  std::uint64_t hash = 0xcbf2'9ce4'8422'2325ULL;
  for (char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x0000'0100'0000'01b3ULL;
  }
  return mix(hash);
}
}  // namespace detail

/// The stable name of the thing that draws: built from words and numbers that stay the same when something else in the
/// plan is removed, never from addresses or global counters. `Name::of("p1").with("b1").with(3)`; the order of the
/// parts matters.
class Name {
 public:
  constexpr Name() = default;
  static constexpr Name of(std::string_view text) { return Name{detail::hash_text(text)}; }
  static constexpr Name of(std::uint64_t number) { return Name{}.with(number); }
  constexpr Name with(std::string_view text) const { return with(detail::hash_text(text)); }
  constexpr Name with(std::uint64_t number) const {
    return Name{detail::mix((value_ + 0x9e37'79b9'7f4a'7c15ULL) ^ (number * 0xff51'afd7'ed55'8ccdULL))};
  }
  constexpr Name with(Name name) const { return with(name.value_); }
  constexpr std::uint64_t value() const { return value_; }
  friend constexpr auto operator<=>(Name, Name) = default;

 private:
  constexpr explicit Name(std::uint64_t value) : value_(value) {}
  std::uint64_t value_ = 0;
};

/// What is drawn: draws of one stream are independent of those of every other. A layer names its own:
/// `Stream::of("backoff_jitter")`.
class Stream {
 public:
  static constexpr Stream of(std::string_view name) { return Stream{detail::hash_text(name)}; }
  constexpr std::uint64_t value() const { return value_; }
  friend constexpr auto operator<=>(Stream, Stream) = default;

 private:
  constexpr explicit Stream(std::uint64_t value) : value_(value) {}
  std::uint64_t value_;
};

using PhiloxCounter = std::array<std::uint32_t, 4>;
using PhiloxKey = std::array<std::uint32_t, 2>;

/// Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC'11): 128 random bits
/// from a counter and a key, without state.
constexpr PhiloxCounter philox4x32_10(PhiloxCounter counter, PhiloxKey key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t first = std::uint64_t{0xD251'1F53U} * counter[0];
    const std::uint64_t second = std::uint64_t{0xCD9E'8D57U} * counter[2];
    counter = {static_cast<std::uint32_t>(second >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(second),
               static_cast<std::uint32_t>(first >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(first)};
    key[0] += 0x9E37'79B9U;
    key[1] += 0xBB67'AE85U;
  }
  return counter;
}

/// The n-th draw of this thing from this stream under this seed: 64 uniform bits, a pure function of its four
/// arguments.
constexpr std::uint64_t draw(Seed seed, Stream stream, Name name, std::uint64_t n) {
  const std::uint64_t who = detail::mix(name.value() ^ stream.value());
  const PhiloxCounter random =
      philox4x32_10({static_cast<std::uint32_t>(n), static_cast<std::uint32_t>(n >> 32),
                     static_cast<std::uint32_t>(who), static_cast<std::uint32_t>(who >> 32)},
                    {static_cast<std::uint32_t>(seed.value), static_cast<std::uint32_t>(seed.value >> 32)});
  return random[0] | (std::uint64_t{random[1]} << 32);
}

/// The upper 64 bits of a * b.
constexpr std::uint64_t multiply_high(std::uint64_t a, std::uint64_t b) {
  __extension__ using wide = unsigned __int128;
  return static_cast<std::uint64_t>((wide{a} * b) >> 64);
}

/// A number from lo to hi, both included, from 64 drawn bits. The bias is at most (hi - lo + 1) / 2^64. Requires lo <=
/// hi.
constexpr std::int64_t uniform(std::uint64_t drawn, std::int64_t lo, std::int64_t hi) {
  assert(lo <= hi);
  const std::uint64_t count = static_cast<std::uint64_t>(hi) - static_cast<std::uint64_t>(lo) + 1;
  const std::uint64_t step = count == 0 ? drawn : multiply_high(drawn, count);
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(lo) + step);
}

/// True in `numerator` of `denominator` cases, from 64 drawn bits. Requires a denominator above 0.
constexpr bool chance(std::uint64_t drawn, std::uint64_t numerator, std::uint64_t denominator) {
  assert(denominator > 0);
  return multiply_high(drawn, denominator) < numerator;
}

/// A probability as a ratio of whole numbers.
struct Ratio {
  std::uint32_t numerator = 0;
  std::uint32_t denominator = 1;
  constexpr bool is_zero() const { return numerator == 0; }
  friend constexpr bool operator==(const Ratio&, const Ratio&) = default;
};
constexpr bool chance(std::uint64_t drawn, Ratio ratio) {
  return chance(drawn, ratio.numerator, ratio.denominator);
}

}  // namespace linger::sim

#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <string>

namespace linger::sim {

/// A span of virtual time in whole nanoseconds. Arithmetic saturates: `forever + anything` stays forever, so a
/// configured 9223372036854775807 ms is a legal duration.
class Duration {
 public:
  constexpr Duration() = default;
  static constexpr Duration ns(std::int64_t n) { return Duration{n}; }
  static constexpr Duration us(std::int64_t n) { return Duration{times(n, 1'000)}; }
  static constexpr Duration ms(std::int64_t n) { return Duration{times(n, 1'000'000)}; }
  static constexpr Duration s(std::int64_t n) { return Duration{times(n, 1'000'000'000)}; }
  static constexpr Duration forever() { return Duration{std::numeric_limits<std::int64_t>::max()}; }

  constexpr std::int64_t ns() const { return ns_; }
  /// Whole units, truncated towards zero.
  constexpr std::int64_t us() const { return ns_ / 1'000; }
  constexpr std::int64_t ms() const { return ns_ / 1'000'000; }
  constexpr std::int64_t s() const { return ns_ / 1'000'000'000; }

  friend constexpr auto operator<=>(Duration, Duration) = default;
  friend constexpr Duration operator+(Duration a, Duration b) { return Duration{add(a.ns_, b.ns_)}; }
  friend constexpr Duration operator-(Duration a, Duration b) { return Duration{subtract(a.ns_, b.ns_)}; }
  friend constexpr Duration operator*(Duration a, std::int64_t n) { return Duration{times(a.ns_, n)}; }
  friend constexpr Duration operator/(Duration a, std::int64_t n) { return Duration{a.ns_ / n}; }
  constexpr Duration& operator+=(Duration b) { return *this = *this + b; }
  constexpr Duration& operator-=(Duration b) { return *this = *this - b; }

  /// "1.5ms", "200us", "3s": the largest unit, the digits that are needed, no more.
  std::string describe() const;

 private:
  constexpr explicit Duration(std::int64_t n) : ns_(n) {}

  static constexpr std::int64_t limit(bool negative) {
    return negative ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max();
  }
  static constexpr std::int64_t add(std::int64_t a, std::int64_t b) {
    std::int64_t sum = 0;
    return __builtin_add_overflow(a, b, &sum) ? limit(b < 0) : sum;
  }
  static constexpr std::int64_t subtract(std::int64_t a, std::int64_t b) {
    std::int64_t difference = 0;
    return __builtin_sub_overflow(a, b, &difference) ? limit(b > 0) : difference;
  }
  static constexpr std::int64_t times(std::int64_t a, std::int64_t b) {
    std::int64_t product = 0;
    return __builtin_mul_overflow(a, b, &product) ? limit((a < 0) != (b < 0)) : product;
  }

  std::int64_t ns_ = 0;
};

/// A moment of virtual time: nanoseconds since the start of the run. Every run starts at 0; `never()` is later than
/// every moment.
class SimTime {
 public:
  constexpr SimTime() = default;
  static constexpr SimTime at_ns(std::int64_t n) { return SimTime{n}; }
  static constexpr SimTime at(Duration since_start) { return SimTime{since_start.ns()}; }
  static constexpr SimTime never() { return SimTime{std::numeric_limits<std::int64_t>::max()}; }

  constexpr std::int64_t ns() const { return ns_; }
  /// Whole milliseconds since the start, truncated.
  constexpr std::int64_t ms() const { return ns_ / 1'000'000; }

  friend constexpr auto operator<=>(SimTime, SimTime) = default;
  friend constexpr SimTime operator+(SimTime t, Duration d) { return SimTime{(Duration::ns(t.ns_) + d).ns()}; }
  friend constexpr SimTime operator-(SimTime t, Duration d) { return SimTime{(Duration::ns(t.ns_) - d).ns()}; }
  friend constexpr Duration operator-(SimTime a, SimTime b) { return Duration::ns(a.ns_) - Duration::ns(b.ns_); }
  constexpr SimTime& operator+=(Duration d) { return *this = *this + d; }

  std::string describe() const;

 private:
  constexpr explicit SimTime(std::int64_t n) : ns_(n) {}
  std::int64_t ns_ = 0;
};

/// How long this many bytes take at this rate; a rate of 0 stands for no limit.
constexpr Duration time_for(std::int64_t bytes, std::int64_t bytes_per_second) {
  __extension__ using wide = __int128;
  if (bytes_per_second == 0) return Duration{};
  const wide time = (wide{bytes} * 1'000'000'000 + bytes_per_second - 1) / bytes_per_second;
  return time > Duration::forever().ns() ? Duration::forever() : Duration::ns(static_cast<std::int64_t>(time));
}

}  // namespace linger::sim

#pragma once

#include <cstdint>
#include <string>

#include "sim/draw.h"
#include "sim/time.h"

namespace linger::sim {

/// How long a message is under way on a link: a distribution that is sampled with whole numbers only, so that every
/// machine gets the same. Plain data.
class Latency {
 public:
  enum class Shape : std::uint8_t { constant, uniform, exponential, lognormal };

  /// No delay at all.
  constexpr Latency() = default;
  static constexpr Latency constant(Duration value) { return Latency{Shape::constant, value, value}; }
  /// Any value from lo to hi is as likely as any other. Requires lo <= hi.
  static constexpr Latency uniform(Duration lo, Duration hi) { return Latency{Shape::uniform, lo, hi}; }
  /// At least `floor`, and beyond it exponential with this mean; cut off at 12 means, which one draw in 160,000 would
  /// exceed.
  static constexpr Latency exponential(Duration floor, Duration mean) {
    return Latency{Shape::exponential, floor, mean};
  }
  /// Half of the values lie below `median`; one standard deviation of the logarithm is `sigma_percent` / 100. Cut off
  /// at four deviations.
  static constexpr Latency lognormal(Duration median, std::int64_t sigma_percent) {
    return Latency{Shape::lognormal, median, Duration::ns(sigma_percent)};
  }

  /// The value that these 64 drawn bits stand for. Never negative.
  Duration sample(std::uint64_t drawn) const;
  /// False for a constant: then nothing need be drawn.
  constexpr bool needs_draw() const { return shape_ != Shape::constant; }
  /// The middle of the distribution: what routing takes for the length of a link.
  Duration typical() const;
  constexpr Shape shape() const { return shape_; }
  std::string describe() const;

  friend constexpr bool operator==(const Latency&, const Latency&) = default;

 private:
  constexpr Latency(Shape shape, Duration first, Duration second) : first_(first), second_(second), shape_(shape) {}

  // constant: value, value. uniform: lo, hi. exponential: floor, mean. lognormal: median, percent (as nanoseconds).
  Duration first_;
  Duration second_;
  Shape shape_ = Shape::constant;
};

}  // namespace linger::sim

#pragma once

#include <compare>
#include <cstdint>
#include <limits>

namespace linger {

/// What a host's two clocks say at one moment. Java measures linger, backoff, delivery.timeout.ms and CreateTime with
/// the wall clock (System.currentTimeMillis), buffer waits and metrics with the monotonic one (System.nanoTime): a jump
/// of the wall clock expires batches.
struct Instant {
  std::int64_t wall_ms = 0;
  std::int64_t mono_ns = 0;
  friend constexpr auto operator<=>(const Instant&, const Instant&) = default;
};

inline constexpr std::int64_t forever_ms = std::numeric_limits<std::int64_t>::max();

/// a + b for a >= 0, held at the largest value instead of wrapping: `max.block.ms=9223372036854775807` is a legal
/// setting.
constexpr std::int64_t saturating_add(std::int64_t a, std::int64_t b) {
  return b > 0 && a > forever_ms - b ? forever_ms : a + b;
}

}  // namespace linger

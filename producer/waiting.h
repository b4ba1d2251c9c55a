#pragma once

#include <cstdint>
#include <limits>

#include "protocol/time.h"

namespace linger {

/// The monotonic time so many milliseconds after now, held at the largest value. Requires: ms >= 0.
constexpr std::int64_t ns_after(Instant now, std::int64_t ms) {
  constexpr std::int64_t ns_per_ms = 1'000'000;
  constexpr std::int64_t last = std::numeric_limits<std::int64_t>::max();
  return ms > (last - now.mono_ns) / ns_per_ms ? last : now.mono_ns + ms * ns_per_ms;
}

/// Milliseconds from now until that monotonic time, rounded up; 0 when it has passed.
constexpr std::int64_t ms_until(Instant now, std::int64_t at_ns) {
  constexpr std::int64_t ns_per_ms = 1'000'000;
  if (at_ns <= now.mono_ns) return 0;
  const std::int64_t left_ns = at_ns - now.mono_ns;
  return left_ns / ns_per_ms + (left_ns % ns_per_ms == 0 ? 0 : 1);
}

}  // namespace linger

#include "producer/exponential_backoff.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "producer/java_math.h"

namespace linger {
namespace {

/// Java's (long) cast: saturates, and truncates towards zero.
std::int64_t java_long(double value) {
  if (value >= 9223372036854775808.0) {
    return std::numeric_limits<std::int64_t>::max();
  }
  return static_cast<std::int64_t>(value);
}

}  // namespace

ExponentialBackoff::ExponentialBackoff(std::int64_t initial_interval, int multiplier, std::int64_t max_interval,
                                       double jitter)
    : initial_interval_(std::min(max_interval, initial_interval)),
      multiplier_(multiplier),
      max_interval_(max_interval),
      jitter_(jitter),
      exp_max_(max_interval > initial_interval
                   ? java_log(static_cast<double>(max_interval) /
                              static_cast<double>(std::max<std::int64_t>(initial_interval, 1))) /
                         java_log(multiplier)
                   : 0) {
  assert(jitter >= 0 && jitter <= 1);
}

std::int64_t ExponentialBackoff::backoff(std::int64_t attempts, Entropy& entropy, DrawUse use) const {
  if (exp_max_ == 0) {
    return initial_interval_;
  }
  const double exponent = std::min(static_cast<double>(attempts), exp_max_);
  const double term = static_cast<double>(initial_interval_) * java_pow(multiplier_, exponent);
  double factor = 1.0;
  if (jitter_ >= std::numeric_limits<double>::min()) {
    const double lowest = 1 - jitter_;
    const double bound = 1 + jitter_;
    factor = unit_interval(entropy.draw(use)) * (bound - lowest) + lowest;
    if (factor >= bound) {
      factor = std::nextafter(bound, lowest);
    }
  }
  return std::min(java_long(factor * term), max_interval_);
}

}  // namespace linger

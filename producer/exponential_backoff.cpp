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
  if (exp_max_ != 0) {
    last_term_ = static_cast<double>(initial_interval_) * java_pow(multiplier_, exp_max_);
  }
  assert(jitter >= 0 && jitter <= 1);
}

bool ExponentialBackoff::has_jitter() const {
  return jitter_ >= std::numeric_limits<double>::min();
}

double ExponentialBackoff::term(std::int64_t attempts) const {
  const double exponent = static_cast<double>(attempts);
  if (exponent >= exp_max_) return last_term_;
  const bool shifts = multiplier_ == 2 && attempts >= 0 && attempts < 63;
  const double power = shifts ? static_cast<double>(std::uint64_t{1} << attempts) : java_pow(multiplier_, exponent);
  return static_cast<double>(initial_interval_) * power;
}

std::int64_t ExponentialBackoff::jittered(double factor, double term) const {
  return std::min(java_long(factor * term), max_interval_);
}

std::int64_t ExponentialBackoff::backoff(std::int64_t attempts, Entropy& entropy, DrawUse use) const {
  if (exp_max_ == 0) {
    return initial_interval_;
  }
  double factor = 1.0;
  if (has_jitter()) {
    const double lowest = 1 - jitter_;
    const double bound = 1 + jitter_;
    factor = unit_interval(entropy.draw(use)) * (bound - lowest) + lowest;
    if (factor >= bound) {
      factor = std::nextafter(bound, lowest);
    }
  }
  return jittered(factor, term(attempts));
}

// The factor lies between 1 - jitter and 1 + jitter, and products of doubles keep their order.
std::int64_t ExponentialBackoff::longest(std::int64_t attempts) const {
  return exp_max_ == 0 ? initial_interval_ : jittered(1 + jitter_, term(attempts));
}

std::int64_t ExponentialBackoff::shortest(std::int64_t attempts) const {
  return exp_max_ == 0 ? initial_interval_ : jittered(1 - jitter_, term(attempts));
}

void ExponentialBackoff::skip(Entropy& entropy, DrawUse use) const {
  if (exp_max_ != 0 && has_jitter()) {
    entropy.skip(use);
  }
}

bool ExponentialBackoff::is_longer_than(std::int64_t waited_ms, std::int64_t attempts, Entropy& entropy,
                                        DrawUse use) const {
  const bool never = waited_ms >= longest(attempts);
  if (never || waited_ms < shortest(attempts)) {
    skip(entropy, use);
    return !never;
  }
  return waited_ms < backoff(attempts, entropy, use);
}

}  // namespace linger

#pragma once

#include <cstdint>

#include "producer/entropy.h"

namespace linger {

/// Kafka's exponential backoff (KIP-580, org.apache.kafka.common.utils.ExponentialBackoff): random(1 - jitter, 1 +
/// jitter) * initial * multiplier ^ attempts, never above the longest interval. The maths is Java's in doubles: 20/1000
/// ends at 999, not at 1000.
class ExponentialBackoff {
 public:
  ExponentialBackoff() : ExponentialBackoff(0, 2, 0, 0) {}
  /// Intervals in milliseconds. Requires: 0 <= jitter <= 1. An initial interval above the longest one gives a constant
  /// backoff of the latter.
  ExponentialBackoff(std::int64_t initial_interval, int multiplier, std::int64_t max_interval, double jitter);

  std::int64_t initial_interval() const { return initial_interval_; }

  /// Milliseconds to wait after so many failed attempts. Draws once, unless the backoff is constant or has no jitter:
  /// callers that ask twice get two different answers, as in Java.
  std::int64_t backoff(std::int64_t attempts, Entropy& entropy, DrawUse use) const;

 private:
  std::int64_t initial_interval_;
  int multiplier_;
  std::int64_t max_interval_;
  double jitter_;
  double exp_max_;
};

}  // namespace linger

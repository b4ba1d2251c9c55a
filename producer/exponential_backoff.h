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
  /// What backoff cannot exceed or stay below, whatever is drawn.
  std::int64_t longest(std::int64_t attempts) const;
  std::int64_t shortest(std::int64_t attempts) const;
  /// As backoff, for a caller whom the answer does not concern.
  void skip(Entropy& entropy, DrawUse use) const;
  /// waited_ms < backoff(attempts, …), with a draw only if it decides.
  bool is_longer_than(std::int64_t waited_ms, std::int64_t attempts, Entropy& entropy, DrawUse use) const;

 private:
  bool has_jitter() const;
  /// The interval before jitter. Requires that the backoff is not constant.
  double term(std::int64_t attempts) const;
  std::int64_t jittered(double factor, double term) const;

  std::int64_t initial_interval_;
  int multiplier_;
  std::int64_t max_interval_;
  double jitter_;
  double exp_max_;
  double last_term_ = 0;  ///< from exp_max attempts on
};

}  // namespace linger

#pragma once

#include <cstdint>

#include "sim/time.h"

namespace linger::sim {

/// The wall clock of every host at the start of a run: 2026-01-01T00:00:00Z in nanoseconds since 1970.
inline constexpr std::int64_t start_epoch_ns = 1'767'225'600'000'000'000;
/// The monotonic clock at the start of a run (Java's System.nanoTime has an arbitrary origin; Linux counts from boot).
inline constexpr std::int64_t start_mono_ns = 1'000'000'000;

/// A host's two clocks as functions of virtual time: a wall clock that can be off, drift and jump, and a monotonic one
/// that shares the drift (one crystal) and stands still while the machine is suspended. Whole numbers only. A value.
class Clock {
 public:
  std::int64_t wall_ns(SimTime now) const;
  /// As Java's System.currentTimeMillis: truncated.
  std::int64_t wall_ms(SimTime now) const;
  /// As Java's System.nanoTime.
  std::int64_t mono_ns(SimTime now) const;

  /// The wall clock jumps by this much, now.
  void jump(Duration by, SimTime now);
  /// From now on both clocks gain (or, negative, lose) this many parts per million. Requires |ppm| <= 500,000.
  void set_drift(std::int64_t ppm, SimTime now);
  /// The machine is suspended: the monotonic clock stands still, the wall clock goes on. Not for a process that merely
  /// stands still.
  void suspend(SimTime now);
  void resume(SimTime now);

  /// The first moment, not before `now`, at which the wall clock reads at least this; never() if it is beyond all time.
  /// Assumes that nothing is changed until then.
  SimTime when_wall_ns(std::int64_t wall, SimTime now) const;
  /// The same in milliseconds of System.currentTimeMillis: the wake-up for a deadline that is compared with `now >=
  /// deadline`.
  SimTime when_wall_ms(std::int64_t wall, SimTime now) const;
  /// The first moment, not before `now`, at which the monotonic clock reads at least this; never() while suspended.
  SimTime when_mono_ns(std::int64_t mono, SimTime now) const;

  friend constexpr bool operator==(const Clock&, const Clock&) = default;

 private:
  void re_anchor(SimTime now);

  SimTime anchor_;  // since when the rate is what it is
  std::int64_t wall_at_anchor_ = start_epoch_ns;
  std::int64_t mono_at_anchor_ = start_mono_ns;
  std::int64_t drift_ppm_ = 0;
  bool suspended_ = false;
};

}  // namespace linger::sim

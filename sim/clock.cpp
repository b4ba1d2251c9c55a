#include "sim/clock.h"

#include <algorithm>
#include <cassert>
#include <limits>

namespace linger::sim {

namespace {

__extension__ using wide = __int128;
constexpr std::int64_t million = 1'000'000;

std::int64_t limited(wide value) {
  constexpr wide largest = std::numeric_limits<std::int64_t>::max();
  constexpr wide smallest = std::numeric_limits<std::int64_t>::min();
  return static_cast<std::int64_t>(std::clamp(value, smallest, largest));
}

// What a clock with this drift counts while `elapsed` >= 0 passes, rounded down.
wide counted(std::int64_t elapsed, std::int64_t ppm) {
  // The usual case, without a division of 128 bits.
  if (ppm == 0) return elapsed;
  return wide{elapsed} * (million + ppm) / million;
}

// The shortest time in which a clock with this drift counts at least `wanted` > 0.
wide time_to_count(wide wanted, std::int64_t ppm) {
  if (ppm == 0) return wanted;
  const wide rate = million + ppm;
  return (wanted * million + rate - 1) / rate;
}

SimTime later(SimTime anchor, wide by) {
  const wide at = wide{anchor.ns()} + by;
  return at >= SimTime::never().ns() ? SimTime::never() : SimTime::at_ns(static_cast<std::int64_t>(at));
}

}  // namespace

std::int64_t Clock::wall_ns(SimTime now) const {
  assert(now >= anchor_);
  return limited(wall_at_anchor_ + counted((now - anchor_).ns(), drift_ppm_));
}

std::int64_t Clock::wall_ms(SimTime now) const {
  return wall_ns(now) / million;
}

std::int64_t Clock::mono_ns(SimTime now) const {
  assert(now >= anchor_);
  if (suspended_) return mono_at_anchor_;
  return limited(mono_at_anchor_ + counted((now - anchor_).ns(), drift_ppm_));
}

void Clock::re_anchor(SimTime now) {
  const std::int64_t wall = wall_ns(now);
  mono_at_anchor_ = mono_ns(now);
  wall_at_anchor_ = wall;
  anchor_ = now;
}

void Clock::jump(Duration by, SimTime now) {
  re_anchor(now);
  wall_at_anchor_ = limited(wide{wall_at_anchor_} + by.ns());
}

void Clock::set_drift(std::int64_t ppm, SimTime now) {
  assert(ppm >= -500'000 && ppm <= 500'000);
  re_anchor(now);
  drift_ppm_ = ppm;
}

void Clock::suspend(SimTime now) {
  re_anchor(now);
  suspended_ = true;
}

void Clock::resume(SimTime now) {
  re_anchor(now);
  suspended_ = false;
}

SimTime Clock::when_wall_ns(std::int64_t wall, SimTime now) const {
  if (wall_ns(now) >= wall) return now;
  return later(anchor_, time_to_count(wide{wall} - wall_at_anchor_, drift_ppm_));
}

SimTime Clock::when_wall_ms(std::int64_t wall, SimTime now) const {
  constexpr std::int64_t last = std::numeric_limits<std::int64_t>::max() / million;
  return wall > last ? SimTime::never() : when_wall_ns(std::max(wall, -last) * million, now);
}

SimTime Clock::when_mono_ns(std::int64_t mono, SimTime now) const {
  if (mono_ns(now) >= mono) return now;
  return suspended_ ? SimTime::never() : later(anchor_, time_to_count(wide{mono} - mono_at_anchor_, drift_ppm_));
}

}  // namespace linger::sim

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/time.h"

namespace linger::gui {

class Session;

/// What is plotted over virtual time. Everything covers the main phase and all producers and partitions of the run.
enum class SeriesKind : std::uint8_t {
  batch_bytes,  ///< bytes in batches that wait in the accumulators: being filled, full, or back for a retry
  in_flight,    ///< Produce requests that wait for their answer
  retries,      ///< batches that were sent again, so far
  acked,        ///< records of which the application has heard success, so far
  duplicated,   ///< copies beyond the first that a leader wrote and that are there at the end, so far
  lost,         ///< records acked and gone at the end, from the moment at which both are so
  reordered,    ///< records that stand behind one that was sent later, from the moment at which they were written
  records_per_request,  ///< of the Produce request that was sent last
  queue_time,           ///< milliseconds from a batch's creation to its first send, of the last such batch
  latency_p50,          ///< milliseconds from a Produce request to its answer: half of the last 100 took no longer
  latency_p99,          ///< the same of 99 in a hundred
  errors,               ///< attempts of batches that ended in an error, so far
  throughput,           ///< records acked within the last second
  buffer_used,          ///< bytes of buffer.memory that are given out
  isr_size,             ///< the smallest ISR of any partition
  hw_lag,               ///< the most records that a leader has above its high watermark
  count
};
inline constexpr std::size_t series_count = static_cast<std::size_t>(SeriesKind::count);

/// A value that holds from its moment until the next one's.
struct Step {
  sim::SimTime at;
  double value = 0;
  friend bool operator==(const Step&, const Step&) = default;
};

/// A step function of virtual time: 0 before its first step. Steps are in order, one a moment, each another value than
/// the one before.
class StepSeries {
 public:
  /// From `at` on. Requires: not before the last step.
  void set(sim::SimTime at, double value);
  double at(sim::SimTime at) const;
  double last() const { return steps_.empty() ? 0 : steps_.back().value; }
  double highest() const;
  const std::vector<Step>& steps() const { return steps_; }

 private:
  std::vector<Step> steps_;
};

/// All series of a run.
class RunSeries {
 public:
  /// Reads the trace, and looks at the world (Session::world_at) after each event in which a producer did something.
  explicit RunSeries(Session& session);
  const StepSeries& of(SeriesKind kind) const { return series_[static_cast<std::size_t>(kind)]; }
  double highest(SeriesKind kind) const { return highest_[static_cast<std::size_t>(kind)]; }

 private:
  std::array<StepSeries, series_count> series_;
  std::array<double, series_count> highest_{};
};

}  // namespace linger::gui

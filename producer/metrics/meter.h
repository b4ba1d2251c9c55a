#pragma once

#include <cstdint>

#include "producer/metrics/sampled_stat.h"

namespace linger {

/// Something per unit of time over the last windows (Kafka: Rate). Java takes at least samples - 1 whole windows as the
/// time that has gone by, so that a rate does not begin huge.
class Rate {
 public:
  enum class Unit : std::uint8_t { seconds, nanoseconds };

  explicit Rate(Unit unit = Unit::seconds) : unit_(unit) {}
  void record(const MetricConfig& config, double value, std::int64_t now_ms) { stat_.record(config, value, now_ms); }
  /// Throws ArithmeticException when metrics.sample.window.ms is 0, as Java does.
  double measure(const MetricConfig& config, std::int64_t now_ms);

 private:
  std::int64_t window_size_ms(const MetricConfig& config, std::int64_t now_ms);

  Unit unit_;
  SampledStat stat_;
};

/// A rate and the total since the start (Kafka: Meter with WindowedSum, Rate and CumulativeSum).
class Meter {
 public:
  explicit Meter(Rate::Unit unit = Rate::Unit::seconds) : rate_(unit) {}
  void record(const MetricConfig& config, double value, std::int64_t now_ms) {
    rate_.record(config, value, now_ms);
    total_ += value;
  }
  /// One more event, whatever its size (Kafka: Meter with WindowedCount).
  void count(const MetricConfig& config, std::int64_t now_ms) { record(config, 1, now_ms); }
  double rate(const MetricConfig& config, std::int64_t now_ms) { return rate_.measure(config, now_ms); }
  double total() const { return total_; }

 private:
  Rate rate_;
  double total_ = 0;
};

}  // namespace linger

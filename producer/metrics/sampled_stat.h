#pragma once

#include <cstdint>
#include <limits>
#include <vector>

namespace linger {

/// How long metrics look back (Kafka: MetricConfig): metrics.num.samples windows of metrics.sample.window.ms each.
struct MetricConfig {
  std::int32_t samples = 2;
  std::int64_t time_window_ms = 30000;
};

/// What was recorded in the last windows, oldest forgotten first (Kafka: SampledStat with its Avg, Max and
/// WindowedSum). Which of the three is asked for is left to the reader, so a sensor with an average and a maximum needs
/// one of these. Times are the host's wall clock in milliseconds. Reading forgets what is too old, as in Java.
class SampledStat {
 public:
  void record(const MetricConfig& config, double value, std::int64_t now_ms);
  /// NaN when nothing was recorded within the windows.
  double avg(const MetricConfig& config, std::int64_t now_ms);
  double max(const MetricConfig& config, std::int64_t now_ms);
  /// 0 when nothing was recorded within the windows.
  double sum(const MetricConfig& config, std::int64_t now_ms);

  void purge_obsolete_samples(const MetricConfig& config, std::int64_t now_ms);
  /// When the oldest sample began. Asked before anything was recorded, it begins now.
  std::int64_t oldest_start_ms(std::int64_t now_ms);

 private:
  struct Sample {
    std::int64_t events = 0;
    std::int64_t start_ms = 0;
    std::int64_t last_event_ms = 0;
    double sum = 0;
    double max = -std::numeric_limits<double>::infinity();

    static Sample beginning_at(std::int64_t now_ms) { return Sample{0, now_ms, now_ms}; }
  };

  Sample& current(std::int64_t now_ms);
  Sample& advance(const MetricConfig& config, std::int64_t now_ms);
  std::int64_t events() const;

  std::vector<Sample> samples_;
  std::size_t current_ = 0;
};

}  // namespace linger

#include "producer/metrics/sampled_stat.h"

#include <algorithm>

namespace linger {

SampledStat::Sample& SampledStat::current(std::int64_t now_ms) {
  if (samples_.empty()) samples_.push_back(Sample::beginning_at(now_ms));
  return samples_[current_];
}

SampledStat::Sample& SampledStat::advance(const MetricConfig& config, std::int64_t now_ms) {
  // One more than the setting says: the oldest may reach into the time that is looked at.
  const std::size_t most = static_cast<std::size_t>(config.samples) + 1;
  current_ = (current_ + 1) % most;
  if (current_ >= samples_.size()) {
    samples_.push_back(Sample::beginning_at(now_ms));
  } else {
    samples_[current_] = Sample::beginning_at(now_ms);
  }
  return samples_[current_];
}

void SampledStat::record(const MetricConfig& config, double value, std::int64_t now_ms) {
  Sample* sample = &current(now_ms);
  if (now_ms - sample->start_ms >= config.time_window_ms) sample = &advance(config, now_ms);
  sample->sum += value;
  sample->max = std::max(sample->max, value);
  ++sample->events;
  sample->last_event_ms = now_ms;
}

void SampledStat::purge_obsolete_samples(const MetricConfig& config, std::int64_t now_ms) {
  // Wraps for huge windows, as Java's does.
  const auto expire_age_ms = static_cast<std::int64_t>(static_cast<std::uint64_t>(config.samples) *
                                                       static_cast<std::uint64_t>(config.time_window_ms));
  for (Sample& sample : samples_) {
    if (now_ms - sample.last_event_ms >= expire_age_ms) sample = Sample::beginning_at(now_ms);
  }
}

std::int64_t SampledStat::oldest_start_ms(std::int64_t now_ms) {
  current(now_ms);
  return std::min_element(samples_.begin(), samples_.end(),
                          [](const Sample& a, const Sample& b) { return a.start_ms < b.start_ms; })
      ->start_ms;
}

std::int64_t SampledStat::events() const {
  std::int64_t events = 0;
  for (const Sample& sample : samples_) events += sample.events;
  return events;
}

double SampledStat::sum(const MetricConfig& config, std::int64_t now_ms) {
  purge_obsolete_samples(config, now_ms);
  double sum = 0;
  for (const Sample& sample : samples_) sum += sample.sum;
  return sum;
}

double SampledStat::avg(const MetricConfig& config, std::int64_t now_ms) {
  const double total = sum(config, now_ms);
  const std::int64_t count = events();
  return count == 0 ? std::numeric_limits<double>::quiet_NaN() : total / static_cast<double>(count);
}

double SampledStat::max(const MetricConfig& config, std::int64_t now_ms) {
  purge_obsolete_samples(config, now_ms);
  double max = -std::numeric_limits<double>::infinity();
  for (const Sample& sample : samples_) max = std::max(max, sample.max);
  return events() == 0 ? std::numeric_limits<double>::quiet_NaN() : max;
}

}  // namespace linger

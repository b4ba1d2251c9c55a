#include "producer/metrics/meter.h"

#include <algorithm>

#include "producer/failure.h"

namespace linger {

double Rate::measure(const MetricConfig& config, std::int64_t now_ms) {
  const double value = stat_.sum(config, now_ms);
  const auto window_ms = static_cast<double>(window_size_ms(config, now_ms));
  return unit_ == Unit::seconds ? value / (window_ms / 1000.0) : value / (window_ms * 1000.0 * 1000.0);
}

std::int64_t Rate::window_size_ms(const MetricConfig& config, std::int64_t now_ms) {
  std::int64_t elapsed_ms = now_ms - stat_.oldest_start_ms(now_ms);
  if (config.time_window_ms == 0) {
    throw JavaThrow(KafkaError{ErrorFamily::java, "ArithmeticException", "/ by zero", ErrorCode::unknown_server_error});
  }
  const auto full_windows = static_cast<std::int32_t>(elapsed_ms / config.time_window_ms);
  const std::int32_t least_windows = config.samples - 1;
  if (full_windows < least_windows) {
    // Wraps for huge windows, as Java's does.
    elapsed_ms = static_cast<std::int64_t>(static_cast<std::uint64_t>(elapsed_ms) +
                                           static_cast<std::uint64_t>(least_windows - full_windows) *
                                               static_cast<std::uint64_t>(config.time_window_ms));
  }
  return std::max<std::int64_t>(elapsed_ms, 1);
}

}  // namespace linger

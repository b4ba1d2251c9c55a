#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>

#include "protocol/compression.h"

namespace linger {

/// What compression probably achieves for each topic and codec
/// (org.apache.kafka.common.record.internal.CompressionRatioEstimator): it starts at 1, rises quickly and falls slowly,
/// in float arithmetic. Java keeps one table for the whole process; here each producer has its own value.
class CompressionRatioEstimator {
 public:
  static constexpr float improving_step = 0.005F;
  static constexpr float deteriorate_step = 0.05F;

  /// Takes one observed ratio into account and gives the new estimate.
  float update_estimation(std::string_view topic, CompressionType type, float observed_ratio);
  float estimation(std::string_view topic, CompressionType type) const;
  void set_estimation(std::string_view topic, CompressionType type, float ratio);
  void reset_estimation(std::string_view topic);

 private:
  using Ratios = std::array<float, compression_types>;
  static constexpr Ratios initial{1.0F, 1.0F, 1.0F, 1.0F, 1.0F};
  float& slot(std::string_view topic, CompressionType type);

  std::map<std::string, Ratios, std::less<>> ratios_;
};

}  // namespace linger

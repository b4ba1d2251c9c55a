#include "protocol/compression_ratio_estimator.h"

#include <algorithm>

namespace linger {

float& CompressionRatioEstimator::slot(std::string_view topic, CompressionType type) {
  auto found = ratios_.find(topic);
  if (found == ratios_.end()) found = ratios_.emplace(std::string{topic}, initial).first;
  return found->second[static_cast<std::size_t>(type)];
}

float CompressionRatioEstimator::update_estimation(std::string_view topic, CompressionType type, float observed_ratio) {
  float& current = slot(topic, type);
  if (observed_ratio > current) {
    current = std::max(current + deteriorate_step, observed_ratio);
  } else if (observed_ratio < current) {
    current = std::max(current - improving_step, observed_ratio);
  }
  return current;
}

float CompressionRatioEstimator::estimation(std::string_view topic, CompressionType type) const {
  const auto found = ratios_.find(topic);
  return (found == ratios_.end() ? initial : found->second)[static_cast<std::size_t>(type)];
}

void CompressionRatioEstimator::set_estimation(std::string_view topic, CompressionType type, float ratio) {
  slot(topic, type) = ratio;
}

void CompressionRatioEstimator::reset_estimation(std::string_view topic) {
  ratios_.insert_or_assign(std::string{topic}, initial);
}

}  // namespace linger

#pragma once

#include <algorithm>

namespace linger {

/// How well batches of one topic have compressed so far, with the producer's one codec: a cell of Kafka's
/// CompressionRatioEstimator, whose table by topic and codec Java keeps for the whole process. Float arithmetic as in
/// Java.
class TopicCompressionRatio {
 public:
  static constexpr float improving_step = 0.005F;
  static constexpr float deteriorating_step = 0.05F;

  float estimation() const { return ratio_; }
  void set_estimation(float ratio) { ratio_ = ratio; }
  /// Worse than expected is believed at once, better only step by step.
  void update_estimation(float observed) {
    if (observed > ratio_) {
      ratio_ = std::max(ratio_ + deteriorating_step, observed);
    } else if (observed < ratio_) {
      ratio_ = std::max(ratio_ - improving_step, observed);
    }
  }

 private:
  float ratio_ = 1.0F;
};

}  // namespace linger

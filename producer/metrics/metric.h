#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "producer/metrics/meter.h"

namespace linger {

/// What a metric says when it is read: a double, a long, a text, or the name of the exception that reading it throws.
struct MetricThrows {
  std::string exception;
};
using MetricValue = std::variant<double, std::int64_t, std::string, MetricThrows>;

/// A metric with its value (Kafka: KafkaMetric with its MetricName).
struct Metric {
  std::string group;
  std::string name;
  std::string tags;  ///< "client-id=producer-1,topic=orders"
  MetricValue value;

  /// "group:name:tags".
  std::string full_name() const;
};

/// As Java writes the value: doubles as Double.toString does since JDK 19, with the fewest digits that give the same
/// double.
std::string describe(const MetricValue& value);
std::string java_double_text(double value);

/// Metrics of one producer while they are read: knows the moment and the producer's client-id.
class MetricList {
 public:
  MetricList(const MetricConfig& config, std::int64_t now_ms, std::string_view client_id);

  void add(std::string_view group, std::string_view name, MetricValue value, std::string_view more_tags = {});
  // Each as Java registers it: `base`-avg, `base`-max, `base`-rate and `base`-total.
  void avg(std::string_view group, const std::string& base, SampledStat& stat, std::string_view more_tags = {});
  /// An average whose name does not end in -avg.
  void named_avg(std::string_view group, std::string_view name, SampledStat& stat, std::string_view more_tags = {});
  void avg_and_max(std::string_view group, const std::string& base, SampledStat& stat, std::string_view more_tags = {});
  void meter(std::string_view group, const std::string& base, Meter& meter, std::string_view more_tags = {});
  /// The rate and the total under names of their own.
  void meter(std::string_view group, std::string_view rate_name, std::string_view total_name, Meter& meter,
             std::string_view more_tags = {});

  /// Sorted by full name, with the metric that counts them.
  std::vector<Metric> take();

 private:
  MetricConfig config_;
  std::int64_t now_ms_;
  std::string client_tag_;
  std::vector<Metric> metrics_;
};

inline constexpr std::string_view producer_metrics_group = "producer-metrics";
inline constexpr std::string_view producer_topic_metrics_group = "producer-topic-metrics";
inline constexpr std::string_view producer_node_metrics_group = "producer-node-metrics";

}  // namespace linger

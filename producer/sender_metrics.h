#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "producer/metrics/metric.h"
#include "protocol/ids.h"

namespace linger {

class ProducerBatch;
class RecordAccumulator;

/// The sensors of Sender (Kafka: Sender.SenderMetrics with SenderMetricsRegistry). Times are the host's wall clock in
/// milliseconds.
class SenderMetrics {
 public:
  explicit SenderMetrics(const MetricConfig& config) : config_(config) {}

  /// A batch goes into a request.
  void record_batch(const ProducerBatch& batch, std::int64_t now_ms);
  /// A request with so many records in its batches.
  void record_request(std::int64_t records, std::int64_t now_ms);
  /// Records of a batch that is tried again. Per topic only once a batch of the topic was sent, as in Java.
  void record_retries(std::uint32_t topic, std::int32_t records, std::int64_t now_ms);
  /// Records of a batch that failed.
  void record_errors(std::uint32_t topic, std::int32_t records, std::int64_t now_ms);
  /// A send that failed before there was a batch (Java: KafkaProducer's sensor "errors" is Sender's).
  void record_send_error(std::int64_t now_ms) { errors_.record(config_, 1, now_ms); }
  void record_latency(NodeId node, std::int64_t latency_ms, std::int64_t now_ms);
  void record_batch_split(std::int64_t now_ms) { batch_split_.record(config_, 1, now_ms); }

  double batch_split_total() const { return batch_split_.total(); }
  const MetricConfig& config() const { return config_; }
  /// All but the gauges and the nodes. The accumulator knows the topics' names.
  void list(MetricList& out, const RecordAccumulator& accumulator);
  /// request-latency of one node; NaN when it has answered no Produce request.
  void list_node(MetricList& out, NodeId node, const std::string& node_tag);

 private:
  struct Topic {
    Meter record_send;
    Meter bytes;
    SampledStat compression_rate;
    Meter record_retry;
    Meter record_error;
  };

  Topic* topic(std::uint32_t number);
  static void list_topic(MetricList& out, Topic& topic, const std::string& name);

  MetricConfig config_;
  SampledStat batch_size_;
  SampledStat compression_rate_;
  SampledStat queue_time_;
  SampledStat request_time_;
  Meter record_send_;
  SampledStat records_per_request_;
  Meter record_retry_;
  Meter errors_;
  SampledStat record_size_;
  Meter batch_split_;
  std::vector<std::optional<Topic>> topics_;  ///< by the accumulator's number; there once a batch was sent
  std::map<NodeId, SampledStat> latency_of_node_;
};

}  // namespace linger

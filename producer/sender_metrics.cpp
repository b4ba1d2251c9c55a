#include "producer/sender_metrics.h"

#include "producer/producer_batch.h"
#include "producer/record_accumulator.h"

namespace linger {

void SenderMetrics::record_batch(const ProducerBatch& batch, std::int64_t now_ms) {
  if (batch.topic() >= topics_.size()) topics_.resize(batch.topic() + std::size_t{1});
  std::optional<Topic>& topic = topics_[batch.topic()];
  if (!topic) topic.emplace();
  const auto bytes = static_cast<double>(batch.estimated_size_in_bytes());
  const auto ratio = static_cast<double>(batch.compression_ratio());
  topic->record_send.record(config_, batch.record_count(), now_ms);
  topic->bytes.record(config_, bytes, now_ms);
  topic->compression_rate.record(config_, ratio, now_ms);
  batch_size_.record(config_, bytes, now_ms);
  queue_time_.record(config_, static_cast<double>(batch.queue_time_ms()), now_ms);
  compression_rate_.record(config_, ratio, now_ms);
  record_size_.record(config_, batch.max_record_size(), now_ms);
}

void SenderMetrics::record_request(std::int64_t records, std::int64_t now_ms) {
  record_send_.record(config_, static_cast<double>(records), now_ms);
  records_per_request_.record(config_, static_cast<double>(records), now_ms);
}

SenderMetrics::Topic* SenderMetrics::topic(std::uint32_t number) {
  return number < topics_.size() && topics_[number] ? &*topics_[number] : nullptr;
}

void SenderMetrics::record_retries(std::uint32_t number, std::int32_t records, std::int64_t now_ms) {
  record_retry_.record(config_, records, now_ms);
  if (Topic* const known = topic(number)) known->record_retry.record(config_, records, now_ms);
}

void SenderMetrics::record_errors(std::uint32_t number, std::int32_t records, std::int64_t now_ms) {
  errors_.record(config_, records, now_ms);
  if (Topic* const known = topic(number)) known->record_error.record(config_, records, now_ms);
}

void SenderMetrics::record_latency(NodeId node, std::int64_t latency_ms, std::int64_t now_ms) {
  request_time_.record(config_, static_cast<double>(latency_ms), now_ms);
  latency_of_node_[node].record(config_, static_cast<double>(latency_ms), now_ms);
}

void SenderMetrics::list(MetricList& out, const RecordAccumulator& accumulator) {
  const auto group = producer_metrics_group;
  out.avg_and_max(group, "batch-size", batch_size_);
  out.meter(group, "batch-split", batch_split_);
  out.avg(group, "compression-rate", compression_rate_);
  out.meter(group, "record-error", errors_);
  out.avg_and_max(group, "record-queue-time", queue_time_);
  out.meter(group, "record-retry", record_retry_);
  out.meter(group, "record-send", record_send_);
  out.avg_and_max(group, "record-size", record_size_);
  out.avg(group, "records-per-request", records_per_request_);
  out.avg_and_max(group, "request-latency", request_time_);
  for (std::uint32_t number = 0; number < topics_.size(); ++number) {
    if (topics_[number]) list_topic(out, *topics_[number], accumulator.topic_name(number));
  }
}

void SenderMetrics::list_topic(MetricList& out, Topic& topic, const std::string& name) {
  const auto group = producer_topic_metrics_group;
  const std::string tag = "topic=" + name;
  out.meter(group, "byte", topic.bytes, tag);
  out.named_avg(group, "compression-rate", topic.compression_rate, tag);
  out.meter(group, "record-error", topic.record_error, tag);
  out.meter(group, "record-retry", topic.record_retry, tag);
  out.meter(group, "record-send", topic.record_send, tag);
}

void SenderMetrics::list_node(MetricList& out, NodeId node, const std::string& node_tag) {
  SampledStat none;
  const auto known = latency_of_node_.find(node);
  SampledStat& latency = known == latency_of_node_.end() ? none : known->second;
  out.avg_and_max(producer_node_metrics_group, "request-latency", latency, node_tag);
}

}  // namespace linger

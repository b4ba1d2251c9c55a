#include "producer/kafka_producer_metrics.h"

#include "producer/kafka_producer.h"

namespace linger {

void KafkaProducerMetrics::list(MetricList& out) const {
  const auto group = producer_metrics_group;
  out.add(group, "flush-time-ns-total", flush_ns);
  out.add(group, "metadata-wait-time-ns-total", metadata_wait_ns);
  out.add(group, "txn-abort-time-ns-total", txn_abort_ns);
  out.add(group, "txn-begin-time-ns-total", txn_begin_ns);
  out.add(group, "txn-commit-time-ns-total", txn_commit_ns);
  out.add(group, "txn-init-time-ns-total", txn_init_ns);
  // prepareTransaction, which 4.3.1 does not have yet, would add to it.
  out.add(group, "txn-prepare-time-ns-total", 0.0);
  out.add(group, "txn-send-offsets-time-ns-total", txn_send_offsets_ns);
}

std::vector<Metric> KafkaProducer::metrics(Instant now) {
  MetricList list(metric_config(*config_), now.wall_ms, config_->client_id);
  metrics_.list(list);
  accumulator_.list_metrics(list);
  client_.list_metrics(list);
  sender_.list_metrics(list, accumulator_, client_, client_.metadata(), now);
  if (const SelectorMetrics* network = client_.metrics()) sender_.list_node_metrics(list, network->node_tags());
  list.add("app-info", "start-time-ms", start_time_ms_);
  list.add("app-info", "version", NetworkClientConfig{}.client_software_version);
  return list.take();
}

}  // namespace linger

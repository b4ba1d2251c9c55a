#include "producer/clients/selector_metrics.h"

namespace linger {

void SelectorMetrics::record_bytes_sent(NodeId node, std::size_t bytes, std::int64_t now_ms) {
  network_io_.count(config_, now_ms);
  for (Traffic* traffic : {&all_, &nodes_.at(node)}) {
    traffic->outgoing_byte.record(config_, static_cast<double>(bytes), now_ms);
  }
}

void SelectorMetrics::record_completed_send(NodeId node, std::size_t bytes, std::int64_t now_ms) {
  for (Traffic* traffic : {&all_, &nodes_.at(node)}) {
    traffic->request.count(config_, now_ms);
    traffic->request_size.record(config_, static_cast<double>(bytes), now_ms);
  }
}

void SelectorMetrics::record_bytes_received(NodeId node, std::size_t bytes, std::int64_t now_ms) {
  network_io_.count(config_, now_ms);
  for (Traffic* traffic : {&all_, &nodes_.at(node)}) {
    traffic->incoming_byte.record(config_, static_cast<double>(bytes), now_ms);
  }
}

void SelectorMetrics::record_completed_receive(NodeId node, std::int64_t now_ms) {
  for (Traffic* traffic : {&all_, &nodes_.at(node)}) traffic->response.count(config_, now_ms);
}

void SelectorMetrics::Traffic::list(MetricList& out, std::string_view group, std::string_view tags) {
  out.meter(group, "incoming-byte", incoming_byte, tags);
  out.meter(group, "outgoing-byte", outgoing_byte, tags);
  out.meter(group, "request", request, tags);
  out.avg_and_max(group, "request-size", request_size, tags);
  out.meter(group, "response", response, tags);
}

void SelectorMetrics::list(MetricList& out) {
  const auto group = producer_metrics_group;
  out.meter(group, "connection-close", connection_closed_);
  out.meter(group, "connection-creation", connection_created_);
  out.meter(group, "network-io", network_io_);
  all_.list(out, group, {});
  for (const auto& [node, tag] : node_tags()) nodes_.at(node).list(out, producer_node_metrics_group, tag);
}

std::map<NodeId, std::string> SelectorMetrics::node_tags() const {
  std::map<NodeId, std::string> tags;
  for (const auto& [node, traffic] : nodes_) tags[node] = "node-id=node-" + std::to_string(node.value());
  return tags;
}

}  // namespace linger

#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "producer/metrics/metric.h"
#include "protocol/ids.h"

namespace linger {

/// The sensors of Selector (Kafka: Selector.SelectorMetrics), without those of authentication and of the time in
/// select. Bytes count when the client reads or has written them, as in Java. Times are the host's wall clock in
/// milliseconds.
class SelectorMetrics {
 public:
  explicit SelectorMetrics(const MetricConfig& config) : config_(config) {}

  /// Something happened to the node's connection: from now on its metrics exist.
  void register_node(NodeId node) { nodes_.try_emplace(node); }
  void record_connection_created(std::int64_t now_ms) { connection_created_.record(config_, 1, now_ms); }
  void record_connection_closed(std::int64_t now_ms) { connection_closed_.record(config_, 1, now_ms); }
  // Requires of the following: the node is registered.
  void record_bytes_sent(NodeId node, std::size_t bytes, std::int64_t now_ms);
  void record_completed_send(NodeId node, std::size_t bytes, std::int64_t now_ms);
  void record_bytes_received(NodeId node, std::size_t bytes, std::int64_t now_ms);
  void record_completed_receive(NodeId node, std::int64_t now_ms);

  double connections_created() const { return connection_created_.total(); }
  const MetricConfig& config() const { return config_; }
  void list(MetricList& out);
  /// "node-id=node-3" of each registered node.
  std::map<NodeId, std::string> node_tags() const;

 private:
  /// What a connection does, of one node or of all.
  struct Traffic {
    Meter outgoing_byte;
    Meter request;
    SampledStat request_size;
    Meter incoming_byte;
    Meter response;

    void list(MetricList& out, std::string_view group, std::string_view tags);
  };

  MetricConfig config_;
  Meter connection_closed_;
  Meter connection_created_;
  Meter network_io_;
  Traffic all_;
  std::map<NodeId, Traffic> nodes_;
};

}  // namespace linger

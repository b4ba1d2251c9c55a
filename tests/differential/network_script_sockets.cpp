#include <algorithm>
#include <limits>

#include "tests/differential/network_script.h"

namespace linger::differential {

NetworkMetrics::NetworkMetrics(const MetricConfig& config)
    : config_(config), accumulator_(RecordAccumulator::Config{}), sender_([&config] {
        Sender::Config sender;
        sender.metrics = config;
        return sender;
      }()) {}

void NetworkMetrics::took(const std::string& call, std::int64_t ns) {
  static const std::map<std::string, double KafkaProducerMetrics::*> sums{
      {"flush", &KafkaProducerMetrics::flush_ns},
      {"metadata-wait", &KafkaProducerMetrics::metadata_wait_ns},
      {"txn-init", &KafkaProducerMetrics::txn_init_ns},
      {"txn-begin", &KafkaProducerMetrics::txn_begin_ns},
      {"txn-send-offsets", &KafkaProducerMetrics::txn_send_offsets_ns},
      {"txn-commit", &KafkaProducerMetrics::txn_commit_ns},
      {"txn-abort", &KafkaProducerMetrics::txn_abort_ns},
  };
  const auto sum = sums.find(call);
  if (sum == sums.end()) throw Unsupported{"There is no call " + call + "."};
  calls_.*sum->second += static_cast<double>(ns);
}

void NetworkMetrics::latency(const ClientResponse& response, std::int64_t now_ms) {
  sender_.metrics()->record_latency(response.destination, response.received_time_ms - response.created_time_ms, now_ms);
}

Json NetworkMetrics::shown(NetworkClient& client, std::int64_t now_ms) {
  MetricList list(config_, now_ms, "client");
  calls_.list(list);
  client.list_metrics(list);
  sender_.list_metrics(list, accumulator_, client, client.metadata(), {now_ms, now_ms * 1'000'000});
  sender_.list_node_metrics(list, client.metrics()->node_tags());
  Json shown = Json::object();
  for (const Metric& metric : list.take()) {
    if (metric.group != "kafka-metrics-count") shown[metric.full_name()] = describe(metric.value);
  }
  return shown;
}

NetworkMetrics& NetworkScript::metrics() {
  if (!metrics_) throw Unsupported{"The script's \"config\" asks for no metrics."};
  return *metrics_;
}

void NetworkScript::serve_socket(NodeId node, const std::vector<Json>& events) {
  const auto connection = client_.connection_of(node);
  if (!connection) return;
  const bool was_connected = connected_.contains(*connection);
  bool refused = false;
  std::size_t writable = 0;
  for (const Json& event : events) {
    const std::string what = event.at("ev").get<std::string>();
    const bool stands = connected_.contains(*connection);
    if (what == "connected" && !stands && !refused) {
      connected_.insert(*connection);
      client_.on_connected(*connection);
    } else if (what == "refused" && !stands && !refused) {
      refused = true;
      client_.on_connect_failed(*connection);
    } else if (what == "write") {
      writable = static_cast<std::size_t>(number(event, "bytes", std::numeric_limits<std::int32_t>::max()));
    } else if (what == "answer" && was_connected && !ended_.contains(*connection)) {
      arrive(node, event);
    } else if (what == "closed" && stands && ended_.insert(*connection).second) {
      client_.on_closed(*connection, flag(event, "reset", false) ? CloseKind::reset : CloseKind::fin);
    }
  }
  if (was_connected && !ended_.contains(*connection)) write(node, writable);
}

void NetworkScript::arrive(NodeId node, const Json& event) {
  const ClientConnectionId connection = *client_.connection_of(node);
  Bytes& under_way = under_way_[connection];
  if (const auto answer = next_answer(node, event)) under_way.insert(under_way.end(), answer->begin(), answer->end());
  const auto most = static_cast<std::size_t>(number(event, "bytes", std::numeric_limits<std::int32_t>::max()));
  const std::size_t bytes = std::min(most, under_way.size());
  if (bytes == 0) return;
  client_.on_received(connection, BytesView(under_way).first(bytes));
  under_way.erase(under_way.begin(), under_way.begin() + static_cast<std::ptrdiff_t>(bytes));
}

}  // namespace linger::differential

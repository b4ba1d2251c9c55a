#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "producer/clients/network_client.h"
#include "producer/kafka_producer_metrics.h"
#include "producer/record_accumulator.h"
#include "producer/sender.h"
#include "tests/differential/network_answers.h"
#include "tests/differential/network_requests.h"
#include "tests/differential/script_json.h"

namespace linger::differential {

/// A SplitMix64 stream for each use. The metadata backoff has one draw for each command instead, since how often it is
/// asked for is not part of what is compared.
class NetworkEntropy final : public Entropy {
 public:
  explicit NetworkEntropy(std::uint64_t seed);
  void begin_command();
  std::uint64_t draw(DrawUse use) override;

 private:
  std::uint64_t seed_;
  std::uint64_t commands_ = 0;
  std::uint64_t metadata_draw_ = 0;
  SplitMix64 reconnect_;
  SplitMix64 setup_;
  SplitMix64 least_loaded_;
  SplitMix64 order_;
};

/// What a producer that sends nothing through its Sender has metrics of besides its client: Sender's gauges, the
/// latency of Produce requests, the calls of the application.
class NetworkMetrics {
 public:
  explicit NetworkMetrics(const MetricConfig& config);

  void took(const std::string& call, std::int64_t ns);
  void latency(const ClientResponse& response, std::int64_t now_ms);
  Json shown(NetworkClient& client, std::int64_t now_ms);

 private:
  MetricConfig config_;
  RecordAccumulator accumulator_;
  Sender sender_;
  KafkaProducerMetrics calls_;
};

/// One NetworkClient with a scripted clock, scripted sockets and answers.
class NetworkScript {
 public:
  explicit NetworkScript(const Json& config);

  void run(const Json& command, Json& out);
  void show_state(Json& out);

 private:
  NodeId node_id(const Json& command) const { return NodeId{command.at("node").get<std::int32_t>()}; }
  Node node(const Json& command) const;
  void set_host(const std::string& host, const Json& addresses);
  NetworkMetrics& metrics();
  void run_metadata(const Json& command, Json& out);
  void send(const Json& command, Json& out);
  void poll(const Json& command, Json& out);
  void serve(NodeId node, const std::vector<Json>& events);
  /// The same for scripts with metrics: what can happen to a socket under Kafka's own Selector.
  void serve_socket(NodeId node, const std::vector<Json>& events);
  void arrive(NodeId node, const Json& event);
  void write(NodeId node, std::size_t bytes);
  /// The answer to the node's oldest request that has none; nothing when its last byte has not left.
  std::optional<Bytes> next_answer(NodeId node, const Json& event);
  Json show(const ClientResponse& response) const;
  Json show_connection(NodeId node) const;
  Json show_requests(NodeId node) const;
  Json show_cluster() const;

  std::int64_t start_ms_;
  std::int64_t clock_ms_;
  NetworkEntropy entropy_;
  HostResolution hosts_;
  NetworkAnswers answers_;
  ScriptSlots slots_;
  NetworkClient client_;
  std::int32_t least_node_;
  std::int32_t most_node_;
  std::vector<std::string> topics_;
  std::set<ClientConnectionId> connected_;  ///< connections whose socket is open
  std::set<ClientConnectionId> ended_;      ///< connections that the peer closed
  std::map<ClientConnectionId, Bytes> written_;
  std::map<ClientConnectionId, Bytes> under_way_;      ///< bytes of answers that have not arrived
  std::set<std::pair<NodeId, std::int32_t>> settled_;  ///< requests whose last byte left before the present poll
  std::set<std::int32_t> answered_;                    ///< requests whose answer is on its way
  std::vector<Json> frames_;
  std::optional<NetworkMetrics> metrics_;  ///< nothing: the script takes none
  Json shown_cluster_;
};

}  // namespace linger::differential

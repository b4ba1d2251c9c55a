#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "producer/clients/network_client.h"
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
  void run_metadata(const Json& command, Json& out);
  void send(const Json& command, Json& out);
  void poll(const Json& command, Json& out);
  void serve(NodeId node, const std::vector<Json>& events);
  void write(NodeId node, std::size_t bytes);
  bool answer(NodeId node, const Json& event);
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
  std::map<ClientConnectionId, Bytes> written_;
  std::set<std::pair<NodeId, std::int32_t>> settled_;  ///< requests whose last byte left before the present poll
  std::vector<Json> frames_;
  Json shown_cluster_;
};

}  // namespace linger::differential

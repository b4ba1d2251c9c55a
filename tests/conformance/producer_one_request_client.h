#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "conformance/producer_sender_bench.h"

namespace linger::test {

/// A client that sends one request at a time, as with max.in.flight.requests.per.connection=1, and whose nodes are only
/// of use when they are connected.
class OneRequestClient final : public MockClient {
 public:
  using MockClient::MockClient;
  LeastLoadedNode least_loaded_node(std::int64_t now_ms, Entropy& entropy) override {
    for (const Node& node : nodes) {
      if (can_send_more_ && is_ready(node, now_ms, entropy)) return LeastLoadedNode{node, true};
    }
    return LeastLoadedNode{};
  }
  std::vector<ClientResponse> poll(Instant now, Entropy& entropy) override {
    can_send_more_ = in_flight_request_count() < 1;
    return MockClient::poll(now, entropy);
  }
  std::vector<Node> nodes;

 private:
  bool can_send_more_ = true;
};

/// Gives the bench such a client, whose only connection waits for the answer to a metadata request.
inline OneRequestClient& client_with_metadata_request_under_way(SenderBench& bench) {
  auto client = std::make_unique<OneRequestClient>(bench.now_ms, bench.metadata, bench.entropy);
  client->nodes = bench.metadata.fetch().nodes();
  const Node node = bench.node();
  OneRequestClient& one = *client;
  bench.client = std::move(client);
  while (!one.ready(node, bench.now_ms, bench.entropy)) one.poll(bench.now(), bench.entropy);
  one.send_foreign_request(node.id);
  while (one.least_loaded_node(bench.now_ms, bench.entropy).node) one.poll(bench.now(), bench.entropy);
  return one;
}

}  // namespace linger::test

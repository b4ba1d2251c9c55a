#pragma once

#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "producer/clients/network_client.h"
#include "protocol/messages/all.h"
#include "support/client_stage.h"

namespace linger::test {

inline NetworkClientConfig quick_config() {
  NetworkClientConfig config;
  config.client_id = "p";
  config.reconnect_backoff_ms = 50;
  config.reconnect_backoff_max_ms = 1000;
  config.request_timeout_ms = 1000;
  config.socket_connection_setup_timeout_ms = 5000;
  config.socket_connection_setup_timeout_max_ms = 20000;
  return config;
}

/// What a peer got: a frame without its length.
struct Got {
  RequestHeader header;
  Bytes body;
};

/// A client and the other ends of its connections, driven by hand.
struct NetworkStage {
  explicit NetworkStage(NetworkClientConfig config = quick_config(), int nodes = 1, bool know_cluster = true)
      : client(config, ProducerMetadata(ProducerMetadata::Config{50, 1000, 300'000, 300'000})) {
    client.metadata().bootstrap({{"boot", 9092}}, entropy);
    if (!know_cluster) return;
    ClusterAnswer answer;
    answer.node_count = nodes;
    client.metadata().update_with_current_request_version(answer.build(), 13, false, now, entropy);
  }

  Node node(int id = 0) { return *client.metadata().fetch().node_by_id(NodeId{id}); }
  ClientConnectionId connection(int id = 0) { return *client.connection_of(NodeId{id}); }
  std::vector<ClientResponse> poll() { return client.poll(Instant{now, now * 1'000'000}, entropy); }
  void sleep(std::int64_t ms) { now += ms; }

  /// Lets all wanted connects succeed and takes what was written.
  void run_network() {
    for (const ConnectRequest& request : client.take_connects()) {
      connects.push_back(request);
      if (!blocked.contains(request.host)) client.on_connected(request.connection);
    }
    for (const ClientConnectionId id : client.take_closes()) closed.push_back(id);
    for (const ClientConnectionId id : client.writable()) {
      Bytes& stream = streams[id];
      client.pull(id, 1 << 20, slots, stream);
      while (const auto size = peek_frame_size(stream)) {
        const Bytes frame(stream.begin() + 4, stream.begin() + 4 + *size);
        stream.erase(stream.begin(), stream.begin() + 4 + *size);
        Reader reader{frame};
        const auto header = decode_request_header(reader);
        REQUIRE(header);
        got[client.node_of(id)->value()].push_back({header.value, frame});
      }
    }
  }
  template <class Message>
  void answer(int id, const Message& message, std::int16_t version, std::int32_t correlation) {
    Bytes frame;
    REQUIRE_FALSE(encode_response(frame, message, version, CorrelationId{correlation}));
    client.on_received(connection(id), frame);
  }
  /// Takes the oldest request that the peer has not answered.
  Got next_request(int id = 0) {
    REQUIRE_FALSE(got[id].empty());
    Got oldest = got[id].front();
    got[id].erase(got[id].begin());
    return oldest;
  }
  static ApiVersionsResponse all_versions() {
    ApiVersionsResponse response;
    for (const ApiInfo& info : all_apis()) {
      if (info.versions.max >= 0)
        response.api_keys.push_back({wire_code(info.key), info.versions.min, info.latest_stable});
    }
    return response;
  }
  void make_ready(int id = 0) {
    client.ready(node(id), now, entropy);
    run_network();
    poll();
    run_network();
    const Got request = next_request(id);
    REQUIRE(request.header.request_api_key == wire_code(ApiKey::api_versions));
    answer(id, all_versions(), request.header.request_api_version, request.header.correlation_id);
    poll();
    REQUIRE(client.connection_states().is_ready(NodeId{id}, now));
  }
  CorrelationId send_produce(int id = 0, std::int16_t acks = 1, std::uint64_t token = 0,
                             std::vector<ProduceRequestBatch> batches = {}) {
    ProduceRequestBuilder builder;
    builder.acks = acks;
    builder.batches = std::move(batches);
    ClientRequest request = client.new_client_request(NodeId{id}, builder, now, acks != 0, 1000, token);
    const CorrelationId correlation = request.correlation_id;
    client.send(std::move(request), now);
    return correlation;
  }
  void answer_produce(CorrelationId correlation, std::int32_t throttle_ms = 0, int id = 0) {
    ProduceResponse response;
    response.throttle_time_ms = throttle_ms;
    answer(id, response, 13, correlation.value());
  }

  std::int64_t now = 100'000;
  CountedEntropy entropy;
  test::TestSlots slots;
  NetworkClient client;
  std::set<std::string> blocked;
  std::vector<ConnectRequest> connects;
  std::vector<ClientConnectionId> closed;
  std::map<ClientConnectionId, Bytes> streams;
  std::map<int, std::vector<Got>> got;
};

}  // namespace linger::test

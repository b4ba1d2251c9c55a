#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "producer/clients/kafka_client.h"

namespace linger::differential {

/// The network of java-oracle's scripts: Kafka's MockClient with the judge's changes (max.in.flight, a request timeout
/// that fails the whole node, acks=0). Requests stay until a script answers them.
class MockClient : public KafkaClient {
 public:
  /// The clock must live longer than the client.
  MockClient(const std::int64_t& clock_ms, int max_in_flight) : clock_ms_(&clock_ms), max_in_flight_(max_in_flight) {}

  bool is_ready(const Node& node, std::int64_t now_ms, Entropy&) override {
    return connections_[node.id].is_ready(now_ms) && has_room(node.id);
  }
  bool ready(const Node& node, std::int64_t now_ms, Entropy&) override {
    return connections_[node.id].ready(now_ms) && has_room(node.id);
  }
  std::int64_t connection_delay(const Node& node, std::int64_t now_ms) override {
    return connections_[node.id].connection_delay(now_ms);
  }
  std::int64_t poll_delay_ms(const Node& node, std::int64_t now_ms) override {
    return connections_[node.id].poll_delay_ms(now_ms);
  }
  bool connection_failed(const Node& node) override { return connections_[node.id].is_backing_off(*clock_ms_); }
  std::optional<std::string> authentication_exception(const Node&) override { return std::nullopt; }
  ClientRequest new_client_request(NodeId node, RequestBuilder builder, std::int64_t created_time_ms,
                                   bool expect_response, std::int32_t request_timeout_ms,
                                   std::uint64_t token) override {
    ClientRequest request;
    request.destination = node;
    request.correlation_id = CorrelationId{next_correlation_++};
    request.api_key = api_key_of(builder);
    request.builder = std::move(builder);
    request.created_time_ms = created_time_ms;
    request.expect_response = expect_response;
    request.request_timeout_ms = request_timeout_ms;
    request.token = token;
    return request;
  }
  void send(ClientRequest request, std::int64_t now_ms) override {
    if (request.expect_response) {
      requests_.push_back(std::move(request));
    } else {
      responses_.push_back(end_of(request, now_ms));
    }
  }
  void disconnect(NodeId node, std::int64_t, Entropy&) override { fail(node, false); }
  void close(NodeId node, std::int64_t) override { connections_.erase(node); }
  LeastLoadedNode least_loaded_node(std::int64_t now_ms, Entropy&) override {
    for (const Node& node : nodes_) {
      if (!connections_[node.id].is_backing_off(now_ms)) {
        return LeastLoadedNode{node, true};
      }
    }
    return LeastLoadedNode{};
  }
  std::size_t in_flight_request_count() override { return requests_.size(); }
  std::size_t in_flight_request_count(NodeId node) override {
    std::size_t count = 0;
    for (const ClientRequest& request : requests_) {
      count += request.destination == node ? 1U : 0U;
    }
    return count;
  }
  bool has_in_flight_requests() override { return !requests_.empty(); }
  bool has_in_flight_requests(NodeId node) override { return in_flight_request_count(node) > 0; }
  bool has_ready_nodes(std::int64_t now_ms) override {
    for (const auto& [node, connection] : connections_) {
      if (connection.is_ready(now_ms)) {
        return true;
      }
    }
    return false;
  }
  void initiate_close() override { active_ = false; }
  bool active() const override { return active_; }
  const ApiVersions& api_versions() const override { return api_versions_; }
  /// What the node says that it can speak.
  void set_api_versions(NodeId node, NodeApiVersions versions) { api_versions_.update(node, std::move(versions)); }
  /// The script's driver takes the answers one by one instead, as MockClient calls their callbacks.
  std::vector<ClientResponse> poll(Instant, Entropy&) override { return {}; }

  /// Fails every node with a request that has waited too long.
  void fail_late_nodes(std::int64_t now_ms) {
    std::set<std::string> late;
    for (const ClientRequest& request : requests_) {
      if (now_ms - request.created_time_ms >= request.request_timeout_ms) {
        late.insert(std::to_string(request.destination.value()));
      }
    }
    for (const std::string& node : late) {
      fail(NodeId{std::stoi(node)}, true);
    }
  }
  /// Ends the node's requests unanswered and its connection.
  void fail(NodeId node, bool timed_out) {
    std::deque<ClientRequest> kept;
    for (ClientRequest& request : requests_) {
      if (request.destination != node) {
        kept.push_back(std::move(request));
        continue;
      }
      ClientResponse response = end_of(request, *clock_ms_);
      response.disconnected = true;
      response.timed_out = timed_out;
      responses_.push_back(std::move(response));
    }
    requests_ = std::move(kept);
    connections_[node].state = Connection::State::disconnected;
  }
  /// Answers one request. Requires: a request of `requests()`.
  void respond(std::size_t index, ResponseBody body) {
    ClientResponse response = end_of(requests_[index], *clock_ms_);
    response.body = std::move(body);
    responses_.push_back(std::move(response));
    requests_.erase(requests_.begin() + static_cast<std::ptrdiff_t>(index));
  }
  void backoff(NodeId node, std::int64_t ms) { connections_[node].backing_off_until_ms = *clock_ms_ + ms; }
  void throttle(NodeId node, std::int64_t ms) { connections_[node].throttled_until_ms = *clock_ms_ + ms; }
  void delay_ready(NodeId node, std::int64_t ms) { connections_[node].ready_delayed_until_ms = *clock_ms_ + ms; }
  void set_unreachable(NodeId node, std::int64_t ms) { connections_[node].unreachable_until_ms = *clock_ms_ + ms; }
  void set_nodes(std::vector<Node> nodes) { nodes_ = std::move(nodes); }

  const std::deque<ClientRequest>& requests() const { return requests_; }
  std::deque<ClientResponse>& responses() { return responses_; }

 private:
  struct Connection {
    enum class State { connecting, connected, disconnected };
    std::int64_t throttled_until_ms = 0;
    std::int64_t ready_delayed_until_ms = 0;
    std::int64_t backing_off_until_ms = 0;
    std::int64_t unreachable_until_ms = 0;
    State state = State::disconnected;

    bool not_throttled(std::int64_t now_ms) const { return now_ms > throttled_until_ms; }
    bool is_ready(std::int64_t now_ms) const { return state == State::connected && not_throttled(now_ms); }
    bool is_backing_off(std::int64_t now_ms) const { return now_ms < backing_off_until_ms; }
    std::int64_t connection_delay(std::int64_t now_ms) const {
      if (state != State::disconnected) {
        return forever_ms;
      }
      return backing_off_until_ms > now_ms ? backing_off_until_ms - now_ms : 0;
    }
    std::int64_t poll_delay_ms(std::int64_t now_ms) const {
      return not_throttled(now_ms) ? connection_delay(now_ms) : throttled_until_ms - now_ms;
    }
    bool ready(std::int64_t now_ms) {
      if (state == State::disconnected) {
        if (is_backing_off(now_ms)) {
          return false;
        }
        if (now_ms < unreachable_until_ms) {
          backing_off_until_ms = now_ms + 100;
          return false;
        }
        state = State::connecting;
      }
      if (state == State::connecting) {
        if (now_ms < ready_delayed_until_ms) {
          return false;
        }
        state = State::connected;
      }
      return not_throttled(now_ms);
    }
  };

  bool has_room(NodeId node) { return in_flight_request_count(node) < static_cast<std::size_t>(max_in_flight_); }
  static ClientResponse end_of(const ClientRequest& request, std::int64_t now_ms) {
    ClientResponse response;
    response.destination = request.destination;
    response.correlation_id = request.correlation_id;
    response.api_key = request.api_key;
    response.token = request.token;
    response.created_time_ms = request.created_time_ms;
    response.received_time_ms = now_ms;
    return response;
  }

  const std::int64_t* clock_ms_;
  int max_in_flight_;
  std::int32_t next_correlation_ = 0;
  bool active_ = true;
  std::map<NodeId, Connection> connections_;
  std::vector<Node> nodes_;
  ApiVersions api_versions_;
  std::deque<ClientRequest> requests_;
  std::deque<ClientResponse> responses_;
};

}  // namespace linger::differential

#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "producer/clients/kafka_client.h"
#include "producer/clients/metadata.h"
#include "protocol/messages/metadata.h"

namespace linger::test {

/// The network that Kafka's own tests of Sender use (MockClient): requests stay in a queue until the test answers them,
/// or are answered at once by what was prepared; each node has one connection, which the test can break, throttle or
/// delay. A poll gives the metadata the next prepared answer, or the last one again, whenever an update was asked for
/// and some node is not backing off. The clock stands still unless the test moves it.
class MockClient : public KafkaClient {
 public:
  /// Looks at a request; false, or a failed check inside, fails the test.
  using Matcher = std::function<bool(const ClientRequest&)>;
  /// One call that a spy would have seen.
  struct Call {
    enum class Method : std::uint8_t { ready, new_client_request, send, poll };
    Method method = Method::ready;
    std::int64_t timeout_ms = 0;  ///< of poll
  };

  /// All three must live longer than the client.
  MockClient(const std::int64_t& clock_ms, ProducerMetadata& metadata, Entropy& entropy)
      : clock_ms_(clock_ms), metadata_(metadata), entropy_(entropy) {}

  bool is_ready(const Node& node, std::int64_t now_ms, Entropy&) override {
    return connections_[node.id].is_ready(now_ms);
  }
  bool ready(const Node& node, std::int64_t now_ms, Entropy&) override;
  std::int64_t connection_delay(const Node& node, std::int64_t now_ms) override {
    return connections_[node.id].connection_delay(now_ms);
  }
  std::int64_t poll_delay_ms(const Node& node, std::int64_t now_ms) override {
    return connections_[node.id].poll_delay_ms(now_ms);
  }
  bool connection_failed(const Node& node) override { return connections_[node.id].is_backing_off(clock_ms_); }
  std::optional<std::string> authentication_exception(const Node& node) override;
  ClientRequest new_client_request(NodeId node, RequestBuilder builder, std::int64_t created_time_ms,
                                   bool expect_response, std::int32_t request_timeout_ms, std::uint64_t token) override;
  void send(ClientRequest request, std::int64_t now_ms) override;
  void disconnect(NodeId node, std::int64_t now_ms, Entropy& entropy) override;
  void close(NodeId node, std::int64_t) override { connections_.erase(node); }
  LeastLoadedNode least_loaded_node(std::int64_t now_ms, Entropy& entropy) override;
  std::size_t in_flight_request_count() override { return requests_.size(); }
  std::size_t in_flight_request_count(NodeId node) override;
  bool has_in_flight_requests() override { return !requests_.empty(); }
  bool has_in_flight_requests(NodeId node) override { return in_flight_request_count(node) > 0; }
  bool has_ready_nodes(std::int64_t now_ms) override;
  void initiate_close() override;
  bool active() const override { return active_; }
  const ApiVersions& api_versions() const override { return api_versions_; }
  void forget_api_versions() { api_versions_ = {}; }
  /// What the node says that it can speak.
  void set_api_versions(NodeId node, NodeApiVersions versions) { api_versions_.update(node, std::move(versions)); }
  std::vector<ClientResponse> poll(Instant now, Entropy& entropy) override;

  // Answers to the oldest request that waits, or to a certain one.
  void respond(ResponseBody body, const Matcher& matcher = {}, bool disconnected = false);
  void respond_from(ResponseBody body, NodeId node);
  void respond_to_request(CorrelationId request, ResponseBody body);

  // Answers to the next request that will be sent.
  void prepare_response(ResponseBody body, Matcher matcher = {}, bool disconnected = false);
  void prepare_unsupported_version_response(Matcher matcher);

  // What the cluster looks like at the next poll with an update due, and now.
  void prepare_metadata_update(MetadataResponse response) { metadata_updates_.push_back(std::move(response)); }
  void update_metadata(const MetadataResponse& response);

  /// Breaks the connection. Its requests end unanswered; with `allow_late_responses` they can be answered nevertheless.
  void disconnect(NodeId node, bool allow_late_responses = false);
  void backoff(NodeId node, std::int64_t ms) { connections_[node].backing_off_until_ms = clock_ms_ + ms; }
  void throttle(NodeId node, std::int64_t ms) { connections_[node].throttled_until_ms = clock_ms_ + ms; }
  void delay_ready(NodeId node, std::int64_t ms) { connections_[node].ready_delayed_until_ms = clock_ms_ + ms; }
  void set_unreachable(NodeId node, std::int64_t ms);
  /// The next request to the node finds that its credentials are refused.
  void create_pending_authentication_error(NodeId node, std::int64_t backoff_ms) {
    pending_refusals_[node] = backoff_ms;
  }
  /// Puts a request in front of the node whose answer concerns nobody in the test.
  void send_foreign_request(NodeId node);

  const std::deque<ClientRequest>& requests() const { return requests_; }
  /// Whether an answer is prepared or on its way.
  bool has_pending_responses() const { return !prepared_.empty() || !responses_.empty(); }
  /// Prepared answers that no request has taken.
  std::size_t awaiting_responses() const { return prepared_.size(); }
  std::int32_t next_correlation() const { return next_correlation_; }
  std::vector<Call>& calls() { return calls_; }

 private:
  struct Connection {
    enum class State : std::uint8_t { connecting, connected, disconnected };
    std::int64_t throttled_until_ms = 0;
    std::int64_t ready_delayed_until_ms = 0;
    std::int64_t backing_off_until_ms = 0;
    std::int64_t unreachable_until_ms = 0;
    State state = State::disconnected;

    bool not_throttled(std::int64_t now_ms) const { return now_ms > throttled_until_ms; }
    bool is_ready(std::int64_t now_ms) const { return state == State::connected && not_throttled(now_ms); }
    bool is_backing_off(std::int64_t now_ms) const { return now_ms < backing_off_until_ms; }
    std::int64_t connection_delay(std::int64_t now_ms) const;
    std::int64_t poll_delay_ms(std::int64_t now_ms) const;
    bool ready(std::int64_t now_ms);
  };
  struct Prepared {
    ResponseBody body;
    Matcher matcher;
    bool disconnected = false;
    bool unsupported_version = false;
  };

  ClientResponse end_of(const ClientRequest& request) const;
  void check(const Matcher& matcher, const ClientRequest& request) const;
  ClientRequest take(std::size_t index);
  void answer(const ClientRequest& request, ResponseBody body, bool disconnected);
  void end_late_requests(std::int64_t now_ms);

  const std::int64_t& clock_ms_;
  ProducerMetadata& metadata_;
  Entropy& entropy_;
  std::int32_t next_correlation_ = 0;
  bool active_ = true;
  std::map<NodeId, Connection> connections_;
  std::map<NodeId, std::int64_t> pending_refusals_;  ///< with the backoff that follows
  std::map<NodeId, std::string> refusals_;
  std::deque<ClientRequest> requests_;
  std::deque<ClientResponse> responses_;
  std::deque<Prepared> prepared_;
  std::deque<MetadataResponse> metadata_updates_;
  std::optional<MetadataResponse> last_metadata_update_;
  std::vector<Call> calls_;
  ApiVersions api_versions_;
};

}  // namespace linger::test

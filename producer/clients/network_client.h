#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "producer/clients/cluster_connection_states.h"
#include "producer/clients/connection_id.h"
#include "producer/clients/host_resolution.h"
#include "producer/clients/in_flight_requests.h"
#include "producer/clients/kafka_client.h"
#include "producer/clients/metadata.h"
#include "producer/clients/node_api_versions.h"
#include "producer/clients/request_encoding.h"
#include "producer/clients/selector.h"
#include "producer/java_hash_map.h"
#include "producer/producer_config.h"

namespace linger {

struct ApiVersionsResponse;
struct MetadataResponse;

/// Settings of a client, under Kafka's keys.
struct NetworkClientConfig {
  std::string client_id;
  std::int32_t max_in_flight_requests_per_connection = 5;
  std::int64_t reconnect_backoff_ms = 50;
  std::int64_t reconnect_backoff_max_ms = 1000;
  std::int32_t request_timeout_ms = 30000;
  std::int64_t socket_connection_setup_timeout_ms = 10000;
  std::int64_t socket_connection_setup_timeout_max_ms = 30000;
  std::int64_t connections_max_idle_ms = 540000;
  MetadataRecovery metadata_recovery_strategy = MetadataRecovery::rebootstrap;
  std::int64_t metadata_recovery_rebootstrap_trigger_ms = 300000;
  std::string client_software_name = "apache-kafka-java";
  std::string client_software_version = "4.3.1";
  std::optional<MetricConfig> metrics = MetricConfig{};  ///< nothing: no metrics are taken
};

/// How far the producer's metrics look back.
inline MetricConfig metric_config(const ProducerConfig& config) {
  return {config.metrics_num_samples, config.metrics_sample_window_ms};
}

/// The part of a producer's settings that its client needs.
NetworkClientConfig network_client_config(const ProducerConfig& config);
ProducerMetadata::Config metadata_config(const ProducerConfig& config);

/// Requests and answers over connections that come and go (Kafka: NetworkClient with its DefaultMetadataUpdater),
/// sockets left out: the driver reports events, calls poll, and then carries out what stands in take_connects,
/// take_closes and pull. Reports only queue; everything happens in poll, in Java's order. It owns what the client knows
/// about the cluster. A copyable value.
///
/// Two differences from Java, both where a peer breaks the protocol: an answer that cannot be read, or that nobody
/// asked for, closes the connection (Java's poll throws and forgets what it had collected).
class NetworkClient final : public KafkaClient {
 public:
  NetworkClient(const NetworkClientConfig& config, ProducerMetadata metadata, HostResolution resolution = {});

  ProducerMetadata& metadata() { return metadata_; }
  const ProducerMetadata& metadata() const { return metadata_; }
  const ApiVersions& api_versions() const override { return api_versions_; }
  const ClusterConnectionStates& connection_states() const { return connection_states_; }
  /// The metrics of the connections; null when none are taken.
  const SelectorMetrics* metrics() const { return selector_.metrics(); }
  SelectorMetrics* metrics() { return selector_.metrics(); }
  /// produce-throttle-time and all that the connections have, request-latency of the nodes excepted.
  void list_metrics(MetricList& out);
  std::size_t connection_count() const { return selector_.connection_count(); }
  const InFlightRequests& in_flight() const { return in_flight_; }
  /// Requests that wait for their answer (Kafka's metric requests-in-flight).
  std::size_t requests_in_flight() const { return in_flight_.count(); }
  /// From now on names resolve so.
  void set_host_resolution(HostResolution resolution) { resolution_ = std::move(resolution); }

  /// What the monotonic clock says (Kafka: Time.nanoseconds), by which a connection is idle that is asked for from now
  /// on. poll tells it as well.
  void set_nanoseconds(std::int64_t mono_ns) { mono_ns_ = mono_ns; }

  // What the driver reports and takes; see Selector.
  void on_connected(ClientConnectionId connection) { selector_.on_connected(connection); }
  void on_connect_failed(ClientConnectionId connection) { selector_.on_connect_failed(connection); }
  void on_received(ClientConnectionId connection, BytesView bytes) { selector_.on_received(connection, bytes); }
  void on_closed(ClientConnectionId connection, CloseKind kind) { selector_.on_closed(connection, kind); }
  std::vector<ConnectRequest> take_connects() { return selector_.take_connects(); }
  std::vector<ClientConnectionId> take_closes() { return selector_.take_closes(); }
  std::vector<ClientConnectionId> writable() const { return selector_.writable(); }
  bool has_writable() const { return selector_.has_writable(); }
  /// Hands out bytes that the connection's socket buffer has room for; returns how many there were.
  std::size_t pull(ClientConnectionId connection, std::size_t max_bytes, SlotReader& slots, Bytes& out);
  std::optional<ClientConnectionId> connection_of(NodeId node) const { return selector_.connection_of(node); }
  std::optional<NodeId> node_of(ClientConnectionId connection) const { return selector_.node_of(connection); }
  /// Whether all bytes of the requests to the node were taken.
  bool has_no_pending_send(NodeId node) const { return selector_.has_no_pending_send(node); }
  std::size_t in_flight_total() const { return in_flight_.count(); }
  /// How many requests were made so far, those that were never sent included.
  std::uint32_t requests_made() const { return correlation_; }
  /// Answers to requests that were given up: the next poll hands out these alone, without a select.
  bool has_aborted_sends() const { return !aborted_sends_.empty(); }
  /// Whether something waits for poll: a report, bytes that were taken, an aborted send.
  bool something_is_ready() const { return !aborted_sends_.empty() || selector_.something_is_ready(); }

  // KafkaClient.
  bool is_ready(const Node& node, std::int64_t now_ms, Entropy& entropy) override;
  bool ready(const Node& node, std::int64_t now_ms, Entropy& entropy) override;
  std::int64_t connection_delay(const Node& node, std::int64_t now_ms) override;
  std::int64_t poll_delay_ms(const Node& node, std::int64_t now_ms) override;
  bool connection_failed(const Node& node) override;
  std::optional<std::string> authentication_exception(const Node& node) override;
  ClientRequest new_client_request(NodeId node, RequestBuilder builder, std::int64_t created_time_ms,
                                   bool expect_response, std::int32_t request_timeout_ms, std::uint64_t token) override;
  /// Throws JavaThrow when the node is not ready or the client is closed, as Java does.
  void send(ClientRequest request, std::int64_t now_ms) override;
  /// Ends the connection; its requests end as disconnected at the next poll.
  void disconnect(NodeId node, std::int64_t now_ms, Entropy& entropy) override;
  /// Ends the connection and forgets the node and its requests.
  void close(NodeId node, std::int64_t now_ms) override;
  LeastLoadedNode least_loaded_node(std::int64_t now_ms, Entropy& entropy) override;
  std::size_t in_flight_request_count() override { return in_flight_.count(); }
  std::size_t in_flight_request_count(NodeId node) override { return in_flight_.count(node); }
  bool has_in_flight_requests() override { return !in_flight_.is_empty(); }
  bool has_in_flight_requests(NodeId node) override { return !in_flight_.is_empty(node); }
  bool has_ready_nodes(std::int64_t now_ms) override { return connection_states_.has_ready_nodes(now_ms); }
  void initiate_close() override;
  bool active() const override { return state_ == State::active; }
  std::int64_t begin_poll(std::int64_t now_ms, Entropy& entropy) override;
  /// Java's poll up to its select: sends a metadata request if one is due and returns for how many milliseconds select
  /// is asked to wait at most. begin_poll is this, with what a select is late.
  std::int64_t begin_select(std::int64_t now_ms, Entropy& entropy);
  std::vector<ClientResponse> poll(Instant now, Entropy& entropy) override;
  /// Closes all connections and the metadata.
  void close(std::int64_t now_ms);

 private:
  enum class State : std::uint8_t { active, closing, closed };
  struct MetadataInProgress {
    int request_version = 0;
    bool is_partial_update = false;
  };
  using Responses = std::vector<ClientResponse>;

  void ensure_active() const;
  /// An empty answer to the request; whoever asks adds how it ended.
  static ClientResponse completed_response(const InFlightRequest& request, std::int64_t now_ms);
  CorrelationId next_correlation_id();
  bool can_send_request(NodeId node, std::int64_t now_ms) const;
  void initiate_connect(const Node& node, std::int64_t now_ms, Entropy& entropy);
  void send_internal(NodeId node, const AnyRequestBuilder& builder, std::int64_t now_ms);
  /// The sentence of Java's UnsupportedVersionException, if the request cannot be sent.
  std::optional<std::string> do_send(const AnyRequestBuilder& builder, InFlightRequest request, std::int64_t now_ms);
  void cancel_in_flight_requests(NodeId node, std::int64_t now_ms, Responses* responses, bool timed_out);
  void process_disconnection(Responses& responses, NodeId node, std::int64_t now_ms, bool timed_out, Entropy& entropy);
  void disconnect_broken(Responses& responses, NodeId node, std::int64_t now_ms, Entropy& entropy);

  void handle_completed_sends(const Selector::Round& round, Responses& responses, std::int64_t now_ms);
  void handle_completed_receives(const Selector::Round& round, Responses& responses, std::int64_t now_ms,
                                 Entropy& entropy);
  /// False when the frame is no answer to the request.
  bool handle_answer(const InFlightRequest& request, BytesView frame, Responses& responses, std::int64_t now_ms,
                     Entropy& entropy);
  void handle_api_versions_response(const InFlightRequest& request, const ApiVersionsResponse& response,
                                    Responses& responses, std::int64_t now_ms, Entropy& entropy);
  void handle_initiate_api_version_requests(std::int64_t now_ms, Entropy& entropy);
  void handle_timed_out_connections(Responses& responses, std::int64_t now_ms, Entropy& entropy);
  void handle_timed_out_requests(Responses& responses, std::int64_t now_ms, Entropy& entropy);
  void handle_rebootstrap(Responses& responses, std::int64_t now_ms, Entropy& entropy);
  void maybe_throttle(const InFlightRequest& request, std::int32_t throttle_time_ms, bool throttles,
                      std::int64_t now_ms);

  // DefaultMetadataUpdater.
  bool is_update_due(std::int64_t now_ms, Entropy& entropy);
  std::int64_t maybe_update_metadata(std::int64_t now_ms, Entropy& entropy);
  std::int64_t maybe_update_metadata(std::int64_t now_ms, const Node& node, Entropy& entropy);
  bool is_any_node_connecting() const;
  void handle_server_disconnect(std::int64_t now_ms, Entropy& entropy);
  void handle_failed_metadata_request(std::int64_t now_ms, std::optional<KafkaError> fatal);
  void handle_metadata_response(const MetadataResponse& response, std::int16_t version, std::int64_t now_ms,
                                Entropy& entropy);
  void rebootstrap(std::int64_t now_ms, Entropy& entropy);

  std::shared_ptr<const NetworkClientConfig> config_;  ///< shared by all copies
  ProducerMetadata metadata_;
  HostResolution resolution_;
  Selector selector_;
  ClusterConnectionStates connection_states_;
  InFlightRequests in_flight_;
  ApiVersions api_versions_;
  JavaHashMap<NodeId, ApiVersionsRequestBuilder> nodes_needing_api_versions_fetch_;
  Responses aborted_sends_;
  std::optional<MetadataInProgress> metadata_in_progress_;
  std::optional<std::int64_t> metadata_attempt_start_ms_;  ///< when the update began that has not succeeded yet
  bool told_to_rebootstrap_ = false;
  std::uint32_t correlation_ = 0;
  std::int64_t mono_ns_ = 0;
  SampledStat throttle_time_;
  bool poll_begun_ = false;
  State state_ = State::active;
};

}  // namespace linger

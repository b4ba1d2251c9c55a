#include "producer/clients/network_client.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <utility>

#include "producer/failure.h"

namespace linger {

namespace {

/// Java keeps the last eight positive ids for SASL (SaslClientAuthenticator) and goes on below zero.
constexpr std::uint32_t first_reserved_correlation_id = 0x7fff'fff8;

/// A select of Java's returns a little later than it was asked to, never earlier: Linux adds up to a thousandth of the
/// time. All timeouts that are compared with ">" rely on it.
constexpr std::int64_t select_lateness_ms = 1;

KafkaError unsupported_version(std::string message) {
  return api_error(ErrorCode::unsupported_version, std::move(message));
}

}  // namespace

NetworkClientConfig network_client_config(const ProducerConfig& config) {
  NetworkClientConfig client;
  client.client_id = config.client_id;
  client.max_in_flight_requests_per_connection = config.max_in_flight_requests_per_connection;
  client.reconnect_backoff_ms = config.reconnect_backoff_ms;
  client.reconnect_backoff_max_ms = config.reconnect_backoff_max_ms;
  client.request_timeout_ms = config.request_timeout_ms;
  client.socket_connection_setup_timeout_ms = config.socket_connection_setup_timeout_ms;
  client.socket_connection_setup_timeout_max_ms = config.socket_connection_setup_timeout_max_ms;
  client.connections_max_idle_ms = config.connections_max_idle_ms;
  client.metadata_recovery_strategy = config.metadata_recovery_strategy;
  client.metadata_recovery_rebootstrap_trigger_ms = config.metadata_recovery_rebootstrap_trigger_ms;
  client.metrics = metric_config(config);
  return client;
}

ProducerMetadata::Config metadata_config(const ProducerConfig& config) {
  return {config.retry_backoff_ms, config.retry_backoff_max_ms, config.metadata_max_age_ms,
          config.metadata_max_idle_ms};
}

NetworkClient::NetworkClient(const NetworkClientConfig& config, ProducerMetadata metadata, HostResolution resolution)
    : config_(std::make_shared<const NetworkClientConfig>(config)),
      metadata_(std::move(metadata)),
      resolution_(std::move(resolution)),
      selector_(config.connections_max_idle_ms, config.metrics),
      connection_states_(config.reconnect_backoff_ms, config.reconnect_backoff_max_ms,
                         config.socket_connection_setup_timeout_ms, config.socket_connection_setup_timeout_max_ms),
      in_flight_(config.max_in_flight_requests_per_connection) {}

void NetworkClient::ensure_active() const {
  if (active()) return;
  const std::string state = state_ == State::closing ? "CLOSING" : "CLOSED";
  throw JavaThrow(KafkaError{ErrorFamily::api, "DisconnectException",
                             "NetworkClient is no longer active, state is " + state, ErrorCode::network_exception});
}

CorrelationId NetworkClient::next_correlation_id() {
  if (correlation_ >= first_reserved_correlation_id && correlation_ <= 0x7fff'ffff) correlation_ = 0x8000'0000;
  return CorrelationId{static_cast<std::int32_t>(correlation_++)};
}

bool NetworkClient::can_send_request(NodeId node, std::int64_t now_ms) const {
  return connection_states_.is_ready(node, now_ms) && selector_.is_channel_ready(node) &&
         in_flight_.can_send_more(node);
}

bool NetworkClient::is_ready(const Node& node, std::int64_t now_ms, Entropy& entropy) {
  return !is_update_due(now_ms, entropy) && can_send_request(node.id, now_ms);
}

bool NetworkClient::ready(const Node& node, std::int64_t now_ms, Entropy& entropy) {
  if (node.host.empty() || node.port < 0) {
    throw JavaThrow(illegal_argument("Cannot connect to empty node " + std::to_string(node.id.value())));
  }
  if (is_ready(node, now_ms, entropy)) return true;
  if (connection_states_.can_connect(node.id, now_ms)) initiate_connect(node, now_ms, entropy);
  return false;
}

void NetworkClient::initiate_connect(const Node& node, std::int64_t now_ms, Entropy& entropy) {
  connection_states_.connecting(node.id, now_ms, node.host, entropy);
  if (const auto address = connection_states_.current_address(node.id, resolution_)) {
    selector_.connect(node.id, *address, node.port, mono_ns_);
    return;
  }
  connection_states_.disconnected(node.id, now_ms, entropy);
  handle_server_disconnect(now_ms, entropy);
}

std::int64_t NetworkClient::connection_delay(const Node& node, std::int64_t now_ms) {
  return connection_states_.connection_delay(node.id, now_ms);
}

std::int64_t NetworkClient::poll_delay_ms(const Node& node, std::int64_t now_ms) {
  return connection_states_.poll_delay_ms(node.id, now_ms);
}

bool NetworkClient::connection_failed(const Node& node) {
  return connection_states_.is_disconnected(node.id);
}

std::optional<std::string> NetworkClient::authentication_exception(const Node&) {
  return std::nullopt;
}

ClientRequest NetworkClient::new_client_request(NodeId node, RequestBuilder builder, std::int64_t created_time_ms,
                                                bool expect_response, std::int32_t request_timeout_ms,
                                                std::uint64_t token) {
  ClientRequest request;
  request.destination = node;
  request.correlation_id = next_correlation_id();
  request.api_key = api_key_of(builder);
  request.builder = std::move(builder);
  request.created_time_ms = created_time_ms;
  request.expect_response = expect_response;
  request.request_timeout_ms = request_timeout_ms;
  request.token = token;
  return request;
}

void NetworkClient::send(ClientRequest request, std::int64_t now_ms) {
  ensure_active();
  if (!can_send_request(request.destination, now_ms)) {
    throw JavaThrow(illegal_state("Attempt to send a request to node " + std::to_string(request.destination.value()) +
                                  " which is not ready."));
  }
  InFlightRequest in_flight;
  in_flight.destination = request.destination;
  in_flight.api_key = request.api_key;
  in_flight.correlation_id = request.correlation_id;
  in_flight.expect_response = request.expect_response;
  in_flight.created_time_ms = request.created_time_ms;
  in_flight.request_timeout_ms = request.request_timeout_ms;
  in_flight.token = request.token;
  const AnyRequestBuilder builder =
      std::visit([](auto& some) { return AnyRequestBuilder(std::move(some)); }, request.builder);
  in_flight.api_version = allowed_versions(builder).max;
  if (auto mismatch = do_send(builder, in_flight, now_ms)) {
    in_flight.created_time_ms = now_ms;
    ClientResponse aborted = completed_response(in_flight, now_ms);
    aborted.version_mismatch = std::move(mismatch);
    aborted_sends_.push_back(std::move(aborted));
  }
}

void NetworkClient::send_internal(NodeId node, const AnyRequestBuilder& builder, std::int64_t now_ms) {
  InFlightRequest request;
  request.destination = node;
  request.api_key = api_key_of(builder);
  request.correlation_id = next_correlation_id();
  request.is_internal = true;
  request.created_time_ms = now_ms;
  request.request_timeout_ms = config_->request_timeout_ms;
  auto mismatch = do_send(builder, request, now_ms);
  if (mismatch && request.api_key == ApiKey::metadata) {
    handle_failed_metadata_request(now_ms, unsupported_version(std::move(*mismatch)));
  }
}

std::optional<std::string> NetworkClient::do_send(const AnyRequestBuilder& builder, InFlightRequest request,
                                                  std::int64_t now_ms) {
  const VersionRange allowed = allowed_versions(builder);
  request.api_version = allowed.max;
  if (const NodeApiVersions* versions = api_versions_.get(request.destination)) {
    UsableVersion usable = versions->latest_usable_version(request.api_key, allowed.min, allowed.max);
    if (usable.mismatch) return std::move(usable.mismatch);
    request.api_version = usable.version;
  }
  request.api_version = built_version(builder, request.api_version);
  auto frame = encode_client_request(builder, request.api_version, request.correlation_id, config_->client_id);
  if (auto* mismatch = std::get_if<std::string>(&frame)) return std::move(*mismatch);
  request.send_time_ms = now_ms;
  const NodeId destination = request.destination;
  in_flight_.add(std::move(request));
  selector_.send(destination, std::get<NetworkSend>(std::move(frame)));
  return std::nullopt;
}

std::size_t NetworkClient::pull(ClientConnectionId connection, std::size_t max_bytes, SlotReader& slots, Bytes& out) {
  return selector_.pull(connection, max_bytes, slots, out);
}

void NetworkClient::cancel_in_flight_requests(NodeId node, std::int64_t now_ms, Responses* responses, bool timed_out) {
  for (const InFlightRequest& request : in_flight_.clear_all(node)) {
    if (request.is_internal) {
      if (request.api_key == ApiKey::metadata) handle_failed_metadata_request(now_ms, std::nullopt);
      continue;
    }
    if (responses == nullptr) continue;
    ClientResponse response = completed_response(request, now_ms);
    response.disconnected = true;
    response.timed_out = timed_out;
    responses->push_back(std::move(response));
  }
}

void NetworkClient::disconnect(NodeId node, std::int64_t now_ms, Entropy& entropy) {
  if (connection_states_.is_disconnected(node)) return;
  selector_.close(node, now_ms);
  cancel_in_flight_requests(node, now_ms, &aborted_sends_, false);
  connection_states_.disconnected(node, now_ms, entropy);
}

void NetworkClient::close(NodeId node, std::int64_t now_ms) {
  selector_.close(node, now_ms);
  cancel_in_flight_requests(node, now_ms, nullptr, false);
  connection_states_.remove(node);
  api_versions_.remove(node);
  nodes_needing_api_versions_fetch_.erase(node);
}

LeastLoadedNode NetworkClient::least_loaded_node(std::int64_t now_ms, Entropy& entropy) {
  const std::vector<Node>& nodes = metadata_.fetch().nodes();
  if (nodes.empty()) throw JavaThrow(illegal_state("There are no nodes in the Kafka cluster"));

  const Node* found_ready = nullptr;
  const Node* found_connecting = nullptr;
  const Node* found_can_connect = nullptr;
  std::size_t fewest_in_flight = std::numeric_limits<std::size_t>::max();
  bool a_connection_is_ready = false;
  const std::size_t offset = static_cast<std::size_t>(entropy.draw(DrawUse::least_loaded_node) % nodes.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const Node& node = nodes[(offset + i) % nodes.size()];
    if (connection_states_.is_ready(node.id, now_ms) && selector_.is_channel_ready(node.id))
      a_connection_is_ready = true;

    if (can_send_request(node.id, now_ms)) {
      const std::size_t in_flight = in_flight_.count(node.id);
      if (in_flight == 0) return {node, true};
      if (in_flight < fewest_in_flight) {
        fewest_in_flight = in_flight;
        found_ready = &node;
      }
    } else if (connection_states_.is_preparing_connection(node.id)) {
      found_connecting = &node;
    } else if (connection_states_.can_connect(node.id, now_ms)) {
      if (found_can_connect == nullptr || connection_states_.last_connect_attempt_ms(found_can_connect->id) >
                                              connection_states_.last_connect_attempt_ms(node.id)) {
        found_can_connect = &node;
      }
    }
  }
  const Node* found = found_ready != nullptr        ? found_ready
                      : found_connecting != nullptr ? found_connecting
                                                    : found_can_connect;
  if (found == nullptr) return {std::nullopt, a_connection_is_ready};
  return {*found, true};
}

void NetworkClient::list_metrics(MetricList& out) {
  const auto group = producer_metrics_group;
  out.add(group, "connection-count", static_cast<double>(selector_.channel_count()));
  out.avg_and_max(group, "produce-throttle-time", throttle_time_);
  if (SelectorMetrics* metrics = selector_.metrics()) metrics->list(out);
}

void NetworkClient::initiate_close() {
  if (state_ == State::active) state_ = State::closing;
}

void NetworkClient::close(std::int64_t now_ms) {
  if (state_ == State::closed) return;
  state_ = State::closed;
  selector_.close_all(now_ms);
  metadata_.close();
}

std::int64_t NetworkClient::begin_select(std::int64_t now_ms, Entropy& entropy) {
  ensure_active();
  poll_begun_ = true;
  if (!aborted_sends_.empty()) return 0;
  return std::min<std::int64_t>(maybe_update_metadata(now_ms, entropy), config_->request_timeout_ms);
}

std::int64_t NetworkClient::begin_poll(std::int64_t now_ms, Entropy& entropy) {
  std::int64_t wait = begin_select(now_ms, entropy);
  if (wait == config_->request_timeout_ms) wait += select_lateness_ms;
  for (const NodeId node : connection_states_.connecting_nodes()) {
    const std::int64_t deadline = saturating_add(connection_states_.connection_setup_timeout_ms(node),
                                                 connection_states_.last_connect_attempt_ms(node) + select_lateness_ms);
    wait = std::min(wait, std::max<std::int64_t>(deadline - now_ms, 0));
  }
  return selector_.something_is_ready() ? 0 : wait;
}

std::vector<ClientResponse> NetworkClient::poll(Instant now, Entropy& entropy) {
  mono_ns_ = now.mono_ns;
  const std::int64_t now_ms = now.wall_ms;
  ensure_active();
  if (!poll_begun_) begin_poll(now_ms, entropy);
  poll_begun_ = false;
  if (!aborted_sends_.empty()) return std::exchange(aborted_sends_, {});

  const Selector::Round round = selector_.poll(now);
  Responses responses;
  handle_completed_sends(round, responses, now_ms);
  handle_completed_receives(round, responses, now_ms, entropy);
  for (const NodeId node : round.disconnected) process_disconnection(responses, node, now_ms, false, entropy);
  for (const NodeId node : round.connected) {
    nodes_needing_api_versions_fetch_.put(
        node, {std::nullopt, config_->client_software_name, config_->client_software_version});
  }
  handle_initiate_api_version_requests(now_ms, entropy);
  handle_timed_out_connections(responses, now_ms, entropy);
  handle_timed_out_requests(responses, now_ms, entropy);
  handle_rebootstrap(responses, now_ms, entropy);
  return responses;
}

}  // namespace linger

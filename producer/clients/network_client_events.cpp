#include <algorithm>
#include <utility>

#include "producer/clients/network_client.h"
#include "protocol/frame.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/metadata.h"

namespace linger {

namespace {

/// Answers of these versions are sent before the broker falls silent, so that the client holds back by itself
/// (KIP-219).
constexpr std::int16_t first_throttled_produce = 6;
constexpr std::int16_t first_throttled_metadata = 6;
constexpr std::int16_t first_throttled_api_versions = 2;
constexpr std::int16_t first_throttled_find_coordinator = 2;
constexpr std::int16_t first_throttled_transactional = 1;  ///< InitProducerId and the other four

/// A broker that does not speak the version answers in version 0, so that is tried as well.
DecodedResponse<ApiVersionsResponse> read_api_versions(BytesView frame, std::int16_t version) {
  auto decoded = decode_response<ApiVersionsResponse>(frame, version);
  return decoded ? std::move(decoded) : decode_response<ApiVersionsResponse>(frame, 0);
}

}  // namespace

ClientResponse NetworkClient::completed_response(const InFlightRequest& request, std::int64_t now_ms) {
  ClientResponse response;
  response.destination = request.destination;
  response.correlation_id = request.correlation_id;
  response.api_key = request.api_key;
  response.api_version = request.api_version;
  response.token = request.token;
  response.created_time_ms = request.created_time_ms;
  response.received_time_ms = now_ms;
  return response;
}

void NetworkClient::process_disconnection(Responses& responses, NodeId node, std::int64_t now_ms, bool timed_out,
                                          Entropy& entropy) {
  connection_states_.disconnected(node, now_ms, entropy);
  api_versions_.remove(node);
  nodes_needing_api_versions_fetch_.erase(node);
  cancel_in_flight_requests(node, now_ms, &responses, timed_out);
  handle_server_disconnect(now_ms, entropy);
}

void NetworkClient::disconnect_broken(Responses& responses, NodeId node, std::int64_t now_ms, Entropy& entropy) {
  selector_.close(node, now_ms);
  if (connection_states_.is_connecting(node) || connection_states_.is_connected(node)) {
    process_disconnection(responses, node, now_ms, false, entropy);
  }
}

void NetworkClient::handle_completed_sends(const Selector::Round& round, Responses& responses, std::int64_t now_ms) {
  for (const NodeId node : round.completed_sends) {
    if (in_flight_.is_empty(node)) continue;
    // Only now may the next request follow: were it sent between the last byte and this moment, it would be taken for
    // the completed one.
    in_flight_.last_sent(node).send_completed = true;
    if (in_flight_.last_sent(node).expect_response) continue;
    const InFlightRequest request = in_flight_.complete_last_sent(node);
    responses.push_back(completed_response(request, now_ms));
  }
}

void NetworkClient::handle_completed_receives(const Selector::Round& round, Responses& responses, std::int64_t now_ms,
                                              Entropy& entropy) {
  for (const auto& [node, frame] : round.completed_receives) {
    const bool asked = !in_flight_.is_empty(node);
    if (asked && handle_answer(in_flight_.complete_next(node), frame, responses, now_ms, entropy)) continue;
    disconnect_broken(responses, node, now_ms, entropy);
  }
}

void NetworkClient::maybe_throttle(const InFlightRequest& request, std::int32_t throttle_time_ms, bool throttles,
                                   std::int64_t now_ms) {
  // Of all answers, whatever their API.
  if (config_->metrics) throttle_time_.record(*config_->metrics, throttle_time_ms, now_ms);
  if (throttle_time_ms <= 0 || !throttles) return;
  in_flight_.increment_throttle_time(request.destination, throttle_time_ms);
  connection_states_.throttle(request.destination, now_ms + throttle_time_ms);
}

bool NetworkClient::handle_answer(const InFlightRequest& request, BytesView frame, Responses& responses,
                                  std::int64_t now_ms, Entropy& entropy) {
  const std::int16_t version = request.api_version;
  const auto fits = [&](const auto& decoded) { return decoded && decoded.correlation == request.correlation_id; };

  if (request.is_internal && request.api_key == ApiKey::api_versions) {
    const auto decoded = read_api_versions(frame, version);
    if (!fits(decoded)) return false;
    maybe_throttle(request, decoded.message.throttle_time_ms, version >= first_throttled_api_versions, now_ms);
    handle_api_versions_response(request, decoded.message, responses, now_ms, entropy);
    return true;
  }
  if (request.is_internal) {
    const auto decoded = decode_response<MetadataResponse>(frame, version);
    if (!fits(decoded)) {
      handle_failed_metadata_request(now_ms, std::nullopt);
      return false;
    }
    maybe_throttle(request, decoded.message.throttle_time_ms, version >= first_throttled_metadata, now_ms);
    handle_metadata_response(decoded.message, version, now_ms, entropy);
    return true;
  }
  ClientResponse response = completed_response(request, now_ms);
  const auto answer = [&](auto decoded, std::int16_t first_throttled) {
    if (!fits(decoded)) {
      response.disconnected = true;
      responses.push_back(std::move(response));
      return false;
    }
    maybe_throttle(request, decoded.message.throttle_time_ms, version >= first_throttled, now_ms);
    response.body = std::move(decoded.message);
    responses.push_back(std::move(response));
    return true;
  };
  switch (request.api_key) {
    case ApiKey::produce:
      return answer(decode_response<ProduceResponse>(frame, version), first_throttled_produce);
    case ApiKey::find_coordinator:
      return answer(decode_response<FindCoordinatorResponse>(frame, version), first_throttled_find_coordinator);
    case ApiKey::add_partitions_to_txn:
      return answer(decode_response<AddPartitionsToTxnResponse>(frame, version), first_throttled_transactional);
    case ApiKey::add_offsets_to_txn:
      return answer(decode_response<AddOffsetsToTxnResponse>(frame, version), first_throttled_transactional);
    case ApiKey::end_txn:
      return answer(decode_response<EndTxnResponse>(frame, version), first_throttled_transactional);
    case ApiKey::txn_offset_commit:
      return answer(decode_response<TxnOffsetCommitResponse>(frame, version), first_throttled_transactional);
    default:
      return answer(decode_response<InitProducerIdResponse>(frame, version), first_throttled_transactional);
  }
}

void NetworkClient::handle_api_versions_response(const InFlightRequest& request, const ApiVersionsResponse& response,
                                                 Responses& responses, std::int64_t now_ms, Entropy& entropy) {
  const NodeId node = request.destination;
  if (response.error_code == 0) {
    api_versions_.update(node, NodeApiVersions(response));
    connection_states_.ready(node, entropy);
    return;
  }
  if (request.api_version == 0 || error_from_wire(response.error_code) != ErrorCode::unsupported_version) {
    selector_.close(node, now_ms);
    process_disconnection(responses, node, now_ms, false, entropy);
    return;
  }
  const auto own = std::find_if(response.api_keys.begin(), response.api_keys.end(),
                                [](const auto& api) { return api.api_key == wire_code(ApiKey::api_versions); });
  const std::int16_t version = own == response.api_keys.end() ? std::int16_t{0} : own->max_version;
  nodes_needing_api_versions_fetch_.put(node,
                                        {version, config_->client_software_name, config_->client_software_version});
}

void NetworkClient::handle_initiate_api_version_requests(std::int64_t now_ms, Entropy& entropy) {
  for (const NodeId node : nodes_needing_api_versions_fetch_.keys()) {
    if (!selector_.is_channel_ready(node) || !in_flight_.can_send_more(node)) continue;
    connection_states_.checking_api_versions(node, entropy);
    send_internal(node, *nodes_needing_api_versions_fetch_.find(node), now_ms);
    nodes_needing_api_versions_fetch_.erase(node);
  }
}

void NetworkClient::handle_timed_out_connections(Responses& responses, std::int64_t now_ms, Entropy& entropy) {
  for (const NodeId node : connection_states_.nodes_with_connection_setup_timeout(now_ms)) {
    selector_.close(node, now_ms);
    process_disconnection(responses, node, now_ms, true, entropy);
  }
}

void NetworkClient::handle_timed_out_requests(Responses& responses, std::int64_t now_ms, Entropy& entropy) {
  for (const NodeId node : in_flight_.nodes_with_timed_out_requests(now_ms)) {
    selector_.close(node, now_ms);
    process_disconnection(responses, node, now_ms, true, entropy);
  }
}

void NetworkClient::handle_rebootstrap(Responses& responses, std::int64_t now_ms, Entropy& entropy) {
  const bool too_long = metadata_attempt_start_ms_ &&
                        now_ms - *metadata_attempt_start_ms_ > config_->metadata_recovery_rebootstrap_trigger_ms;
  if (config_->metadata_recovery_strategy != MetadataRecovery::rebootstrap || !(too_long || told_to_rebootstrap_))
    return;
  for (const Node& node : metadata_.fetch().nodes()) disconnect_broken(responses, node.id, now_ms, entropy);
  rebootstrap(now_ms, entropy);
}

bool NetworkClient::is_update_due(std::int64_t now_ms, Entropy& entropy) {
  return !metadata_in_progress_ && metadata_.time_to_next_update(now_ms, entropy) == 0;
}

std::int64_t NetworkClient::maybe_update_metadata(std::int64_t now_ms, Entropy& entropy) {
  const std::int64_t to_next_update = metadata_.time_to_next_update(now_ms, entropy);
  const std::int64_t for_fetch = metadata_in_progress_ ? config_->request_timeout_ms : 0;
  const std::int64_t timeout = std::max(to_next_update, for_fetch);
  if (timeout > 0) return timeout;

  if (!metadata_attempt_start_ms_) metadata_attempt_start_ms_ = now_ms;
  LeastLoadedNode least_loaded = least_loaded_node(now_ms, entropy);
  if (config_->metadata_recovery_strategy == MetadataRecovery::rebootstrap &&
      !least_loaded.has_node_available_or_connection_ready) {
    rebootstrap(now_ms, entropy);
    least_loaded = least_loaded_node(now_ms, entropy);
  }
  if (!least_loaded.node) return config_->reconnect_backoff_ms;
  return maybe_update_metadata(now_ms, *least_loaded.node, entropy);
}

std::int64_t NetworkClient::maybe_update_metadata(std::int64_t now_ms, const Node& node, Entropy& entropy) {
  if (can_send_request(node.id, now_ms)) {
    ProducerMetadata::Request request = metadata_.new_metadata_request_and_version(now_ms);
    send_internal(node.id, MetadataRequestBuilder{std::move(request.topics)}, now_ms);
    metadata_in_progress_ = MetadataInProgress{request.request_version, request.is_partial_update};
    return config_->request_timeout_ms;
  }
  // One connection attempt at a time is enough for metadata.
  if (is_any_node_connecting()) return config_->reconnect_backoff_ms;
  if (connection_states_.can_connect(node.id, now_ms)) {
    initiate_connect(node, now_ms, entropy);
    return config_->reconnect_backoff_ms;
  }
  return forever_ms;
}

bool NetworkClient::is_any_node_connecting() const {
  const std::vector<Node>& nodes = metadata_.fetch().nodes();
  return std::any_of(nodes.begin(), nodes.end(),
                     [this](const Node& node) { return connection_states_.is_connecting(node.id); });
}

void NetworkClient::handle_server_disconnect(std::int64_t now_ms, Entropy& entropy) {
  if (is_update_due(now_ms, entropy)) handle_failed_metadata_request(now_ms, std::nullopt);
  metadata_.request_update(false);
}

void NetworkClient::handle_failed_metadata_request(std::int64_t now_ms, std::optional<KafkaError> fatal) {
  if (fatal) metadata_.fatal_error(std::move(*fatal));
  metadata_.failed_update(now_ms);
  metadata_in_progress_.reset();
}

void NetworkClient::handle_metadata_response(const MetadataResponse& response, std::int16_t version,
                                             std::int64_t now_ms, Entropy& entropy) {
  if (config_->metadata_recovery_strategy == MetadataRecovery::rebootstrap &&
      error_from_wire(response.error_code) == ErrorCode::rebootstrap_required) {
    told_to_rebootstrap_ = true;
  } else if (response.brokers.empty()) {
    // A broker that is just starting may know nobody yet.
    metadata_.failed_update(now_ms);
  } else {
    metadata_.update(metadata_in_progress_->request_version, response, version,
                     metadata_in_progress_->is_partial_update, now_ms, entropy);
    metadata_attempt_start_ms_.reset();
  }
  metadata_in_progress_.reset();
}

void NetworkClient::rebootstrap(std::int64_t now_ms, Entropy& entropy) {
  metadata_.rebootstrap(entropy);
  metadata_attempt_start_ms_ = now_ms;
  told_to_rebootstrap_ = false;
}

}  // namespace linger

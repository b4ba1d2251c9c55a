#include "producer/clients/cluster_connection_states.h"

#include <algorithm>
#include <cassert>

#include "producer/failure.h"
#include "protocol/time.h"

namespace linger {

namespace {

constexpr int backoff_multiplier = 2;
constexpr double backoff_jitter = 0.2;

JavaThrow no_entry(NodeId id) {
  return JavaThrow(illegal_state("No entry found for connection " + std::to_string(id.value())));
}

bool is_connected_state(ConnectionState state) {
  return state == ConnectionState::checking_api_versions || state == ConnectionState::ready;
}

}  // namespace

ClusterConnectionStates::ClusterConnectionStates(std::int64_t reconnect_backoff_ms,
                                                 std::int64_t reconnect_backoff_max_ms,
                                                 std::int64_t connection_setup_timeout_ms,
                                                 std::int64_t connection_setup_timeout_max_ms)
    : reconnect_backoff_(reconnect_backoff_ms, backoff_multiplier, reconnect_backoff_max_ms, backoff_jitter),
      connection_setup_timeout_(connection_setup_timeout_ms, backoff_multiplier, connection_setup_timeout_max_ms,
                                backoff_jitter) {}

const ClusterConnectionStates::NodeConnectionState* ClusterConnectionStates::find(NodeId id) const {
  const auto found = node_states_.find(id);
  return found == node_states_.end() ? nullptr : &found->second;
}

const ClusterConnectionStates::NodeConnectionState& ClusterConnectionStates::at(NodeId id) const {
  const NodeConnectionState* node = find(id);
  if (node == nullptr) throw no_entry(id);
  return *node;
}

ClusterConnectionStates::NodeConnectionState& ClusterConnectionStates::at(NodeId id) {
  const auto found = node_states_.find(id);
  if (found == node_states_.end()) throw no_entry(id);
  return found->second;
}

std::int64_t ClusterConnectionStates::reconnect_backoff(std::int64_t attempts, Entropy& entropy) const {
  return reconnect_backoff_.backoff(attempts, entropy, DrawUse::reconnect_backoff);
}

std::int64_t ClusterConnectionStates::setup_timeout(std::int64_t attempts, Entropy& entropy) const {
  return connection_setup_timeout_.backoff(attempts, entropy, DrawUse::connection_setup);
}

void ClusterConnectionStates::reset_connection_setup_timeout(NodeConnectionState& node, Entropy& entropy) const {
  node.failed_connect_attempts = 0;
  node.connection_setup_timeout_ms = setup_timeout(0, entropy);
}

bool ClusterConnectionStates::can_connect(NodeId id, std::int64_t now_ms) const {
  const NodeConnectionState* node = find(id);
  if (node == nullptr) return true;
  return node->state == ConnectionState::disconnected &&
         now_ms - node->last_connect_attempt_ms >= node->reconnect_backoff_ms;
}

bool ClusterConnectionStates::is_blacked_out(NodeId id, std::int64_t now_ms) const {
  const NodeConnectionState* node = find(id);
  return node != nullptr && node->state == ConnectionState::disconnected &&
         now_ms - node->last_connect_attempt_ms < node->reconnect_backoff_ms;
}

std::int64_t ClusterConnectionStates::connection_delay(NodeId id, std::int64_t now_ms) const {
  const NodeConnectionState* node = find(id);
  if (node == nullptr) return 0;
  if (node->state == ConnectionState::connecting) return node->connection_setup_timeout_ms;
  if (node->state != ConnectionState::disconnected) return forever_ms;
  const std::int64_t waited = now_ms - node->last_connect_attempt_ms;
  return std::max<std::int64_t>(node->reconnect_backoff_ms - waited, 0);
}

bool ClusterConnectionStates::is_connecting(NodeId id) const {
  const NodeConnectionState* node = find(id);
  return node != nullptr && node->state == ConnectionState::connecting;
}

bool ClusterConnectionStates::is_preparing_connection(NodeId id) const {
  const NodeConnectionState* node = find(id);
  return node != nullptr &&
         (node->state == ConnectionState::connecting || node->state == ConnectionState::checking_api_versions);
}

bool ClusterConnectionStates::is_ready(NodeId id, std::int64_t now_ms) const {
  const NodeConnectionState* node = find(id);
  return node != nullptr && node->state == ConnectionState::ready && node->throttle_until_ms <= now_ms;
}

bool ClusterConnectionStates::has_ready_nodes(std::int64_t now_ms) const {
  return std::any_of(node_states_.begin(), node_states_.end(),
                     [&](const auto& entry) { return is_ready(entry.first, now_ms); });
}

bool ClusterConnectionStates::is_connected(NodeId id) const {
  const NodeConnectionState* node = find(id);
  return node != nullptr && is_connected_state(node->state);
}

bool ClusterConnectionStates::is_disconnected(NodeId id) const {
  const NodeConnectionState* node = find(id);
  return node != nullptr && node->state == ConnectionState::disconnected;
}

void ClusterConnectionStates::connecting(NodeId id, std::int64_t now_ms, const std::string& host, Entropy& entropy) {
  connecting_nodes_.add(id);
  const auto known = node_states_.find(id);
  if (known != node_states_.end() && known->second.host == host) {
    NodeConnectionState& node = known->second;
    node.last_connect_attempt_ms = now_ms;
    node.state = ConnectionState::connecting;
    if (!node.addresses.empty()) {
      node.address_index = (node.address_index + 1) % node.addresses.size();
      if (node.address_index == 0) node.addresses.clear();
    }
    return;
  }
  NodeConnectionState fresh;
  fresh.host = host;
  fresh.last_connect_attempt_ms = now_ms;
  fresh.reconnect_backoff_ms = reconnect_backoff(0, entropy);
  fresh.connection_setup_timeout_ms = setup_timeout(0, entropy);
  node_states_.insert_or_assign(id, std::move(fresh));
}

std::optional<std::string> ClusterConnectionStates::current_address(NodeId id, const HostResolution& resolution) {
  NodeConnectionState& node = at(id);
  if (node.addresses.empty()) {
    node.addresses = resolution.resolve(node.host);
    if (node.addresses.empty()) return std::nullopt;
    const bool just_tried = node.addresses.size() > 1 && node.addresses[0] == node.last_attempted_address;
    node.address_index = just_tried ? 1 : 0;
  }
  node.last_attempted_address = node.addresses[node.address_index];
  return node.last_attempted_address;
}

void ClusterConnectionStates::disconnected(NodeId id, std::int64_t now_ms, Entropy& entropy) {
  NodeConnectionState& node = at(id);
  node.last_connect_attempt_ms = now_ms;
  node.reconnect_backoff_ms = reconnect_backoff(node.failed_attempts, entropy);
  ++node.failed_attempts;
  if (node.state == ConnectionState::connecting) {
    ++node.failed_connect_attempts;
    node.connection_setup_timeout_ms = setup_timeout(node.failed_connect_attempts, entropy);
    connecting_nodes_.erase(id);
  } else {
    reset_connection_setup_timeout(node, entropy);
    // The node may have moved while it was connected: ask for its addresses again.
    if (is_connected_state(node.state)) node.addresses.clear();
  }
  node.state = ConnectionState::disconnected;
}

void ClusterConnectionStates::checking_api_versions(NodeId id, Entropy& entropy) {
  NodeConnectionState& node = at(id);
  node.state = ConnectionState::checking_api_versions;
  reset_connection_setup_timeout(node, entropy);
  connecting_nodes_.erase(id);
}

void ClusterConnectionStates::ready(NodeId id, Entropy& entropy) {
  NodeConnectionState& node = at(id);
  node.state = ConnectionState::ready;
  node.failed_attempts = 0;
  node.reconnect_backoff_ms = reconnect_backoff(0, entropy);
  reset_connection_setup_timeout(node, entropy);
  connecting_nodes_.erase(id);
}

void ClusterConnectionStates::remove(NodeId id) {
  node_states_.erase(id);
  connecting_nodes_.erase(id);
}

void ClusterConnectionStates::throttle(NodeId id, std::int64_t until_ms) {
  const auto found = node_states_.find(id);
  if (found != node_states_.end())
    found->second.throttle_until_ms = std::max(found->second.throttle_until_ms, until_ms);
}

std::int64_t ClusterConnectionStates::throttle_delay_ms(NodeId id, std::int64_t now_ms) const {
  const NodeConnectionState* node = find(id);
  return node == nullptr ? 0 : std::max<std::int64_t>(node->throttle_until_ms - now_ms, 0);
}

std::int64_t ClusterConnectionStates::poll_delay_ms(NodeId id, std::int64_t now_ms) const {
  const std::int64_t throttled = throttle_delay_ms(id, now_ms);
  return is_connected(id) && throttled > 0 ? throttled : connection_delay(id, now_ms);
}

std::int64_t ClusterConnectionStates::last_connect_attempt_ms(NodeId id) const {
  const NodeConnectionState* node = find(id);
  return node == nullptr ? 0 : node->last_connect_attempt_ms;
}

std::vector<NodeId> ClusterConnectionStates::nodes_with_connection_setup_timeout(std::int64_t now_ms) const {
  std::vector<NodeId> late;
  for (const NodeId id : connecting_nodes_.keys()) {
    const NodeConnectionState& node = at(id);
    assert(node.state == ConnectionState::connecting);
    if (now_ms - node.last_connect_attempt_ms > node.connection_setup_timeout_ms) late.push_back(id);
  }
  return late;
}

}  // namespace linger

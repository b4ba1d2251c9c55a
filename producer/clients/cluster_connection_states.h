#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "producer/clients/host_resolution.h"
#include "producer/entropy.h"
#include "producer/exponential_backoff.h"
#include "producer/java_hash_map.h"
#include "protocol/ids.h"

namespace linger {

/// Kafka: ConnectionState. Without security nothing fails to authenticate, so that state is left out.
enum class ConnectionState : std::uint8_t { disconnected, connecting, checking_api_versions, ready };

/// How the connection to each node stands, when it may be tried again, and how long a connect may take (Kafka:
/// ClusterConnectionStates). Both times grow by 2 with a jitter of 20 % and are drawn when the state changes, not when
/// they are asked for. Times are the wall clock in milliseconds. A node that was never connected has no entry;
/// functions that change an entry other than by connecting() throw without one, as in Java.
class ClusterConnectionStates {
 public:
  ClusterConnectionStates(std::int64_t reconnect_backoff_ms, std::int64_t reconnect_backoff_max_ms,
                          std::int64_t connection_setup_timeout_ms, std::int64_t connection_setup_timeout_max_ms);

  bool can_connect(NodeId id, std::int64_t now_ms) const;
  bool is_blacked_out(NodeId id, std::int64_t now_ms) const;
  /// Milliseconds until something can be done for the node: the setup timeout while connecting, what is left of the
  /// backoff while disconnected, for ever while connected, since other events wake the client then.
  std::int64_t connection_delay(NodeId id, std::int64_t now_ms) const;
  bool is_connecting(NodeId id) const;
  bool is_preparing_connection(NodeId id) const;
  bool is_ready(NodeId id, std::int64_t now_ms) const;
  bool has_ready_nodes(std::int64_t now_ms) const;
  bool is_connected(NodeId id) const;
  bool is_disconnected(NodeId id) const;
  /// Throws JavaThrow when there is no entry.
  ConnectionState connection_state(NodeId id) const { return at(id).state; }

  /// A connect begins. A changed host name starts anew, with fresh backoffs.
  void connecting(NodeId id, std::int64_t now_ms, const std::string& host, Entropy& entropy);
  /// The address for this attempt; nothing when the name is unknown. All addresses of a name are tried before it is
  /// resolved again, and the one just tried is not tried twice in a row.
  std::optional<std::string> current_address(NodeId id, const HostResolution& resolution);
  void disconnected(NodeId id, std::int64_t now_ms, Entropy& entropy);
  void checking_api_versions(NodeId id, Entropy& entropy);
  void ready(NodeId id, Entropy& entropy);
  void remove(NodeId id);

  /// The node asked for quiet until then (KIP-219). Never goes back.
  void throttle(NodeId id, std::int64_t until_ms);
  std::int64_t throttle_delay_ms(NodeId id, std::int64_t now_ms) const;
  std::int64_t poll_delay_ms(NodeId id, std::int64_t now_ms) const;

  /// 0 when the node was never tried.
  std::int64_t last_connect_attempt_ms(NodeId id) const;
  std::int64_t connection_setup_timeout_ms(NodeId id) const { return at(id).connection_setup_timeout_ms; }
  /// Nodes whose connect takes too long, in Java's order.
  std::vector<NodeId> nodes_with_connection_setup_timeout(std::int64_t now_ms) const;
  std::vector<NodeId> connecting_nodes() const { return connecting_nodes_.keys(); }

 private:
  struct NodeConnectionState {
    std::string host;
    ConnectionState state = ConnectionState::connecting;
    std::int64_t last_connect_attempt_ms = 0;
    std::int64_t failed_attempts = 0;
    std::int64_t failed_connect_attempts = 0;
    std::int64_t reconnect_backoff_ms = 0;
    std::int64_t connection_setup_timeout_ms = 0;
    std::int64_t throttle_until_ms = 0;
    std::vector<std::string> addresses;
    std::size_t address_index = 0;
    std::string last_attempted_address;
  };

  const NodeConnectionState* find(NodeId id) const;
  const NodeConnectionState& at(NodeId id) const;
  NodeConnectionState& at(NodeId id);
  std::int64_t reconnect_backoff(std::int64_t attempts, Entropy& entropy) const;
  std::int64_t setup_timeout(std::int64_t attempts, Entropy& entropy) const;
  void reset_connection_setup_timeout(NodeConnectionState& node, Entropy& entropy) const;

  ExponentialBackoff reconnect_backoff_;
  ExponentialBackoff connection_setup_timeout_;
  std::map<NodeId, NodeConnectionState> node_states_;
  JavaHashSet<NodeId> connecting_nodes_;
};

}  // namespace linger

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "producer/java_hash_map.h"
#include "protocol/api_key.h"
#include "protocol/ids.h"

namespace linger {

/// A request that is being sent or waits for its answer (Kafka: NetworkClient.InFlightRequest).
struct InFlightRequest {
  NodeId destination = no_node;
  ApiKey api_key = ApiKey::produce;
  std::int16_t api_version = 0;
  CorrelationId correlation_id{0};
  bool expect_response = true;
  bool is_internal = false;     ///< begun by NetworkClient itself: Metadata and ApiVersions
  bool send_completed = false;  ///< the connection took its last byte
  std::int64_t created_time_ms = 0;
  std::int64_t send_time_ms = 0;
  std::int64_t request_timeout_ms = 0;
  std::int64_t throttle_time_ms = 0;
  std::uint64_t token = 0;
};

/// The requests of each connection in the order in which they were sent (Kafka: InFlightRequests).
class InFlightRequests {
 public:
  explicit InFlightRequests(std::int32_t max_in_flight_per_connection) : max_in_flight_(max_in_flight_per_connection) {}

  void add(InFlightRequest request);
  /// Takes the oldest request, whose answer came. Requires: the node has one.
  InFlightRequest complete_next(NodeId node);
  /// Requires: the node has one.
  InFlightRequest& last_sent(NodeId node);
  /// Takes the newest request, which wants no answer. Requires: the node has one.
  InFlightRequest complete_last_sent(NodeId node);
  /// Nothing is in flight, or the newest request is fully sent and there is room for another.
  bool can_send_more(NodeId node) const;
  std::size_t count(NodeId node) const;
  std::size_t count() const { return count_; }
  bool is_empty(NodeId node) const { return count(node) == 0; }
  bool is_empty() const { return count_ == 0; }
  /// Takes all requests of the node, oldest first.
  std::vector<InFlightRequest> clear_all(NodeId node);
  /// The node's requests, oldest first.
  const std::vector<InFlightRequest>& of(NodeId node) const;
  /// Nodes with a request that waits longer than its timeout, times of throttling not counted; in Java's order.
  std::vector<NodeId> nodes_with_timed_out_requests(std::int64_t now_ms) const;
  void increment_throttle_time(NodeId node, std::int64_t throttle_time_ms);

 private:
  std::int32_t max_in_flight_;
  JavaHashMap<NodeId, std::vector<InFlightRequest>> requests_;  ///< oldest first
  std::size_t count_ = 0;
};

}  // namespace linger

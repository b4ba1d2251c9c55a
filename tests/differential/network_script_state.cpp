#include <algorithm>
#include <map>
#include <utility>

#include "protocol/error_code.h"
#include "tests/differential/network_script.h"

namespace linger::differential {

namespace {

constexpr std::int32_t shown_partitions = 3;
constexpr std::int64_t for_ever = std::int64_t{1} << 50;

std::int64_t ms(std::int64_t value) {
  return value > for_ever ? -1 : value;
}

template <class Value>
Json number_or_null(const std::optional<Value>& value) {
  return value ? Json(value->value()) : Json();
}

const char* state_name(ConnectionState state) {
  switch (state) {
    case ConnectionState::disconnected:
      return "DISCONNECTED";
    case ConnectionState::connecting:
      return "CONNECTING";
    case ConnectionState::checking_api_versions:
      return "CHECKING_API_VERSIONS";
    default:
      return "READY";
  }
}

}  // namespace

Json NetworkScript::show(const ClientResponse& response) const {
  Json out;
  out["id"] = response.correlation_id.value();
  out["node"] = response.destination.value();
  out["api"] = api_name(response.api_key);
  out["version"] = response.api_version;
  out["at"] = response.received_time_ms - start_ms_;
  out["latency"] = response.received_time_ms - response.created_time_ms;
  const char* end = std::holds_alternative<std::monostate>(response.body) ? "sent" : "answered";
  if (response.version_mismatch) {
    end = "mismatch";
  } else if (response.disconnected) {
    end = response.timed_out ? "timed out" : "disconnected";
  }
  out["end"] = end;
  return out;
}

void NetworkScript::show_state(Json& out) {
  Json connects = Json::array();
  for (const ConnectRequest& connect : client_.take_connects()) {
    connects.push_back({connect.connection.value(), connect.node.value(), connect.host, connect.port});
  }
  if (!connects.empty()) out["connects"] = connects;
  std::vector<std::uint64_t> closes;
  for (const ClientConnectionId connection : client_.take_closes()) closes.push_back(connection.value());
  std::sort(closes.begin(), closes.end());
  if (!closes.empty()) out["closes"] = closes;
  if (metrics_) {
    std::stable_sort(frames_.begin(), frames_.end(), [](const Json& a, const Json& b) { return a.at(0) < b.at(0); });
  }
  if (!frames_.empty()) out["frames"] = std::exchange(frames_, {});

  out["t"] = clock_ms_ - start_ms_;
  Json connections = Json::object();
  Json requests = Json::object();
  const ClusterConnectionStates& states = client_.connection_states();
  for (std::int32_t number = least_node_; number <= most_node_; ++number) {
    const NodeId id{number};
    if (states.is_disconnected(id) || states.is_connecting(id) || states.is_connected(id)) {
      connections[std::to_string(number)] = show_connection(id);
    }
    if (client_.has_in_flight_requests(id)) requests[std::to_string(number)] = show_requests(id);
  }
  out["connections"] = connections;
  out["requests"] = requests;
  out["in_flight"] = client_.in_flight_request_count();
  out["ready"] = client_.has_ready_nodes(clock_ms_);
  ProducerMetadata& metadata = client_.metadata();
  const std::int64_t last_success = metadata.last_successful_update();
  const std::int64_t next_update = ms(metadata.time_to_next_update(clock_ms_, entropy_));
  out["metadata"] = {metadata.update_version(), metadata.update_requested(), next_update,
                     last_success == 0 ? -1 : last_success - start_ms_};
  Json cluster = show_cluster();
  if (cluster != shown_cluster_) out["cluster"] = cluster;
  shown_cluster_ = std::move(cluster);
}

Json NetworkScript::show_connection(NodeId node) const {
  const ClusterConnectionStates& states = client_.connection_states();
  return {state_name(states.connection_state(node)),    states.last_connect_attempt_ms(node) - start_ms_,
          ms(states.connection_delay(node, clock_ms_)), ms(states.poll_delay_ms(node, clock_ms_)),
          states.throttle_delay_ms(node, clock_ms_),    ms(states.connection_setup_timeout_ms(node)),
          states.can_connect(node, clock_ms_)};
}

Json NetworkScript::show_requests(NodeId node) const {
  Json shown = Json::array();
  for (const InFlightRequest& request : client_.in_flight().of(node)) {
    shown.push_back({request.correlation_id.value(), api_name(request.api_key), request.api_version,
                     request.is_internal, request.send_completed, request.throttle_time_ms});
  }
  return shown;
}

Json NetworkScript::show_cluster() const {
  const ProducerMetadata& metadata = client_.metadata();
  const Cluster& known = metadata.fetch();
  Json out;
  out["id"] = known.cluster_id();
  out["controller"] = number_or_null(known.controller());
  Json nodes = Json::array();
  for (const Node& node : known.nodes()) nodes.push_back({node.id.value(), node.host, node.port});
  out["nodes"] = nodes;
  Json kept = Json::array();
  for (const std::string& topic : topics_) {
    if (metadata.contains_topic(topic)) kept.push_back(topic);
  }
  out["kept"] = kept;
  Json topics = Json::object();
  for (const std::string& topic : topics_) {
    Json shown;
    const auto id = metadata.topic_ids().find(topic);
    shown["id"] = id == metadata.topic_ids().end() ? 0 : id->second.least;
    const auto count = known.partition_count_for_topic(topic);
    shown["count"] = count ? Json(*count) : Json();
    const auto error = metadata.get_error(topic);
    shown["error"] = error ? Json(error_name(*error)) : Json();
    Json leaders = Json::array();
    for (std::int32_t number = 0; number < shown_partitions; ++number) {
      const TopicPartition partition{topic, number};
      const ProducerMetadata::LeaderAndEpoch leader = metadata.current_leader(partition);
      const Node* node = known.leader_for(partition);
      leaders.push_back({leader.leader ? Json(leader.leader->id.value()) : Json(), number_or_null(leader.epoch),
                         number_or_null(metadata.last_seen_leader_epoch(partition)),
                         node == nullptr ? Json() : Json(node->id.value())});
    }
    shown["leaders"] = leaders;
    topics[topic] = shown;
  }
  out["topics"] = topics;
  out["refused"] = known.unauthorized_topics();
  out["invalid"] = known.invalid_topics();
  Json features = Json::object();
  for (const auto& [name, level] : client_.api_versions().finalized_features()) features[name] = level;
  out["features"] = {client_.api_versions().max_finalized_features_epoch(), features};
  return out;
}

}  // namespace linger::differential

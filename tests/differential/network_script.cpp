#include "tests/differential/network_script.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "producer/failure.h"
#include "protocol/crc32c.h"

namespace linger::differential {

namespace {

constexpr std::int32_t first_port = 9092;

MetricConfig metric_config_of(const Json& config) {
  return {static_cast<std::int32_t>(number(config, "metrics_num_samples", 2)),
          number(config, "metrics_sample_window_ms", 30000)};
}

NetworkClientConfig client_config(const Json& config) {
  NetworkClientConfig client;
  client.client_id = "client";
  client.max_in_flight_requests_per_connection = static_cast<std::int32_t>(number(config, "max_in_flight", 5));
  client.reconnect_backoff_ms = number(config, "reconnect_backoff_ms", 50);
  client.reconnect_backoff_max_ms = number(config, "reconnect_backoff_max_ms", 1000);
  client.request_timeout_ms = static_cast<std::int32_t>(number(config, "request_timeout_ms", 30000));
  client.socket_connection_setup_timeout_ms = number(config, "setup_timeout_ms", 10000);
  client.socket_connection_setup_timeout_max_ms = number(config, "setup_timeout_max_ms", 30000);
  // Without metrics Selector is scripted, which closes idle connections.
  client.connections_max_idle_ms =
      flag(config, "metrics", false) ? number(config, "connections_max_idle_ms", 540000) : -1;
  client.metrics = metric_config_of(config);
  client.metadata_recovery_strategy =
      text(config, "recovery", "rebootstrap") == "none" ? MetadataRecovery::none : MetadataRecovery::rebootstrap;
  client.metadata_recovery_rebootstrap_trigger_ms = number(config, "rebootstrap_trigger_ms", 300000);
  return client;
}

ProducerMetadata::Config metadata_config_of(const Json& config) {
  return {number(config, "retry_backoff_ms", 100), number(config, "retry_backoff_max_ms", 1000),
          number(config, "metadata_max_age_ms", 300000), number(config, "metadata_max_idle_ms", 300000)};
}

TopicPartition partition_of(const Json& part) {
  return {part.at("topic").get<std::string>(), static_cast<std::int32_t>(number(part, "p", 0))};
}

}  // namespace

NetworkEntropy::NetworkEntropy(std::uint64_t seed)
    : seed_(seed), reconnect_(seed + 1), setup_(seed + 2), least_loaded_(seed + 3), order_(seed + 4) {}

void NetworkEntropy::begin_command() {
  metadata_draw_ = SplitMix64(seed_ + 1000 + commands_++).next();
}

std::uint64_t NetworkEntropy::draw(DrawUse use) {
  switch (use) {
    case DrawUse::reconnect_backoff:
      return reconnect_.next();
    case DrawUse::connection_setup:
      return setup_.next();
    case DrawUse::least_loaded_node:
      return least_loaded_.next();
    case DrawUse::bootstrap_order:
      return order_.next();
    default:
      return metadata_draw_;
  }
}

NetworkScript::NetworkScript(const Json& config)
    : start_ms_(number(config, "start_ms", 1'700'000'000'000)),
      clock_ms_(start_ms_),
      entropy_(static_cast<std::uint64_t>(number(config, "seed", 1))),
      client_(client_config(config), ProducerMetadata(metadata_config_of(config))),
      least_node_(-static_cast<std::int32_t>(config.at("bootstrap").size())),
      most_node_(static_cast<std::int32_t>(number(config, "nodes", 1)) - 1),
      topics_(config.at("topics").get<std::vector<std::string>>()),
      shown_cluster_(Json::object()) {
  for (const auto& [host, addresses] : config.at("hosts").items()) set_host(host, addresses);
  std::vector<HostAndPort> bootstrap;
  for (const Json& host : config.at("bootstrap")) bootstrap.push_back({host.get<std::string>(), first_port});
  client_.metadata().bootstrap(std::move(bootstrap), entropy_);
  if (flag(config, "metrics", false)) metrics_.emplace(metric_config_of(config));
}

void NetworkScript::set_host(const std::string& host, const Json& addresses) {
  hosts_.set(host, addresses.get<std::vector<std::string>>());
  client_.set_host_resolution(hosts_);
}

Node NetworkScript::node(const Json& command) const {
  const NodeId id = node_id(command);
  return {id, text(command, "host", "h" + std::to_string(id.value())),
          static_cast<std::int32_t>(number(command, "port", first_port + id.value())), std::nullopt};
}

void NetworkScript::run(const Json& command, Json& out) {
  entropy_.begin_command();
  client_.set_nanoseconds(clock_ms_ * 1'000'000);
  const std::string op = command.at("op").get<std::string>();
  if (op == "config") return;
  if (op == "time") {
    clock_ms_ += command.at("ms").get<std::int64_t>();
  } else if (op == "host") {
    set_host(command.at("host").get<std::string>(), command.at("addresses"));
  } else if (op == "versions") {
    answers_.set_versions(command);
  } else if (op == "cluster") {
    answers_.set_cluster(command);
  } else if (op == "ready") {
    out["result"] = client_.ready(node(command), clock_ms_, entropy_);
  } else if (op == "is_ready") {
    out["result"] = client_.is_ready(node(command), clock_ms_, entropy_);
  } else if (op == "least") {
    const LeastLoadedNode least = client_.least_loaded_node(clock_ms_, entropy_);
    out["result"] = {least.node ? Json(least.node->id.value()) : Json(), least.has_node_available_or_connection_ready};
  } else if (op == "send") {
    send(command, out);
  } else if (op == "poll") {
    poll(command, out);
  } else if (op == "disconnect") {
    client_.disconnect(node_id(command), clock_ms_, entropy_);
  } else if (op == "close") {
    client_.close(node_id(command), clock_ms_);
  } else if (op == "initiate_close") {
    client_.initiate_close();
  } else if (op == "close_client") {
    client_.close(clock_ms_);
  } else if (op == "metrics") {
    out["metrics"] = metrics().shown(client_, clock_ms_);
  } else if (op == "took") {
    metrics().took(command.at("call").get<std::string>(), command.at("ns").get<std::int64_t>());
  } else {
    run_metadata(command, out);
  }
}

void NetworkScript::run_metadata(const Json& command, Json& out) {
  ProducerMetadata& metadata = client_.metadata();
  const std::string op = command.at("op").get<std::string>();
  if (op == "add_topic") {
    metadata.add(command.at("topic").get<std::string>(), clock_ms_);
  } else if (op == "request_update") {
    out["result"] = metadata.request_update(flag(command, "reset", true));
  } else if (op == "request_update_for_topic") {
    out["result"] = metadata.request_update_for_topic(command.at("topic").get<std::string>());
  } else if (op == "newer_epoch") {
    const LeaderEpoch epoch{command.at("epoch").get<std::int32_t>()};
    out["result"] = metadata.update_last_seen_epoch_if_newer(partition_of(command), epoch);
  } else if (op == "leadership") {
    std::map<TopicPartition, ProducerMetadata::LeaderIdAndEpoch> leaders;
    for (const Json& part : command.at("parts")) {
      ProducerMetadata::LeaderIdAndEpoch& leader = leaders[partition_of(part)];
      leader = {};
      if (const auto id = part.at("leader").get<std::int32_t>(); id >= 0) leader.leader = NodeId{id};
      if (const auto epoch = part.at("epoch").get<std::int32_t>(); epoch >= 0) leader.epoch = LeaderEpoch{epoch};
    }
    std::vector<Node> nodes;
    for (const Json& broker : command.at("brokers")) {
      nodes.push_back({NodeId{broker.at(0).get<std::int32_t>()}, broker.at(1).get<std::string>(),
                       broker.at(2).get<std::int32_t>(), std::nullopt});
    }
    Json changed = Json::array();
    for (const TopicPartition& partition : metadata.update_partition_leadership(leaders, nodes, entropy_)) {
      changed.push_back(partition.describe());
    }
    out["result"] = changed;
  } else if (op == "throw_for_topic") {
    if (auto error = metadata.maybe_throw_exception_for_topic(command.at("topic").get<std::string>())) {
      throw JavaThrow(std::move(*error));
    }
  } else {
    throw Unsupported{"There is no command " + op + "."};
  }
}

void NetworkScript::send(const Json& command, Json& out) {
  ClientRequest request = client_.new_client_request(
      node_id(command), make_request(command, slots_), clock_ms_, number(command, "acks", 1) != 0,
      static_cast<std::int32_t>(number(command, "request_timeout_ms", 30000)), 0);
  out["id"] = request.correlation_id.value();
  client_.send(std::move(request), clock_ms_);
}

void NetworkScript::poll(const Json& command, Json& out) {
  settled_.clear();
  for (std::int32_t id = least_node_; id <= most_node_; ++id) {
    for (const InFlightRequest& request : client_.in_flight().of(NodeId{id})) {
      if (request.send_completed) settled_.emplace(NodeId{id}, request.correlation_id.value());
    }
  }
  // Java hands out aborted sends without a select.
  const bool selects = !client_.has_aborted_sends();
  const std::int64_t most_ms = client_.begin_select(clock_ms_, entropy_);
  if (selects) {
    const std::int64_t wait_ms = std::min(number(command, "timeout", 1000), most_ms);
    out["wait"] = wait_ms;
    clock_ms_ += command.contains("late") ? wait_ms + number(command, "late", 0) : number(command, "ms", 0);
    std::vector<std::pair<NodeId, std::vector<Json>>> by_node;
    if (command.contains("events")) {
      for (const Json& event : command.at("events")) {
        const NodeId node = node_id(event);
        auto found = std::find_if(by_node.begin(), by_node.end(), [node](const auto& e) { return e.first == node; });
        if (found == by_node.end()) found = by_node.insert(by_node.end(), {node, {}});
        found->second.push_back(event);
      }
    }
    for (const auto& [node, events] : by_node) metrics_ ? serve_socket(node, events) : serve(node, events);
  }
  Json shown = Json::array();
  for (const ClientResponse& response : client_.poll({clock_ms_, clock_ms_ * 1'000'000}, entropy_)) {
    shown.push_back(show(response));
    if (metrics_ && std::holds_alternative<ProduceResponse>(response.body)) metrics_->latency(response, clock_ms_);
  }
  out["responses"] = shown;
}

void NetworkScript::serve(NodeId node, const std::vector<Json>& events) {
  const auto connection = client_.connection_of(node);
  if (!connection) return;
  const bool was_connected = connected_.contains(*connection);
  bool refused = false;
  bool closed = false;
  bool answered = false;
  for (const Json& event : events) {
    const std::string what = event.at("ev").get<std::string>();
    const bool is_connected = connected_.contains(*connection);
    if (what == "connected" && !is_connected && !refused) {
      connected_.insert(*connection);
      client_.on_connected(*connection);
    } else if (what == "refused" && !is_connected && !refused) {
      refused = true;
      client_.on_connect_failed(*connection);
    } else if (what == "write" && was_connected && !closed) {
      write(node, static_cast<std::size_t>(number(event, "bytes", std::numeric_limits<std::int32_t>::max())));
    } else if (what == "answer" && was_connected && !closed && !answered) {
      const std::optional<Bytes> answer = next_answer(node, event);
      answered = answer.has_value();
      if (answer) client_.on_received(*connection, *answer);
    } else if (what == "closed" && was_connected && !closed && !answered) {
      closed = true;
      client_.on_closed(*connection, flag(event, "reset", false) ? CloseKind::reset : CloseKind::fin);
    }
  }
}

void NetworkScript::write(NodeId node, std::size_t bytes) {
  const ClientConnectionId connection = *client_.connection_of(node);
  Bytes& written = written_[connection];
  client_.pull(connection, bytes, slots_, written);
  if (written.empty() || !client_.has_no_pending_send(node)) return;
  frames_.push_back({node.value(), written.size(), crc32c(written)});
  written.clear();
}

std::optional<Bytes> NetworkScript::next_answer(NodeId node, const Json& event) {
  for (const InFlightRequest& request : client_.in_flight().of(node)) {
    const std::int32_t id = request.correlation_id.value();
    if (answered_.contains(id)) continue;
    if (!settled_.contains({node, id})) return std::nullopt;
    answered_.insert(id);
    return answers_.answer(request, event);
  }
  return std::nullopt;
}

}  // namespace linger::differential

#include "producer/clients/metadata.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "protocol/messages/metadata.h"
#include "protocol/time.h"

namespace linger {

namespace {

/// Before version 9 brokers tell stale epochs during a reassignment (Kafka: MetadataResponse.hasReliableLeaderEpochs).
constexpr std::int16_t first_version_with_reliable_epochs = 9;

constexpr int backoff_multiplier = 2;
constexpr double backoff_jitter = 0.2;

std::vector<NodeId> node_ids(const std::vector<std::int32_t>& numbers) {
  std::vector<NodeId> ids;
  ids.reserve(numbers.size());
  for (const std::int32_t number : numbers) ids.emplace_back(number);
  return ids;
}

PartitionMetadata partition_metadata(const std::string& topic,
                                     const MetadataResponse::MetadataResponsePartition& partition) {
  PartitionMetadata metadata;
  metadata.partition = TopicPartition{topic, partition.partition_index};
  metadata.error = error_from_wire(partition.error_code);
  if (partition.leader_id >= 0) metadata.leader = NodeId{partition.leader_id};
  if (partition.leader_epoch >= 0) metadata.leader_epoch = LeaderEpoch{partition.leader_epoch};
  metadata.replicas = node_ids(partition.replica_nodes);
  metadata.in_sync_replicas = node_ids(partition.isr_nodes);
  metadata.offline_replicas = node_ids(partition.offline_replicas);
  return metadata;
}

}  // namespace

ProducerMetadata::ProducerMetadata(const Config& config)
    : config_(config),
      refresh_backoff_(config.refresh_backoff_ms, backoff_multiplier, config.refresh_backoff_max_ms, backoff_jitter),
      snapshot_(std::make_shared<const MetadataSnapshot>()) {}

void ProducerMetadata::add(std::string_view topic, std::int64_t now_ms) {
  // Records follow each other to one topic within a millisecond, and each of them asks.
  if (now_ms == used_ms_ && topic == used_topic_) return;
  used_topic_ = topic;
  used_ms_ = now_ms;
  const std::int64_t expires_ms = saturating_add(config_.metadata_idle_ms, now_ms);
  const auto known = topics_.find(topic);
  if (known != topics_.end()) {
    known->second = expires_ms;
    return;
  }
  topics_.emplace(topic, expires_ms);
  new_topics_.emplace(topic);
  request_update_for_new_topics();
}

std::vector<std::string> ProducerMetadata::topics() const {
  std::vector<std::string> names;
  names.reserve(topics_.size());
  for (const auto& [name, expires] : topics_) names.push_back(name);
  return names;
}

bool ProducerMetadata::retain_topic(const std::string& topic, std::int64_t now_ms) {
  const auto found = topics_.find(topic);
  if (found == topics_.end()) return false;
  if (new_topics_.contains(topic)) return true;
  if (found->second > now_ms) return true;
  topics_.erase(found);
  used_ms_ = -1;
  return false;
}

int ProducerMetadata::request_update(bool reset_equivalent_response_backoff) {
  need_full_update_ = true;
  if (reset_equivalent_response_backoff) equivalent_response_count_ = 0;
  return update_version_;
}

int ProducerMetadata::request_update_for_new_topics() {
  last_refresh_ms_ = 0;
  need_partial_update_ = true;
  equivalent_response_count_ = 0;
  ++request_version_;
  return update_version_;
}

int ProducerMetadata::request_update_for_topic(const std::string& topic) {
  return new_topics_.contains(topic) ? request_update_for_new_topics() : request_update(false);
}

std::int64_t ProducerMetadata::time_to_allow_update(std::int64_t now_ms, Entropy& entropy) {
  return time_to_allow_update(now_ms, 0, entropy);
}

std::int64_t ProducerMetadata::time_to_allow_update(std::int64_t now_ms, std::int64_t at_least_ms, Entropy& entropy) {
  if (saturating_add(config_.metadata_expire_ms, last_successful_refresh_ms_) <= now_ms) equivalent_response_count_ = 0;
  // No backoff exceeds the longest one, so that there is nothing to draw when that much time has passed.
  if (now_ms - last_refresh_ms_ >= config_.refresh_backoff_max_ms) return at_least_ms;

  const std::int64_t attempts = attempts_ > 0 ? attempts_ - 1 : 0;
  const bool equivalent = equivalent_response_count_ > 0;
  // What the longest backoff cannot change need not be drawn, nor what the longest of this number of attempts cannot.
  const auto most = [&] {
    return std::max(refresh_backoff_.longest(attempts),
                    equivalent ? refresh_backoff_.longest(equivalent_response_count_ - 1) : 0);
  };
  if (last_refresh_ms_ + config_.refresh_backoff_max_ms - now_ms <= at_least_ms ||
      last_refresh_ms_ + most() - now_ms <= at_least_ms) {
    refresh_backoff_.skip(entropy, DrawUse::metadata_backoff);
    if (equivalent) refresh_backoff_.skip(entropy, DrawUse::metadata_backoff);
    return at_least_ms;
  }
  const std::int64_t for_attempts = refresh_backoff_.backoff(attempts, entropy, DrawUse::metadata_backoff);
  const std::int64_t for_equivalent_responses =
      equivalent ? refresh_backoff_.backoff(equivalent_response_count_ - 1, entropy, DrawUse::metadata_backoff) : 0;
  return std::max(last_refresh_ms_ + std::max(for_attempts, for_equivalent_responses) - now_ms, at_least_ms);
}

std::int64_t ProducerMetadata::time_to_next_update(std::int64_t now_ms, Entropy& entropy) {
  const std::int64_t to_expire =
      update_requested()
          ? 0
          : std::max<std::int64_t>(saturating_add(config_.metadata_expire_ms, last_successful_refresh_ms_) - now_ms, 0);
  return time_to_allow_update(now_ms, to_expire, entropy);
}

ProducerMetadata::Request ProducerMetadata::new_metadata_request_and_version(std::int64_t now_ms) const {
  Request request;
  request.request_version = request_version_;
  request.is_partial_update =
      !need_full_update_ && saturating_add(config_.metadata_expire_ms, last_successful_refresh_ms_) > now_ms;
  if (request.is_partial_update) {
    request.topics.assign(new_topics_.begin(), new_topics_.end());
  } else {
    request.topics = topics();
  }
  return request;
}

void ProducerMetadata::update_with_current_request_version(const MetadataResponse& response,
                                                           std::int16_t response_version, bool is_partial_update,
                                                           std::int64_t now_ms, Entropy& entropy) {
  update(request_version_, response, response_version, is_partial_update, now_ms, entropy);
}

void ProducerMetadata::update(int request_version, const MetadataResponse& response, std::int16_t response_version,
                              bool is_partial_update, std::int64_t now_ms, Entropy& entropy) {
  assert(!is_closed_);
  need_partial_update_ = request_version < request_version_;
  last_refresh_ms_ = now_ms;
  attempts_ = 0;
  ++update_version_;
  if (!is_partial_update) {
    need_full_update_ = false;
    last_successful_refresh_ms_ = now_ms;
  }
  // update_latest_metadata sets it back to 0 when the answer says something new.
  ++equivalent_response_count_;

  snapshot_ = std::make_shared<const MetadataSnapshot>(handle_metadata_response(
      response, response_version >= first_version_with_reliable_epochs, is_partial_update, now_ms, entropy));
  invalid_topics_ = snapshot_->invalid_topics;
  unauthorized_topics_ = snapshot_->unauthorized_topics;
  std::erase_if(last_seen_leader_epochs_, [&](const auto& entry) { return !retain_topic(entry.first.topic, now_ms); });

  errors_.clear();
  for (const auto& topic : response.topics) {
    const std::string name = topic.name.value_or("");
    if (topic.error_code != 0) errors_[name] = error_from_wire(topic.error_code);
    new_topics_.erase(name);
  }
}

MetadataSnapshot ProducerMetadata::handle_metadata_response(const MetadataResponse& response, bool reliable_epochs,
                                                            bool is_partial_update, std::int64_t now_ms,
                                                            Entropy& entropy) {
  MetadataSnapshot next;
  std::set<std::string> named;
  for (const auto& topic : response.topics) {
    const std::string name = topic.name.value_or("");
    named.insert(name);
    // Without an id in this answer nothing can be said about a change of it, so the old one does not count either.
    std::optional<Uuid> topic_id;
    std::optional<Uuid> old_topic_id;
    if (!topic.topic_id.is_zero()) {
      topic_id = topic.topic_id;
      next.topic_ids[name] = topic.topic_id;
      const auto old = snapshot_->topic_ids.find(name);
      if (old != snapshot_->topic_ids.end()) old_topic_id = old->second;
    }
    if (!retain_topic(name, now_ms)) continue;
    if (topic.is_internal) next.internal_topics.insert(name);

    const ErrorCode error = error_from_wire(topic.error_code);
    if (error != ErrorCode::none) {
      if (invalidates_metadata(error)) request_update(false);
      if (error == ErrorCode::invalid_topic_exception) next.invalid_topics.insert(name);
      if (error == ErrorCode::topic_authorization_failed) next.unauthorized_topics.insert(name);
      continue;
    }
    for (const auto& partition : topic.partitions) {
      // A partition with an error is taken too: it may carry a new epoch.
      auto latest =
          update_latest_metadata(partition_metadata(name, partition), reliable_epochs, topic_id, old_topic_id);
      if (latest) next.partitions.insert_or_assign(latest->partition, std::move(*latest));
      if (invalidates_metadata(error_from_wire(partition.error_code))) request_update(false);
    }
  }

  for (const auto& broker : response.brokers) {
    next.nodes.emplace(NodeId{broker.node_id}, Node{NodeId{broker.node_id}, broker.host, broker.port, broker.rack});
  }
  next.cluster_id = response.cluster_id.value_or("");
  if (response.controller_id >= 0) next.controller = NodeId{response.controller_id};
  if (!is_partial_update) return finish_snapshot(std::move(next), entropy);

  const auto retained = [&](const std::string& topic) { return !named.contains(topic) && retain_topic(topic, now_ms); };
  return merge_snapshots(*snapshot_, std::move(next), retained, entropy);
}

std::optional<PartitionMetadata> ProducerMetadata::update_latest_metadata(PartitionMetadata metadata,
                                                                          bool reliable_epochs,
                                                                          const std::optional<Uuid>& topic_id,
                                                                          const std::optional<Uuid>& old_topic_id) {
  const TopicPartition& partition = metadata.partition;
  if (!reliable_epochs || !metadata.leader_epoch) {
    last_seen_leader_epochs_.erase(partition);
    equivalent_response_count_ = 0;
    metadata.leader_epoch.reset();
    return metadata;
  }
  const LeaderEpoch epoch = *metadata.leader_epoch;
  const auto current = last_seen_leader_epochs_.find(partition);
  const bool created_anew = topic_id && topic_id != old_topic_id;
  if (current == last_seen_leader_epochs_.end() || created_anew || epoch > current->second) {
    last_seen_leader_epochs_[partition] = epoch;
    equivalent_response_count_ = 0;
    return metadata;
  }
  if (epoch == current->second) return metadata;

  const PartitionMetadata* cached = snapshot_->partition(partition);
  return cached == nullptr ? std::nullopt : std::optional(*cached);
}

std::set<TopicPartition> ProducerMetadata::update_partition_leadership(
    const std::map<TopicPartition, LeaderIdAndEpoch>& leaders, const std::vector<Node>& nodes, Entropy& entropy) {
  MetadataSnapshot next;
  for (const Node& node : nodes) next.nodes.emplace(node.id, node);
  for (const Node& node : fetch().nodes()) next.nodes.emplace(node.id, node);

  std::set<TopicPartition> changed;
  for (const auto& [partition, hint] : leaders) {
    if (!hint.epoch || !hint.leader) continue;
    const std::optional<LeaderEpoch> known = current_leader(partition).epoch;
    if (known && *hint.epoch <= *known) continue;
    if (!next.nodes.contains(*hint.leader)) continue;
    const PartitionMetadata* cached = snapshot_->partition(partition);
    if (cached == nullptr) continue;

    PartitionMetadata updated = *cached;
    updated.leader = hint.leader;
    updated.leader_epoch = hint.epoch;
    next.partitions.emplace(partition, std::move(updated));
    last_seen_leader_epochs_[partition] = *hint.epoch;
    const auto id = snapshot_->topic_ids.find(partition.topic);
    if (id != snapshot_->topic_ids.end()) next.topic_ids.insert(*id);
    changed.insert(partition);
  }
  if (changed.empty()) return changed;

  next.cluster_id = snapshot_->cluster_id;
  next.controller = fetch().controller();
  const auto retained = [](const std::string&) { return true; };
  snapshot_ = std::make_shared<const MetadataSnapshot>(merge_snapshots(*snapshot_, std::move(next), retained, entropy));
  return changed;
}

bool ProducerMetadata::update_last_seen_epoch_if_newer(const TopicPartition& partition, LeaderEpoch epoch) {
  const auto current = last_seen_leader_epochs_.find(partition);
  if (current == last_seen_leader_epochs_.end() || epoch <= current->second) return false;
  current->second = epoch;
  need_full_update_ = true;
  return true;
}

std::optional<LeaderEpoch> ProducerMetadata::last_seen_leader_epoch(const TopicPartition& partition) const {
  const auto found = last_seen_leader_epochs_.find(partition);
  return found == last_seen_leader_epochs_.end() ? std::nullopt : std::optional(found->second);
}

const PartitionMetadata* ProducerMetadata::partition_metadata_if_current(const TopicPartition& partition) const {
  const PartitionMetadata* cached = snapshot_->partition(partition);
  const auto epoch = last_seen_leader_epochs_.find(partition);
  if (cached == nullptr || epoch == last_seen_leader_epochs_.end()) return cached;
  return cached->leader_epoch.value_or(no_leader_epoch) == epoch->second ? cached : nullptr;
}

ProducerMetadata::LeaderAndEpoch ProducerMetadata::current_leader(const TopicPartition& partition) const {
  const PartitionMetadata* current = partition_metadata_if_current(partition);
  if (current == nullptr) return {std::nullopt, last_seen_leader_epoch(partition)};
  LeaderAndEpoch leader{std::nullopt, current->leader_epoch};
  if (current->leader) {
    const auto node = snapshot_->nodes.find(*current->leader);
    if (node != snapshot_->nodes.end()) leader.leader = node->second;
  }
  return leader;
}

void ProducerMetadata::bootstrap(std::vector<HostAndPort> addresses, Entropy& entropy) {
  need_full_update_ = true;
  ++update_version_;
  snapshot_ = std::make_shared<const MetadataSnapshot>(bootstrap_snapshot(addresses, entropy));
  bootstrap_addresses_ = std::move(addresses);
}

void ProducerMetadata::rebootstrap(Entropy& entropy) {
  bootstrap(bootstrap_addresses_, entropy);
}

void ProducerMetadata::failed_update(std::int64_t now_ms) {
  last_refresh_ms_ = now_ms;
  ++attempts_;
  equivalent_response_count_ = 0;
}

std::optional<KafkaError> ProducerMetadata::maybe_throw_fatal_exception() {
  return std::exchange(fatal_error_, std::nullopt);
}

std::optional<KafkaError> ProducerMetadata::maybe_throw_exception_for_topic(const std::string& topic) {
  std::optional<KafkaError> error = maybe_throw_fatal_exception();
  if (!error && unauthorized_topics_.contains(topic)) {
    error = api_error(ErrorCode::topic_authorization_failed, "Not authorized to access topics: [" + topic + "]");
  } else if (!error && invalid_topics_.contains(topic)) {
    error = api_error(ErrorCode::invalid_topic_exception, "Invalid topics: [" + topic + "]");
  }
  invalid_topics_.clear();
  unauthorized_topics_.clear();
  return error;
}

std::optional<ErrorCode> ProducerMetadata::get_error(const std::string& topic) const {
  const auto found = errors_.find(topic);
  return found == errors_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace linger

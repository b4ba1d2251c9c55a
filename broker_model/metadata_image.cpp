#include "broker_model/metadata_image.h"

#include <algorithm>
#include <cassert>

namespace linger::broker {
namespace {

constexpr std::int8_t config_of_topic = 2;
constexpr std::int8_t config_of_broker = 4;

void note(std::vector<TopicIdPartition>& list, const TopicIdPartition& id) {
  if (std::find(list.begin(), list.end(), id) == list.end()) list.push_back(id);
}

PartitionRegistration from_record(const PartitionRecord& record) {
  PartitionRegistration partition;
  partition.replicas = record.replicas;
  partition.isr = record.isr;
  partition.removing = record.removing_replicas;
  partition.adding = record.adding_replicas;
  partition.elr = record.eligible_leader_replicas.value_or(Replicas{});
  partition.last_known_elr = record.last_known_elr.value_or(Replicas{});
  partition.leader = record.leader;
  partition.recovering = record.leader_recovery_state == 1;
  partition.leader_epoch = record.leader_epoch;
  partition.partition_epoch = record.partition_epoch;
  return partition;
}

}  // namespace

bool contains(const Replicas& replicas, std::int32_t node) {
  return std::find(replicas.begin(), replicas.end(), node) != replicas.end();
}

NodeMask mask_of(const Replicas& replicas) {
  NodeMask mask = 0;
  for (const std::int32_t node : replicas) mask |= mask_of(NodeId{node});
  return mask;
}

PartitionRegistration PartitionRegistration::merge(const PartitionChangeRecord& change) const {
  PartitionRegistration next = *this;
  if (change.replicas) next.replicas = *change.replicas;
  if (change.isr) next.isr = *change.isr;
  if (change.removing_replicas) next.removing = *change.removing_replicas;
  if (change.adding_replicas) next.adding = *change.adding_replicas;
  if (change.eligible_leader_replicas) next.elr = *change.eligible_leader_replicas;
  if (change.last_known_elr) next.last_known_elr = *change.last_known_elr;
  if (change.leader != no_leader_change) {
    next.leader = change.leader;
    ++next.leader_epoch;
  }
  if (change.leader_recovery_state >= 0) next.recovering = change.leader_recovery_state == 1;
  ++next.partition_epoch;
  return next;
}

const TopicImage* MetadataImage::topic(std::string_view name) const {
  const auto at = std::lower_bound(topics_.begin(), topics_.end(), name,
                                   [](const TopicImage& t, std::string_view n) { return t.name < n; });
  return at != topics_.end() && at->name == name ? &*at : nullptr;
}

const TopicImage* MetadataImage::topic(const Uuid& id) const {
  const auto at = std::lower_bound(by_id_.begin(), by_id_.end(), id,
                                   [](const auto& entry, const Uuid& wanted) { return entry.first < wanted; });
  return at != by_id_.end() && at->first == id ? &topics_[at->second] : nullptr;
}

TopicImage* MetadataImage::find_topic(const Uuid& id) {
  return const_cast<TopicImage*>(std::as_const(*this).topic(id));
}

const PartitionRegistration* MetadataImage::partition(const TopicIdPartition& id) const {
  const TopicImage* image = topic(id.topic);
  if (image == nullptr || id.partition < 0 || static_cast<std::size_t>(id.partition) >= image->partitions.size())
    return nullptr;
  return &image->partitions[static_cast<std::size_t>(id.partition)];
}

const BrokerRegistration* MetadataImage::broker(NodeId id) const {
  const auto at =
      std::find_if(brokers_.begin(), brokers_.end(), [&](const BrokerRegistration& b) { return b.id == id; });
  return at == brokers_.end() ? nullptr : &*at;
}

BrokerRegistration* MetadataImage::find_broker(NodeId id) {
  return const_cast<BrokerRegistration*>(std::as_const(*this).broker(id));
}

bool MetadataImage::alive(NodeId id) const {
  const BrokerRegistration* registration = broker(id);
  return registration != nullptr && !registration->fenced;
}

bool MetadataImage::active(NodeId id) const {
  const BrokerRegistration* registration = broker(id);
  return registration != nullptr && registration->active();
}

BrokerConfig MetadataImage::config_of(NodeId broker) const {
  BrokerConfig config = config_;
  for (const auto& [node, settings] : broker_settings_) {
    if (node != broker) continue;
    for (const auto& [key, value] : settings) set_broker_config(config, key, value);
  }
  return config;
}

void MetadataImage::index_topics() {
  by_id_.clear();
  for (std::uint32_t i = 0; i < topics_.size(); ++i) by_id_.emplace_back(topics_[i].id, i);
  std::sort(by_id_.begin(), by_id_.end());
}

void MetadataImage::remove_topic(const Uuid& id, MetadataDelta& delta) {
  const auto at = std::find_if(topics_.begin(), topics_.end(), [&](const TopicImage& topic) { return topic.id == id; });
  if (at == topics_.end()) return;
  for (std::size_t i = 0; i < at->partitions.size(); ++i) note(delta.removed, {id, static_cast<std::int32_t>(i)});
  std::erase_if(delta.partitions, [&](const TopicIdPartition& changed) { return changed.topic == id; });
  topics_.erase(at);
  index_topics();
}

void MetadataImage::apply_config(const ConfigRecord& record, MetadataDelta& delta) {
  delta.configs = true;
  const auto put = [&](Settings& settings) {
    if (record.value) {
      settings[record.name] = *record.value;
    } else {
      settings.erase(record.name);
    }
  };
  if (record.resource_type == config_of_topic) {
    for (TopicImage& topic : topics_) {
      if (topic.name != record.resource_name) continue;
      put(topic.settings);
      topic.config = compose_topic_config(config_.topic, topic.settings);
    }
  } else if (record.resource_type == config_of_broker && record.resource_name.empty()) {
    if (record.value) set_broker_config(config_, record.name, *record.value);
    for (TopicImage& topic : topics_) topic.config = compose_topic_config(config_.topic, topic.settings);
  } else if (record.resource_type == config_of_broker) {
    const NodeId node{static_cast<std::int32_t>(std::atoi(record.resource_name.c_str()))};
    auto at = std::find_if(broker_settings_.begin(), broker_settings_.end(),
                           [&](const auto& entry) { return entry.first == node; });
    if (at == broker_settings_.end()) at = broker_settings_.insert(at, {node, Settings{}});
    put(at->second);
  }
}

void MetadataImage::apply(const MetadataRecord& record, MetadataDelta& delta) {
  if (const auto* r = std::get_if<PartitionChangeRecord>(&record)) {
    TopicImage* topic = find_topic(r->topic_id);
    if (topic == nullptr || static_cast<std::size_t>(r->partition_id) >= topic->partitions.size()) return;
    PartitionRegistration& partition = topic->partitions[static_cast<std::size_t>(r->partition_id)];
    partition = partition.merge(*r);
    note(delta.partitions, {r->topic_id, r->partition_id});
  } else if (const auto* r = std::get_if<BrokerRegistrationChangeRecord>(&record)) {
    BrokerRegistration* broker = find_broker(NodeId{r->broker_id});
    if (broker == nullptr || broker->epoch != r->broker_epoch) return;
    if (r->fenced != 0) broker->fenced = r->fenced > 0;
    if (r->in_controlled_shutdown != 0) broker->in_controlled_shutdown = r->in_controlled_shutdown > 0;
    delta.brokers = true;
  } else if (const auto* r = std::get_if<RegisterBrokerRecord>(&record)) {
    BrokerRegistration registration;
    registration.id = NodeId{r->broker_id};
    registration.incarnation = r->incarnation_id;
    registration.epoch = r->broker_epoch;
    registration.fenced = r->fenced;
    registration.in_controlled_shutdown = r->in_controlled_shutdown;
    if (!r->end_points.empty()) {
      registration.host = r->end_points[0].host;
      registration.port = r->end_points[0].port;
    }
    const auto at = std::lower_bound(brokers_.begin(), brokers_.end(), registration.id,
                                     [](const BrokerRegistration& b, NodeId id) { return b.id < id; });
    if (at != brokers_.end() && at->id == registration.id) {
      *at = registration;
    } else {
      brokers_.insert(at, registration);
    }
    delta.brokers = true;
  } else if (const auto* r = std::get_if<UnregisterBrokerRecord>(&record)) {
    std::erase_if(brokers_, [&](const BrokerRegistration& b) {
      return b.id == NodeId{r->broker_id} && b.epoch == r->broker_epoch;
    });
    delta.brokers = true;
  } else if (const auto* r = std::get_if<TopicRecord>(&record)) {
    TopicImage topic;
    topic.id = r->topic_id;
    topic.name = r->name;
    topic.config = config_.topic;
    const auto at = std::lower_bound(topics_.begin(), topics_.end(), r->name,
                                     [](const TopicImage& t, const std::string& n) { return t.name < n; });
    topics_.insert(at, std::move(topic));
    index_topics();
  } else if (const auto* r = std::get_if<PartitionRecord>(&record)) {
    TopicImage* topic = find_topic(r->topic_id);
    if (topic == nullptr || r->partition_id < 0) return;
    if (topic->partitions.size() <= static_cast<std::size_t>(r->partition_id))
      topic->partitions.resize(static_cast<std::size_t>(r->partition_id) + 1);
    topic->partitions[static_cast<std::size_t>(r->partition_id)] = from_record(*r);
    note(delta.partitions, {r->topic_id, r->partition_id});
  } else if (const auto* r = std::get_if<RemoveTopicRecord>(&record)) {
    remove_topic(r->topic_id, delta);
  } else if (const auto* r = std::get_if<ConfigRecord>(&record)) {
    apply_config(*r, delta);
  } else if (const auto* r = std::get_if<ProducerIdsRecord>(&record)) {
    next_producer_id_ = r->next_producer_id;
  } else if (const auto* r = std::get_if<FeatureLevelRecord>(&record)) {
    if (r->name == "transaction.version") transaction_version_ = r->feature_level;
  }
}

}  // namespace linger::broker

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "broker_model/config.h"
#include "broker_model/observation.h"
#include "protocol/ids.h"
#include "protocol/messages/metadata_records.h"

namespace linger::broker {

using Replicas = std::vector<std::int32_t>;

inline constexpr std::int32_t no_leader = -1;
inline constexpr std::int32_t no_leader_change = -2;

/// What the metadata log says of one partition (Kafka: PartitionRegistration).
struct PartitionRegistration {
  Replicas replicas;  ///< the first is the preferred leader
  Replicas isr;
  Replicas removing;
  Replicas adding;
  Replicas elr;             ///< eligible leader replicas (KIP-966)
  Replicas last_known_elr;  ///< the last known leader, while there is none
  std::int32_t leader = no_leader;
  bool recovering = false;  ///< elected uncleanly, not confirmed by the leader yet
  std::int32_t leader_epoch = 0;
  std::int32_t partition_epoch = 0;

  /// This with a change applied: a leader in the record, even the same one, is a new leader epoch; every change is a
  /// new partition epoch.
  PartitionRegistration merge(const PartitionChangeRecord& change) const;
  bool reassigning() const { return !removing.empty() || !adding.empty(); }
  friend bool operator==(const PartitionRegistration&, const PartitionRegistration&) = default;
};

struct BrokerRegistration {
  NodeId id;
  Uuid incarnation;
  std::int64_t epoch = -1;
  bool fenced = true;
  bool in_controlled_shutdown = false;
  std::string host;
  std::uint16_t port = 0;
  bool active() const { return !fenced && !in_controlled_shutdown; }
  friend bool operator==(const BrokerRegistration&, const BrokerRegistration&) = default;
};

struct TopicImage {
  Uuid id;
  std::string name;
  Settings settings;   ///< the topic's own
  TopicConfig config;  ///< with the defaults beneath
  std::vector<PartitionRegistration> partitions;
  friend bool operator==(const TopicImage&, const TopicImage&) = default;
};

/// A partition by the topic's id, which a topic that is deleted and created anew does not share.
struct TopicIdPartition {
  Uuid topic;
  std::int32_t partition = 0;
  friend constexpr auto operator<=>(const TopicIdPartition&, const TopicIdPartition&) = default;
};

using MetadataRecord = std::variant<RegisterBrokerRecord, UnregisterBrokerRecord, TopicRecord, PartitionRecord,
                                    PartitionChangeRecord, BrokerRegistrationChangeRecord, ProducerIdsRecord,
                                    RemoveTopicRecord, ConfigRecord, FeatureLevelRecord, NoOpRecord>;

/// What a run of records changed, for those who must act on it. Each thing once.
struct MetadataDelta {
  std::vector<TopicIdPartition> partitions;
  std::vector<TopicIdPartition> removed;
  bool brokers = false;
  bool configs = false;
};

/// All of the cluster's metadata at one offset of the metadata log (Kafka: MetadataImage and the controller's own
/// tables).
class MetadataImage {
 public:
  MetadataImage() = default;
  explicit MetadataImage(const BrokerConfig& config) : config_(config) {}

  /// Applies one record and notes in `delta` what changed.
  void apply(const MetadataRecord& record, MetadataDelta& delta);

  const TopicImage* topic(std::string_view name) const;
  const TopicImage* topic(const Uuid& id) const;
  const PartitionRegistration* partition(const TopicIdPartition& id) const;
  const BrokerRegistration* broker(NodeId id) const;
  /// Registered and not fenced.
  bool alive(NodeId id) const;
  /// Registered, not fenced, not shutting down.
  bool active(NodeId id) const;

  const std::vector<TopicImage>& topics() const { return topics_; }            ///< by name
  const std::vector<BrokerRegistration>& brokers() const { return brokers_; }  ///< by id
  std::int64_t next_producer_id() const { return next_producer_id_; }
  /// Level of the feature transaction.version: what the cluster was formatted with, or a later change.
  std::int16_t transaction_version() const {
    return transaction_version_.value_or(static_cast<std::int16_t>(config_.transaction_version));
  }
  /// What the cluster goes by: its file's settings and what was changed for all brokers since.
  const BrokerConfig& config() const { return config_; }
  /// The same for one broker.
  BrokerConfig config_of(NodeId broker) const;
  friend bool operator==(const MetadataImage&, const MetadataImage&) = default;

 private:
  TopicImage* find_topic(const Uuid& id);
  BrokerRegistration* find_broker(NodeId id);
  void index_topics();
  void apply_config(const ConfigRecord& record, MetadataDelta& delta);
  void remove_topic(const Uuid& id, MetadataDelta& delta);

  BrokerConfig config_;
  std::vector<BrokerRegistration> brokers_;
  std::vector<TopicImage> topics_;
  std::vector<std::pair<Uuid, std::uint32_t>> by_id_;  // topic id to place in topics_, by id
  std::vector<std::pair<NodeId, Settings>> broker_settings_;
  std::int64_t next_producer_id_ = 0;
  std::optional<std::int16_t> transaction_version_;
};

/// A value that many hold and few change: copies share it, `edit` makes an own one first. Single-threaded like
/// everything here.
template <class T>
class Shared {
 public:
  Shared() : value_(std::make_shared<T>()) {}
  explicit Shared(T value) : value_(std::make_shared<T>(std::move(value))) {}
  const T& operator*() const { return *value_; }
  const T* operator->() const { return value_.get(); }
  T& edit() {
    if (value_.use_count() > 1) value_ = std::make_shared<T>(*value_);
    return *value_;
  }
  friend bool operator==(const Shared& a, const Shared& b) { return a.value_ == b.value_ || *a.value_ == *b.value_; }

 private:
  std::shared_ptr<T> value_;
};

bool contains(const Replicas& replicas, std::int32_t node);
NodeMask mask_of(const Replicas& replicas);

}  // namespace linger::broker

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/ids.h"

namespace linger {

/// A broker as clients know it (Kafka: org.apache.kafka.common.Node).
struct Node {
  NodeId id = no_node;
  std::string host;
  std::int32_t port = -1;
  std::optional<std::string> rack;
  friend bool operator==(const Node&, const Node&) = default;
};

/// One partition as a metadata answer described it (Kafka: PartitionInfo and MetadataResponse.PartitionMetadata).
struct PartitionInfo {
  TopicPartition partition;
  std::optional<NodeId> leader;  ///< absent: nobody leads at the moment, or the leader is not among the known nodes
  std::optional<LeaderEpoch> leader_epoch;
  std::vector<NodeId> replicas;
  std::vector<NodeId> in_sync_replicas;
  std::vector<NodeId> offline_replicas;
};

/// What the client believes about the cluster at one moment: an immutable answer, replaced whole (Kafka:
/// MetadataSnapshot and Cluster). Orders that Java inherits from hashes are sorted here: topics by name, partitions by
/// number. Nodes keep the order in which they were given: Java shuffles them once per answer, and so does
/// ProducerMetadata, through Entropy.
class Cluster {
 public:
  Cluster() = default;
  /// A leader that is not among the nodes is taken as absent (MetadataResponse.toPartitionInfo).
  Cluster(std::string cluster_id, std::vector<Node> nodes, std::vector<PartitionInfo> partitions,
          std::map<std::string, Uuid> topic_ids, std::set<std::string> unauthorized_topics = {},
          std::set<std::string> invalid_topics = {}, std::set<std::string> internal_topics = {},
          std::optional<NodeId> controller = std::nullopt);

  const std::string& cluster_id() const { return cluster_id_; }
  const std::vector<Node>& nodes() const { return nodes_; }
  const Node* node_by_id(NodeId id) const;
  /// The leader's node, or null when there is none.
  const Node* leader_for(const TopicPartition& partition) const;
  const PartitionInfo* partition(const TopicPartition& partition) const;
  /// Empty when the topic is unknown. In order of partition number.
  const std::vector<PartitionInfo>& partitions_for_topic(std::string_view topic) const;
  /// Partitions that have a leader, in order of partition number. Empty when the topic is unknown.
  const std::vector<PartitionInfo>& available_partitions_for_topic(std::string_view topic) const;
  /// Partitions led by the node, sorted by (topic, partition).
  const std::vector<TopicPartition>& partitions_for_node(NodeId node) const;
  std::optional<std::size_t> partition_count_for_topic(std::string_view topic) const;
  std::optional<LeaderEpoch> leader_epoch_for(const TopicPartition& partition) const;
  Uuid topic_id(std::string_view topic) const;
  std::vector<std::string> topics() const;
  const std::map<std::string, Uuid>& topic_ids() const { return topic_ids_; }
  const std::set<std::string>& unauthorized_topics() const { return unauthorized_topics_; }
  const std::set<std::string>& invalid_topics() const { return invalid_topics_; }
  const std::set<std::string>& internal_topics() const { return internal_topics_; }
  std::optional<NodeId> controller() const { return controller_; }

 private:
  struct Topic {
    std::vector<PartitionInfo> partitions;  ///< by number
    std::vector<PartitionInfo> available;   ///< those with a leader, when some have none
    bool all_available = true;
  };

  std::string cluster_id_;
  std::vector<Node> nodes_;
  std::vector<std::pair<NodeId, std::size_t>> node_index_;  ///< sorted by id; where the node stands in nodes_
  std::map<std::string, Topic, std::less<>> by_topic_;
  std::map<NodeId, std::vector<TopicPartition>> by_node_;
  std::map<std::string, Uuid> topic_ids_;
  std::set<std::string> unauthorized_topics_;
  std::set<std::string> invalid_topics_;
  std::set<std::string> internal_topics_;
  std::optional<NodeId> controller_;
};

}  // namespace linger

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "producer/clients/cluster.h"
#include "producer/entropy.h"
#include "producer/producer_config.h"
#include "protocol/error_code.h"
#include "protocol/ids.h"

namespace linger {

/// One partition exactly as an answer named it: the leader may be a node that nobody described (Kafka:
/// MetadataResponse.PartitionMetadata).
struct PartitionMetadata {
  TopicPartition partition;
  ErrorCode error = ErrorCode::none;
  std::optional<NodeId> leader;
  std::optional<LeaderEpoch> leader_epoch;
  std::vector<NodeId> replicas;
  std::vector<NodeId> in_sync_replicas;
  std::vector<NodeId> offline_replicas;
};

/// Everything that one or several merged answers said, and the Cluster that is seen through it (Kafka:
/// MetadataSnapshot). Never changed after it was made.
struct MetadataSnapshot {
  std::string cluster_id;
  std::map<NodeId, Node> nodes;
  std::map<TopicPartition, PartitionMetadata> partitions;
  std::set<std::string> unauthorized_topics;
  std::set<std::string> invalid_topics;
  std::set<std::string> internal_topics;
  std::optional<NodeId> controller;
  std::map<std::string, Uuid> topic_ids;
  std::map<Uuid, std::string> topic_names;
  Cluster cluster;

  const PartitionMetadata* partition(const TopicPartition& partition) const;
};

/// Builds topic_names and cluster from the other fields. The nodes are listed in an order drawn anew (Java:
/// Collections.shuffle in Cluster's constructor), which decides ties of leastLoadedNode.
MetadataSnapshot finish_snapshot(MetadataSnapshot parts, Entropy& entropy);

/// Nodes -1, -2, … for the addresses of bootstrap.servers, nothing else.
MetadataSnapshot bootstrap_snapshot(const std::vector<HostAndPort>& addresses, Entropy& entropy);

/// `newer` laid over `older`: what it names wins; of the rest, what `retained(topic)` says is kept. Only nodes,
/// controller and cluster id are taken from newer alone (Java: MetadataSnapshot.mergeWith). Requires: newer.topic_ids
/// names only topics of its answer.
template <class Retained>
MetadataSnapshot merge_snapshots(const MetadataSnapshot& older, MetadataSnapshot newer, Retained retained,
                                 Entropy& entropy) {
  std::map<std::string, Uuid> ids;
  for (const auto& [topic, id] : older.topic_ids) {
    if (retained(topic)) ids.emplace(topic, id);
  }
  for (const auto& [partition, metadata] : newer.partitions) {
    const auto id = newer.topic_ids.find(partition.topic);
    if (id == newer.topic_ids.end()) {
      ids.erase(partition.topic);
    } else {
      ids[partition.topic] = id->second;
    }
  }
  newer.topic_ids = std::move(ids);
  for (const auto& [partition, metadata] : older.partitions) {
    if (retained(partition.topic)) newer.partitions.emplace(partition, metadata);
  }
  const auto fill = [&retained](std::set<std::string>& base, const std::set<std::string>& more) {
    for (const std::string& topic : more) {
      if (retained(topic)) base.insert(topic);
    }
  };
  fill(newer.unauthorized_topics, older.unauthorized_topics);
  fill(newer.invalid_topics, older.invalid_topics);
  fill(newer.internal_topics, older.internal_topics);
  return finish_snapshot(std::move(newer), entropy);
}

}  // namespace linger

#include "producer/clients/metadata_snapshot.h"

namespace linger {

const PartitionMetadata* MetadataSnapshot::partition(const TopicPartition& partition) const {
  const auto found = partitions.find(partition);
  return found == partitions.end() ? nullptr : &found->second;
}

MetadataSnapshot finish_snapshot(MetadataSnapshot parts, Entropy& entropy) {
  std::vector<Node> nodes;
  nodes.reserve(parts.nodes.size());
  for (const auto& [id, node] : parts.nodes) nodes.push_back(node);
  for (std::size_t left = nodes.size(); left > 1; --left) {
    const std::size_t pick = static_cast<std::size_t>(entropy.draw(DrawUse::bootstrap_order) % left);
    std::swap(nodes[left - 1], nodes[pick]);
  }

  std::vector<PartitionInfo> infos;
  infos.reserve(parts.partitions.size());
  for (const auto& [partition, metadata] : parts.partitions) {
    infos.push_back(PartitionInfo{partition, metadata.leader, metadata.leader_epoch, metadata.replicas,
                                  metadata.in_sync_replicas, metadata.offline_replicas});
  }

  std::optional<NodeId> controller = parts.controller;
  if (controller && !parts.nodes.contains(*controller)) controller.reset();
  parts.topic_names.clear();
  for (const auto& [topic, id] : parts.topic_ids) parts.topic_names.emplace(id, topic);
  parts.cluster = Cluster(parts.cluster_id, std::move(nodes), std::move(infos), parts.topic_ids,
                          parts.unauthorized_topics, parts.invalid_topics, parts.internal_topics, controller);
  return parts;
}

MetadataSnapshot bootstrap_snapshot(const std::vector<HostAndPort>& addresses, Entropy& entropy) {
  MetadataSnapshot snapshot;
  std::int32_t id = -1;
  for (const HostAndPort& address : addresses) {
    snapshot.nodes.emplace(NodeId{id}, Node{NodeId{id}, address.host, address.port, std::nullopt});
    --id;
  }
  return finish_snapshot(std::move(snapshot), entropy);
}

}  // namespace linger

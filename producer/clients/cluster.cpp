#include "producer/clients/cluster.h"

#include <algorithm>
#include <iterator>

namespace linger {

namespace {

const std::vector<PartitionInfo> no_partitions;
const std::vector<TopicPartition> no_topic_partitions;

}  // namespace

Cluster::Cluster(std::string cluster_id, std::vector<Node> nodes, std::vector<PartitionInfo> partitions,
                 std::map<std::string, Uuid> topic_ids, std::set<std::string> unauthorized_topics,
                 std::set<std::string> invalid_topics, std::set<std::string> internal_topics,
                 std::optional<NodeId> controller)
    : cluster_id_(std::move(cluster_id)),
      nodes_(std::move(nodes)),
      topic_ids_(std::move(topic_ids)),
      unauthorized_topics_(std::move(unauthorized_topics)),
      invalid_topics_(std::move(invalid_topics)),
      internal_topics_(std::move(internal_topics)),
      controller_(controller) {
  node_index_.reserve(nodes_.size());
  for (std::size_t i = 0; i < nodes_.size(); ++i) node_index_.emplace_back(nodes_[i].id, i);
  std::sort(node_index_.begin(), node_index_.end());

  std::sort(partitions.begin(), partitions.end(),
            [](const PartitionInfo& a, const PartitionInfo& b) { return a.partition < b.partition; });
  for (PartitionInfo& info : partitions) {
    if (info.leader && node_by_id(*info.leader) == nullptr) info.leader.reset();
    if (info.leader) by_node_[*info.leader].push_back(info.partition);
    Topic& topic = by_topic_[info.partition.topic];
    if (!info.leader) topic.all_available = false;
    topic.partitions.push_back(std::move(info));
  }
  for (auto& [name, topic] : by_topic_) {
    if (topic.all_available) continue;
    std::copy_if(topic.partitions.begin(), topic.partitions.end(), std::back_inserter(topic.available),
                 [](const PartitionInfo& info) { return info.leader.has_value(); });
  }
}

const Node* Cluster::node_by_id(NodeId id) const {
  const auto found = std::lower_bound(node_index_.begin(), node_index_.end(), id,
                                      [](const auto& entry, NodeId wanted) { return entry.first < wanted; });
  return found != node_index_.end() && found->first == id ? &nodes_[found->second] : nullptr;
}

const Node* Cluster::leader_for(const TopicPartition& partition) const {
  const PartitionInfo* info = this->partition(partition);
  return info != nullptr && info->leader ? node_by_id(*info->leader) : nullptr;
}

const PartitionInfo* Cluster::partition(const TopicPartition& partition) const {
  const std::vector<PartitionInfo>& all = partitions_for_topic(partition.topic);
  const auto number = static_cast<std::size_t>(partition.partition);
  if (partition.partition >= 0 && number < all.size() && all[number].partition.partition == partition.partition) {
    return &all[number];
  }
  const auto found = std::lower_bound(
      all.begin(), all.end(), partition.partition,
      [](const PartitionInfo& info, std::int32_t wanted) { return info.partition.partition < wanted; });
  return found != all.end() && found->partition.partition == partition.partition ? &*found : nullptr;
}

const std::vector<PartitionInfo>& Cluster::partitions_for_topic(std::string_view topic) const {
  const auto found = by_topic_.find(topic);
  return found == by_topic_.end() ? no_partitions : found->second.partitions;
}

const std::vector<PartitionInfo>& Cluster::available_partitions_for_topic(std::string_view topic) const {
  const auto found = by_topic_.find(topic);
  if (found == by_topic_.end()) return no_partitions;
  return found->second.all_available ? found->second.partitions : found->second.available;
}

const std::vector<TopicPartition>& Cluster::partitions_for_node(NodeId node) const {
  const auto found = by_node_.find(node);
  return found == by_node_.end() ? no_topic_partitions : found->second;
}

std::optional<std::size_t> Cluster::partition_count_for_topic(std::string_view topic) const {
  const auto found = by_topic_.find(topic);
  if (found == by_topic_.end()) return std::nullopt;
  return found->second.partitions.size();
}

std::optional<LeaderEpoch> Cluster::leader_epoch_for(const TopicPartition& partition) const {
  const PartitionInfo* info = this->partition(partition);
  return info == nullptr ? std::nullopt : info->leader_epoch;
}

Uuid Cluster::topic_id(std::string_view topic) const {
  const auto found = topic_ids_.find(std::string(topic));
  return found == topic_ids_.end() ? Uuid{} : found->second;
}

std::vector<std::string> Cluster::topics() const {
  std::vector<std::string> names;
  names.reserve(by_topic_.size());
  for (const auto& [name, topic] : by_topic_) names.push_back(name);
  return names;
}

}  // namespace linger

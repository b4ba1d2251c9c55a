#include "broker_model/transaction_marker_channel.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace linger::broker {
namespace {

enum class LeaderIs : std::uint8_t { known, absent, no_such_partition };

/// Kafka: MetadataCache.getPartitionLeaderEndpoint. A fenced leader is still one.
LeaderIs find_leader(const MetadataImage& image, const TopicPartition& partition, NodeId& leader) {
  const TopicImage* topic = image.topic(partition.topic);
  if (topic == nullptr || partition.partition < 0 ||
      static_cast<std::size_t>(partition.partition) >= topic->partitions.size())
    return LeaderIs::no_such_partition;
  leader = NodeId{topic->partitions[static_cast<std::size_t>(partition.partition)].leader};
  return image.broker(leader) == nullptr ? LeaderIs::absent : LeaderIs::known;
}

enum class Fate : std::uint8_t { written, again, given_up, broken };

Fate fate_of(ErrorCode error) {
  switch (error) {
    case ErrorCode::none:
    case ErrorCode::unsupported_for_message_format:
    case ErrorCode::unsupported_version:
      return Fate::written;
    case ErrorCode::unknown_topic_or_partition:
    case ErrorCode::not_leader_or_follower:
    case ErrorCode::not_enough_replicas:
    case ErrorCode::not_enough_replicas_after_append:
    case ErrorCode::request_timed_out:
    case ErrorCode::kafka_storage_error:
      return Fate::again;
    case ErrorCode::invalid_producer_epoch:
    case ErrorCode::transaction_coordinator_fenced:
      return Fate::given_up;
    default:
      return Fate::broken;
  }
}

ErrorCode error_for(const WriteTxnMarkersResponse& response, ProducerId producer, const TopicPartition& partition) {
  for (const auto& marker : response.markers) {
    if (marker.producer_id != producer.value()) continue;
    for (const auto& topic : marker.topics) {
      if (topic.name != partition.topic) continue;
      for (const auto& result : topic.partitions) {
        if (result.partition_index == partition.partition) return error_from_wire(result.error_code);
      }
    }
  }
  return ErrorCode::unknown_server_error;
}

}  // namespace

MarkerChannel& TransactionMarkers::channel_to(NodeId node) {
  const auto at = std::lower_bound(channels_.begin(), channels_.end(), node,
                                   [](const MarkerChannel& c, NodeId wanted) { return c.channel.to < wanted; });
  if (at != channels_.end() && at->channel.to == node) return *at;
  MarkerChannel fresh;
  fresh.channel.to = node;
  return *channels_.insert(at, std::move(fresh));
}

void TransactionMarkers::maybe_complete(const std::string& transactional_id, TransactionCoordinator& coordinator,
                                        Completions& completions) {
  const auto at = std::find_if(pending_.begin(), pending_.end(),
                               [&](const Pending& p) { return p.transactional_id == transactional_id; });
  if (at == pending_.end()) return;
  const TransactionMetadata* metadata = coordinator.find(transactional_id, at->log_partition, at->coordinator_epoch);
  if (metadata != nullptr && !metadata->partitions.empty()) return;
  if (metadata != nullptr) {
    TransactionAppend append;
    append.purpose = TransactionAppend::Purpose::complete;
    append.transactional_id = transactional_id;
    append.partition = at->log_partition;
    append.coordinator_epoch = at->coordinator_epoch;
    append.next = std::move(at->complete);
    completions.push_back(std::move(append));
  }
  pending_.erase(at);
}

void TransactionMarkers::route(MarkerEntry entry, TransactionCoordinator& coordinator, const MetadataImage& image,
                               Completions& completions) {
  const PartitionSet partitions = std::exchange(entry.partitions, {});
  const auto put = [&](std::vector<MarkerEntry>& queue, std::size_t from, const TopicPartition& partition) {
    if (queue.size() == from) queue.push_back(entry);
    queue.back().partitions.push_back(partition);
  };
  const std::size_t leaderless = leaderless_.size();
  std::vector<std::pair<NodeId, std::size_t>> lengths;
  for (const TopicPartition& partition : partitions) {
    NodeId leader = no_node;
    switch (find_leader(image, partition, leader)) {
      case LeaderIs::known: {
        std::vector<MarkerEntry>& queue = channel_to(leader).queue;
        auto known = std::find_if(lengths.begin(), lengths.end(), [&](const auto& l) { return l.first == leader; });
        if (known == lengths.end()) known = lengths.insert(known, {leader, queue.size()});
        put(queue, known->second, partition);
        break;
      }
      case LeaderIs::absent:
        put(leaderless_, leaderless, partition);
        break;
      case LeaderIs::no_such_partition:
        // Deleted meanwhile: there is nothing left to decide.
        if (TransactionMetadata* metadata =
                coordinator.find(entry.transactional_id, entry.log_partition, entry.coordinator_epoch)) {
          metadata->remove_partition(partition);
          maybe_complete(entry.transactional_id, coordinator, completions);
        } else {
          give_up(entry);
        }
        break;
    }
  }
}

TransactionMarkers::Completions TransactionMarkers::add(const MarkersToWrite& verdict,
                                                        TransactionCoordinator& coordinator,
                                                        const MetadataImage& image) {
  std::erase_if(pending_, [&](const Pending& p) { return p.transactional_id == verdict.transactional_id; });
  const auto at = std::lower_bound(pending_.begin(), pending_.end(), verdict.transactional_id,
                                   [](const Pending& p, const std::string& id) { return p.transactional_id < id; });
  pending_.insert(at, {verdict.transactional_id, verdict.partition, verdict.coordinator_epoch, verdict.complete});
  Completions completions;
  route({verdict.transactional_id, verdict.partition, verdict.coordinator_epoch, verdict.producer, verdict.commit,
         verdict.transaction_version, verdict.partitions},
        coordinator, image, completions);
  maybe_complete(verdict.transactional_id, coordinator, completions);
  return completions;
}

void TransactionMarkers::give_up(const MarkerEntry& entry) {
  std::erase_if(pending_, [&](const Pending& p) {
    return p.transactional_id == entry.transactional_id && p.coordinator_epoch == entry.coordinator_epoch;
  });
}

void TransactionMarkers::forget(std::int32_t log_partition) {
  const auto of_part = [&](const MarkerEntry& entry) { return entry.log_partition == log_partition; };
  std::erase_if(leaderless_, of_part);
  for (MarkerChannel& channel : channels_) std::erase_if(channel.queue, of_part);
  std::erase_if(pending_, [&](const Pending& p) { return p.log_partition == log_partition; });
}

void TransactionMarkers::forget_all() {
  pending_.clear();
  channels_.clear();
  leaderless_.clear();
}

TransactionMarkers::Completions TransactionMarkers::find_leaders(TransactionCoordinator& coordinator,
                                                                 const MetadataImage& image) {
  Completions completions;
  for (MarkerEntry& entry : std::exchange(leaderless_, {})) route(std::move(entry), coordinator, image, completions);
  return completions;
}

WriteTxnMarkersRequest TransactionMarkers::next_request(MarkerChannel& to) {
  assert(!to.queue.empty() && to.in_flight.empty());
  to.in_flight.swap(to.queue);
  WriteTxnMarkersRequest request;
  for (const MarkerEntry& entry : to.in_flight) {
    auto& marker = request.markers.emplace_back();
    marker.producer_id = entry.producer.id.value();
    marker.producer_epoch = entry.producer.epoch.value();
    marker.transaction_result = entry.commit;
    marker.coordinator_epoch = entry.coordinator_epoch;
    marker.transaction_version = static_cast<std::int8_t>(entry.transaction_version);
    for (const TopicPartition& partition : entry.partitions) {
      if (marker.topics.empty() || marker.topics.back().name != partition.topic)
        marker.topics.push_back({partition.topic, {}});
      marker.topics.back().partition_indexes.push_back(partition.partition);
    }
  }
  return request;
}

TransactionMarkers::Answered TransactionMarkers::answered(MarkerChannel& from, const WriteTxnMarkersResponse& response,
                                                          TransactionCoordinator& coordinator,
                                                          const MetadataImage& image) {
  Answered result;
  for (MarkerEntry& entry : std::exchange(from.in_flight, {})) {
    TransactionMetadata* metadata =
        coordinator.find(entry.transactional_id, entry.log_partition, entry.coordinator_epoch);
    if (metadata == nullptr) {
      give_up(entry);
      continue;
    }
    PartitionSet again;
    bool given_up = false;
    for (const TopicPartition& partition : entry.partitions) {
      switch (fate_of(error_for(response, entry.producer.id, partition))) {
        case Fate::written:
          metadata->remove_partition(partition);
          break;
        case Fate::again:
          again.push_back(partition);
          break;
        case Fate::given_up:
          // Another coordinator or another producer decides here now.
          given_up = true;
          break;
        case Fate::broken:
          result.broken = true;
          break;
      }
    }
    if (given_up) {
      give_up(entry);
    } else if (again.empty()) {
      maybe_complete(entry.transactional_id, coordinator, result.completions);
    } else {
      result.again = true;
      entry.partitions = std::move(again);
      // `from` may move while channels are added: it is not used any more.
      route(std::move(entry), coordinator, image, result.completions);
    }
  }
  return result;
}

TransactionMarkers::Completions TransactionMarkers::failed(MarkerChannel& from, TransactionCoordinator& coordinator,
                                                           const MetadataImage& image) {
  std::vector<MarkerEntry> entries = std::exchange(from.in_flight, {});
  for (MarkerEntry& waiting : std::exchange(from.queue, {})) entries.push_back(std::move(waiting));
  Completions completions;
  for (MarkerEntry& entry : entries) {
    if (coordinator.find(entry.transactional_id, entry.log_partition, entry.coordinator_epoch) == nullptr) {
      give_up(entry);
    } else {
      route(std::move(entry), coordinator, image, completions);
    }
  }
  return completions;
}

}  // namespace linger::broker

#include <algorithm>
#include <cassert>

#include "producer/record_accumulator.h"

namespace linger {

bool RecordAccumulator::should_backoff(const ProducerBatch& batch, std::int64_t waited_ms, Entropy& entropy) const {
  const bool wait_more = batch.attempts() > 0 && retry_backoff_.is_longer_than(waited_ms, batch.attempts() - 1, entropy,
                                                                               DrawUse::retry_backoff);
  return !batch.has_leader_changed_for_the_ongoing_retry() && wait_more;
}

RecordAccumulator::ReadyCheckResult RecordAccumulator::ready(const Cluster& cluster, std::int64_t now_ms,
                                                             TransactionManager* transactions, Entropy& entropy) {
  ReadyCheckResult result;
  const bool completing = transactions != nullptr && transactions->is_completing();
  for (const auto& [name, number] : numbers_) {
    if (topics_[number].live) {
      partition_ready(topics_[number], cluster, now_ms, completing, result, entropy);
    }
  }
  order_as_hash_set(result.ready_nodes, cluster);
  return result;
}

void RecordAccumulator::partition_ready(TopicInfo& topic, const Cluster& cluster, std::int64_t now_ms, bool completing,
                                        ReadyCheckResult& result, Entropy& entropy) {
  std::optional<std::vector<std::int32_t>> queue_sizes;
  std::vector<std::int32_t> partition_ids;
  // Weights need a queue for every partition: one without would never be chosen.
  if (config_.adaptive_partitioning && topic.queues.size() >= cluster.partitions_for_topic(topic.name).size()) {
    queue_sizes.emplace(topic.queues.size());
    partition_ids.resize(topic.queues.size());
  }
  std::size_t listed = 0;
  const bool exhausted = pool_.queued() > 0;
  for (const HashMapOrder::Entry& entry : topic.order.entries()) {
    const PartitionQueue& queue = topic.queues[entry.value];
    const PartitionInfo* info = cluster.partition(queue.partition);
    const Node* leader = info != nullptr && info->leader ? cluster.node_by_id(*info->leader) : nullptr;
    if (leader != nullptr && queue_sizes) {
      partition_ids[listed++] = queue.partition.partition;
    }
    if (queue.batches.empty()) {
      continue;
    }
    ProducerBatch& batch = batches_[queue.batches.front()];
    const std::int64_t waited_ms = batch.waited_time_ms(now_ms);
    batch.maybe_update_leader_epoch(info != nullptr ? info->leader_epoch : std::nullopt);
    const bool backing_off = should_backoff(batch, waited_ms, entropy);
    const bool full = queue.batches.size() > 1 || batch.is_full();
    if (leader == nullptr) {
      result.unknown_leader_topics.insert(topic.name);
      continue;
    }
    if (queue_sizes) {
      (*queue_sizes)[listed - 1] = static_cast<std::int32_t>(queue.batches.size());
    }
    if (config_.partition_availability_timeout_ms > 0) {
      const NodeLatencyStats* stats = node_latency_stats(leader->id);
      if (stats != nullptr && stats->ready_time_ms - stats->drain_time_ms > config_.partition_availability_timeout_ms) {
        // Java takes the entry back even where it lists none, and would then fail on an index below 0; its array exists
        // whenever this matters.
        listed -= listed > 0 ? 1U : 0U;
      }
    }
    std::vector<NodeId>& nodes = result.ready_nodes;
    if (std::find(nodes.begin(), nodes.end(), leader->id) != nodes.end() || is_muted(queue.partition)) {
      continue;
    }
    const std::int64_t time_to_wait_ms =
        backing_off
            ? retry_backoff_.backoff(batch.attempts() > 0 ? batch.attempts() - 1 : 0, entropy, DrawUse::retry_backoff)
            : config_.linger_ms;
    const bool sendable =
        full || waited_ms >= time_to_wait_ms || exhausted || closed_ || flush_in_progress() || completing;
    if (sendable && !backing_off) {
      nodes.push_back(leader->id);
    } else {
      const std::int64_t left_ms = std::max<std::int64_t>(time_to_wait_ms - waited_ms, 0);
      result.next_ready_check_delay_ms = std::min(left_ms, result.next_ready_check_delay_ms);
    }
  }
  topic.partitioner.update_partition_load_stats(std::move(queue_sizes), std::move(partition_ids), listed);
}

namespace {
/// ProducerStateEntry.NUM_BATCHES_TO_RETAIN.
constexpr std::uint32_t batches_that_brokers_remember = 5;
}  // namespace

bool RecordAccumulator::should_stop_drain_batches_for_partition(const ProducerBatch& first,
                                                                TransactionManager* transactions) {
  if (transactions == nullptr) {
    return false;
  }
  const TopicPartition& partition = first.topic_partition();
  if (!transactions->is_send_to_partition_allowed(partition) || !transactions->producer_id_and_epoch().valid()) {
    return true;
  }
  if (!first.has_sequence()) {
    // A batch with a new epoch and sequence 0 must not overtake those with the old identity.
    if (transactions->has_inflight_batches(partition) && transactions->has_stale_producer_id_and_epoch(partition)) {
      return true;
    }
    if (transactions->has_unresolved_sequence(partition) || transactions->is_awaiting_epoch_bump(partition)) {
      return true;
    }
    if (config_.behaviour.inflight_limit && transactions->batches_since_oldest_inflight(partition) >= batches_that_brokers_remember) {
      return true;
    }
  }
  // While batches are retried, one at a time goes out, in order.
  const std::int32_t first_in_flight = transactions->first_in_flight_sequence(partition, batches_);
  return first_in_flight != no_sequence && first.has_sequence() && first.base_sequence() != first_in_flight;
}

CloseReason RecordAccumulator::close_reason(const PartitionQueue& queue, const ProducerBatch& first,
                                            std::int64_t now_ms) const {
  if (first.attempts() > 0) {
    return CloseReason::retry;
  }
  if (queue.batches.size() > 1 || first.is_full()) {
    return CloseReason::full;
  }
  if (first.waited_time_ms(now_ms) >= config_.linger_ms) {
    return CloseReason::linger;
  }
  if (pool_.queued() > 0) {
    return CloseReason::memory;
  }
  if (closed_) {
    return CloseReason::close;
  }
  return flush_in_progress() ? CloseReason::flush : CloseReason::none;
}

void RecordAccumulator::close_batch(ProducerBatch& batch) {
  batch.close(pool_.bytes(batch.buffer()));
  topics_[batch.topic()].compression_ratio.update_estimation(batch.compression_ratio());
}

RecordAccumulator::DrainedBatches RecordAccumulator::drain(const Cluster& cluster, const std::vector<NodeId>& nodes,
                                                           std::int32_t max_size, std::int64_t now_ms,
                                                           TransactionManager* transactions, Entropy& entropy) {
  DrainedBatches drained;
  drained.reserve(nodes.size());
  for (const NodeId node : nodes) {
    drained.emplace_back(node, drain_batches_for_one_node(cluster, node, max_size, now_ms, transactions, entropy));
  }
  std::sort(drained.begin(), drained.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return drained;
}

std::vector<BatchId> RecordAccumulator::drain_batches_for_one_node(const Cluster& cluster, NodeId node,
                                                                   std::int32_t max_size, std::int64_t now_ms,
                                                                   TransactionManager* transactions, Entropy& entropy) {
  std::vector<BatchId> ready;
  const std::vector<TopicPartition>& partitions = cluster.partitions_for_node(node);
  if (partitions.empty()) {
    return ready;
  }
  std::size_t& remembered = drain_index_[node];
  std::size_t index = remembered % partitions.size();
  const std::size_t start = index;
  std::int64_t size = 0;
  do {
    const TopicPartition& partition = partitions[index];
    remembered = index;
    index = (index + 1) % partitions.size();
    if (is_muted(partition)) {
      continue;
    }
    PartitionQueue* queue = find_queue(partition);
    if (queue == nullptr || queue->batches.empty()) {
      continue;
    }
    const BatchId id = queue->batches.front();
    ProducerBatch& batch = batches_[id];
    batch.maybe_update_leader_epoch(cluster.leader_epoch_for(partition));
    if (should_backoff(batch, batch.waited_time_ms(now_ms), entropy)) {
      continue;
    }
    // A single batch may be larger than a request because compression was guessed wrongly; it still goes, alone.
    if (size + batch.estimated_size_in_bytes() > max_size && !ready.empty()) {
      break;
    }
    if (should_stop_drain_batches_for_partition(batch, transactions)) {
      break;
    }
    const CloseReason reason = close_reason(*queue, batch, now_ms);
    queue->batches.erase(queue->batches.begin());
    batches_.release(id);
    if (transactions != nullptr && !batch.has_sequence()) {
      transactions->maybe_update_producer_id_and_epoch(partition, batches_);
      // From here on the identity stays: a retry with another one could be appended beside the first attempt.
      batch.set_producer_state(transactions->producer_id_and_epoch(), transactions->sequence_number(partition),
                               transactions->is_transactional());
      transactions->increment_sequence_number(partition, batch.record_count());
      transactions->add_in_flight_batch(batches_, id);
    }
    close_batch(batch);
    size += batch.estimated_size_in_bytes();
    ready.push_back(id);
    batch.drained(now_ms);
    if (observations_.watched()) {
      ProducerObservation seen = batch.observe(ProducerEvent::batch_closed);
      seen.reason = reason;
      seen.amount = batch.estimated_size_in_bytes();
      observations_.add(seen);
      seen.event = ProducerEvent::batch_drained;
      observations_.add(seen);
    }
  } while (start != index);
  return ready;
}

void RecordAccumulator::maybe_update_next_batch_expiry_time(const ProducerBatch& batch) {
  const std::int64_t expiry_ms = batch.created_ms() + config_.delivery_timeout_ms;
  if (expiry_ms > 0) {
    next_batch_expiry_ms_ = std::min(next_batch_expiry_ms_, expiry_ms);
  }
}

std::vector<BatchId> RecordAccumulator::expired_batches(std::int64_t now_ms) {
  std::vector<BatchId> expired;
  for (const auto& [name, number] : numbers_) {
    if (!topics_[number].live) {
      continue;
    }
    for (const HashMapOrder::Entry& entry : topics_[number].order.entries()) {
      PartitionQueue& queue = topics_[number].queues[entry.value];
      std::size_t gone = 0;
      for (; gone < queue.batches.size(); ++gone) {
        const BatchId id = queue.batches[gone];
        ProducerBatch& batch = batches_[id];
        if (!batch.has_reached_delivery_timeout(config_.delivery_timeout_ms, now_ms)) {
          maybe_update_next_batch_expiry_time(batch);
          break;
        }
        batch.abort_record_appends();
        expired.push_back(id);
        batches_.release(id);
      }
      queue.batches.erase(queue.batches.begin(), queue.batches.begin() + static_cast<std::ptrdiff_t>(gone));
    }
  }
  return expired;
}

bool RecordAccumulator::has_undrained() const {
  return std::any_of(topics_.begin(), topics_.end(), [](const TopicInfo& topic) {
    return topic.live && std::any_of(topic.queues.begin(), topic.queues.end(),
                                     [](const PartitionQueue& queue) { return !queue.batches.empty(); });
  });
}

void RecordAccumulator::mute_partition(const TopicPartition& partition) {
  muted_.insert(partition);
  ProducerObservation seen;
  seen.event = ProducerEvent::partition_muted;
  seen.partition = partition.partition;
  observations_.add(seen);
}

void RecordAccumulator::unmute_partition(const TopicPartition& partition) {
  muted_.erase(partition);
  ProducerObservation seen;
  seen.event = ProducerEvent::partition_unmuted;
  seen.partition = partition.partition;
  observations_.add(seen);
}

void RecordAccumulator::update_node_latency_stats(NodeId node, std::int64_t now_ms, bool can_drain) {
  if (config_.partition_availability_timeout_ms <= 0) {
    return;
  }
  NodeLatencyStats& stats = node_stats_.try_emplace(node, NodeLatencyStats{now_ms, now_ms}).first->second;
  if (can_drain) {
    stats.drain_time_ms = now_ms;
  }
  stats.ready_time_ms = now_ms;
}

const RecordAccumulator::NodeLatencyStats* RecordAccumulator::node_latency_stats(NodeId node) const {
  const auto found = node_stats_.find(node);
  return found == node_stats_.end() ? nullptr : &found->second;
}

}  // namespace linger

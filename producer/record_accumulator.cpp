#include "producer/record_accumulator.h"

#include <algorithm>
#include <cassert>

#include "producer/failure.h"

namespace linger {

RecordAccumulator::RecordAccumulator(const Config& config)
    : config_(config),
      pool_(config.buffer_memory, config.batch_size),
      retry_backoff_(config.retry_backoff_ms, 2, config.retry_backoff_max_ms, config.retry_backoff_jitter) {
  pool_.never_reuse_unpooled(!config.behaviour.release_buffer_on_expiry);
  if (config.metrics) pool_.take_metrics(*config.metrics);
}

void RecordAccumulator::list_metrics(MetricList& out) {
  const auto group = producer_metrics_group;
  out.add(group, "buffer-available-bytes", static_cast<double>(pool_.available_memory()));
  out.add(group, "buffer-total-bytes", static_cast<double>(pool_.total_memory()));
  out.add(group, "waiting-threads", static_cast<double>(pool_.queued()));
  if (BufferPoolMetrics* metrics = pool_.metrics()) metrics->list(out);
}

std::optional<std::uint32_t> RecordAccumulator::find_topic(std::string_view topic) const {
  if (last_topic_ < topics_.size() && topics_[last_topic_].name == topic) {
    return last_topic_;
  }
  const auto found = numbers_.find(topic);
  return found == numbers_.end() ? std::nullopt : std::optional(found->second);
}

std::uint32_t RecordAccumulator::topic_number(std::string_view topic) {
  if (const std::optional<std::uint32_t> known = find_topic(topic)) {
    last_topic_ = *known;
    return *known;
  }
  last_topic_ = static_cast<std::uint32_t>(topics_.size());
  topics_.push_back(
      TopicInfo{std::string(topic), BuiltInPartitioner(std::string(topic), config_.batch_size), {}, {}, {}, {}, false});
  numbers_.emplace(std::string(topic), last_topic_);
  return last_topic_;
}

RecordAccumulator::TopicInfo& RecordAccumulator::live_topic(std::uint32_t number) {
  topics_[number].live = true;
  return topics_[number];
}

RecordAccumulator::PartitionQueue& RecordAccumulator::queue_of(TopicInfo& topic, std::int32_t partition) {
  const auto guess = static_cast<std::size_t>(partition);
  if (guess < topic.by_partition.size() && topic.by_partition[guess].first == partition) {
    return topic.queues[topic.by_partition[guess].second];
  }
  const auto at = std::lower_bound(topic.by_partition.begin(), topic.by_partition.end(), std::pair{partition, 0U});
  if (at != topic.by_partition.end() && at->first == partition) {
    return topic.queues[at->second];
  }
  const auto place = static_cast<std::uint32_t>(topic.queues.size());
  topic.by_partition.insert(at, std::pair{partition, place});
  topic.order.add(partition, place);
  topic.queues.push_back(PartitionQueue{TopicPartition{topic.name, partition}, {}});
  return topic.queues.back();
}

RecordAccumulator::PartitionQueue* RecordAccumulator::find_queue(const TopicPartition& partition) {
  const std::optional<std::uint32_t> number = find_topic(partition.topic);
  if (!number || !topics_[*number].live) {
    return nullptr;
  }
  TopicInfo& topic = topics_[*number];
  const auto at =
      std::lower_bound(topic.by_partition.begin(), topic.by_partition.end(), std::pair{partition.partition, 0U});
  return at != topic.by_partition.end() && at->first == partition.partition ? &topic.queues[at->second] : nullptr;
}

const std::vector<BatchId>* RecordAccumulator::deque(const TopicPartition& partition) const {
  const PartitionQueue* queue = const_cast<RecordAccumulator*>(this)->find_queue(partition);
  return queue == nullptr ? nullptr : &queue->batches;
}

BuiltInPartitioner* RecordAccumulator::built_in_partitioner(std::string_view topic) {
  const std::optional<std::uint32_t> number = find_topic(topic);
  return number && topics_[*number].live ? &topics_[*number].partitioner : nullptr;
}

bool RecordAccumulator::all_batches_full(const PartitionQueue& queue) const {
  return queue.batches.empty() || batches_[queue.batches.back()].is_full();
}

bool RecordAccumulator::partition_changed(TopicInfo& topic, const AppendResult& result, const PartitionQueue& queue,
                                          const Cluster& cluster, Entropy& entropy) {
  if (result.sticky_choice == 0) {
    return false;
  }
  const BuiltInPartitioner::StickyPartitionInfo chosen{result.partition, result.sticky_choice};
  if (topic.partitioner.is_partition_changed(chosen)) {
    return true;
  }
  if (!all_batches_full(queue)) {
    return false;
  }
  // A switch that was due while the queue had an unfinished batch.
  topic.partitioner.update_partition_info(chosen, 0, cluster, entropy, true);
  return topic.partitioner.is_partition_changed(chosen);
}

void RecordAccumulator::count_bytes(TopicInfo& topic, const AppendResult& result, const PartitionQueue& queue,
                                    const Cluster& cluster, Entropy& entropy) {
  if (result.sticky_choice != 0) {
    topic.partitioner.update_partition_info({result.partition, result.sticky_choice}, result.appended_bytes, cluster,
                                            entropy, all_batches_full(queue));
  }
}

AppendResult RecordAccumulator::append(const RecordToAppend& record, std::int64_t max_block_ms, Instant now,
                                       const Cluster& cluster, Entropy& entropy) {
  return run_append(topic_number(record.topic), record, AppendResult{}, std::nullopt, max_block_ms, now, cluster,
                    entropy);
}

AppendResult RecordAccumulator::resume_append(const AppendResult& blocked, const RecordToAppend& record, Instant now,
                                              const Cluster& cluster, Entropy& entropy) {
  assert(blocked.status == AppendResult::Status::would_block);
  AppendResult result = blocked;
  std::optional<BufferRef> buffer;
  if (!take_memory(pool_.resume(blocked.waiter, now), result, buffer)) {
    return result;
  }
  result.status = AppendResult::Status::appended;
  return run_append(topic_number(record.topic), record, std::move(result), buffer, 0, now, cluster, entropy);
}

bool RecordAccumulator::take_memory(std::variant<BufferRef, WaiterId, KafkaError> allocated, AppendResult& result,
                                    std::optional<BufferRef>& buffer) {
  if (const auto* memory = std::get_if<BufferRef>(&allocated)) {
    buffer = *memory;
    return true;
  }
  if (const auto* waiter = std::get_if<WaiterId>(&allocated)) {
    result.status = AppendResult::Status::would_block;
    result.waiter = *waiter;
  } else {
    result.status = AppendResult::Status::failed;
    result.error = std::get<KafkaError>(std::move(allocated));
  }
  return false;
}

AppendResult RecordAccumulator::run_append(std::uint32_t topic_number, const RecordToAppend& record,
                                           AppendResult result, std::optional<BufferRef> buffer,
                                           std::int64_t max_block_ms, Instant now, const Cluster& cluster,
                                           Entropy& entropy) {
  try {
    append_to_queue(topic_number, record, result, buffer, max_block_ms, now, cluster, entropy);
  } catch (const JavaThrow& thrown) {
    result.status = AppendResult::Status::failed;
    result.error = thrown.error();
  }
  if (buffer) {
    pool_.deallocate(*buffer);
  }
  return result;
}

void RecordAccumulator::append_to_queue(std::uint32_t topic_number, const RecordToAppend& record, AppendResult& result,
                                        std::optional<BufferRef>& buffer, std::int64_t max_block_ms, Instant now,
                                        const Cluster& cluster, Entropy& entropy) {
  TopicInfo& topic = live_topic(topic_number);
  bool resumed = buffer.has_value();
  while (true) {
    if (!resumed) {
      result.partition = record.partition;
      result.sticky_choice = 0;
      if (record.partition == unknown_partition) {
        const auto chosen = topic.partitioner.peek_current_partition_info(cluster, entropy);
        result.partition = chosen.partition;
        result.sticky_choice = chosen.choice;
      }
      PartitionQueue& queue = queue_of(topic, result.partition);
      if (partition_changed(topic, result, queue, cluster, entropy)) {
        continue;
      }
      if (!closed_ && try_append(record, queue, now.wall_ms, result)) {
        count_bytes(topic, result, queue, cluster, entropy);
        return;
      }
    }
    if (!closed_ && !buffer) {
      const std::int32_t size =
          std::max(config_.batch_size, estimate_size_in_bytes_upper_bound(record.key, record.value, record.headers));
      if (!take_memory(pool_.allocate(size, max_block_ms, now), result, buffer)) {
        if (result.status == AppendResult::Status::would_block) {
          ProducerObservation seen;
          seen.event = ProducerEvent::buffer_wait;
          seen.topic = topic_number;
          seen.partition = result.partition;
          seen.amount = size;
          observations_.add(seen);
        }
        return;
      }
    }
    resumed = false;
    PartitionQueue& queue = queue_of(topic, result.partition);
    if (!closed_ && partition_changed(topic, result, queue, cluster, entropy)) {
      continue;
    }
    if (closed_) {
      result.status = AppendResult::Status::failed;
      result.error = kafka_exception("The producer was closed while a record was being sent");
      return;
    }
    append_new_batch(topic_number, queue, record, *buffer, now.wall_ms, result);
    if (result.new_batch_created) {
      buffer.reset();
    }
    count_bytes(topic, result, queue, cluster, entropy);
    return;
  }
}

bool RecordAccumulator::try_append(const RecordToAppend& record, const PartitionQueue& queue, std::int64_t now_ms,
                                   AppendResult& result) {
  if (queue.batches.empty()) {
    return false;
  }
  ProducerBatch& last = batches_[queue.batches.back()];
  Bytes& buffer = pool_.bytes(last.buffer());
  const std::int32_t before = last.estimated_size_in_bytes();
  if (!last.try_append(buffer, record.record, record.timestamp, record.key, record.value, record.headers, now_ms)) {
    last.close_for_record_appends(buffer);
    return false;
  }
  result.appended_bytes = last.estimated_size_in_bytes() - before;
  result.batch_is_full = queue.batches.size() > 1 || last.is_full();
  result.new_batch_created = false;
  return true;
}

void RecordAccumulator::append_new_batch(std::uint32_t topic, PartitionQueue& queue, const RecordToAppend& record,
                                         BufferRef buffer, std::int64_t now_ms, AppendResult& result) {
  if (try_append(record, queue, now_ms, result)) {
    return;
  }
  const BatchId id = batches_.create();
  ProducerBatch& batch = batches_[id];
  ProducerBatch::Origin origin;
  origin.number = ++batches_created_;
  origin.topic = topic;
  origin.buffer = buffer;
  origin.capacity = pool_.capacity(buffer);
  origin.created_ms = now_ms;
  origin.estimated_compression_ratio = topics_[topic].compression_ratio.estimation();
  origin.compression = config_.compression;
  batch.start(origin, queue.partition);
  const bool fits = batch.try_append(pool_.bytes(buffer), record.record, record.timestamp, record.key, record.value,
                                     record.headers, now_ms);
  assert(fits);
  (void)fits;
  queue.batches.push_back(id);
  batches_.hold(id);
  incomplete_.push_back(id);
  batches_.hold(id);
  result.batch_is_full = queue.batches.size() > 1 || batch.is_full();
  result.new_batch_created = true;
  result.appended_bytes = batch.estimated_size_in_bytes();
  ProducerObservation seen = batch.observe(ProducerEvent::batch_created);
  seen.amount = origin.capacity;
  observations_.add(seen);
}

}  // namespace linger

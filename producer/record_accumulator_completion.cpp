#include <algorithm>
#include <cassert>
#include <utility>

#include "producer/record_accumulator.h"

namespace linger {

void RecordAccumulator::reenqueue(BatchId id, std::int64_t now_ms, TransactionManager* transactions) {
  batches_[id].reenqueued(now_ms);
  const TopicPartition& partition = batches_[id].topic_partition();
  PartitionQueue& queue = queue_of(live_topic(topic_number(partition.topic)), partition.partition);
  if (transactions != nullptr) {
    insert_in_sequence_order(queue, id, *transactions);
  } else {
    queue.batches.insert(queue.batches.begin(), id);
    batches_.hold(id);
  }
}

void RecordAccumulator::insert_in_sequence_order(PartitionQueue& queue, BatchId id, TransactionManager& transactions) {
  const ProducerBatch& batch = batches_[id];
  if (!batch.has_sequence()) {
    throw JavaThrow(illegal_state("A batch of " + queue.partition.describe() + " came back without a sequence"));
  }
  if (!transactions.has_inflight_batches(batch.topic_partition())) {
    throw JavaThrow(illegal_state("A batch of " + queue.partition.describe() + " came back that was not in flight"));
  }
  const auto behind = std::find_if(queue.batches.begin(), queue.batches.end(), [this, &batch](BatchId other) {
    return !batches_[other].has_sequence() || batches_[other].base_sequence() >= batch.base_sequence();
  });
  queue.batches.insert(behind, id);
  batches_.hold(id);
}

std::size_t RecordAccumulator::split_and_reenqueue(BatchId id, TransactionManager* transactions) {
  ProducerBatch& big = batches_[id];
  TopicCompressionRatio& estimator = topics_[big.topic()].compression_ratio;
  estimator.set_estimation(std::max(1.0F, big.compression_ratio()));
  std::int32_t target_size = config_.batch_size;
  if (big.is_split_batch()) {
    target_size = std::max(big.max_record_size(), big.estimated_size_in_bytes() / 2);
  }
  big.build(pool_.bytes(big.buffer()));
  const BatchBytes range = big.records();
  const Bytes& big_bytes = pool_.bytes(big.buffer());
  Bytes scratch;
  RecordCursor records(RecordBatchView(BytesView{big_bytes}.first(range.size)), scratch);
  std::vector<BatchId> children;
  std::size_t at = 0;
  const auto begin_child = [&](const RecordView& record) {
    const std::int32_t capacity =
        std::max(estimate_size_in_bytes_upper_bound(record.key, record.value, record.headers()), target_size);
    ProducerBatch::Origin origin;
    origin.number = ++batches_created_;
    origin.topic = batches_[id].topic();
    origin.buffer = pool_.allocate_outside(capacity);
    origin.capacity = capacity;
    origin.created_ms = batches_[id].created_ms();
    origin.is_split = true;
    origin.estimated_compression_ratio = topics_[origin.topic].compression_ratio.estimation();
    origin.compression = batches_[id].compression();
    const BatchId child = batches_.create();
    batches_[child].start(origin, batches_[id].topic_partition());
    children.push_back(child);
  };
  const auto append = [&](const RecordView& record) {
    ProducerBatch& child = batches_[children.back()];
    return child.try_append_for_split(pool_.bytes(child.buffer()), record, batches_[id].thunks()[at]);
  };
  const auto close_last = [&] {
    ProducerBatch& child = batches_[children.back()];
    child.close_for_record_appends(pool_.bytes(child.buffer()));
  };
  for (RecordView record; records.next(record); ++at) {
    if (children.empty()) {
      begin_child(record);
    }
    if (!append(record)) {
      close_last();
      begin_child(record);
      append(record);
    }
  }
  assert(!children.empty());
  close_last();

  batches_[id].finish_future_of_split_batch();
  replace_in_flushes(id, children);
  if (batches_[id].has_sequence()) {
    auto sequence = static_cast<std::uint32_t>(batches_[id].base_sequence());
    for (const BatchId child : children) {
      batches_[child].set_producer_state(batches_[id].producer_id_and_epoch(), static_cast<std::int32_t>(sequence),
                                         batches_[id].is_transactional());
      sequence += static_cast<std::uint32_t>(batches_[child].record_count());
    }
  }
  ProducerObservation seen = batches_[id].observe(ProducerEvent::batch_split);
  seen.amount = static_cast<std::int64_t>(children.size());
  observations_.add(seen);

  const TopicPartition& partition = batches_[id].topic_partition();
  PartitionQueue& queue = queue_of(live_topic(topic_number(partition.topic)), partition.partition);
  for (auto child = children.rbegin(); child != children.rend(); ++child) {
    incomplete_.push_back(*child);
    batches_.hold(*child);
    if (transactions != nullptr) {
      transactions->add_in_flight_batch(batches_, *child);
      insert_in_sequence_order(queue, *child, *transactions);
    } else {
      queue.batches.insert(queue.batches.begin(), *child);
      batches_.hold(*child);
    }
  }
  return children.size();
}

void RecordAccumulator::complete_and_deallocate_batch(BatchId id) {
  complete_batch(id);
  deallocate(id);
}

void RecordAccumulator::complete_batch(BatchId id) {
  const auto at = std::find(incomplete_.begin(), incomplete_.end(), id);
  if (at != incomplete_.end()) {
    incomplete_.erase(at);
    batches_.release(id);
  }
}

void RecordAccumulator::deallocate(BatchId id) {
  ProducerBatch& batch = batches_[id];
  if (batch.is_split_batch() || batch.is_buffer_deallocated()) {
    return;
  }
  batch.mark_buffer_deallocated();
  if (batch.is_inflight() && config_.behaviour.release_buffer_on_expiry) {
    pool_.deallocate_count_only(batch.initial_capacity());
    throw JavaThrow(illegal_state("The buffer of a batch of " + batch.topic_partition().describe() +
                                  " was to be released in flight"));
  }
  pool_.deallocate(batch.buffer(), batch.initial_capacity());
  ProducerObservation seen = batch.observe(ProducerEvent::buffer_released);
  seen.amount = batch.initial_capacity();
  observations_.add(seen);
}

void RecordAccumulator::abort_incomplete_batches() {
  abort_batches(kafka_exception("The producer was closed forcefully"));
  for (TopicInfo& topic : topics_) {
    topic.live = false;
    topic.queues.clear();
    topic.by_partition.clear();
    topic.order = HashMapOrder{};
    topic.partitioner = BuiltInPartitioner(topic.name, config_.batch_size);
  }
}

void RecordAccumulator::abort_batches(const KafkaError& reason) {
  const std::vector<BatchId> all = incomplete_;
  for (const BatchId id : all) {
    ProducerBatch& batch = batches_[id];
    batch.abort_record_appends();
    if (PartitionQueue* queue = find_queue(batch.topic_partition())) {
      const auto at = std::find(queue->batches.begin(), queue->batches.end(), id);
      if (at != queue->batches.end()) {
        queue->batches.erase(at);
        batches_.release(id);
      }
    }
    batch.abort(reason, completions_);
    observations_.add(batch.observe(ProducerEvent::batch_aborted));
    if (batch.is_inflight()) {
      complete_batch(id);
    } else {
      complete_and_deallocate_batch(id);
    }
  }
}

void RecordAccumulator::abort_undrained_batches(const KafkaError& reason, TransactionManager* transactions) {
  const std::vector<BatchId> all = incomplete_;
  for (const BatchId id : all) {
    ProducerBatch& batch = batches_[id];
    const bool undrained = transactions != nullptr ? !batch.has_sequence() : !batch.is_closed();
    if (!undrained) {
      continue;
    }
    batch.abort_record_appends();
    if (PartitionQueue* queue = find_queue(batch.topic_partition())) {
      const auto at = std::find(queue->batches.begin(), queue->batches.end(), id);
      if (at != queue->batches.end()) {
        queue->batches.erase(at);
        batches_.release(id);
      }
    }
    batch.abort(reason, completions_);
    observations_.add(batch.observe(ProducerEvent::batch_aborted));
    complete_and_deallocate_batch(id);
  }
}

void RecordAccumulator::close() {
  closed_ = true;
  pool_.close();
}

RecordAccumulator::FlushId RecordAccumulator::await_flush_completion() {
  flushes_.push_back(Flush{next_flush_++, incomplete_});
  return flushes_.back().id;
}

bool RecordAccumulator::is_flush_complete(FlushId flush) const {
  const auto found = std::find_if(flushes_.begin(), flushes_.end(), [flush](const Flush& f) { return f.id == flush; });
  assert(found != flushes_.end());
  return std::all_of(found->waiting_for.begin(), found->waiting_for.end(),
                     [this](BatchId id) { return !batches_.contains(id) || batches_[id].future_is_done(); });
}

void RecordAccumulator::end_flush(FlushId flush) {
  const auto found = std::find_if(flushes_.begin(), flushes_.end(), [flush](const Flush& f) { return f.id == flush; });
  assert(found != flushes_.end());
  flushes_.erase(found);
  --flushes_in_progress_;
}

void RecordAccumulator::replace_in_flushes(BatchId parent, const std::vector<BatchId>& children) {
  if (!config_.behaviour.flush_tracks_split_children) {
    return;
  }
  for (Flush& flush : flushes_) {
    const auto at = std::find(flush.waiting_for.begin(), flush.waiting_for.end(), parent);
    if (at != flush.waiting_for.end()) {
      flush.waiting_for.erase(at);
      flush.waiting_for.insert(flush.waiting_for.end(), children.begin(), children.end());
    }
  }
}

void RecordAccumulator::sweep_batches() {
  batches_.sweep([this](ProducerBatch& batch) {
    if (batch.is_split_batch()) {
      pool_.free_outside(batch.buffer());
    }
  });
}

}  // namespace linger

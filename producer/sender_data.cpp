#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "producer/sender.h"

namespace linger {

std::optional<Sender::Blocked> Sender::send_producer_data(const SenderContext& context) {
  const std::int64_t now_ms = context.now.wall_ms;
  RecordAccumulator& accumulator = context.accumulator;
  const Cluster& cluster = context.metadata.fetch();
  if (!config_.behaviour.keep_seq_when_topic_vanishes && context.transactions != nullptr) {
    const std::vector<std::string> topics = cluster.topics();
    context.transactions->forget_topics(std::set<std::string>(topics.begin(), topics.end()), accumulator.batches());
  }
  RecordAccumulator::ReadyCheckResult result =
      accumulator.ready(cluster, now_ms, context.transactions, context.entropy);
  if (!result.unknown_leader_topics.empty()) {
    // The topic may have left the metadata for want of use.
    for (const std::string& topic : result.unknown_leader_topics) {
      context.metadata.add(topic, now_ms);
    }
    context.metadata.request_update(false);
  }
  std::int64_t not_ready_timeout_ms = forever_ms;
  std::vector<NodeId> ready_nodes;
  for (const NodeId id : result.ready_nodes) {
    const Node* node = cluster.node_by_id(id);
    const bool ready = node != nullptr && context.client.ready(*node, now_ms, context.entropy);
    accumulator.update_node_latency_stats(id, now_ms, ready);
    if (ready) {
      ready_nodes.push_back(id);
    } else if (node != nullptr) {
      not_ready_timeout_ms = std::min(not_ready_timeout_ms, context.client.poll_delay_ms(*node, now_ms));
    }
  }
  const RecordAccumulator::DrainedBatches drained =
      accumulator.drain(cluster, ready_nodes, config_.max_request_size, now_ms, context.transactions, context.entropy);
  add_to_inflight_batches(drained, accumulator.batches());
  if (config_.guarantee_message_order && config_.behaviour.inflight_scope) {
    for (const auto& [node, ids] : drained) {
      for (const BatchId id : ids) {
        accumulator.mute_partition(accumulator.batches()[id].topic_partition());
      }
    }
  }
  accumulator.reset_next_batch_expiry_time();
  const std::vector<BatchId> expired_inflight = expired_inflight_batches(context);
  const std::vector<BatchId> expired = accumulator.expired_batches(now_ms);
  fail_expired_batches(context, expired, true);
  fail_expired_batches(context, expired_inflight, !config_.behaviour.release_buffer_on_expiry);
  for (const BatchId id : expired_inflight) {
    accumulator.batches().release(id);
  }
  update_produce_request_metrics(drained, accumulator.batches(), context.now.wall_ms);

  std::int64_t poll_timeout_ms = std::min(result.next_ready_check_delay_ms, not_ready_timeout_ms);
  poll_timeout_ms = std::max<std::int64_t>(std::min(poll_timeout_ms, accumulator.next_expiry_time_ms() - now_ms), 0);
  if (!ready_nodes.empty()) {
    // There may be more to send at once.
    poll_timeout_ms = 0;
  }
  send_produce_requests(context, drained);
  return end_with_poll(poll_timeout_ms, now_ms);
}

std::vector<BatchId> Sender::expired_inflight_batches(const SenderContext& context) {
  RecordAccumulator& accumulator = context.accumulator;
  std::vector<BatchId> expired;
  for (InFlightPartition& partition : in_flight_) {
    std::size_t gone = 0;
    for (; gone < partition.batches.size(); ++gone) {
      const BatchId id = partition.batches[gone];
      const ProducerBatch& batch = accumulator.batches()[id];
      if (!batch.has_reached_delivery_timeout(accumulator.delivery_timeout_ms(), context.now.wall_ms)) {
        accumulator.maybe_update_next_batch_expiry_time(batch);
        break;
      }
      if (batch.is_done()) {
        throw JavaThrow(
            illegal_state("A batch of " + partition.partition.describe() + " in flight was settled already"));
      }
      expired.push_back(id);
    }
    partition.batches.erase(partition.batches.begin(), partition.batches.begin() + static_cast<std::ptrdiff_t>(gone));
  }
  return expired;
}

void Sender::fail_expired_batches(const SenderContext& context, const std::vector<BatchId>& expired,
                                  bool deallocate_buffer) {
  BatchTable& batches = context.accumulator.batches();
  for (const BatchId id : expired) {
    const ProducerBatch& batch = batches[id];
    const std::int64_t age_ms = context.now.wall_ms - batch.created_ms();
    ProducerObservation seen = batch.observe(ProducerEvent::batch_expired);
    seen.amount = age_ms;
    context.accumulator.observations().add(seen);
    const BatchFailure failure{
        api_error(ErrorCode::request_timed_out, "A batch of " + std::to_string(batch.record_count()) +
                                                    " record(s) for " + batch.topic_partition().describe() +
                                                    " was given up after " + std::to_string(age_ms) +
                                                    " ms: it was not sent, or the broker has not answered"),
        {},
        {}};
    fail_batch(context, id, failure, false, deallocate_buffer, true);
    if (context.transactions != nullptr && batch.in_retry() && config_.behaviour.on_delivery_timeout) {
      // Nothing new is drained for the partition until it is known which sequences the broker has.
      context.transactions->mark_sequence_unresolved(batch, context.accumulator.observations());
    }
  }
}

void Sender::send_produce_requests(const SenderContext& context, const RecordAccumulator::DrainedBatches& drained) {
  for (const auto& [node, ids] : drained) {
    if (!ids.empty()) {
      send_produce_request(context, node, ids);
    }
  }
}

void Sender::send_produce_request(const SenderContext& context, NodeId node, const std::vector<BatchId>& ids) {
  RecordAccumulator& accumulator = context.accumulator;
  BatchTable& batches = accumulator.batches();
  const std::map<std::string, Uuid>& topic_ids = context.metadata.topic_ids();
  ProduceRequestBuilder builder;
  builder.acks = config_.acks;
  builder.timeout_ms = config_.request_timeout_ms;
  if (const TransactionManager* transactions = context.transactions;
      transactions != nullptr && transactions->is_transactional()) {
    builder.transactional_id = transactions->transactional_id();
    // An older version tells the broker that partitions are added to the transaction by the client (KIP-890).
    if (!transactions->is_transaction_v2_enabled()) {
      builder.latest_allowed_version = ProduceRequestBuilder::last_version_before_transaction_v2;
    }
  }
  builder.batches.reserve(ids.size());
  ProduceCall call;
  call.token = next_token_++;
  call.parts.reserve(ids.size());
  for (const BatchId id : ids) {
    ProducerBatch& batch = batches[id];
    const TopicPartition& partition = batch.topic_partition();
    // A batch that expired in this very turn is sent all the same; with the historical rule its memory is another's by
    // now.
    if (!batch.is_buffer_deallocated()) batch.build(accumulator.pool().bytes(batch.buffer()));
    const auto topic_id = topic_ids.find(partition.topic);
    const Uuid uuid = topic_id == topic_ids.end() ? Uuid{} : topic_id->second;
    // Behind the last one of its topic, so that each topic stands once in the request.
    const auto same_topic = std::find_if(builder.batches.rbegin(), builder.batches.rend(),
                                         [&](const auto& other) { return other.partition.topic == partition.topic; });
    const auto at = same_topic == builder.batches.rend() ? builder.batches.end() : same_topic.base();
    builder.batches.insert(at, ProduceRequestBatch{partition, uuid, batch.records()});
    call.parts.push_back(ProduceCall::Part{id, uuid});
    batches.hold(id);
    batch.set_inflight(true);
  }
  std::sort(call.parts.begin(), call.parts.end(), [&batches](const ProduceCall::Part& a, const ProduceCall::Part& b) {
    return batches[a.batch].topic_partition() < batches[b.batch].topic_partition();
  });
  const std::uint64_t token = call.token;
  calls_.push_back(std::move(call));
  const std::int64_t now_ms = context.now.wall_ms;
  ClientRequest request = context.client.new_client_request(node, std::move(builder), now_ms, config_.acks != 0,
                                                            config_.request_timeout_ms, token);
  context.client.send(std::move(request), now_ms);
}

void Sender::update_produce_request_metrics(const RecordAccumulator::DrainedBatches& drained, const BatchTable& batches,
                                            std::int64_t now_ms) {
  if (!metrics_) return;
  for (const auto& [node, ids] : drained) {
    std::int64_t records = 0;
    for (const BatchId id : ids) {
      metrics_->record_batch(batches[id], now_ms);
      records += batches[id].record_count();
    }
    metrics_->record_request(records, now_ms);
  }
}

void Sender::list_metrics(MetricList& out, const RecordAccumulator& accumulator, KafkaClient& client,
                          const ProducerMetadata& metadata, Instant now) {
  if (!metrics_) return;
  metrics_->list(out, accumulator);
  const auto metadata_age_ms = static_cast<double>(now.wall_ms - metadata.last_successful_update());
  out.add(producer_metrics_group, "metadata-age", metadata_age_ms / 1000.0);
  out.add(producer_metrics_group, "requests-in-flight", static_cast<double>(client.in_flight_request_count()));
}

void Sender::list_node_metrics(MetricList& out, const std::map<NodeId, std::string>& node_tags) {
  if (!metrics_) return;
  for (const auto& [node, tag] : node_tags) metrics_->list_node(out, node, tag);
}

}  // namespace linger

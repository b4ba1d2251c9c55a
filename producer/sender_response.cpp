#include <algorithm>
#include <string>
#include <utility>

#include "producer/sender.h"

namespace linger {
namespace {

PartitionResponse response_of(const ProduceResponse::PartitionProduceResponse& answer) {
  PartitionResponse response;
  response.error = error_from_wire(answer.error_code);
  response.base_offset = answer.base_offset;
  response.log_append_time = answer.log_append_time_ms;
  response.log_start_offset = answer.log_start_offset;
  response.record_errors = answer.record_errors;
  response.error_message = answer.error_message.value_or("");
  response.current_leader = answer.current_leader;
  return response;
}

PartitionResponse local_error(ErrorCode error, std::string message) {
  PartitionResponse response;
  response.error = error;
  response.error_message = std::move(message);
  return response;
}

KafkaError error_with(ErrorCode error, const std::string& message) {
  return message.empty() ? api_error(error) : api_error(error, message);
}

}  // namespace

void Sender::complete_all(const SenderContext& context, const ProduceCall& call, const PartitionResponse& response) {
  for (const ProduceCall::Part& part : call.parts) {
    complete_batch(context, part.batch, response, nullptr);
  }
}

void Sender::handle_produce_response(const SenderContext& context, const ClientResponse& response,
                                     const ProduceCall& call) {
  const std::string node = std::to_string(response.destination.value());
  if (response.timed_out) {
    complete_all(context, call, local_error(ErrorCode::request_timed_out, "Node " + node + " did not answer in time"));
    return;
  }
  if (response.disconnected) {
    complete_all(context, call,
                 local_error(ErrorCode::network_exception, "The connection to node " + node + " was lost"));
    return;
  }
  if (response.version_mismatch) {
    complete_all(context, call, local_error(ErrorCode::unsupported_version, {}));
    return;
  }
  const auto* produce = std::get_if<ProduceResponse>(&response.body);
  if (produce == nullptr) {
    // acks=0: that it was handed over is all there is to know.
    complete_all(context, call, PartitionResponse{});
    return;
  }
  const BatchTable& batches = context.accumulator.batches();
  NewLeaders new_leaders;
  for (const ProduceResponse::TopicProduceResponse& topic : produce->responses) {
    for (const ProduceResponse::PartitionProduceResponse& answer : topic.partition_responses) {
      const auto part = std::find_if(call.parts.begin(), call.parts.end(), [&](const ProduceCall::Part& candidate) {
        const TopicPartition& partition = batches[candidate.batch].topic_partition();
        const bool same_topic =
            topic.topic_id.is_zero() ? partition.topic == topic.name : candidate.topic_id == topic.topic_id;
        return same_topic && partition.partition == answer.index;
      });
      if (part == call.parts.end()) {
        throw JavaThrow(illegal_state("An answer names partition " + std::to_string(answer.index) +
                                      " of a topic that its request did not name"));
      }
      complete_batch(context, part->batch, response_of(answer), &new_leaders);
    }
  }
  if (!new_leaders.empty()) {
    std::vector<Node> nodes;
    for (const ProduceResponse::NodeEndpoint& endpoint : produce->node_endpoints) {
      nodes.push_back(Node{NodeId{endpoint.node_id}, endpoint.host, endpoint.port, endpoint.rack});
    }
    context.metadata.update_partition_leadership(new_leaders, nodes, context.entropy);
  }
  if (metrics_) {
    metrics_->record_latency(response.destination, response.received_time_ms - response.created_time_ms,
                             context.now.wall_ms);
  }
}

void Sender::complete_batch(const SenderContext& context, BatchId id, const PartitionResponse& response,
                            NewLeaders* new_leaders) {
  RecordAccumulator& accumulator = context.accumulator;
  const ErrorCode error = response.error;
  const TopicPartition partition = accumulator.batches()[id].topic_partition();
  {
    ProducerBatch& batch = accumulator.batches()[id];
    batch.set_inflight(false);
    batch.note_answer(error);
  }
  if (error == ErrorCode::message_too_large && accumulator.batches()[id].record_count() > 1 &&
      !accumulator.batches()[id].is_done()) {
    if (context.transactions != nullptr) {
      context.transactions->remove_in_flight_batch(accumulator.batches(), id);
    }
    accumulator.split_and_reenqueue(id, context.transactions);
    maybe_remove_from_inflight_batches(accumulator.batches(), id);
    accumulator.complete_and_deallocate_batch(id);
    if (metrics_) metrics_->record_batch_split(context.now.wall_ms);
  } else if (error != ErrorCode::none) {
    if (can_retry(context, id, response)) {
      reenqueue_batch(context, id, error);
    } else if (error == ErrorCode::duplicate_sequence_number) {
      // The broker has the batch but no longer knows where: success without an offset.
      succeed_batch(context, id, response);
    } else {
      fail_refused_batch(context, id, response);
    }
    if (invalidates_metadata(error)) {
      const bool leader_changed = error == ErrorCode::not_leader_or_follower || error == ErrorCode::fenced_leader_epoch;
      if (leader_changed && new_leaders != nullptr && response.current_leader.leader_id != -1 &&
          response.current_leader.leader_epoch != -1) {
        (*new_leaders)[partition] = ProducerMetadata::LeaderIdAndEpoch{
            NodeId{response.current_leader.leader_id}, LeaderEpoch{response.current_leader.leader_epoch}};
      }
      context.metadata.request_update(false);
    }
  } else {
    succeed_batch(context, id, response);
  }
  if (config_.guarantee_message_order) {
    accumulator.unmute_partition(partition);
  }
}

void Sender::reenqueue_batch(const SenderContext& context, BatchId id, ErrorCode error) {
  RecordAccumulator& accumulator = context.accumulator;
  accumulator.reenqueue(id, context.now.wall_ms, context.transactions);
  maybe_remove_from_inflight_batches(accumulator.batches(), id);
  const ProducerBatch& batch = accumulator.batches()[id];
  if (metrics_) metrics_->record_retries(batch.topic(), batch.record_count(), context.now.wall_ms);
  ++batches_retried_;
  ProducerObservation seen = batch.observe(ProducerEvent::batch_retried);
  seen.error = wire_code(error);
  accumulator.observations().add(seen);
}

void Sender::succeed_batch(const SenderContext& context, BatchId id, const PartitionResponse& response) {
  RecordAccumulator& accumulator = context.accumulator;
  if (context.transactions != nullptr) {
    context.transactions->handle_completed_batch(accumulator.batches(), id, response);
  }
  ProducerBatch& batch = accumulator.batches()[id];
  if (!batch.complete(response.base_offset, response.log_append_time, accumulator.completions())) {
    accumulator.deallocate(id);
    return;
  }
  ProducerObservation seen = batch.observe(ProducerEvent::batch_completed);
  seen.offset = response.base_offset;
  seen.amount = batch.record_count();
  accumulator.observations().add(seen);
  maybe_remove_from_inflight_batches(accumulator.batches(), id);
  accumulator.complete_and_deallocate_batch(id);
}

bool Sender::can_retry(const SenderContext& context, BatchId id, const PartitionResponse& response) const {
  const ProducerBatch& batch = context.accumulator.batches()[id];
  if (batch.has_reached_delivery_timeout(context.accumulator.delivery_timeout_ms(), context.now.wall_ms) ||
      batch.attempts() >= config_.retries || batch.is_done()) {
    return false;
  }
  return context.transactions == nullptr ? is_retriable(response.error)
                                         : context.transactions->can_retry(response, context.accumulator.batches(), id);
}

void Sender::fail_refused_batch(const SenderContext& context, BatchId id, const PartitionResponse& response) {
  const ProducerBatch& batch = context.accumulator.batches()[id];
  BatchFailure failure;
  if (response.error == ErrorCode::topic_authorization_failed) {
    failure.error = api_error(response.error, "Not authorized to write to topic " + batch.topic_partition().topic);
  } else if (response.error == ErrorCode::cluster_authorization_failed) {
    failure.error = api_error(response.error, "Not authorized to write idempotently");
  } else {
    failure.error = error_with(response.error, response.error_message);
  }
  if (!response.record_errors.empty()) {
    failure.of_others = kafka_exception("The record was fine but shared a batch with a record that was refused");
  }
  for (const ProduceResponse::BatchIndexAndErrorMessage& record : response.record_errors) {
    const std::string message = record.batch_index_error_message.value_or(response.error_message);
    // One error for a whole partition says what was wrong only where a single record was refused.
    const ErrorCode error = response.record_errors.size() == 1 ? response.error : ErrorCode::invalid_record;
    KafkaError of_record =
        message.empty() ? api_error(error, std::string(error_message(response.error))) : api_error(error, message);
    failure.of_records.push_back(BatchFailure::OfRecord{record.batch_index, std::move(of_record)});
  }
  const bool ran_out_of_time =
      batch.has_reached_delivery_timeout(context.accumulator.delivery_timeout_ms(), context.now.wall_ms);
  fail_batch(context, id, failure, batch.attempts() < config_.retries, true, ran_out_of_time);
}

void Sender::fail_batch(const SenderContext& context, BatchId id, const BatchFailure& failure,
                        bool adjust_sequence_numbers, bool deallocate_buffer, bool ran_out_of_time) {
  RecordAccumulator& accumulator = context.accumulator;
  BatchTable& batches = accumulator.batches();
  if (metrics_) metrics_->record_errors(batches[id].topic(), batches[id].record_count(), context.now.wall_ms);
  if (!batches[id].complete_exceptionally(failure, accumulator.completions())) {
    if (deallocate_buffer) {
      accumulator.deallocate(id);
    }
    return;
  }
  ProducerObservation seen = batches[id].observe(ProducerEvent::batch_failed);
  seen.error = wire_code(failure.error.code);
  seen.amount = batches[id].record_count();
  accumulator.observations().add(seen);
  const bool unnoticed = ran_out_of_time && !config_.behaviour.local_expiry_fails_txn && !batches[id].has_sequence();
  if (context.transactions != nullptr && !unnoticed) {
    const bool renumber = ran_out_of_time && !config_.behaviour.on_delivery_timeout;
    try {
      context.transactions->handle_failed_batch(batches, id, failure.error, adjust_sequence_numbers && !renumber);
      if (renumber) {
        context.transactions->renumber_after_expiry(batches, id);
      }
    } catch (const JavaThrow&) {
      // Java logs it and goes on: the state is poisoned already where that matters.
    }
  }
  maybe_remove_from_inflight_batches(batches, id);
  if (deallocate_buffer) {
    accumulator.complete_and_deallocate_batch(id);
  } else {
    accumulator.complete_batch(id);
  }
}

}  // namespace linger

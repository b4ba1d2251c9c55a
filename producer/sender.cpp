#include "producer/sender.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace linger {
namespace {

/// The token of the transaction manager's requests; produce requests count from 1.
constexpr std::uint64_t transactional_token = 0;

}  // namespace

std::optional<Sender::Blocked> Sender::block(Stage stage, Blocked::On on, std::int64_t timeout_ms,
                                             std::int64_t now_ms) {
  stage_ = stage;
  return Blocked{on, timeout_ms, now_ms, stage == Stage::last_poll};
}

std::optional<Sender::Blocked> Sender::end_with_poll(std::int64_t timeout_ms, std::int64_t now_ms) {
  return block(Stage::last_poll, Blocked::On::client_poll, timeout_ms, now_ms);
}

std::optional<Sender::Blocked> Sender::end_run() {
  stage_ = Stage::idle;
  return std::nullopt;
}

void Sender::abandon_run(const KafkaError& error) {
  uncaught_.push_back(error);
  stage_ = Stage::idle;
}

std::vector<KafkaError> Sender::take_uncaught() {
  return std::exchange(uncaught_, {});
}

std::optional<Sender::Blocked> Sender::begin_run(const SenderContext& context) {
  assert(stage_ == Stage::idle);
  const OnSenderThread on_sender_thread(context.transactions);
  context.accumulator.sweep_batches();
  try {
    return run_once(context);
  } catch (const JavaThrow& thrown) {
    abandon_run(thrown.error());
    return std::nullopt;
  }
}

std::optional<Sender::Blocked> Sender::continue_run(const SenderContext& context,
                                                    const std::vector<ClientResponse>& responses) {
  assert(stage_ != Stage::idle);
  // NetworkClient catches what one answer throws and goes on with the next.
  for (const ClientResponse& response : responses) {
    try {
      handle_response(context, response);
    } catch (const JavaThrow& thrown) {
      uncaught_.push_back(thrown.error());
    }
  }
  const OnSenderThread on_sender_thread(context.transactions);
  try {
    return resume(context);
  } catch (const JavaThrow& thrown) {
    abandon_run(thrown.error());
    return std::nullopt;
  }
}

std::optional<Sender::Blocked> Sender::resume(const SenderContext& context) {
  const std::int64_t now_ms = context.now.wall_ms;
  switch (stage_) {
    case Stage::idle:
    case Stage::last_poll:
      return end_run();
    case Stage::first_poll:
      if (context.client.is_ready(pending_.target, pending_.start_ms, context.entropy) ||
          context.client.ready(pending_.target, pending_.start_ms, context.entropy)) {
        return node_is_ready(context);
      }
      return await_node_ready(context, now_ms);
    case Stage::ready_poll:
      if (const std::optional<std::string> refused = context.client.authentication_exception(pending_.target)) {
        context.transactions->authentication_failed(KafkaError{ErrorFamily::api, "SaslAuthenticationException",
                                                               *refused, ErrorCode::sasl_authentication_failed});
        return send_producer_data(context);
      }
      return await_node_ready(context, now_ms);
    case Stage::retry_sleep:
      return send_pending_request(context);
    case Stage::requeue_sleep:
      return requeue(context);
  }
  return end_run();
}

std::optional<Sender::Blocked> Sender::run_once(const SenderContext& context) {
  if (TransactionManager* transactions = context.transactions) {
    ProducerObservations& observations = context.accumulator.observations();
    transactions->maybe_resolve_sequences(observations);
    if (transactions->has_fatal_error()) {
      if (transactions->last_error()) {
        maybe_abort_batches(context, *transactions->last_error());
      }
      return end_with_poll(config_.retry_backoff_ms, context.now.wall_ms);
    }
    if (transactions->has_abortable_error() && handle_authorization_error(context)) {
      return end_run();
    }
    transactions->bump_idempotent_epoch_and_reset_id_if_needed(context.accumulator.batches(), observations);
    if (const auto blocked = maybe_send_and_poll_transactional_request(context)) {
      return *blocked;
    }
  }
  return send_producer_data(context);
}

bool Sender::handle_authorization_error(const SenderContext& context) {
  TransactionManager& transactions = *context.transactions;
  if (!transactions.last_error() || !is_refusal_of_producer(*transactions.last_error())) {
    return false;
  }
  const KafkaError error = *transactions.last_error();
  transactions.fail_pending_requests(
      KafkaError{ErrorFamily::api, "AuthenticationException", error.message, ErrorCode::unknown_server_error});
  maybe_abort_batches(context, error);
  transactions.transition_to_uninitialized(error);
  return true;
}

void Sender::maybe_abort_batches(const SenderContext& context, const KafkaError& error) {
  if (!context.accumulator.has_incomplete()) {
    return;
  }
  context.accumulator.abort_batches(error);
  for (InFlightPartition& partition : in_flight_) {
    for (const BatchId id : partition.batches) {
      context.accumulator.batches().release(id);
    }
    partition.batches.clear();
  }
}

std::optional<std::optional<Sender::Blocked>> Sender::maybe_send_and_poll_transactional_request(
    const SenderContext& context) {
  TransactionManager& transactions = *context.transactions;
  const std::int64_t now_ms = context.now.wall_ms;
  if (transactions.has_in_flight_request()) {
    return end_with_poll(config_.retry_backoff_ms, now_ms);
  }
  if (transactions.has_abortable_error()) {
    context.accumulator.abort_undrained_batches(*transactions.last_error(), &transactions);
  } else if (transactions.is_aborting()) {
    context.accumulator.abort_undrained_batches(
        KafkaError{ErrorFamily::api, "TransactionAbortedException", "The transaction was aborted",
                   ErrorCode::unknown_server_error},
        &transactions);
  }
  std::optional<TxnRequestHandler> next = transactions.next_request(context.accumulator.has_incomplete());
  if (!next) {
    return std::nullopt;
  }
  pending_ = PendingRequest{std::move(*next), Node{}, now_ms};
  const bool needs_coordinator = pending_.handler.needs_coordinator();
  const std::optional<Node> target = needs_coordinator ? transactions.coordinator(pending_.handler.coordinator)
                                                       : context.client.least_loaded_node(now_ms, context.entropy).node;
  if (!target && needs_coordinator) {
    return find_coordinator_and_requeue(context);
  }
  if (!target) {
    transactions.retry(std::move(pending_.handler));
    return end_with_poll(config_.retry_backoff_ms, now_ms);
  }
  pending_.target = *target;
  return block(Stage::first_poll, Blocked::On::client_poll, 0, now_ms);
}

std::optional<Sender::Blocked> Sender::await_node_ready(const SenderContext& context, std::int64_t attempt_ms) {
  KafkaClient& client = context.client;
  const std::int64_t waited_ms = attempt_ms - pending_.start_ms;
  if (client.is_ready(pending_.target, attempt_ms, context.entropy)) {
    return node_is_ready(context);
  }
  if (waited_ms >= config_.request_timeout_ms || client.connection_failed(pending_.target)) {
    return find_coordinator_and_requeue(context);
  }
  std::int64_t timeout_ms = config_.request_timeout_ms - waited_ms;
  // Waiting longer than the node is throttled or backed off would miss the moment at which it can be used.
  const std::int64_t delay_ms = client.poll_delay_ms(pending_.target, pending_.start_ms);
  if (delay_ms > 0 && timeout_ms > delay_ms) {
    timeout_ms = delay_ms;
  }
  return block(Stage::ready_poll, Blocked::On::client_poll, timeout_ms, attempt_ms);
}

std::optional<Sender::Blocked> Sender::node_is_ready(const SenderContext& context) {
  if (pending_.handler.coordinator == CoordinatorType::transaction) {
    context.transactions->handle_coordinator_ready(context.client.api_versions());
  }
  if (pending_.handler.is_retry && pending_.handler.retry_backoff_ms > 0) {
    return block(Stage::retry_sleep, Blocked::On::sleep, pending_.handler.retry_backoff_ms, context.now.wall_ms);
  }
  return send_pending_request(context);
}

std::optional<Sender::Blocked> Sender::send_pending_request(const SenderContext& context) {
  const std::int64_t now_ms = context.now.wall_ms;
  ClientRequest request = context.client.new_client_request(pending_.target.id, pending_.handler.request, now_ms, true,
                                                            config_.request_timeout_ms, transactional_token);
  const CorrelationId correlation_id = request.correlation_id;
  context.client.send(std::move(request), now_ms);
  context.transactions->set_in_flight(correlation_id, std::move(pending_.handler));
  return end_with_poll(config_.retry_backoff_ms, now_ms);
}

std::optional<Sender::Blocked> Sender::find_coordinator_and_requeue(const SenderContext& context) {
  if (pending_.handler.needs_coordinator()) {
    context.transactions->lookup_coordinator(pending_.handler.coordinator, pending_.handler.coordinator_key);
    context.transactions->retry(std::move(pending_.handler));
    return end_run();
  }
  if (config_.retry_backoff_ms > 0) {
    return block(Stage::requeue_sleep, Blocked::On::sleep, config_.retry_backoff_ms, context.now.wall_ms);
  }
  return requeue(context);
}

std::optional<Sender::Blocked> Sender::requeue(const SenderContext& context) {
  context.metadata.request_update(false);
  context.transactions->retry(std::move(pending_.handler));
  return end_run();
}

void Sender::handle_response(const SenderContext& context, const ClientResponse& response) {
  const OnSenderThread on_sender_thread(context.transactions);
  if (response.token == transactional_token) {
    assert(context.transactions != nullptr);
    context.transactions->on_complete(response, context.accumulator.batches(), context.accumulator.observations());
    return;
  }
  const auto found = std::find_if(calls_.begin(), calls_.end(),
                                  [&response](const ProduceCall& call) { return call.token == response.token; });
  assert(found != calls_.end());
  const ProduceCall call = std::move(*found);
  calls_.erase(found);
  const auto release = [&] {
    for (const ProduceCall::Part& part : call.parts) {
      context.accumulator.batches().release(part.batch);
    }
  };
  try {
    handle_produce_response(context, response, call);
  } catch (const JavaThrow&) {
    release();
    throw;
  }
  release();
}

bool Sender::has_something_to_send(const SenderContext& context) const {
  const TransactionManager* transactions = context.transactions;
  return context.accumulator.has_undrained() || context.client.in_flight_request_count() > 0 ||
         (transactions != nullptr && transactions->has_pending_requests() && transactions->has_ongoing_transaction());
}

bool Sender::wants_another_run(const SenderContext& context) const {
  if (running_) {
    return true;
  }
  if (force_close_) {
    return false;
  }
  const bool in_transaction = context.transactions != nullptr && context.transactions->has_ongoing_transaction();
  return in_transaction || (!aborting_at_close_ && has_something_to_send(context));
}

void Sender::before_run(const SenderContext& context) {
  aborting_at_close_ = aborting_at_close_ || (!running_ && !has_something_to_send(context));
  if (!aborting_at_close_ || context.transactions->is_completing()) {
    return;
  }
  const OnSenderThread on_sender_thread(context.transactions);
  try {
    context.transactions->begin_abort(context.client.api_versions());
  } catch (const JavaThrow&) {
    // Java logs it; the turn that follows is the last one.
    force_close_ = true;
  }
}

void Sender::finish(const SenderContext& context) {
  if (!force_close_) {
    return;
  }
  if (context.transactions != nullptr) {
    const OnSenderThread on_sender_thread(context.transactions);
    context.transactions->close();
  }
  context.accumulator.abort_incomplete_batches();
}

void Sender::initiate_close(RecordAccumulator& accumulator) {
  accumulator.close();
  running_ = false;
}

void Sender::force_close(RecordAccumulator& accumulator) {
  force_close_ = true;
  initiate_close(accumulator);
}

const std::vector<BatchId>& Sender::in_flight_batches(const TopicPartition& partition) const {
  static const std::vector<BatchId> none;
  const auto at = std::lower_bound(in_flight_.begin(), in_flight_.end(), partition,
                                   [](const InFlightPartition& p, const TopicPartition& k) { return p.partition < k; });
  return at != in_flight_.end() && at->partition == partition ? at->batches : none;
}

std::vector<BatchId>& Sender::in_flight_list(const TopicPartition& partition) {
  auto at = std::lower_bound(in_flight_.begin(), in_flight_.end(), partition,
                             [](const InFlightPartition& p, const TopicPartition& k) { return p.partition < k; });
  if (at == in_flight_.end() || at->partition != partition) {
    at = in_flight_.insert(at, InFlightPartition{partition, {}});
  }
  return at->batches;
}

void Sender::add_to_inflight_batches(const RecordAccumulator::DrainedBatches& drained, BatchTable& batches) {
  for (const auto& [node, ids] : drained) {
    for (const BatchId id : ids) {
      in_flight_list(batches[id].topic_partition()).push_back(id);
      batches.hold(id);
    }
  }
}

void Sender::maybe_remove_from_inflight_batches(BatchTable& batches, BatchId id) {
  std::vector<BatchId>& list = in_flight_list(batches[id].topic_partition());
  const auto at = std::find(list.begin(), list.end(), id);
  if (at != list.end()) {
    list.erase(at);
    batches.release(id);
  }
}

}  // namespace linger

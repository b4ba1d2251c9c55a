// What an application does with transactions, as the documentation of KafkaProducer tells it to: init once, begin, send, commit; abort
// after an error, call again after a timeout, and stop when the producer can no longer be used.
#include <utility>

#include "scenarios/producer_host.h"
#include "scenarios/trace_kinds.h"

namespace linger::scenarios {

namespace {

void note(ApplicationContext& context, AppTrace kind, std::array<std::int64_t, 8> args, std::string_view text = {}) {
  if (context.sim.trace.on()) context.sim.record(trace_kind(kind), context.host, args, context.sim.trace.intern(text));
}

bool is_timeout(const KafkaError& error) {
  return error.exception == "TimeoutException";
}

}  // namespace

std::optional<ProducerHost::CallEnd> ProducerHost::settle_call(std::uint32_t t, CallResult result, std::string_view name, ApplicationContext& context) {
  if (std::holds_alternative<Finished>(result)) return CallEnd{};
  if (auto* thrown = std::get_if<Thrown>(&result)) return CallEnd{std::move(thrown->error)};
  Thread& thread = threads_[t];
  thread.blocked = std::get<Ticket>(result);
  thread.blocked_in = name;
  thread.in_call = true;
  note(context, AppTrace::app_blocked, {t, static_cast<std::int64_t>(thread.blocked->number)}, name);
  return std::nullopt;
}

std::optional<ProducerHost::CallEnd> ProducerHost::transaction_call(std::uint32_t t, TransactionCall call, ApplicationContext& context) {
  if (threads_[t].call) return std::exchange(threads_[t].call, std::nullopt);
  switch (call) {
    case TransactionCall::init: return settle_call(t, producer_->init_transactions(context.instant), "initTransactions", context);
    case TransactionCall::begin: return settle_call(t, producer_->begin_transaction(), "beginTransaction", context);
    case TransactionCall::commit: return settle_call(t, producer_->commit_transaction(context.instant), "commitTransaction", context);
    case TransactionCall::abort: return settle_call(t, producer_->abort_transaction(context.instant), "abortTransaction", context);
  }
  return std::nullopt;
}

void ProducerHost::report(std::uint32_t t, const KafkaError& error, ApplicationContext& context) {
  const bool fatal = producer_->transaction_manager()->has_fatal_error();
  if (transaction_ != no_transaction) context.ledger.transactions[transaction_].error = error.exception;
  note(context, AppTrace::app_transaction_error,
       {t, transaction_ == no_transaction ? -1 : static_cast<std::int64_t>(context.ledger.transactions[transaction_].number), fatal ? 1 : 0}, error.exception);
  // Nothing can be done with this producer any more: the application ends.
  if (fatal) aborted_ = true;
}

/// A call that timed out is made again, but not in the same instant: max.block.ms may be 0.
ProducerHost::StepResult ProducerHost::again_soon(std::uint32_t t, ApplicationContext& context) {
  if (aborted_) return StepResult::again;
  threads_[t].wake = context.sim.now + sim::Duration::ms(1);
  return StepResult::wait;
}

std::optional<ProducerHost::StepResult> ProducerHost::initialize(std::uint32_t t, ApplicationContext& context) {
  if (initialized_) return std::nullopt;
  const auto end = transaction_call(t, TransactionCall::init, context);
  if (!end) return StepResult::again;
  if (end->error) {
    report(t, *end->error, context);
    // initTransactions may be called again after a timeout; after anything else that is not final it changes nothing.
    if (!aborted_ && !is_timeout(*end->error)) aborted_ = true;
    return again_soon(t, context);
  }
  initialized_ = true;
  note(context, AppTrace::app_initialized, {t});
  return std::nullopt;
}

ProducerHost::StepResult ProducerHost::begin_step(std::uint32_t t, ApplicationContext& context) {
  if (const auto wait = initialize(t, context)) return *wait;
  const auto end = transaction_call(t, TransactionCall::begin, context);
  if (end && end->error) {
    report(t, *end->error, context);
    return aborted_ ? StepResult::again : StepResult::next;
  }
  transaction_ = static_cast<TransactionIndex>(context.ledger.transactions.size());
  LedgerTransaction begun;
  begun.producer = index_;
  begun.incarnation = incarnation_;
  begun.number = transactions_begun_++;
  begun.began = context.sim.now;
  note(context, AppTrace::app_begin, {t, static_cast<std::int64_t>(begun.number)});
  context.ledger.transactions.push_back(std::move(begun));
  return StepResult::next;
}

ProducerHost::StepResult ProducerHost::end_step(std::uint32_t t, bool commit, ApplicationContext& context) {
  Thread& thread = threads_[t];
  const bool commits = commit && !thread.aborts;
  if (!thread.call && transaction_ != no_transaction) {
    LedgerTransaction& open = context.ledger.transactions[transaction_];
    open.state = commits ? LedgerTransaction::State::committing : LedgerTransaction::State::aborting;
    note(context, commits ? AppTrace::app_commit : AppTrace::app_abort, {t, static_cast<std::int64_t>(open.number)});
  }
  const auto end = transaction_call(t, commits ? TransactionCall::commit : TransactionCall::abort, context);
  if (!end) return StepResult::again;
  if (end->error) {
    report(t, *end->error, context);
    if (aborted_ || is_timeout(*end->error)) return again_soon(t, context);
    if (!commits) return StepResult::next;
    thread.aborts = true;
    return StepResult::again;
  }
  if (transaction_ != no_transaction) {
    LedgerTransaction& over = context.ledger.transactions[transaction_];
    over.state = commits ? LedgerTransaction::State::committed : LedgerTransaction::State::aborted;
    over.ended = context.sim.now;
    note(context, commits ? AppTrace::app_committed : AppTrace::app_aborted, {t, static_cast<std::int64_t>(over.number)});
    transaction_ = no_transaction;
  }
  if (std::exchange(thread.aborts, false)) return after_abort(t, context);
  thread.repeats = 0;
  return StepResult::next;
}

/// `on_error: {"resend": n}`: from the step that began the transaction, at most n times.
ProducerHost::StepResult ProducerHost::after_abort(std::uint32_t t, ApplicationContext& context) {
  Thread& thread = threads_[t];
  const ProducerSpec& spec = context.setup.scenario.producers[index_];
  if (spec.on_error.kind == OnError::Kind::abort) {
    aborted_ = true;
    return StepResult::again;
  }
  const auto& steps = spec.threads[t].steps;
  if (std::holds_alternative<TransferStep>(steps[thread.step].what)) return StepResult::next;
  if (spec.on_error.kind != OnError::Kind::resend || thread.repeats >= spec.on_error.times) {
    thread.repeats = 0;
    return StepResult::next;
  }
  ++thread.repeats;
  while (thread.step > 0 && !std::holds_alternative<BeginStep>(steps[thread.step].what)) --thread.step;
  thread.step_began.reset();
  return StepResult::again;
}

std::optional<ProducerHost::CallEnd> ProducerHost::send_offsets(std::uint32_t t, const std::string& group,
                                                                const OffsetsToCommit& offsets,
                                                                ApplicationContext& context) {
  if (threads_[t].call) return std::exchange(threads_[t].call, std::nullopt);
  for (const auto& [partition, offset] : offsets) {
    note(context, AppTrace::app_send_offsets,
         {t,
          transaction_ == no_transaction ? -1
                                         : static_cast<std::int64_t>(context.ledger.transactions[transaction_].number),
          partition.partition, offset.offset},
         group);
  }
  ConsumerGroupMetadata metadata;
  metadata.group_id = group;
  return settle_call(t, producer_->send_offsets_to_transaction(offsets, metadata, context.instant),
                     "sendOffsetsToTransaction", context);
}

ProducerHost::StepResult ProducerHost::send_offsets_step(std::uint32_t t, const SendOffsetsStep& step,
                                                         ApplicationContext& context) {
  const OffsetsToCommit offsets{
      {TopicPartition{step.topic, step.partition}, OffsetAndMetadata{step.offset, std::nullopt, ""}}};
  const auto end = send_offsets(t, step.group, offsets, context);
  if (!end) return StepResult::again;
  if (end->error) {
    report(t, *end->error, context);
    if (aborted_ || is_timeout(*end->error)) return again_soon(t, context);
  }
  // What else went wrong is met again by the commit, which then aborts.
  return StepResult::next;
}

}  // namespace linger::scenarios

// What application threads do with their producer, step by step of the workload.
#include <algorithm>
#include <cassert>
#include <utility>

#include "scenarios/ghost_state.h"
#include "scenarios/producer_host.h"
#include "scenarios/trace_kinds.h"

namespace linger::scenarios {

using sim::SimTime;

namespace {

void note(ApplicationContext& context, AppTrace kind, std::array<std::int64_t, 8> args, std::string_view text = {}) {
  if (context.sim.trace.on()) context.sim.record(trace_kind(kind), context.host, args, context.sim.trace.intern(text));
}

OptionalBytes view(const std::optional<std::string>& bytes) {
  if (!bytes) return std::nullopt;
  return BytesView{reinterpret_cast<const std::byte*>(bytes->data()), bytes->size()};
}

std::int32_t topic_number(const Setup& setup, const std::string& name) {
  const auto found = std::find(setup.topics.begin(), setup.topics.end(), name);
  assert(found != setup.topics.end());
  return static_cast<std::int32_t>(found - setup.topics.begin());
}

}  // namespace

bool ProducerHost::advance(std::uint32_t t, ApplicationContext& context) {
  const ApplicationThread& plan = context.setup.scenario.producers[index_].threads[t];
  bool moved = false;
  while (alive_) {
    Thread& thread = threads_[t];
    thread.wake = SimTime::never();
    if (thread.blocked) return moved;
    if (context.stopped || aborted_) {
      thread.finished = true;
      end_transfer();
      return moved;
    }
    if (!thread.to_resend.empty()) {
      if (resend_next(t, context)) return true;
      moved = true;
      continue;
    }
    if (thread.step >= plan.steps.size()) {
      thread.finished = true;
      return moved;
    }
    const WorkloadStep& step = plan.steps[thread.step];
    if (!thread.step_began) {
      if (step.at && context.sim.now < SimTime::at(*step.at)) {
        thread.wake = SimTime::at(*step.at);
        return moved;
      }
      thread.step_began = context.sim.now;
      thread.done_in_step = 0;
    }
    switch (perform(t, step, context)) {
      case StepResult::wait: return moved;
      case StepResult::again: break;
      case StepResult::next:
        ++threads_[t].step;
        threads_[t].step_began.reset();
        break;
    }
    moved = true;
  }
  return moved;
}

ProducerHost::StepResult ProducerHost::perform(std::uint32_t t, const WorkloadStep& step, ApplicationContext& context) {
  Thread& thread = threads_[t];
  const bool first_time = thread.done_in_step == 0;
  if (const auto* send = std::get_if<SendStep>(&step.what)) return send_step(t, *send, context);
  if (const auto* sleep = std::get_if<SleepStep>(&step.what)) {
    const SimTime until = *thread.step_began + sleep->time;
    if (context.sim.now >= until) return StepResult::next;
    thread.wake = until;
    return StepResult::wait;
  }
  if (std::holds_alternative<AwaitAllStep>(step.what)) {
    if (context.ledger.untold == 0) return StepResult::next;
    const auto& records = context.ledger.records;
    const bool open = std::any_of(records.begin(), records.end(), [&](const LedgerRecord& r) {
      return r.producer == index_ && r.incarnation == incarnation_ && r.thread == t && r.told == Told::nothing;
    });
    return open ? StepResult::wait : StepResult::next;
  }
  if (const auto* restart = std::get_if<RestartStep>(&step.what)) return restart_step(t, *restart, context);
  if (std::holds_alternative<BeginStep>(step.what)) return begin_step(t, context);
  if (std::holds_alternative<CommitStep>(step.what)) return end_step(t, true, context);
  if (std::holds_alternative<AbortStep>(step.what)) return end_step(t, false, context);
  if (const auto* offsets = std::get_if<SendOffsetsStep>(&step.what)) return send_offsets_step(t, *offsets, context);
  if (const auto* transfer = std::get_if<TransferStep>(&step.what)) return transfer_step(t, *transfer, context);
  // flush and close: the call is made once and may block.
  const bool flush = std::holds_alternative<FlushStep>(step.what);
  const auto returned = [&] {
    if (flush) context.ledger.flushes.push_back({index_, incarnation_, t, threads_[t].flush_before, context.sim.now});
    return StepResult::next;
  };
  if (!first_time) return returned();
  ++thread.done_in_step;
  thread.flush_before = static_cast<RecordIndex>(context.ledger.records.size());
  CallResult result;
  if (const auto* close = std::get_if<CloseStep>(&step.what)) {
    const std::int64_t timeout_ms = close->timeout ? close->timeout->ms() : forever_ms;
    note(context, AppTrace::app_close, {t, timeout_ms});
    closed_ = true;
    result = producer_->close(timeout_ms, context.instant);
  } else {
    note(context, AppTrace::app_flush, {t});
    result = producer_->flush(context.instant);
  }
  if (const auto* ticket = std::get_if<Ticket>(&result)) {
    thread.blocked = *ticket;
    thread.blocked_in = std::holds_alternative<CloseStep>(step.what) ? "close" : "flush";
    note(context, AppTrace::app_blocked, {t, static_cast<std::int64_t>(ticket->number)}, thread.blocked_in);
    return StepResult::again;
  }
  return returned();
}

ProducerHost::StepResult ProducerHost::send_step(std::uint32_t t, const SendStep& step, ApplicationContext& context) {
  Thread& thread = threads_[t];
  if (thread.waits_for != no_record) {
    if (context.ledger.records[thread.waits_for].told == Told::nothing) return StepResult::wait;
    thread.waits_for = no_record;
  }
  if (thread.done_in_step >= step.count) return StepResult::next;
  const SimTime due = *thread.step_began + step.every * thread.done_in_step;
  if (context.sim.now < due) {
    thread.wake = due;
    return StepResult::wait;
  }
  const std::int64_t line = thread.done_in_step++;
  const std::uint64_t number = next_number_++;
  origins_.push_back(Origin{no_record, static_cast<std::uint32_t>(thread.step), line, 0});
  const auto record = static_cast<RecordIndex>(context.ledger.records.size());
  send_record(t, step, number, line, no_record, Caller::application, context);
  if (step.sync) threads_[t].waits_for = record;
  return StepResult::again;
}

bool ProducerHost::send_record(std::uint32_t t, const SendStep& step, std::uint64_t number, std::int64_t line, RecordIndex resend_of, Caller caller,
                               ApplicationContext& context) {
  return hand_over(t, Outgoing{step.topic, step.partition, step.timestamp},
                   make_payload(step, producer_->config(), index_, number, line), number, resend_of, caller, context);
}

bool ProducerHost::hand_over(std::uint32_t t, const Outgoing& to, const Payload& payload, std::uint64_t number,
                             RecordIndex resend_of, Caller caller, ApplicationContext& context) {
  LedgerRecord entry;
  entry.producer = index_;
  entry.incarnation = incarnation_;
  entry.number = number;
  entry.thread = t;
  entry.topic = static_cast<std::uint32_t>(topic_number(context.setup, to.topic));
  entry.partition = -1;
  entry.identity = identity_of(payload, entry.topic);
  entry.value_bytes = payload.value ? static_cast<std::uint32_t>(payload.value->size()) : 0;
  entry.resend_of = resend_of;
  entry.sent_at = context.sim.now;
  entry.transaction = transaction_;
  const std::uint32_t value_bytes = entry.value_bytes;
  const RecordIndex index = context.ledger.sent(std::move(entry));
  origins_[number].index = index;
  note(context, AppTrace::app_send,
       {index, static_cast<std::int64_t>(number), value_bytes, to.partition.value_or(-1),
        resend_of == no_record ? -1 : static_cast<std::int64_t>(resend_of), t},
       to.topic);

  std::vector<RecordHeader> headers;
  for (const auto& [key, value] : payload.headers) headers.push_back({key, BytesView{reinterpret_cast<const std::byte*>(value.data()), value.size()}});
  std::optional<KafkaError> serialization;
  if (!payload.error.empty()) serialization = KafkaError{ErrorFamily::kafka, "SerializationException", payload.error, ErrorCode::unknown_server_error};
  RecordToSend record;
  record.record = index;
  record.topic = to.topic;
  record.partition = to.partition;
  record.timestamp = to.timestamp;
  record.key = view(payload.key);
  record.value = view(payload.value);
  record.headers = headers;
  record.serialization_error = serialization ? &*serialization : nullptr;
  SendResult result = producer_->send(record, context.instant, entropy_, plugins(), caller);
  if (const auto* sent = std::get_if<Sent>(&result)) {
    if (sent->failure) {
      tell(index, sent->failure, true, context);
    } else {
      context.ledger.records[index].partition = sent->partition;
    }
    return false;
  }
  if (const auto* thrown = std::get_if<Thrown>(&result)) {
    tell(index, thrown->error, true, context);
    return false;
  }
  const Ticket ticket = std::get<Ticket>(result);
  threads_[t].blocked = ticket;
  threads_[t].blocked_in = "send";
  threads_[t].blocked_record = index;
  note(context, AppTrace::app_blocked, {t, static_cast<std::int64_t>(ticket.number)}, threads_[t].blocked_in);
  return true;
}

void ProducerHost::after_failure(RecordIndex record, ApplicationContext& context) {
  const ProducerSpec& spec = context.setup.scenario.producers[index_];
  if (spec.on_error.kind == OnError::Kind::ignore || context.stopped) return;
  // In a transaction the commit says what became of its records; what is tried again is the whole of it.
  if (context.ledger.records[record].transaction != no_transaction) return;
  if (spec.on_error.kind == OnError::Kind::abort) {
    aborted_ = true;
    return;
  }
  const LedgerRecord& failed = context.ledger.records[record];
  const std::uint64_t number = failed.number;
  const std::uint32_t t = failed.thread;
  Origin& origin = origins_[number];
  // What is transferred is read again instead.
  const auto* send = std::get_if<SendStep>(&spec.threads[t].steps[origin.step].what);
  if (send == nullptr || origin.resends >= spec.on_error.times) return;
  ++origin.resends;
  // A thread that is blocked in a call sends it again when the call has returned: a second send that blocks, from the callback, would stop
  // Java's sender thread.
  if (threads_[t].blocked) {
    threads_[t].to_resend.push_back(record);
    return;
  }
  send_record(t, *send, number, origin.line, record, Caller::callback, context);
}

ProducerHost::StepResult ProducerHost::restart_step(std::uint32_t t, const RestartStep& step, ApplicationContext& context) {
  if (threads_[t].done_in_step > 0) return StepResult::next;
  threads_[t].done_in_step = 1;
  // What the new process sends again: everything behind the last record that the old one knew to be safe.
  std::vector<RecordIndex> again;
  RecordIndex noted = 0;
  for (const LedgerFlush& flush : context.ledger.flushes) {
    const bool own = flush.producer == index_ && flush.thread == t && flush.incarnation == incarnation_;
    if (own && step.from == RestartStep::From::checkpoint) noted = flush.before;
  }
  const auto& steps = context.setup.scenario.producers[index_].threads[t].steps;
  for (RecordIndex r = noted; r < context.ledger.records.size(); ++r) {
    const LedgerRecord& record = context.ledger.records[r];
    if (record.producer != index_ || record.thread != t || record.incarnation != incarnation_) continue;
    if (!std::holds_alternative<SendStep>(steps[origins_[record.number].step].what)) continue;
    again.push_back(r);
    const bool safe = record.told == Told::acked && again.size() == 1;
    if (safe && step.from != RestartStep::From::start) again.clear();
  }
  crash();
  // The steps that follow say what the new process does.
  start_again(context.setup, context.instant);
  note(context, AppTrace::app_restarted, {incarnation_});
  threads_[t].to_resend = std::move(again);
  return StepResult::again;
}

bool ProducerHost::resend_next(std::uint32_t t, ApplicationContext& context) {
  const RecordIndex original = threads_[t].to_resend.front();
  threads_[t].to_resend.erase(threads_[t].to_resend.begin());
  const std::uint64_t number = context.ledger.records[original].number;
  const Origin origin = origins_[number];
  const auto& send = std::get<SendStep>(context.setup.scenario.producers[index_].threads[t].steps[origin.step].what);
  return send_record(t, send, number, origin.line, original, Caller::application, context);
}

}  // namespace linger::scenarios

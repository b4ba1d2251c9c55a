// The loop of an application that reads, transforms and writes (Kafka: the documentation of KafkaProducer on
// transactions, TransactionalMessageCopier; Kafka Streams' exactly-once): poll, begin, send, sendOffsetsToTransaction,
// commit; abort and go back to the committed offsets after an error.
#include <algorithm>
#include <utility>

#include "scenarios/producer_host.h"
#include "scenarios/trace_kinds.h"

namespace linger::scenarios {

using Phase = Transfer::Phase;

namespace {

// The two clients of an application's consumer share its host's connections with its producer; these bits of a handle
// say whose it is.
constexpr std::uint64_t input_bit = std::uint64_t{1} << 62;
constexpr std::uint64_t group_bit = std::uint64_t{1} << 61;

void note(ApplicationContext& context, AppTrace kind, std::array<std::int64_t, 8> args, std::string_view text = {}) {
  if (context.sim.trace.on()) context.sim.record(trace_kind(kind), context.host, args, context.sim.trace.intern(text));
}

bool is_timeout(const KafkaError& error) {
  return error.exception == "TimeoutException";
}

}  // namespace

std::string source_of(const std::string& topic, std::int32_t partition, std::int64_t offset) {
  return topic + "-" + std::to_string(partition) + "@" + std::to_string(offset);
}

std::vector<std::int32_t> partitions_of(const Scenario& scenario, const TransferStep& step) {
  std::vector<std::int32_t> partitions;
  for (const std::int64_t partition : step.partitions) partitions.push_back(static_cast<std::int32_t>(partition));
  std::sort(partitions.begin(), partitions.end());
  if (!partitions.empty()) return partitions;
  std::int32_t count = 0;
  const auto declared = [&](const TopicSpec& topic) {
    if (topic.name == step.from) count = std::max(count, topic.partitions);
  };
  for (const TopicSpec& topic : scenario.cluster.topics) declared(topic);
  for (const Fault& fault : scenario.faults) {
    if (const auto* create = std::get_if<CreateTopic>(&fault.action)) declared(create->topic);
  }
  for (std::int32_t p = 0; p < count; ++p) partitions.push_back(p);
  return partitions;
}

// ---- the consumer's connections
// --------------------------------------------------------------------------------------------------------

bool ProducerHost::is_input(std::uint64_t handle) {
  return (handle & (input_bit | group_bit)) != 0;
}

void ProducerHost::on_input_connected(std::uint64_t handle, sim::SimTime now) {
  if (!transfer_) return;
  (handle & input_bit) != 0 ? transfer_->input.on_connected(handle & ~input_bit, now)
                            : transfer_->group.on_connected(handle & ~group_bit, now);
}

void ProducerHost::on_input_closed(std::uint64_t handle, sim::SimTime now) {
  if (!transfer_) return;
  (handle & input_bit) != 0 ? transfer_->input.on_closed(handle & ~input_bit, now)
                            : transfer_->group.on_closed(handle & ~group_bit, now);
}

void ProducerHost::on_input_frame(std::uint64_t handle, const sim::Bytes& frame, sim::SimTime now) {
  if (!transfer_) return;
  (handle & input_bit) != 0 ? transfer_->input.on_frame(handle & ~input_bit, frame, now)
                            : transfer_->group.on_frame(handle & ~group_bit, frame, now);
}

void ProducerHost::wake_input(sim::SimTime now) {
  if (!transfer_) return;
  if (now >= transfer_->input_wake) {
    transfer_->input_wake = sim::SimTime::never();
    transfer_->input.on_wake(now);
  }
  if (now >= transfer_->group_wake) {
    transfer_->group_wake = sim::SimTime::never();
    transfer_->group.on_wake(now);
  }
}

void ProducerHost::gather_input_outputs() {
  if (!transfer_) return;
  const auto gather = [&](std::vector<ConsumerOutput> outputs, std::uint64_t bit, sim::SimTime& wake) {
    for (ConsumerOutput& output : outputs) {
      if (const auto* at = std::get_if<ConsumerWake>(&output)) {
        wake = std::min(wake, at->at);
        continue;
      }
      if (auto* connect = std::get_if<ConsumerConnect>(&output)) connect->handle |= bit;
      if (auto* write = std::get_if<ConsumerWrite>(&output)) write->handle |= bit;
      if (auto* close = std::get_if<ConsumerClose>(&output)) close->handle |= bit;
      input_outputs_.push_back(std::move(output));
    }
  };
  gather(transfer_->input.take_outputs(), input_bit, transfer_->input_wake);
  gather(transfer_->group.take_outputs(), group_bit, transfer_->group_wake);
}

/// The application closes its consumer.
void ProducerHost::end_transfer() {
  if (!transfer_) return;
  transfer_->input.stop();
  transfer_->group.stop();
  gather_input_outputs();
  transfer_.reset();
}

// ---- the loop
// --------------------------------------------------------------------------------------------------------------------------

void ProducerHost::begin_transfer(const TransferStep& step, const ApplicationContext& context) {
  const auto topic = static_cast<std::uint32_t>(
      std::find(context.setup.topics.begin(), context.setup.topics.end(), step.from) - context.setup.topics.begin());
  const Scenario& plan = context.setup.scenario;
  transfer_.emplace();
  transfer_->input = Consumer{
      plan.producers[index_].name, {{step.from, topic}}, plan.cluster.brokers, context.setup.client_api_level(), true};
  transfer_->group =
      GroupClient{plan.producers[index_].name, step.group, plan.cluster.brokers, context.setup.client_api_level()};
  for (const std::int32_t partition : partitions_of(plan, step))
    transfer_->partitions.push_back({step.from, partition});
  if (producer_->config().transactional_id.empty()) transfer_->phase = Phase::ask_offsets;
}

ProducerHost::StepResult ProducerHost::transfer_step(std::uint32_t t, const TransferStep& step,
                                                     ApplicationContext& context) {
  if (!transfer_) begin_transfer(step, context);
  // A call that has returned goes on in its own phase; everything that waits for the consumer is looked at again.
  switch (transfer_->phase) {
    case Phase::initialize:
      if (const auto wait = initialize(t, context)) return *wait;
      return enter(Phase::ask_offsets);
    case Phase::ask_offsets:
      return ask_offsets(step, context);
    case Phase::offsets:
      return take_offsets(t, context);
    case Phase::poll:
      return poll_input(t, step, context);
    case Phase::begin:
      return begin_transferring(t, context);
    case Phase::send:
      return send_batch(t, step, context);
    case Phase::flush:
      return flush_batch(t, context);
    case Phase::add_offsets:
      return add_offsets(t, step, context);
    case Phase::commit:
      return commit_batch(t, context);
    case Phase::commit_offsets:
      return await_commit(t, step, context);
    case Phase::abort:
      return abort_batch(t, context);
    case Phase::done:
      break;
  }
  note(context, AppTrace::app_transfer_done, {t}, step.from);
  noted_positions_.clear();
  end_transfer();
  return StepResult::next;
}

ProducerHost::StepResult ProducerHost::enter(Phase phase) {
  transfer_->phase = phase;
  return StepResult::again;
}

ProducerHost::StepResult ProducerHost::ask_offsets(const TransferStep& step, ApplicationContext& context) {
  const bool remembers =
      !context.setup.producers[index_].application.transfer_after_restart && !noted_positions_.empty();
  transfer_->batch.clear();
  if (remembers && transfer_->read_to.empty()) {
    go_on_at(noted_positions_, context);
    return enter(Phase::poll);
  }
  note(context, AppTrace::app_asks_offsets, {}, step.group);
  transfer_->group.fetch(transfer_->partitions, context.sim.now);
  return enter(Phase::offsets);
}

ProducerHost::StepResult ProducerHost::take_offsets(std::uint32_t t, ApplicationContext& context) {
  const auto found = transfer_->group.take_result();
  if (!found) return StepResult::wait;
  for (const auto& [partition, offset] : *found)
    note(context, AppTrace::app_group_offset, {t, offset}, partition.describe());
  go_on_at(*found, context);
  return enter(Phase::poll);
}

void ProducerHost::go_on_at(const std::vector<GroupPosition>& positions, ApplicationContext& context) {
  std::vector<Assignment> assignments;
  for (const auto& [partition, offset] : positions) assignments.push_back({0, partition.partition, offset});
  transfer_->input.assign(assignments, context.sim.now);
}

ProducerHost::StepResult ProducerHost::poll_input(std::uint32_t t, const TransferStep& step,
                                                  ApplicationContext& context) {
  Transfer& transfer = *transfer_;
  transfer.batch = transfer.input.poll(step.max_poll_records, context.sim.now);
  if (transfer.batch.empty()) {
    if (!context.input_over) return StepResult::wait;
    LedgerTransferEnd end{index_, static_cast<std::uint32_t>(threads_[t].step), {}};
    for (const Consumer::Partition& partition : transfer.input.partitions())
      end.read_to.emplace_back(partition.number, partition.polled);
    context.ledger.transfer_ends.push_back(std::move(end));
    return enter(Phase::done);
  }
  transfer.sent = 0;
  transfer.records.clear();
  transfer.read_to.clear();
  for (const Consumer::Partition& partition : transfer.input.partitions()) {
    const bool read = std::any_of(transfer.batch.begin(), transfer.batch.end(),
                                  [&](const InputRecord& r) { return r.partition == partition.number; });
    if (read) transfer.read_to.emplace_back(TopicPartition{step.from, partition.number}, partition.polled);
  }
  noted_positions_.clear();
  for (const Consumer::Partition& partition : transfer.input.partitions()) {
    noted_positions_.emplace_back(TopicPartition{step.from, partition.number}, partition.polled);
    std::int64_t first = -1;
    std::int64_t last = -1;
    for (const InputRecord& record : transfer.batch) {
      if (record.partition != partition.number) continue;
      if (first < 0) first = record.offset;
      last = record.offset;
    }
    if (first >= 0)
      note(context, AppTrace::app_polled, {t, first, last}, TopicPartition{step.from, partition.number}.describe());
  }
  return enter(producer_->config().transactional_id.empty() ? Phase::send : Phase::begin);
}

ProducerHost::StepResult ProducerHost::begin_transferring(std::uint32_t t, ApplicationContext& context) {
  const StepResult result = begin_step(t, context);
  if (aborted_ || result != StepResult::next) return result;
  if (transaction_ == no_transaction) {
    transfer_->phase = Phase::abort;
    return again_soon(t, context);
  }
  return enter(Phase::send);
}

ProducerHost::StepResult ProducerHost::send_batch(std::uint32_t t, const TransferStep& step,
                                                  ApplicationContext& context) {
  Transfer& transfer = *transfer_;
  const bool transactional = transaction_ != no_transaction;
  // What send threw ends the attempt: the application aborts, or stops when nothing else is left to it.
  if (!transfer.records.empty() && context.ledger.records[transfer.records.back()].told == Told::refused) {
    if (transactional && producer_->transaction_manager()->has_fatal_error()) {
      aborted_ = true;
      return StepResult::again;
    }
    if (transactional) return enter(Phase::abort);
  }
  if (transfer.sent == transfer.batch.size()) return enter(transactional ? Phase::add_offsets : Phase::flush);
  const InputRecord& input = transfer.batch[transfer.sent++];
  Payload payload;
  payload.key = input.key;
  payload.value = input.value;
  payload.headers = input.headers;
  payload.headers.emplace_back(source_header, source_of(step.from, input.partition, input.offset));
  const std::uint64_t number = next_number_++;
  origins_.push_back(Origin{no_record, static_cast<std::uint32_t>(threads_[t].step), 0, 0});
  const auto record = static_cast<RecordIndex>(context.ledger.records.size());
  context.ledger.transfers.push_back({record, input.topic, input.partition, input.offset, input.identity});
  transfer.records.push_back(record);
  hand_over(t, Outgoing{step.to, std::nullopt, std::nullopt}, payload, number, no_record, Caller::application, context);
  return StepResult::again;
}

/// Without transactions: KafkaProducer.flush, then the offsets, so that a crash in between leads to records that are
/// sent twice and none that is missing.
ProducerHost::StepResult ProducerHost::flush_batch(std::uint32_t t, ApplicationContext& context) {
  Transfer& transfer = *transfer_;
  if (!std::exchange(threads_[t].flushed, true)) {
    note(context, AppTrace::app_flush, {t});
    const CallResult result = producer_->flush(context.instant);
    if (const auto* ticket = std::get_if<Ticket>(&result)) {
      threads_[t].blocked = *ticket;
      threads_[t].blocked_in = "flush";
      note(context, AppTrace::app_blocked, {t, static_cast<std::int64_t>(ticket->number)}, "flush");
      return StepResult::again;
    }
  }
  threads_[t].flushed = false;
  const bool all = std::all_of(transfer.records.begin(), transfer.records.end(),
                               [&](RecordIndex r) { return context.ledger.records[r].told == Told::acked; });
  if (all) return commit_outside(t, context);
  // Some of it was not written: everything is read and sent once more, from the committed offsets on.
  transfer.phase = Phase::ask_offsets;
  return again_soon(t, context);
}

ProducerHost::StepResult ProducerHost::add_offsets(std::uint32_t t, const TransferStep& step,
                                                   ApplicationContext& context) {
  if (!context.setup.producers[index_].application.transfer_offsets) return enter(Phase::commit);
  OffsetsToCommit offsets;
  for (const auto& [partition, offset] : transfer_->read_to)
    offsets.emplace(partition, OffsetAndMetadata{offset, std::nullopt, ""});
  const auto end = send_offsets(t, step.group, offsets, context);
  if (!end) return StepResult::again;
  if (!end->error) return enter(Phase::commit);
  report(t, *end->error, context);
  if (aborted_ || is_timeout(*end->error)) return again_soon(t, context);
  return enter(Phase::abort);
}

ProducerHost::StepResult ProducerHost::commit_batch(std::uint32_t t, ApplicationContext& context) {
  const TransactionIndex transaction = transaction_;
  const StepResult result = end_step(t, true, context);
  if (aborted_ || result != StepResult::next) return result;
  if (context.ledger.transactions[transaction].state != LedgerTransaction::State::committed)
    return after_transfer_abort(context);
  if (!context.setup.producers[index_].application.transfer_offsets) return commit_outside(t, context);
  return enter(Phase::poll);
}

ProducerHost::StepResult ProducerHost::abort_batch(std::uint32_t t, ApplicationContext& context) {
  const StepResult result = end_step(t, false, context);
  if (aborted_ || result != StepResult::next) return result;
  if (context.setup.scenario.producers[index_].on_error.kind == OnError::Kind::abort) {
    aborted_ = true;
    return StepResult::again;
  }
  // An abort that failed for no final reason is over for the application; not in the same instant again.
  const bool open = transaction_ != no_transaction;
  transaction_ = no_transaction;
  after_transfer_abort(context);
  return open ? again_soon(t, context) : StepResult::again;
}

/// KafkaConsumer's position is where it was: the application has to seek back to what is committed.
ProducerHost::StepResult ProducerHost::after_transfer_abort(const ApplicationContext& context) {
  return enter(context.setup.producers[index_].application.transfer_after_abort ? Phase::ask_offsets : Phase::poll);
}

ProducerHost::StepResult ProducerHost::commit_outside(std::uint32_t t, ApplicationContext& context) {
  for (const auto& [partition, offset] : transfer_->read_to)
    note(context, AppTrace::app_commits_offsets, {t, offset}, partition.describe());
  transfer_->group.commit(transfer_->read_to, context.sim.now);
  return enter(Phase::commit_offsets);
}

ProducerHost::StepResult ProducerHost::await_commit(std::uint32_t t, const TransferStep& step,
                                                    ApplicationContext& context) {
  if (!transfer_->group.take_result()) return StepResult::wait;
  note(context, AppTrace::app_offsets_committed, {t}, step.group);
  return enter(Phase::poll);
}

}  // namespace linger::scenarios

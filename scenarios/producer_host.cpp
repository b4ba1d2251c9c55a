#include "scenarios/producer_host.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "scenarios/ghost_state.h"
#include "scenarios/trace_kinds.h"

namespace linger::scenarios {

using sim::SimTime;

namespace {

constexpr sim::Stream entropy_stream = sim::Stream::of("producer");
const RoundRobinPartitioner round_robin;

/// An error that says for certain that the record was not written by the attempt that it answers. Earlier attempts may have written it, so it counts
/// only while the producer has not retried anything.
bool says_not_written(const KafkaError& error) {
  switch (error.code) {
    case ErrorCode::invalid_record:
    case ErrorCode::message_too_large:
    case ErrorCode::record_list_too_large:
    case ErrorCode::topic_authorization_failed:
    case ErrorCode::corrupt_message:
    case ErrorCode::out_of_order_sequence_number:
    case ErrorCode::invalid_timestamp:
    case ErrorCode::unsupported_compression_type:
    case ErrorCode::invalid_topic_exception: return error.family == ErrorFamily::api;
    default: return false;
  }
}

}  // namespace

std::uint64_t KeyedEntropy::draw(DrawUse use) {
  const auto which = static_cast<std::size_t>(use);
  const std::uint64_t n = draws_[which]++;
  return sim::draw(seed_, entropy_stream, name_.with(which), n);
}

ProducerHost::ProducerHost(const Setup& setup, std::uint32_t index, Instant now) : index_(index) {
  threads_.resize(setup.scenario.producers[index].threads.size());
  create_producer(setup, now);
}

void ProducerHost::create_producer(const Setup& setup, Instant now) {
  const ProducerSpec& spec = setup.scenario.producers[index_];
  entropy_ = KeyedEntropy{sim::Seed{setup.scenario.seed}, sim::Name::of(spec.name).with(incarnation_)};
  producer_.emplace(setup.producers[index_].config, now, entropy_, setup.producers[index_].behaviour);
  closed_ = false;
  initialized_ = false;
  transaction_ = no_transaction;
  partial_.clear();
  due_ = SimTime{};
  write_again_ = SimTime::never();
}

ProducerPlugins ProducerHost::plugins() const {
  ProducerPlugins used;
  if (producer_->config().partitioner == PartitionerKind::round_robin) used.partitioner = &round_robin;
  return used;
}

void ProducerHost::on_closed(std::uint64_t handle, bool connecting, sim::CloseKind how) {
  const ClientConnectionId connection{handle};
  forget_partial(connection);
  if (connecting) {
    producer_->on_connect_failed(connection);
  } else {
    producer_->on_closed(connection, how == sim::CloseKind::fin ? linger::CloseKind::fin : linger::CloseKind::reset);
  }
}

void ProducerHost::crash() {
  alive_ = false;
  partial_.clear();
  transfer_.reset();
  input_outputs_.clear();
}

void ProducerHost::restart(const Setup& setup, Instant now) {
  start_again(setup, now);
  for (std::size_t t = 0; t < threads_.size(); ++t) back_to_begin(threads_[t], setup.scenario.producers[index_].threads[t]);
}

void ProducerHost::start_again(const Setup& setup, Instant now) {
  alive_ = true;
  ++incarnation_;
  create_producer(setup, now);
  for (Thread& thread : threads_) {
    thread.blocked.reset();
    thread.blocked_record = no_record;
    thread.waits_for = no_record;
    thread.in_call = false;
    thread.call.reset();
    thread.aborts = false;
    thread.flushed = false;
  }
}

/// A process that died within a transaction does not know what became of it: the new one carries it out from its beginning.
void ProducerHost::back_to_begin(Thread& thread, const ApplicationThread& plan) {
  for (std::size_t step = std::min(thread.step + 1, plan.steps.size()); step-- > 0;) {
    const auto& what = plan.steps[step].what;
    if (std::holds_alternative<BeginStep>(what)) {
      thread.step = step;
      thread.step_began.reset();
      thread.finished = false;
      return;
    }
    const bool decided = std::holds_alternative<CommitStep>(what) || std::holds_alternative<AbortStep>(what);
    if (decided && step < thread.step) return;
  }
}

// ---- the producer --------------------------------------------------------------------------------------------------------------------

bool ProducerHost::work(ApplicationContext& context, const sim::Clock& clock) {
  if (!alive_) return false;
  if (context.sim.trace.on()) producer_->accumulator().observations().watch(true);
  if (write_again_ <= context.sim.now) write_again_ = SimTime::never();
  wake_input(context.sim.now);
  if (context.sim.now >= due_ || producer_->needs_poll()) poll(context, clock);
  bool moved = true;
  while (moved && alive_) {
    moved = false;
    for (std::uint32_t t = 0; t < threads_.size(); ++t) moved = advance(t, context) || moved;
  }
  take_observations(context);
  gather_input_outputs();
  return alive_ && (context.sim.now >= due_ || producer_->needs_poll());
}

bool ProducerHost::poll(ApplicationContext& context, const sim::Clock& clock) {
  const auto wait_ms = producer_->poll(context.instant, entropy_, plugins());
  due_ = !wait_ms ? SimTime::never() : *wait_ms == 0 ? context.sim.now : clock.when_mono_ns(saturating_add(context.instant.mono_ns, *wait_ms > forever_ms / 1'000'000 ? forever_ms : *wait_ms * 1'000'000), context.sim.now);
  if (const TransactionManager* transactions = producer_->transaction_manager()) {
    const ProducerIdAndEpoch now = transactions->producer_id_and_epoch();
    if (identity_.valid() && now.valid() && now != identity_) ++epoch_bumps_;
    if (now.valid()) identity_ = now;
  }
  take_observations(context);
  take_reports(context);
  return true;
}

void ProducerHost::take_observations(ApplicationContext& context) {
  ProducerObservations& observations = producer_->accumulator().observations();
  for (const ProducerObservation& seen : observations.list()) {
    std::uint32_t text = 0;
    if (seen.partition >= 0) text = context.sim.trace.intern(producer_->topic_name(seen.topic) + "-" + std::to_string(seen.partition));
    context.sim.record(trace_kind(seen.event), context.host, trace_args(seen), text);
  }
  observations.clear();
}

void ProducerHost::take_reports(ApplicationContext& context) {
  // Callbacks may send: what they cause comes with the next poll.
  const RecordCompletions reports = producer_->take_completions();
  for (const RecordCompletion& report : reports.records) {
    const auto record = static_cast<RecordIndex>(report.record);
    if (report.ok()) {
      LedgerRecord& entry = context.ledger.records[record];
      // A record whose send threw outside a transaction lies in the accumulator all the same, and joins the next one.
      if (entry.transaction == no_transaction) entry.transaction = transaction_;
      const auto topic = static_cast<std::int32_t>(entry.topic);
      context.ledger.acked(record, report.partition, report.offset, report.timestamp, context.sim.now, context.sim.event, context.ghost.holders(topic, report.partition));
      if (context.sim.trace.on()) {
        const TopicPartition partition{producer_->topic_name(report.topic), report.partition};
        context.sim.record(trace_kind(AppTrace::app_acked), context.host,
                           {record, static_cast<std::int64_t>(context.ledger.records[record].number), report.offset, report.timestamp},
                           context.sim.trace.intern(partition.describe()));
      }
    } else {
      context.ledger.records[record].partition = report.partition;
      tell(record, reports.errors[report.error], false, context);
      after_failure(record, context);
    }
  }
  for (const Settlement& settlement : producer_->take_settlements()) settle(settlement, context);
}

void ProducerHost::tell(RecordIndex record, const std::optional<KafkaError>& error, bool thrown, ApplicationContext& context) {
  LedgerRecord& entry = context.ledger.records[record];
  const bool refused = thrown || entry.partition < 0;
  if (refused) {
    context.ledger.refused(record, error->exception, context.sim.now, context.sim.event);
  } else {
    context.ledger.failed(record, error->exception, says_not_written(*error) && producer_->sender().batches_retried() == 0, context.sim.now, context.sim.event);
  }
  if (context.sim.trace.on()) {
    const AppTrace kind = refused ? AppTrace::app_refused : AppTrace::app_failed;
    context.sim.record(trace_kind(kind), context.host, {record, static_cast<std::int64_t>(entry.number), refused ? (thrown ? 1 : 0) : (entry.definite ? 1 : 0)},
                       context.sim.trace.intern(error->exception));
  }
}

void ProducerHost::settle(const Settlement& settlement, ApplicationContext& context) {
  for (Thread& thread : threads_) {
    if (thread.blocked != settlement.ticket) continue;
    thread.blocked.reset();
    const RecordIndex record = std::exchange(thread.blocked_record, no_record);
    bool failed = false;
    if (std::exchange(thread.in_call, false)) thread.call = CallEnd{};
    if (const auto* thrown = std::get_if<Thrown>(&settlement.result)) {
      failed = true;
      if (thread.call) thread.call->error = thrown->error;
      if (record != no_record) tell(record, thrown->error, true, context);
    } else if (const auto* sent = std::get_if<Sent>(&settlement.result); sent != nullptr && record != no_record) {
      if (sent->failure) {
        failed = true;
        tell(record, sent->failure, true, context);
      } else {
        context.ledger.records[record].partition = sent->partition;
      }
    }
    if (context.sim.trace.on()) {
      context.sim.record(trace_kind(AppTrace::app_resumed), context.host,
                         {static_cast<std::int64_t>(&thread - threads_.data()), static_cast<std::int64_t>(settlement.ticket.number), failed ? 1 : 0},
                         context.sim.trace.intern(thread.blocked_in));
    }
  }
}

void ProducerHost::pull(ClientConnectionId connection, std::int64_t room, std::vector<sim::Bytes>& frames) {
  if (room <= 0) return;
  auto found = std::find_if(partial_.begin(), partial_.end(), [&](const auto& p) { return p.first == connection.value(); });
  if (found == partial_.end()) found = partial_.insert(partial_.end(), {connection.value(), {}});
  producer_->pull(connection, static_cast<std::size_t>(room), found->second);
  std::vector<std::byte>& bytes = found->second;
  std::size_t begin = 0;
  while (bytes.size() - begin >= 4) {
    const auto size = static_cast<std::size_t>(wire::load<std::int32_t>(bytes.data() + begin)) + 4;
    if (bytes.size() - begin < size) break;
    frames.push_back(sim::Bytes::copy_of({bytes.data() + begin, size}));
    begin += size;
  }
  bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(begin));
}

void ProducerHost::forget_partial(ClientConnectionId connection) {
  std::erase_if(partial_, [&](const auto& p) { return p.first == connection.value(); });
}

SimTime ProducerHost::next_wake() const {
  SimTime at = std::min(due_, write_again_);
  for (const Thread& thread : threads_) at = std::min(at, thread.wake);
  if (transfer_) at = std::min({at, transfer_->input_wake, transfer_->group_wake});
  return at;
}

bool ProducerHost::workload_done() const {
  return std::all_of(threads_.begin(), threads_.end(), [](const Thread& t) { return t.finished; });
}

bool ProducerHost::settled() const {
  if (!alive_) return true;
  return !producer_->accumulator().has_incomplete() && producer_->waiting_calls().empty();
}

bool ProducerHost::quiet() const {
  return settled() && (!alive_ || producer_->client().requests_in_flight() == 0);
}

std::string ProducerHost::waits_for() const {
  if (!alive_) return "its process is gone";
  const auto calls = producer_->waiting_calls();
  if (!calls.empty()) return calls.front().second;
  return producer_->accumulator().has_incomplete() ? "a batch that is neither sent nor given up" : "nothing";
}

}  // namespace linger::scenarios

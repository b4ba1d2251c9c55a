#include "ui/gui/model/producer_facts.h"

#include <algorithm>

#include "protocol/api_key.h"
#include "scenarios/runner.h"
#include "scenarios/trace_kinds.h"

namespace linger::gui {
namespace {

using scenarios::AppTrace;
using scenarios::Run;

std::string name_of(const TopicPartition& partition) {
  return partition.topic + "-" + std::to_string(partition.partition);
}

/// The producer's wall clock: the planned changes of it up to the cursor, on the clock that every host begins with.
std::int64_t wall_ms(const Session& session, const Cursor& cursor, std::uint32_t producer) {
  const Run& run = session.run();
  const std::string& host = run.setup->hosts[run.setup->producer_host(producer).value()];
  sim::Clock clock;
  const auto changes = [&](const scenarios::Fault& fault) {
    const auto* change = std::get_if<scenarios::ClockChange>(&fault.action);
    return change != nullptr && change->host == host ? change : nullptr;
  };
  const auto& faults = run.setup->scenario.faults;
  if (std::none_of(faults.begin(), faults.end(), [&](const auto& fault) { return changes(fault) != nullptr; }))
    return clock.wall_ms(cursor.at);
  const std::uint64_t end = session.records_until(cursor);
  for (std::uint64_t i = 0; i < end; ++i) {
    const sim::TraceRecord& record = run.trace.at(i);
    if (record.kind != scenarios::trace_kind(AppTrace::fault_strikes)) continue;
    const auto* change = changes(faults[static_cast<std::size_t>(record.args[0])]);
    if (change == nullptr) continue;
    clock.jump(change->offset, record.at);
    if (change->drift_ppm != 0) clock.set_drift(change->drift_ppm, record.at);
  }
  return clock.wall_ms(cursor.at);
}

BatchFacts facts_of(const ProducerBatch& batch, const ProducerFacts& producer, std::int64_t now_ms,
                    std::optional<scenarios::RecordIndex> selected) {
  BatchFacts out;
  out.number = batch.number();
  out.partition = name_of(batch.topic_partition());
  out.records = batch.record_count();
  out.bytes = batch.estimated_size_in_bytes();
  out.batch_size = batch.initial_capacity();
  out.attempts = batch.attempts() + (batch.is_inflight() ? 1 : 0);
  out.open = batch.is_writable();
  out.in_flight = batch.is_inflight();
  if (batch.has_sequence()) {
    out.first_seq = batch.base_sequence();
    out.last_seq = batch.last_sequence();
  }
  out.waited_ms = batch.waited_time_ms(now_ms);
  out.linger_left_ms =
      batch.is_inflight() || batch.in_retry() ? 0 : std::max<std::int64_t>(0, producer.linger_ms - out.waited_ms);
  out.deadline_left_ms = std::max<std::int64_t>(0, producer.delivery_timeout_ms - (now_ms - batch.created_ms()));
  if (selected) {
    const auto& thunks = batch.thunks();
    out.holds_selected =
        std::any_of(thunks.begin(), thunks.end(), [&](const auto& thunk) { return thunk.record == *selected; });
  }
  return out;
}

/// What a produce_sent record says of a request: with several batches, the first of them stands in the end.
void note_batch(const Run& run, const sim::TraceRecord& record, RequestFacts& request) {
  ++request.batches;
  request.partition = run.trace.text(record.text);
  request.first_seq = record.args[6];
  request.last_seq = record.args[6] < 0 ? -1 : record.args[6] + record.args[2] - 1;
  request.attempt = record.args[7];
}

/// Fills in what the trace says of Produce requests in flight, by correlation id. A new process uses the same ids
/// again: the last one counts.
void read_requests(const Session& session, const Cursor& cursor, std::uint32_t producer,
                   std::vector<std::pair<std::int64_t, RequestFacts*>> open) {
  const Run& run = session.run();
  const sim::HostId host = run.setup->producer_host(producer);
  const std::uint16_t sent = scenarios::trace_kind(AppTrace::produce_sent);
  for (std::uint64_t i = session.records_until(cursor); i > 0 && !open.empty(); --i) {
    const sim::TraceRecord& record = run.trace.at(i - 1);
    if (record.kind != sent || record.host != host) continue;
    const auto one = std::find_if(open.begin(), open.end(), [&](const auto& o) { return o.first == record.args[1]; });
    if (one == open.end()) continue;
    for (std::uint64_t j = i; j > 0 && run.trace.at(j - 1).event == record.event; --j) {
      const sim::TraceRecord& batch = run.trace.at(j - 1);
      if (batch.kind == sent && batch.host == host && batch.args[1] == record.args[1])
        note_batch(run, batch, *one->second);
    }
    open.erase(one);
  }
}

void read_connections(const Session& session, const Cursor& cursor, std::uint32_t producer, std::int64_t now_ms,
                      const NetworkClient& client, ProducerFacts& out) {
  const ClusterConnectionStates& states = client.connection_states();
  for (std::int32_t n = 1; n <= session.run().setup->scenario.cluster.brokers; ++n) {
    const NodeId node{n};
    ConnectionFacts one;
    one.node = n;
    if (states.is_connected(node))
      one.state = ConnectionFacts::State::ready;
    else if (states.is_connecting(node))
      one.state = ConnectionFacts::State::connecting;
    else if (states.is_preparing_connection(node))
      one.state = ConnectionFacts::State::api_versions;
    else if (states.is_disconnected(node))
      one.state = ConnectionFacts::State::lost;
    else
      continue;  // never tried
    out.connections.push_back(std::move(one));
  }
  std::vector<std::pair<std::int64_t, RequestFacts*>> open;
  for (ConnectionFacts& one : out.connections) {
    const auto& requests = client.in_flight().of(NodeId{one.node});
    one.in_flight.resize(requests.size());
    for (std::size_t i = 0; i < requests.size(); ++i) {
      RequestFacts& facts = one.in_flight[i];
      facts.api = api_name(requests[i].api_key);
      facts.produce = requests[i].api_key == ApiKey::produce;
      facts.waits_ms = std::max<std::int64_t>(0, now_ms - requests[i].send_time_ms);
      if (facts.produce) open.emplace_back(requests[i].correlation_id.value(), &facts);
    }
  }
  read_requests(session, cursor, producer, std::move(open));
}

}  // namespace

ProducerFacts producer_facts(Session& session, const Cursor& cursor, std::uint32_t producer,
                             std::optional<scenarios::RecordIndex> selected) {
  const scenarios::World& world = session.world_at(cursor);
  const scenarios::ProducerHost& host = world.producers()[producer];
  const scenarios::ProducerSpec& spec = session.run().setup->scenario.producers[producer];
  const KafkaProducer& core = host.producer();
  const ProducerConfig& config = core.config();
  ProducerFacts out;
  out.name = spec.name;
  out.alive = host.alive();
  out.closed = host.closed();
  out.acks = config.acks;
  out.batch_size = core.accumulator().config().batch_size;
  out.linger_ms = core.accumulator().config().linger_ms;
  out.delivery_timeout_ms = core.accumulator().delivery_timeout_ms();
  out.max_in_flight = config.max_in_flight_requests_per_connection;
  const BufferPool& pool = core.accumulator().pool();
  out.memory_total = pool.total_memory();
  if (!out.alive) return out;
  out.memory_used = pool.total_memory() - pool.available_memory();
  out.waiting_for_memory = pool.queued();
  if (const TransactionManager* transactions = core.transaction_manager()) {
    out.idempotent = true;
    if (transactions->has_producer_id()) {
      out.producer_id = transactions->producer_id_and_epoch().id.value();
      out.epoch = transactions->producer_id_and_epoch().epoch.value();
    }
    for (const TxnPartitionEntry& entry : transactions->txn_partition_map().entries())
      out.sequences.push_back({name_of(entry.partition()), entry.next_sequence(), entry.last_acked_sequence()});
    if (transactions->is_transactional()) {
      out.transactional_id = transactions->transactional_id();
      out.transaction_state = state_name(transactions->current_state());
    }
  }
  const std::int64_t now_ms = wall_ms(session, cursor, producer);
  const BatchTable& batches = core.accumulator().batches();
  for (const BatchId id : core.accumulator().incomplete()) {
    if (batches.contains(id)) out.batches.push_back(facts_of(batches[id], out, now_ms, selected));
  }
  read_connections(session, cursor, producer, now_ms, core.client(), out);
  return out;
}

std::vector<Metric> producer_metrics(Session& session, const Cursor& cursor, std::uint32_t producer) {
  const scenarios::World& world = session.world_at(cursor);
  if (!world.producers()[producer].alive()) return {};
  return world.producer_metrics(producer);
}

}  // namespace linger::gui

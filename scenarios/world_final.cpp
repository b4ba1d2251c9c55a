// What runner and searches ask of a world: the final phase, whether anything is still open, and other fates.
#include <algorithm>
#include <cassert>
#include <utility>

#include "scenarios/faults.h"
#include "scenarios/trace_kinds.h"
#include "scenarios/world.h"

namespace linger::scenarios {

using sim::Context;
using sim::HostId;

namespace {

/// What the runner does between two events happens at the last event's moment and has no event of its own as a cause.
Context between_events(sim::EventQueue& queue, sim::Fingerprint& fingerprint, sim::Trace& trace) {
  return Context{queue.now(), sim::no_event, queue, fingerprint, trace};
}

}  // namespace

void World::end_all_faults(sim::Trace& trace) {
  Context context = between_events(queue_, fingerprint_, trace);
  Faults{*this}.end_all(context);
}

bool World::elect(std::int32_t topic, std::int32_t partition, std::int32_t broker, sim::Trace& trace) {
  Context context = between_events(queue_, fingerprint_, trace);
  return Faults{*this}.move_leader(topic, partition, broker, context);
}

void World::start_witness(sim::Trace& trace) {
  Context context = between_events(queue_, fingerprint_, trace);
  for (auto index = static_cast<std::uint32_t>(setup_->scenario.consumers.size()); index < consumers_.size(); ++index) {
    consumers_[index].start(context.now);
    take_outputs(consumers_[index], setup_->consumer_host(index), context);
  }
}

void World::record_phase(const char* name, sim::Trace& trace) {
  Context context = between_events(queue_, fingerprint_, trace);
  if (trace.on()) context.record(trace_kind(AppTrace::phase), sim::no_host, {}, trace.intern(name));
}

const broker::Controller* World::active_controller() const {
  const broker::Controller* found = nullptr;
  for (const broker::Controller& controller : controllers_) {
    if (controller.active() && (found == nullptr || controller.epoch() > found->epoch())) found = &controller;
  }
  return found;
}

bool World::workload_done() const {
  return std::all_of(producers_.begin(), producers_.end(), [](const ProducerHost& p) { return p.workload_done(); });
}

bool World::quiet() const {
  return std::all_of(producers_.begin(), producers_.end(), [](const ProducerHost& p) { return p.quiet(); });
}

bool World::unacknowledged_under_way() const {
  return std::any_of(wires_.begin(), wires_.end(), [&](const Wire& wire) {
    if (std::none_of(wire.pending.begin(), wire.pending.end(), [](const PendingRequest& p) { return p.acks == 0; })) return false;
    const std::optional<sim::ConnectionInfo> info = network_.info(wire.id);
    return info && info->server_open;
  });
}

bool World::settled() const {
  return std::all_of(producers_.begin(), producers_.end(), [](const ProducerHost& p) { return p.settled(); });
}

std::optional<World::NextMessage> World::next_message() const {
  const sim::Event event = queue_.next();
  const auto facts = facts_of(event, [](ApiKey, bool) { return true; });
  if (!facts || facts->producer < 0) return std::nullopt;
  const auto message = network_.peek(event);
  const auto bytes = message->bytes->span();
  NextMessage next{*facts, 0, {}};
  const auto add = [&](std::int64_t word) { next.content = sim::detail::mix_word(next.content, static_cast<std::uint64_t>(word)); };
  const Wire& wire = *this->wire(message->connection);
  const std::int32_t correlation = facts->response ? read_response_correlation(bytes) : read_request_head(bytes).correlation;
  const auto asked = std::find_if(wire.pending.begin(), wire.pending.end(), [&](const PendingRequest& p) { return p.correlation == correlation; });
  add(asked == wire.pending.end() ? 0 : asked->forged);
  if (facts->api != ApiKey::produce || asked == wire.pending.end()) {
    next.content = sim::detail::mix_word(next.content, sim::hash_bytes(bytes));
  } else if (facts->response) {
    for (const AnswerOnWire& answer : read_produce_answer(bytes, asked->version, topics_)) {
      next.partitions.emplace_back(answer.topic, answer.partition);
      for (const std::int64_t word : {std::int64_t{answer.topic}, std::int64_t{answer.partition}, std::int64_t{answer.error}, answer.base_offset}) add(word);
    }
  } else {
    for (const BatchOnWire& batch : read_produce_batches(bytes, asked->version, topics_, false)) {
      next.partitions.emplace_back(batch.topic, batch.partition);
      for (const std::int64_t word : {std::int64_t{batch.topic}, std::int64_t{batch.partition}, batch.producer.id.value(), std::int64_t{batch.producer.epoch.value()},
                                      std::int64_t{batch.base_sequence}, std::int64_t{batch.records}}) {
        add(word);
      }
      next.content = sim::detail::mix_word(next.content, batch.content);
    }
  }
  return next;
}

void World::add_faults(std::shared_ptr<const Setup> with, std::int64_t counted) {
  assert(with->scenario.faults.size() >= setup_->scenario.faults.size());
  setup_ = std::move(with);
  const std::size_t faults = setup_->scenario.faults.size();
  fault_active_.resize(faults, 0);
  sim::Trace off{sim::Trace::Mode::off};
  Context context = between_events(queue_, fingerprint_, off);
  while (fault_progress_.faults.size() < faults) {
    const auto added = static_cast<std::uint32_t>(fault_progress_.faults.size());
    FaultProgress::One one;
    one.counted = counted;
    fault_progress_.faults.push_back(one);
    if (setup_->scenario.faults[added].at) Faults{*this}.schedule(added, context);
  }
}

std::size_t World::open_requests(ApiKey api) const {
  std::size_t open = 0;
  for (const Wire& wire : wires_) {
    if (!network_.info(wire.id)) continue;
    open += static_cast<std::size_t>(
        std::count_if(wire.pending.begin(), wire.pending.end(), [&](const PendingRequest& pending) { return pending.api == api; }));
  }
  return open;
}

bool World::replication_under_way() const {
  const auto is_broker = [&](sim::HostId host) { return setup_->roles[host.value()].kind == HostKind::broker; };
  for (const Wire& wire : wires_) {
    if (!is_broker(wire.hosts[0]) || !is_broker(wire.hosts[1])) continue;
    for (const sim::Bytes* message : network_.under_way(wire.id, sim::Direction::to_client)) {
      const std::int32_t correlation = read_response_correlation(message->span());
      const auto asked = std::find_if(wire.pending.begin(), wire.pending.end(), [&](const PendingRequest& p) { return p.correlation == correlation; });
      if (asked != wire.pending.end() && asked->api == ApiKey::fetch && has_records(message->span(), asked->version)) return true;
    }
  }
  return false;
}

}  // namespace linger::scenarios

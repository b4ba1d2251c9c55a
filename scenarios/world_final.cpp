// What the runner asks of a world: the final phase, and whether anything is still open.
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

}  // namespace linger::scenarios

#include "scenarios/faults.h"

#include <cassert>
#include <cstdint>
#include <type_traits>
#include <variant>

#include "scenarios/trace_kinds.h"
#include "scenarios/world.h"

namespace linger::scenarios {

using sim::Context;
using sim::HostId;
using sim::SimTime;

HostId Faults::host(const std::string& name) const {
  const std::int32_t found = world_.setup_->host(name);
  assert(found >= 0);
  return HostId{static_cast<std::uint32_t>(found)};
}

bool Faults::is_up(HostId h) const {
  return !world_.hosts_[h.value()].stopped;
}

void Faults::hit(std::size_t fault, Context& context, std::int64_t times) {
  if (times <= 0) {
    if (context.trace.on()) context.record(trace_kind(AppTrace::fault_misses), sim::no_host, {static_cast<std::int64_t>(fault)}, context.trace.intern(world_.setup_->scenario.faults[fault].id));
    return;
  }
  constexpr std::int64_t looked_at = 4;
  std::int64_t& hits = world_.fault_progress_.faults[fault].hits;
  if (hits < looked_at) {
    world_.counters_.situations.push_back({static_cast<std::uint32_t>(fault), producer_situation(world_), cluster_situation(world_)});
  }
  hits += times;
}

void Faults::schedule(Context& context) {
  const auto& faults = world_.setup_->scenario.faults;
  for (std::uint32_t f = 0; f < faults.size(); ++f) {
    if (!faults[f].at) continue;
    schedule(f, context);
  }
  const auto& topics = world_.setup_->scenario.cluster.topics;
  for (std::uint32_t t = 0; t < topics.size(); ++t) {
    if (!topics[t].created) continue;
    context.queue.push_planned(SimTime::at(*topics[t].created), first_topic + t, sim::Strike{t, create_topic_phase});
    ++world_.pending_strikes_;
  }
}

void Faults::schedule(std::uint32_t fault, Context& context) {
  context.queue.push_planned(SimTime::at(*world_.setup_->scenario.faults[fault].at), fault, sim::Strike{fault, begin_phase});
  ++world_.pending_strikes_;
}

void Faults::strike(const sim::Strike& strike, Context& context) {
  --world_.pending_strikes_;
  if (strike.phase == restart_phase) {
    restart(HostId{strike.fault}, context);
  } else if (strike.phase == create_topic_phase) {
    // An operator's request without a fault: no fault of the plan has such a number.
    ask(no_fault, CreateTopic{world_.setup_->scenario.cluster.topics[strike.fault]}, context);
  } else if (strike.phase == begin_phase) {
    ++world_.fault_progress_.faults[strike.fault].matched;
    begin(strike.fault, context);
  } else {
    end(strike.fault, context);
  }
}

void Faults::begin(std::size_t fault, Context& context) {
  const Fault& planned = world_.setup_->scenario.faults[fault];
  if (context.trace.on()) context.record(trace_kind(AppTrace::fault_strikes), sim::no_host, {static_cast<std::int64_t>(fault), 0}, context.trace.intern(planned.id));
  const std::optional<std::int64_t> hits = std::visit(
      [&](const auto& action) -> std::optional<std::int64_t> {
        using What = std::decay_t<decltype(action)>;
        if constexpr (std::is_same_v<What, DiskFault>) {
          return start(action, planned.lasts, context);
        } else if constexpr (requires { start(action, context); }) {
          return start(action, context);
        } else {
          return std::nullopt;
        }
      },
      planned.action);
  if (!hits) {
    // Topics, partitions and records are an operator's requests; the answer tells whether it changed anything.
    ask(fault, planned.action, context);
    return;
  }
  hit(fault, context, *hits);
  world_.fault_active_[fault] = 1;
  if (!planned.lasts) return;
  context.schedule(context.now + *planned.lasts, sim::Strike{static_cast<std::uint32_t>(fault), end_phase});
  ++world_.pending_strikes_;
}

void Faults::end(std::size_t fault, Context& context) {
  if (world_.fault_active_[fault] == 0) return;
  world_.fault_active_[fault] = 0;
  const Fault& planned = world_.setup_->scenario.faults[fault];
  if (context.trace.on()) context.record(trace_kind(AppTrace::fault_ends), sim::no_host, {static_cast<std::int64_t>(fault)}, context.trace.intern(planned.id));
  std::visit(
      [&](const auto& action) {
        if constexpr (requires { finish(action, context); }) finish(action, context);
      },
      planned.action);
}

void Faults::end_all(Context& context) {
  for (std::size_t f = 0; f < world_.fault_active_.size(); ++f) end(f, context);
  for (std::uint32_t f = 0; f < world_.setup_->scenario.faults.size(); ++f) world_.fault_progress_.faults[f].spent = true;
  for (std::uint32_t h = 0; h < world_.hosts_.size(); ++h) {
    const HostKind kind = world_.setup_->roles[h].kind;
    if (world_.hosts_[h].paused) resume(HostId{h}, context);
    if (world_.hosts_[h].stopped && (kind == HostKind::broker || kind == HostKind::controller)) restart(HostId{h}, context);
  }
}

}  // namespace linger::scenarios

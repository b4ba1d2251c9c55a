#include "scenarios/faults.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "scenarios/random_plan.h"
#include "scenarios/trace_kinds.h"
#include "scenarios/world.h"

namespace linger::scenarios {

using sim::Context;
using sim::HostId;
using sim::Side;
using sim::SimTime;

namespace {

NamedPartition named(const Setup& setup, const std::string& name) {
  const std::size_t dash = name.rfind('-');
  const std::string topic = name.substr(0, dash);
  const auto found = std::find(setup.topics.begin(), setup.topics.end(), topic);
  return {found == setup.topics.end() ? -1 : static_cast<std::int32_t>(found - setup.topics.begin()), std::stoi(name.substr(dash + 1))};
}

sim::Latency times(const LatencySpec& spec, std::int64_t factor) {
  switch (spec.kind) {
    case LatencySpec::Kind::constant: return sim::Latency::constant(spec.low * factor);
    case LatencySpec::Kind::uniform: return sim::Latency::uniform(spec.low * factor, spec.high * factor);
    case LatencySpec::Kind::exponential: return sim::Latency::exponential(spec.low * factor, (spec.high - spec.low) * factor);
  }
  return sim::Latency::constant(spec.low);
}

std::int32_t broker_number(const std::string& host) {
  return std::stoi(host.substr(1));
}

}  // namespace

HostId Faults::host(const std::string& name) const {
  const std::int32_t found = world_.setup_->host(name);
  assert(found >= 0);
  return HostId{static_cast<std::uint32_t>(found)};
}

std::optional<std::uint32_t> Faults::active_controller() const {
  std::optional<std::uint32_t> found;
  for (std::uint32_t c = 0; c < world_.controllers_.size(); ++c) {
    const broker::Controller& controller = world_.controllers_[c];
    if (controller.active() && (!found || controller.epoch() > world_.controllers_[*found].epoch())) found = c;
  }
  return found;
}

void Faults::hit(std::size_t fault, Context& context, std::int64_t times) {
  if (times <= 0) {
    if (context.trace.on()) context.record(trace_kind(AppTrace::fault_misses), sim::no_host, {static_cast<std::int64_t>(fault)}, context.trace.intern(world_.setup_->scenario.faults[fault].id));
    return;
  }
  world_.fault_progress_.faults[fault].hits += times;
}

// ---- by time -------------------------------------------------------------------------------------------------------------------------

void Faults::schedule(Context& context) {
  const auto& faults = world_.setup_->scenario.faults;
  for (std::uint32_t f = 0; f < faults.size(); ++f) {
    if (!faults[f].at) continue;
    context.schedule(SimTime::at(*faults[f].at), sim::Strike{f, begin_phase});
    ++world_.pending_strikes_;
  }
  const auto& topics = world_.setup_->scenario.cluster.topics;
  for (std::uint32_t t = 0; t < topics.size(); ++t) {
    if (!topics[t].created) continue;
    context.schedule(SimTime::at(*topics[t].created), sim::Strike{static_cast<std::uint32_t>(faults.size()) + t, begin_phase});
    ++world_.pending_strikes_;
  }
}

void Faults::strike(const sim::Strike& strike, Context& context) {
  --world_.pending_strikes_;
  if (strike.phase == restart_phase) {
    restart(HostId{strike.fault}, context);
  } else if (strike.fault >= world_.setup_->scenario.faults.size()) {
    const TopicSpec& topic = world_.setup_->scenario.cluster.topics[strike.fault - world_.setup_->scenario.faults.size()];
    ask(strike.fault, CreateTopic{topic}, context);
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
  const auto is_up = [&](HostId h) { return !world_.hosts_[h.value()].stopped; };
  std::int64_t hits = 0;
  if (const auto* crash = std::get_if<Crash>(&planned.action)) {
    const HostId h = host(crash->host);
    hits = is_up(h) ? 1 : 0;
    if (hits > 0) stop(h, crash->power, context);
    if (hits > 0 && crash->restart_after) {
      world_.hosts_[h.value()].restart_at = context.now + *crash->restart_after;
      schedule_restart(h, context);
    }
  } else if (const auto* again = std::get_if<Restart>(&planned.action)) {
    hits = is_up(host(again->host)) ? 0 : 1;
    restart(host(again->host), context);
  } else if (const auto* paused = std::get_if<Pause>(&planned.action)) {
    const HostId h = host(paused->host);
    hits = is_up(h) && !world_.hosts_[h.value()].paused ? 1 : 0;
    if (hits > 0) pause(h, context);
  } else if (const auto* shutdown = std::get_if<Shutdown>(&planned.action)) {
    const HostId h = host(shutdown->host);
    const HostRole role = world_.setup_->roles[h.value()];
    hits = is_up(h) && role.kind == HostKind::broker ? 1 : 0;
    if (hits > 0) {
      if (shutdown->restart_after) world_.hosts_[h.value()].restart_at = context.now + *shutdown->restart_after;
      world_.brokers_[role.index].controlled_shutdown(context.now);
      world_.take_outputs(world_.brokers_[role.index], h, context);
    }
  } else if (const auto* clock = std::get_if<ClockChange>(&planned.action)) {
    const HostId h = host(clock->host);
    const HostRole role = world_.setup_->roles[h.value()];
    sim::Clock& changed = role.kind == HostKind::broker ? world_.brokers_[role.index].clock() : role.kind == HostKind::controller ? world_.controllers_[role.index].clock() : world_.hosts_[h.value()].clock;
    changed.jump(clock->offset, context.now);
    if (clock->drift_ppm != 0) changed.set_drift(clock->drift_ppm, context.now);
    hits = 1;
  } else if (const auto* slow = std::get_if<SlowRequests>(&planned.action)) {
    const HostRole role = world_.setup_->roles[host(slow->host).value()];
    if (role.kind == HostKind::broker) world_.brokers_[role.index].set_slowness(slow->factor * 100);
    if (role.kind == HostKind::controller) world_.controllers_[role.index].set_slowness(slow->factor * 100);
    hits = is_up(host(slow->host)) ? 1 : 0;
  } else if (const auto* disk_fault = std::get_if<DiskFault>(&planned.action)) {
    disk(*disk_fault, planned.lasts, false, context);
    hits = 1;
  } else if (const auto* cut_action = std::get_if<Cut>(&planned.action)) {
    cut(*cut_action, false, context);
    hits = 1;
  } else if (const auto* slow_link = std::get_if<SlowLink>(&planned.action)) {
    change_links(slow_link->hosts, planned.action, false, context);
    hits = connected(host(slow_link->hosts[0]), host(slow_link->hosts[1])) ? 1 : 0;
  } else if (const auto* lossy = std::get_if<LossyLink>(&planned.action)) {
    change_links(lossy->hosts, planned.action, false, context);
    hits = connected(host(lossy->hosts[0]), host(lossy->hosts[1])) ? 1 : 0;
  } else if (const auto* bandwidth = std::get_if<LimitBandwidth>(&planned.action)) {
    change_links(bandwidth->hosts, planned.action, false, context);
    hits = connected(host(bandwidth->hosts[0]), host(bandwidth->hosts[1])) ? 1 : 0;
  } else if (const auto* closing = std::get_if<CloseConnections>(&planned.action)) {
    hits = close_connections(closing->hosts, context);
  } else if (const auto* election = std::get_if<Elect>(&planned.action)) {
    hits = elect(*election, context) ? 1 : 0;
  } else if (const auto* isr = std::get_if<ChangeIsr>(&planned.action)) {
    hits = change_isr(*isr, context) ? 1 : 0;
  } else if (std::holds_alternative<FailOverController>(planned.action)) {
    if (const auto active = active_controller()) {
      world_.controllers_[*active].resign(context.now);
      world_.take_outputs(world_.controllers_[*active], world_.setup_->controller_host(*active), context);
      hits = 1;
    }
  } else if (const auto* move = std::get_if<Reassign>(&planned.action)) {
    if (const auto active = active_controller()) {
      const NamedPartition p = named(*world_.setup_, move->partition);
      broker::Replicas target;
      for (const std::string& name : move->replicas) target.push_back(broker_number(name));
      hits = world_.controllers_[*active].reassign({world_.topics_.ids[static_cast<std::size_t>(p.topic)], p.number}, target, context.now) ? 1 : 0;
      world_.take_outputs(world_.controllers_[*active], world_.setup_->controller_host(*active), context);
    }
  } else if (const auto* config = std::get_if<ChangeConfig>(&planned.action)) {
    if (const auto active = active_controller()) {
      for (const auto& [key, value] : config->config) {
        const NodeId node = config->host ? NodeId{broker_number(*config->host)} : no_node;
        hits += world_.controllers_[*active].alter_config(config->topic.value_or(""), node, key, value, context.now) ? 1 : 0;
      }
      world_.take_outputs(world_.controllers_[*active], world_.setup_->controller_host(*active), context);
    }
  } else if (const auto* expire = std::get_if<ExpireProducerIds>(&planned.action)) {
    std::optional<broker::TopicIdPartition> only;
    if (expire->partition) {
      const NamedPartition p = named(*world_.setup_, *expire->partition);
      only = broker::TopicIdPartition{world_.topics_.ids[static_cast<std::size_t>(p.topic)], p.number};
    }
    for (std::uint32_t b = 0; b < world_.brokers_.size(); ++b) {
      if (!is_up(world_.setup_->broker_host(b))) continue;
      world_.brokers_[b].expire_producer_ids(only, context.now);
      world_.take_outputs(world_.brokers_[b], world_.setup_->broker_host(b), context);
      hits = 1;
    }
    world_.producer_state_expired_ = true;
  } else if (const auto* throttle = std::get_if<Throttle>(&planned.action)) {
    const HostRole role = world_.setup_->roles[host(throttle->producer).value()];
    world_.producers_[role.index].set_throttle_ms(static_cast<std::int32_t>(throttle->time.ms()));
    hits = 1;
  } else {
    // Topics, partitions and records are an operator's requests; the answer tells whether it changed anything.
    ask(fault, planned.action, context);
    return;
  }
  hit(fault, context, hits);
  world_.fault_active_[fault] = 1;
  if (planned.lasts) {
    context.schedule(context.now + *planned.lasts, sim::Strike{static_cast<std::uint32_t>(fault), end_phase});
    ++world_.pending_strikes_;
  }
}

void Faults::end(std::size_t fault, Context& context) {
  if (world_.fault_active_[fault] == 0) return;
  world_.fault_active_[fault] = 0;
  const Fault& planned = world_.setup_->scenario.faults[fault];
  if (context.trace.on()) context.record(trace_kind(AppTrace::fault_ends), sim::no_host, {static_cast<std::int64_t>(fault)}, context.trace.intern(planned.id));
  if (const auto* crash = std::get_if<Crash>(&planned.action)) {
    restart(host(crash->host), context);
  } else if (const auto* paused = std::get_if<Pause>(&planned.action)) {
    resume(host(paused->host), context);
  } else if (const auto* slow = std::get_if<SlowRequests>(&planned.action)) {
    const HostRole role = world_.setup_->roles[host(slow->host).value()];
    if (role.kind == HostKind::broker) world_.brokers_[role.index].set_slowness(100);
    if (role.kind == HostKind::controller) world_.controllers_[role.index].set_slowness(100);
  } else if (const auto* disk_fault = std::get_if<DiskFault>(&planned.action)) {
    disk(*disk_fault, std::nullopt, true, context);
  } else if (const auto* cut_action = std::get_if<Cut>(&planned.action)) {
    cut(*cut_action, true, context);
  } else if (const auto* slow_link = std::get_if<SlowLink>(&planned.action)) {
    change_links(slow_link->hosts, planned.action, true, context);
  } else if (const auto* lossy = std::get_if<LossyLink>(&planned.action)) {
    change_links(lossy->hosts, planned.action, true, context);
  } else if (const auto* bandwidth = std::get_if<LimitBandwidth>(&planned.action)) {
    change_links(bandwidth->hosts, planned.action, true, context);
  } else if (const auto* throttle = std::get_if<Throttle>(&planned.action)) {
    world_.producers_[world_.setup_->roles[host(throttle->producer).value()].index].set_throttle_ms(0);
  }
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

// ---- by message ----------------------------------------------------------------------------------------------------------------------

bool Faults::judge_connect(const sim::Event& event, Context& context) {
  const auto& handshake = std::get<sim::Handshake>(event.what);
  if (handshake.step != sim::Handshake::Step::request) return false;
  const auto info = world_.network_.info(handshake.connection);
  if (!info) return false;
  MessageFacts facts;
  facts.connect = true;
  facts.from = info->client;
  facts.to = info->server;
  facts.connection = static_cast<std::int32_t>(info->ordinal) + 1;
  const HostRole role = world_.setup_->roles[info->client.value()];
  if (role.kind == HostKind::producer) facts.producer = static_cast<std::int32_t>(role.index);
  const auto fault = match_message(*world_.setup_->faults, world_.fault_progress_, facts, context.now);
  if (!fault) return false;
  if (!std::holds_alternative<Refuse>(world_.setup_->scenario.faults[*fault].action)) {
    begin(*fault, context);
    return false;
  }
  hit(*fault, context);
  if (context.trace.on()) context.record(trace_kind(AppTrace::fault_hits), info->client, {static_cast<std::int64_t>(*fault)}, context.trace.intern(world_.setup_->scenario.faults[*fault].id));
  world_.network_.set_listening(info->server, false);
  const sim::Outcome outcome = world_.network_.handle(event, context);
  world_.network_.set_listening(info->server, !world_.hosts_[info->server.value()].stopped);
  world_.dispatch(outcome, context);
  return true;
}

bool Faults::judge(const sim::Event& event, Context& context) {
  const FaultPlan& plan = *world_.setup_->faults;
  if (std::holds_alternative<sim::Handshake>(event.what)) return plan.wants_connects() && judge_connect(event, context);
  const auto* deliver = std::get_if<sim::Deliver>(&event.what);
  if (deliver == nullptr) return false;
  const auto message = world_.network_.peek(event);
  if (!message || message->judged) return false;
  const auto api = static_cast<ApiKey>(message->tag.api / 2);
  const bool response = message->tag.api % 2 == 1;
  if (!plan.may_match(api, response)) return false;
  World::Wire* wire = world_.wire(message->connection);
  if (wire == nullptr) return false;
  MessageFacts facts;
  facts.api = api;
  facts.response = response;
  facts.from = message->from;
  facts.to = message->to;
  facts.connection = wire->ordinal;
  const HostRole client = world_.setup_->roles[wire->hosts[0].value()];
  if (client.kind == HostKind::producer) facts.producer = static_cast<std::int32_t>(client.index);
  const std::int32_t correlation = response ? read_response_correlation(message->bytes->span()) : read_request_head(message->bytes->span()).correlation;
  const auto asked = std::find_if(wire->pending.begin(), wire->pending.end(), [&](const PendingRequest& p) { return p.correlation == correlation; });
  if (asked != wire->pending.end()) facts.batches = asked->batches;
  const auto fault = match_message(plan, world_.fault_progress_, facts, context.now);
  return fault && act_on_message(*fault, event, context);
}

bool Faults::act_on_message(std::size_t fault, const sim::Event& event, Context& context) {
  const Fault& planned = world_.setup_->scenario.faults[fault];
  const auto message = world_.network_.peek(event);
  const std::uint32_t serial = world_.wire(message->connection)->serial;
  const auto note = [&] {
    hit(fault, context);
    if (!context.trace.on()) return;
    context.record(trace_kind(AppTrace::fault_hits), message->to,
                   {static_cast<std::int64_t>(fault), serial, static_cast<std::int64_t>(message->direction), message->tag.api, message->tag.ordinal},
                   context.trace.intern(planned.id));
  };
  const auto dispatch_all = [&](const sim::Outcomes& outcomes) {
    for (const sim::Outcome& outcome : outcomes) world_.dispatch(outcome, context);
  };
  if (std::holds_alternative<Lose>(planned.action)) {
    note();
    world_.network_.lose(event, context);
  } else if (const auto* reset = std::get_if<Reset>(&planned.action)) {
    note();
    dispatch_all(world_.network_.reset(event, static_cast<std::size_t>(std::min<std::int64_t>(reset->prefix, static_cast<std::int64_t>(message->bytes->size()))), context));
  } else if (const auto* hold = std::get_if<Hold>(&planned.action)) {
    note();
    world_.network_.hold(event, hold->time, context);
  } else if (const auto* delay = std::get_if<Delay>(&planned.action)) {
    note();
    world_.network_.delay(event, delay->time, context);
  } else if (const auto* late = std::get_if<Late>(&planned.action)) {
    note();
    dispatch_all(world_.network_.late(event, late->time, context));
  } else if (const auto* answer = std::get_if<Answer>(&planned.action)) {
    note();
    forge(fault, *answer, event, context);
  } else {
    begin(fault, context);
    return false;
  }
  return true;
}

void Faults::forge(std::size_t fault, const Answer& answer, const sim::Event& event, Context& context) {
  static_cast<void>(fault);
  const auto message = world_.network_.peek(event);
  World::Wire* wire = world_.wire(message->connection);
  const std::int32_t correlation = read_request_head(message->bytes->span()).correlation;
  const auto asked = std::find_if(wire->pending.begin(), wire->pending.end(), [&](const PendingRequest& p) { return p.correlation == correlation; });
  bool spoil = false;
  std::int16_t version = 0;
  if (asked != wire->pending.end()) {
    const auto error = error_from_name(answer.error);
    assert(error);
    asked->forged = static_cast<std::int16_t>(*error);
    version = asked->version;
    spoil = asked->api == ApiKey::produce && !answer.after_append;
  }
  sim::Outcome outcome = world_.network_.handle(event, context);
  if (auto* arrived = std::get_if<sim::Arrived>(&outcome); arrived != nullptr && spoil) {
    arrived->bytes = spoil_produce(arrived->bytes, version);
    arrived->hash = sim::hash_bytes(arrived->bytes.span());
  }
  world_.dispatch(outcome, context);
}

// ---- hosts ---------------------------------------------------------------------------------------------------------------------------

void Faults::process_died(HostId h, Context& context) {
  World::Host& host = world_.hosts_[h.value()];
  host.stopped = true;
  host.power_lost = false;
  host.paused = false;
  host.while_paused.clear();
  ++host.incarnation;
  host.open.clear();
  world_.network_.crash(h, context);
}

void Faults::stop(HostId h, bool power, Context& context) {
  const HostRole role = world_.setup_->roles[h.value()];
  process_died(h, context);
  if (power) {
    world_.hosts_[h.value()].power_lost = true;
    world_.network_.lose_power(h, context);
  }
  const broker::CrashKind kind = power ? broker::CrashKind::power : broker::CrashKind::process;
  if (role.kind == HostKind::broker) {
    world_.brokers_[role.index].crash(kind, context.now);
    world_.take_outputs(world_.brokers_[role.index], h, context);
  } else if (role.kind == HostKind::controller) {
    world_.controllers_[role.index].crash(kind, context.now);
    world_.take_outputs(world_.controllers_[role.index], h, context);
  } else if (role.kind == HostKind::producer) {
    world_.producers_[role.index].crash();
  }
}

void Faults::schedule_restart(HostId h, Context& context) {
  World::Host& host = world_.hosts_[h.value()];
  const SimTime at = std::max(*host.restart_at, context.now);
  host.restart_at.reset();
  context.schedule(at, sim::Strike{h.value(), restart_phase});
  ++world_.pending_strikes_;
}

void Faults::restart(HostId h, Context& context) {
  World::Host& host = world_.hosts_[h.value()];
  const HostRole role = world_.setup_->roles[h.value()];
  if (!host.stopped) return;
  host.stopped = false;
  ++host.incarnation;
  if (world_.network_.host_state(h) != sim::Network::HostState::running) world_.network_.restart(h, context);
  if (role.kind == HostKind::broker) {
    world_.network_.set_listening(h, true);
    world_.brokers_[role.index].restart(context.now);
    world_.take_outputs(world_.brokers_[role.index], h, context);
  } else if (role.kind == HostKind::controller) {
    world_.network_.set_listening(h, true);
    world_.controllers_[role.index].restart(context.now);
    world_.take_outputs(world_.controllers_[role.index], h, context);
  } else if (role.kind == HostKind::producer) {
    world_.producers_[role.index].restart(*world_.setup_);
    world_.poll_producer(role.index, context);
  }
}

void Faults::pause(HostId h, Context& context) {
  World::Host& host = world_.hosts_[h.value()];
  const HostRole role = world_.setup_->roles[h.value()];
  host.paused = true;
  world_.network_.pause(h, context);
  if (role.kind == HostKind::broker) world_.brokers_[role.index].pause(context.now);
  if (role.kind == HostKind::controller) world_.controllers_[role.index].pause(context.now);
}

void Faults::resume(HostId h, Context& context) {
  World::Host& host = world_.hosts_[h.value()];
  if (!host.paused) return;
  const HostRole role = world_.setup_->roles[h.value()];
  host.paused = false;
  world_.network_.resume(h, context);
  for (const sim::Wake& wake : std::exchange(host.while_paused, {})) context.schedule(context.now, wake);
  if (role.kind == HostKind::broker) {
    world_.brokers_[role.index].resume(context.now);
    world_.take_outputs(world_.brokers_[role.index], h, context);
  }
  if (role.kind == HostKind::controller) {
    world_.controllers_[role.index].resume(context.now);
    world_.take_outputs(world_.controllers_[role.index], h, context);
  }
}

void Faults::disk(const DiskFault& fault, std::optional<Duration> lasts, bool back, Context& context) {
  const HostId h = host(fault.host);
  const HostRole role = world_.setup_->roles[h.value()];
  if (role.kind != HostKind::broker) return;
  sim::Disk& disk = world_.brokers_[role.index].disk();
  const SimTime end = lasts ? context.now + *lasts : SimTime::never();
  switch (fault.kind) {
    case DiskFault::Kind::slow: disk.set_slowness(back ? 100 : fault.factor * 100); break;
    case DiskFault::Kind::full: disk.set_capacity(back ? std::nullopt : std::optional{disk.used()}); break;
    case DiskFault::Kind::append_error:
      if (back) {
        disk.fail_until(context.now);
        disk.fail_append(0);
      } else if (fault.nth) {
        disk.fail_append(static_cast<std::uint64_t>(*fault.nth));
      } else {
        disk.fail_until(end);
      }
      break;
    case DiskFault::Kind::flush_error: disk.fail_flushes_until(back ? context.now : end); break;
    case DiskFault::Kind::wipe:
      if (back) break;
      if (!world_.hosts_[h.value()].stopped) {
        stop(h, false, context);
        world_.hosts_[h.value()].restart_at = context.now + lasts.value_or(Duration::s(1));
        schedule_restart(h, context);
      }
      world_.brokers_[role.index].wipe_disk();
      world_.ghost_.wiped(static_cast<std::int32_t>(role.index) + 1, context.now);
      break;
  }
}

// ---- links ---------------------------------------------------------------------------------------------------------------------------

void Faults::cut(const Cut& cut, bool heal, Context& context) {
  for (std::size_t i = 0; i < cut.groups.size(); ++i) {
    for (std::size_t j = i + 1; j < cut.groups.size(); ++j) {
      for (const std::string& a : cut.groups[i]) {
        for (const std::string& b : cut.groups[j]) {
          const auto change = [&](HostId from, HostId to) { heal ? world_.network_.heal(from, to, context) : world_.network_.cut(from, to, context); };
          change(host(a), host(b));
          if (!cut.one_way) change(host(b), host(a));
        }
      }
    }
  }
}

void Faults::change_links(const std::vector<std::string>& hosts, const Action& action, bool back, Context& context) {
  const sim::Topology& topology = world_.network_.topology();
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    for (std::size_t j = i + 1; j < hosts.size(); ++j) {
      const HostId a = host(hosts[i]);
      const HostId b = host(hosts[j]);
      const auto lane = topology.lane(a, b);
      if (!lane) continue;
      sim::LinkQuality quality = topology.link(sim::link_of(*lane)).quality;
      if (!back) {
        if (const auto* slow = std::get_if<SlowLink>(&action)) quality.latency = times(world_.setup_->scenario.network.latency, slow->factor);
        if (const auto* lossy = std::get_if<LossyLink>(&action)) quality.loss = sim::Ratio{static_cast<std::uint32_t>(lossy->loss_ppm), 1'000'000};
        if (const auto* limit = std::get_if<LimitBandwidth>(&action)) quality.bytes_per_second = limit->bytes_per_second;
      }
      world_.network_.set_quality(a, b, quality, context);
      world_.network_.set_quality(b, a, quality, context);
    }
  }
}

bool Faults::connected(HostId a, HostId b) const {
  for (const World::OpenConnection& open : world_.hosts_[a.value()].open) {
    const auto info = world_.network_.info(open.id);
    if (info && (info->client == b || info->server == b)) return true;
  }
  return false;
}

std::int64_t Faults::close_connections(const std::vector<std::string>& hosts, Context& context) {
  const HostId a = host(hosts[0]);
  const HostId b = host(hosts[1]);
  std::int64_t closed = 0;
  for (const sim::ConnectionId id : world_.network_.connections()) {
    const auto info = world_.network_.info(id);
    if (!info || !info->server_open || !((info->client == a && info->server == b) || (info->client == b && info->server == a))) continue;
    const World::Wire* wire = world_.wire(id);
    if (wire == nullptr || wire->handles[1] == 0) continue;
    // As an idle broker does: the server's side says goodbye.
    world_.network_.close(id, Side::server, sim::CloseKind::fin, context);
    world_.lost_connection(id, info->server, sim::CloseKind::reset, context);
    ++closed;
  }
  return closed;
}

// ---- the cluster ---------------------------------------------------------------------------------------------------------------------

bool Faults::move_leader(std::int32_t topic, std::int32_t partition, std::int32_t broker, Context& context) {
  const auto active = active_controller();
  if (!active) return false;
  broker::Controller& controller = world_.controllers_[*active];
  const bool moved = controller.move_leader({world_.topics_.ids[static_cast<std::size_t>(topic)], partition}, NodeId{broker}, context.now);
  world_.take_outputs(controller, world_.setup_->controller_host(*active), context);
  return moved;
}

bool Faults::elect(const Elect& elect, Context& context) {
  const NamedPartition p = named(*world_.setup_, elect.partition);
  const auto active = active_controller();
  if (!active) return false;
  if (elect.unclean) {
    broker::Controller& controller = world_.controllers_[*active];
    const bool changed = controller.alter_config(world_.setup_->topics[static_cast<std::size_t>(p.topic)], no_node, "unclean.leader.election.enable", "true", context.now);
    world_.take_outputs(controller, world_.setup_->controller_host(*active), context);
    return changed;
  }
  const GhostPartition* ghost = world_.ghost_.find(p.topic, p.number);
  if (elect.leader) {
    if (ghost != nullptr && ghost->leader == broker_number(*elect.leader)) return false;
    return move_leader(p.topic, p.number, broker_number(*elect.leader), context);
  }
  // Without a name: any other member of the ISR, the next by number.
  for (std::int32_t step = 1; ghost != nullptr && step <= static_cast<std::int32_t>(world_.brokers_.size()); ++step) {
    const std::int32_t next = (std::max(ghost->leader, 0) + step - 1) % static_cast<std::int32_t>(world_.brokers_.size()) + 1;
    if (next != ghost->leader && (ghost->isr & broker::mask_of(NodeId{next})) != 0) return move_leader(p.topic, p.number, next, context);
  }
  return false;
}

bool Faults::change_isr(const ChangeIsr& change, Context& context) {
  const NamedPartition p = named(*world_.setup_, change.partition);
  const GhostPartition* ghost = world_.ghost_.find(p.topic, p.number);
  if (ghost == nullptr || ghost->leader < 1) return false;
  const auto leader = static_cast<std::uint32_t>(ghost->leader - 1);
  if (world_.hosts_[leader].stopped) return false;
  broker::Replicas isr;
  for (const std::string& name : change.isr) isr.push_back(broker_number(name));
  if (isr.empty()) isr.push_back(ghost->leader);
  broker::Broker& broker = world_.brokers_[leader];
  const bool proposed = broker.propose_isr({world_.topics_.ids[static_cast<std::size_t>(p.topic)], p.number}, isr, context.now);
  world_.take_outputs(broker, world_.setup_->broker_host(leader), context);
  return proposed;
}

}  // namespace linger::scenarios

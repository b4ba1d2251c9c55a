// What faults do to hosts: processes, clocks, disks.
#include <algorithm>
#include <cassert>
#include <utility>

#include "scenarios/faults.h"
#include "scenarios/world.h"

namespace linger::scenarios {

using sim::Context;
using sim::HostId;
using sim::SimTime;

std::int64_t Faults::start(const Crash& crash, Context& context) {
  const HostId h = host(crash.host);
  if (!is_up(h)) return 0;
  stop(h, crash.power, context);
  if (crash.restart_after) {
    world_.hosts_[h.value()].restart_at = context.now + *crash.restart_after;
    schedule_restart(h, context);
  }
  return 1;
}

std::int64_t Faults::start(const Restart& again, Context& context) {
  const HostId h = host(again.host);
  if (is_up(h)) return 0;
  restart(h, context);
  return 1;
}

std::int64_t Faults::start(const Pause& paused, Context& context) {
  const HostId h = host(paused.host);
  if (!is_up(h) || world_.hosts_[h.value()].paused) return 0;
  pause(h, context);
  return 1;
}

std::int64_t Faults::start(const Shutdown& shutdown, Context& context) {
  const HostId h = host(shutdown.host);
  const HostRole role = world_.setup_->roles[h.value()];
  if (!is_up(h) || role.kind != HostKind::broker) return 0;
  if (shutdown.restart_after) world_.hosts_[h.value()].restart_at = context.now + *shutdown.restart_after;
  world_.brokers_[role.index].controlled_shutdown(context.now);
  world_.take_outputs(world_.brokers_[role.index], h, context);
  return 1;
}

std::int64_t Faults::start(const ClockChange& change, Context& context) {
  const HostId h = host(change.host);
  const HostRole role = world_.setup_->roles[h.value()];
  const auto clock_of = [&]() -> sim::Clock& {
    if (role.kind == HostKind::broker) return world_.brokers_[role.index].clock();
    if (role.kind == HostKind::controller) return world_.controllers_[role.index].clock();
    return world_.hosts_[h.value()].clock;
  };
  sim::Clock& clock = clock_of();
  clock.jump(change.offset, context.now);
  if (change.drift_ppm != 0) clock.set_drift(change.drift_ppm, context.now);
  return 1;
}

std::int64_t Faults::start(const SlowRequests& slow, Context&) {
  set_slowness(slow, slow.factor * 100);
  return is_up(host(slow.host)) ? 1 : 0;
}

std::int64_t Faults::start(const Throttle& throttle, Context&) {
  world_.producers_[world_.setup_->roles[host(throttle.producer).value()].index].set_throttle_ms(static_cast<std::int32_t>(throttle.time.ms()));
  return 1;
}

void Faults::finish(const Throttle& throttle, Context&) {
  world_.producers_[world_.setup_->roles[host(throttle.producer).value()].index].set_throttle_ms(0);
}

void Faults::set_slowness(const SlowRequests& slow, std::int64_t percent) {
  const HostRole role = world_.setup_->roles[host(slow.host).value()];
  if (role.kind == HostKind::broker) world_.brokers_[role.index].set_slowness(percent);
  if (role.kind == HostKind::controller) world_.controllers_[role.index].set_slowness(percent);
}

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
    world_.producers_[role.index].restart(*world_.setup_, world_.instant_of_producer(role.index, context.now));
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

std::int64_t Faults::start(const DiskFault& fault, std::optional<Duration> lasts, Context& context) {
  const HostId h = host(fault.host);
  const HostRole role = world_.setup_->roles[h.value()];
  if (role.kind != HostKind::broker) return 0;
  sim::Disk& disk = world_.brokers_[role.index].disk();
  const SimTime end = lasts ? context.now + *lasts : SimTime::never();
  switch (fault.kind) {
    case DiskFault::Kind::slow: disk.set_slowness(fault.factor * 100); break;
    case DiskFault::Kind::full: disk.set_capacity(disk.used()); break;
    case DiskFault::Kind::append_error:
      if (fault.nth) {
        disk.fail_append(static_cast<std::uint64_t>(*fault.nth));
      } else {
        disk.fail_until(end);
      }
      break;
    case DiskFault::Kind::flush_error: disk.fail_flushes_until(end); break;
    case DiskFault::Kind::wipe:
      if (is_up(h)) {
        stop(h, false, context);
        world_.hosts_[h.value()].restart_at = context.now + lasts.value_or(Duration::s(1));
        schedule_restart(h, context);
      }
      world_.brokers_[role.index].wipe_disk();
      world_.data_destroyed_ = true;
      world_.ghost_.wiped(static_cast<std::int32_t>(role.index) + 1, context.now);
      break;
  }
  return 1;
}

void Faults::finish(const DiskFault& fault, Context& context) {
  const HostRole role = world_.setup_->roles[host(fault.host).value()];
  if (role.kind != HostKind::broker) return;
  sim::Disk& disk = world_.brokers_[role.index].disk();
  switch (fault.kind) {
    case DiskFault::Kind::slow: disk.set_slowness(100); break;
    case DiskFault::Kind::full: disk.set_capacity(std::nullopt); break;
    case DiskFault::Kind::append_error:
      disk.fail_until(context.now);
      disk.fail_append(0);
      break;
    case DiskFault::Kind::flush_error: disk.fail_flushes_until(context.now); break;
    case DiskFault::Kind::wipe: break;
  }
}

}  // namespace linger::scenarios

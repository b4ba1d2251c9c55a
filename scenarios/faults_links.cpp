// What faults do to links and connections.
#include <algorithm>
#include <string>
#include <vector>

#include "scenarios/faults.h"
#include "scenarios/world.h"

namespace linger::scenarios {

using sim::Context;
using sim::HostId;

namespace {

sim::Latency times(const LatencySpec& spec, std::int64_t factor) {
  switch (spec.kind) {
    case LatencySpec::Kind::constant: return sim::Latency::constant(spec.low * factor);
    case LatencySpec::Kind::uniform: return sim::Latency::uniform(spec.low * factor, spec.high * factor);
    case LatencySpec::Kind::exponential: return sim::Latency::exponential(spec.low * factor, (spec.high - spec.low) * factor);
  }
  return sim::Latency::constant(spec.low);
}

}  // namespace

template <class Change>
void Faults::change_cut(const Cut& cut, Change change) {
  for (std::size_t i = 0; i < cut.groups.size(); ++i) {
    for (std::size_t j = i + 1; j < cut.groups.size(); ++j) {
      for (const std::string& a : cut.groups[i]) {
        for (const std::string& b : cut.groups[j]) {
          change(host(a), host(b));
          if (!cut.one_way) change(host(b), host(a));
        }
      }
    }
  }
}

std::int64_t Faults::start(const Cut& cut, Context& context) {
  change_cut(cut, [&](HostId from, HostId to) { world_.network_.cut(from, to, context); });
  return 1;
}

void Faults::finish(const Cut& cut, Context& context) {
  change_cut(cut, [&](HostId from, HostId to) { world_.network_.heal(from, to, context); });
}

template <class Change>
void Faults::change_links(const std::vector<std::string>& hosts, Change change, Context& context) {
  const sim::Topology& topology = world_.network_.topology();
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    for (std::size_t j = i + 1; j < hosts.size(); ++j) {
      const HostId a = host(hosts[i]);
      const HostId b = host(hosts[j]);
      const auto lane = topology.lane(a, b);
      if (!lane) continue;
      sim::LinkQuality quality = topology.link(sim::link_of(*lane)).quality;
      change(quality);
      world_.network_.set_quality(a, b, quality, context);
      world_.network_.set_quality(b, a, quality, context);
    }
  }
}

void Faults::restore_links(const std::vector<std::string>& hosts, Context& context) {
  change_links(hosts, [](const sim::LinkQuality&) {}, context);
}

std::int64_t Faults::start(const SlowLink& slow, Context& context) {
  const sim::Latency latency = times(world_.setup_->scenario.network.latency, slow.factor);
  change_links(slow.hosts, [&](sim::LinkQuality& quality) { quality.latency = latency; }, context);
  return connected(host(slow.hosts[0]), host(slow.hosts[1])) ? 1 : 0;
}

std::int64_t Faults::start(const LossyLink& lossy, Context& context) {
  change_links(lossy.hosts, [&](sim::LinkQuality& quality) { quality.loss = sim::Ratio{static_cast<std::uint32_t>(lossy.loss_ppm), 1'000'000}; }, context);
  return connected(host(lossy.hosts[0]), host(lossy.hosts[1])) ? 1 : 0;
}

std::int64_t Faults::start(const LimitBandwidth& limit, Context& context) {
  change_links(limit.hosts, [&](sim::LinkQuality& quality) { quality.bytes_per_second = limit.bytes_per_second; }, context);
  return connected(host(limit.hosts[0]), host(limit.hosts[1])) ? 1 : 0;
}

bool Faults::connected(HostId a, HostId b) const {
  for (const World::OpenConnection& open : world_.hosts_[a.value()].open) {
    const auto info = world_.network_.info(open.id);
    if (info && (info->client == b || info->server == b)) return true;
  }
  return false;
}

std::int64_t Faults::start(const CloseConnections& closing, Context& context) {
  const HostId a = host(closing.hosts[0]);
  const HostId b = host(closing.hosts[1]);
  std::int64_t closed = 0;
  for (const sim::ConnectionId id : world_.network_.connections()) {
    const auto info = world_.network_.info(id);
    if (!info || !info->server_open || !((info->client == a && info->server == b) || (info->client == b && info->server == a))) continue;
    const World::Wire* wire = world_.wire(id);
    if (wire == nullptr || wire->handles[1] == 0) continue;
    // As an idle broker does: the server's side says goodbye.
    world_.network_.close(id, sim::Side::server, sim::CloseKind::fin, context);
    world_.lost_connection(id, info->server, sim::CloseKind::reset, context);
    ++closed;
  }
  return closed;
}

}  // namespace linger::scenarios

#include <algorithm>
#include <cassert>

#include "sim/network.h"

namespace linger::sim {

namespace {
constexpr Stream latency_stream = Stream::of("sim.latency");
constexpr Stream loss_stream = Stream::of("sim.loss");

// When a device that is busy until `busy_until` has passed on this many bytes that reach it at `now`.
SimTime serialise(SimTime& busy_until, std::size_t bytes, std::int64_t bytes_per_second, SimTime now) {
  if (bytes_per_second == 0) return now;
  busy_until = std::max(busy_until, now) + time_for(static_cast<std::int64_t>(bytes), bytes_per_second);
  return busy_until;
}
}  // namespace

const RouteTable& Network::compute_routes() const {
  std::vector<std::uint8_t> lane_up(lanes_.size());
  std::vector<std::uint8_t> node_up(hosts_.size());
  for (std::size_t i = 0; i < lanes_.size(); ++i) lane_up[i] = lanes_[i].cuts == 0;
  for (std::size_t i = 0; i < hosts_.size(); ++i) node_up[i] = hosts_[i].state != HostState::power_off;
  const auto up = [](std::uint8_t is_up) { return is_up != 0; };
  const bool whole = std::all_of(lane_up.begin(), lane_up.end(), up) && std::all_of(node_up.begin(), node_up.end(), up);
  routes_ = whole ? topology_->routes_of_whole() : topology_->routes(lane_up, node_up);
  return *routes_;
}

// When bytes that leave now arrive. Requires that there is a route. The n-th draw of a name is that of retransmission n
// / 64, hop n % 64; the loss stream has 16 tries for each.
SimTime Network::cross(HostId from, HostId to, Name name, std::size_t bytes, std::uint32_t attempt, SimTime now) {
  const Route route = routes().route(from, to);
  Host& source = hosts_[from.value()];
  Host& target = hosts_[to.value()];
  std::uint64_t n = std::uint64_t{attempt} * 64;
  SimTime at = serialise(source.out_busy_until, bytes, source.bytes_per_second, now);
  for (const Lane lane : route.lanes) {
    LaneState& state = lanes_[lane.value()];
    if (!state.quality.loss.is_zero()) {
      for (std::uint32_t tries = 0; tries < TcpConstants::retries; ++tries) {
        if (!chance(draw(seed_, loss_stream, name, n * 16 + tries), state.quality.loss)) break;
        at += retransmission_timeout(tries);
      }
    }
    at = serialise(state.busy_until, bytes, state.quality.bytes_per_second, at);
    at += state.quality.latency.sample(state.quality.latency.needs_draw() ? draw(seed_, latency_stream, name, n) : 0);
    ++n;
  }
  return serialise(target.in_busy_until, bytes, target.bytes_per_second, at);
}

// As cross(), for the next item of a pipe: never before what was sent earlier.
SimTime Network::transmit(Connection& connection, Direction way, const Item& item, SimTime now) {
  Pipe& pipe = pipe_of(connection, way);
  const Name name = pipe.name.with((std::uint64_t{item.tag.api} << 32) | item.tag.ordinal);
  const SimTime at = cross(host_at(connection, sender(way)), host_at(connection, receiver(way)), name,
                           item.bytes.size(), pipe.attempt, now);
  pipe.last_arrival = std::max(pipe.last_arrival, at);
  return pipe.last_arrival;
}

Network::LaneState* Network::lane_state(HostId from, HostId to) {
  const std::optional<Lane> lane = topology_->lane(from, to);
  return lane.has_value() ? &lanes_[lane->value()] : nullptr;
}

bool Network::cut(HostId from, HostId to, Context& context) {
  LaneState* lane = lane_state(from, to);
  if (lane == nullptr) return false;
  if (lane->cuts++ == 0) {
    routes_ = nullptr;
    context.record(trace_kind(SimTrace::cut), from, {from.value(), to.value()});
  }
  return true;
}

bool Network::heal(HostId from, HostId to, Context& context) {
  LaneState* lane = lane_state(from, to);
  if (lane == nullptr) return false;
  assert(lane->cuts > 0);
  if (--lane->cuts == 0) {
    routes_ = nullptr;
    context.record(trace_kind(SimTrace::healed), from, {from.value(), to.value()});
  }
  return true;
}

bool Network::set_quality(HostId from, HostId to, const LinkQuality& quality, Context& context) {
  LaneState* lane = lane_state(from, to);
  if (lane == nullptr) return false;
  lane->quality = quality;
  std::string what = quality.latency.describe();
  if (quality.bytes_per_second != 0) what += ", " + std::to_string(quality.bytes_per_second) + " B/s";
  if (!quality.loss.is_zero()) {
    what += ", loss " + std::to_string(quality.loss.numerator) + "/" + std::to_string(quality.loss.denominator);
  }
  context.record(trace_kind(SimTrace::link_changed), from, {from.value(), to.value()}, context.trace.intern(what));
  return true;
}

const LinkQuality& Network::quality(HostId from, HostId to) const {
  const std::optional<Lane> lane = topology_->lane(from, to);
  assert(lane.has_value());
  return lanes_[lane->value()].quality;
}

bool Network::reachable(HostId from, HostId to) const {
  return hosts_[from.value()].state != HostState::power_off && hosts_[to.value()].state != HostState::power_off &&
         routes().route(from, to).reachable;
}

std::vector<std::vector<HostId>> Network::islands() const {
  std::vector<std::vector<HostId>> islands(routes().island_count());
  for (std::uint32_t i = 0; i < hosts_.size(); ++i) islands[routes().island(HostId{i})].push_back(HostId{i});
  return islands;
}

}  // namespace linger::sim

// What faults do to the cluster: leaders, in-sync replicas, controllers, settings, what is known of producers.
#include <algorithm>
#include <optional>
#include <string>

#include "scenarios/faults.h"
#include "scenarios/world.h"

namespace linger::scenarios {

using sim::Context;
using sim::HostId;

namespace {

/// `orders-0` as the world's topic number and the partition's.
struct NamedPartition {
  std::int32_t topic = -1;
  std::int32_t number = -1;
};

NamedPartition named(const Setup& setup, const std::string& name) {
  const std::size_t dash = name.rfind('-');
  const std::string topic = name.substr(0, dash);
  const auto found = std::find(setup.topics.begin(), setup.topics.end(), topic);
  return {found == setup.topics.end() ? -1 : static_cast<std::int32_t>(found - setup.topics.begin()), std::stoi(name.substr(dash + 1))};
}

std::int32_t broker_number(const std::string& host) {
  return std::stoi(host.substr(1));
}

}  // namespace

broker::TopicIdPartition Faults::id_of(const std::string& partition) const {
  const NamedPartition p = named(*world_.setup_, partition);
  return {world_.topics_.ids[static_cast<std::size_t>(p.topic)], p.number};
}

std::optional<std::uint32_t> Faults::active_controller() const {
  std::optional<std::uint32_t> found;
  for (std::uint32_t c = 0; c < world_.controllers_.size(); ++c) {
    const broker::Controller& controller = world_.controllers_[c];
    if (controller.active() && (!found || controller.epoch() > world_.controllers_[*found].epoch())) found = c;
  }
  return found;
}

bool Faults::move_leader(std::int32_t topic, std::int32_t partition, std::int32_t broker, Context& context) {
  const auto active = active_controller();
  if (!active) return false;
  broker::Controller& controller = world_.controllers_[*active];
  const bool moved = controller.move_leader({world_.topics_.ids[static_cast<std::size_t>(topic)], partition}, NodeId{broker}, context.now);
  world_.take_outputs(controller, world_.setup_->controller_host(*active), context);
  return moved;
}

std::int64_t Faults::start(const Elect& elect, Context& context) {
  const NamedPartition p = named(*world_.setup_, elect.partition);
  const auto active = active_controller();
  if (!active) return 0;
  if (elect.unclean) {
    broker::Controller& controller = world_.controllers_[*active];
    const bool changed = controller.alter_config(world_.setup_->topics[static_cast<std::size_t>(p.topic)], no_node, "unclean.leader.election.enable", "true", context.now);
    world_.take_outputs(controller, world_.setup_->controller_host(*active), context);
    return changed ? 1 : 0;
  }
  const GhostPartition* ghost = world_.ghost_.find(p.topic, p.number);
  if (elect.leader) {
    if (ghost != nullptr && ghost->leader == broker_number(*elect.leader)) return 0;
    return move_leader(p.topic, p.number, broker_number(*elect.leader), context) ? 1 : 0;
  }
  // Without a name: any other member of the ISR, the next by number.
  for (std::int32_t step = 1; ghost != nullptr && step <= static_cast<std::int32_t>(world_.brokers_.size()); ++step) {
    const std::int32_t next = (std::max(ghost->leader, 0) + step - 1) % static_cast<std::int32_t>(world_.brokers_.size()) + 1;
    if (next != ghost->leader && (ghost->isr & broker::mask_of(NodeId{next})) != 0) return move_leader(p.topic, p.number, next, context) ? 1 : 0;
  }
  return 0;
}

std::int64_t Faults::start(const ChangeIsr& change, Context& context) {
  const NamedPartition p = named(*world_.setup_, change.partition);
  const GhostPartition* ghost = world_.ghost_.find(p.topic, p.number);
  if (ghost == nullptr || ghost->leader < 1) return 0;
  const auto leader = static_cast<std::uint32_t>(ghost->leader - 1);
  if (world_.hosts_[leader].stopped) return 0;
  broker::Replicas isr;
  for (const std::string& name : change.isr) isr.push_back(broker_number(name));
  if (isr.empty()) isr.push_back(ghost->leader);
  broker::Broker& broker = world_.brokers_[leader];
  const bool proposed = broker.propose_isr(id_of(change.partition), isr, context.now);
  world_.take_outputs(broker, world_.setup_->broker_host(leader), context);
  return proposed ? 1 : 0;
}

std::int64_t Faults::start(const FailOverController&, Context& context) {
  const auto active = active_controller();
  if (!active) return 0;
  world_.controllers_[*active].resign(context.now);
  world_.take_outputs(world_.controllers_[*active], world_.setup_->controller_host(*active), context);
  return 1;
}

std::int64_t Faults::start(const Reassign& move, Context& context) {
  const auto active = active_controller();
  if (!active) return 0;
  broker::Replicas target;
  for (const std::string& name : move.replicas) target.push_back(broker_number(name));
  const bool changed = world_.controllers_[*active].reassign(id_of(move.partition), target, context.now);
  world_.take_outputs(world_.controllers_[*active], world_.setup_->controller_host(*active), context);
  return changed ? 1 : 0;
}

std::int64_t Faults::start(const ChangeConfig& config, Context& context) {
  const auto active = active_controller();
  if (!active) return 0;
  const NodeId node = config.host ? NodeId{broker_number(*config.host)} : no_node;
  std::int64_t changed = 0;
  for (const auto& [key, value] : config.config) {
    changed += world_.controllers_[*active].alter_config(config.topic.value_or(""), node, key, value, context.now) ? 1 : 0;
  }
  world_.take_outputs(world_.controllers_[*active], world_.setup_->controller_host(*active), context);
  return changed;
}

std::int64_t Faults::start(const ExpireProducerIds& expire, Context& context) {
  std::optional<broker::TopicIdPartition> only;
  if (expire.partition) only = id_of(*expire.partition);
  std::int64_t told = 0;
  for (std::uint32_t b = 0; b < world_.brokers_.size(); ++b) {
    const HostId h = world_.setup_->broker_host(b);
    if (!is_up(h)) continue;
    world_.brokers_[b].expire_producer_ids(only, context.now);
    world_.take_outputs(world_.brokers_[b], h, context);
    told = 1;
  }
  world_.producer_state_expired_ = true;
  return told;
}

}  // namespace linger::scenarios

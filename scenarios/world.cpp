#include "scenarios/world.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "broker_model/cluster.h"
#include "protocol/frame.h"
#include "scenarios/faults.h"
#include "scenarios/process_timer.h"
#include "scenarios/trace_kinds.h"

namespace linger::scenarios {

using sim::Context;
using sim::HostId;
using sim::Side;

namespace {

broker::ClusterLayout layout_of(const Setup& setup) {
  const ClusterSpec& cluster = setup.scenario.cluster;
  broker::ClusterLayout layout;
  layout.brokers = cluster.brokers;
  layout.controllers = cluster.controllers;
  layout.seed = setup.scenario.seed;
  layout.config = setup.broker_config;
  layout.behaviour = setup.broker_behaviour;
  layout.cold_start = cluster.cold_start;
  for (const TopicSpec& topic : cluster.topics) {
    if (topic.created) continue;
    broker::TopicLayout laid;
    laid.name = topic.name;
    laid.partitions = topic.partitions;
    laid.replication_factor = topic.replication_factor;
    laid.config = topic.config;
    for (std::int32_t p = 0; p < topic.partitions; ++p) laid.replicas.push_back(replicas_of(topic, p, cluster.brokers));
    layout.topics.push_back(std::move(laid));
  }
  for (const InitialPartition& initial : cluster.initial) {
    broker::InitialLog log;
    log.topic = initial.topic;
    log.partition = initial.partition;
    for (const InitialProducerState& known : initial.producers) {
      log.producers.push_back({ProducerId{known.producer_id}, ProducerEpoch{known.epoch}, known.next_sequence});
    }
    for (std::int64_t n = 0; n < initial.records; ++n) log.batches.push_back(initial_batch(n));
    if (initial.isr) log.isr = *initial.isr;
    layout.initial.push_back(std::move(log));
  }
  return layout;
}

}  // namespace

World::World(const World&) = default;
World::World(World&&) noexcept = default;
World& World::operator=(const World&) = default;
World& World::operator=(World&&) noexcept = default;
World::~World() = default;

World::World(std::shared_ptr<const Setup> setup)
    : setup_(std::move(setup)), queue_(tie_policy(setup_->scenario)), network_(setup_->topology, sim::Seed{setup_->scenario.seed}), hosts_(setup_->hosts.size()) {
  const Scenario& plan = setup_->scenario;
  broker::FormedCluster formed = broker::form_cluster(layout_of(*setup_));
  brokers_ = std::move(formed.brokers);
  controllers_ = std::move(formed.controllers);
  topics_.names = setup_->topics;
  topics_.ids.resize(topics_.names.size());
  for (const broker::TopicImage& topic : controllers_.front().committed().topics()) {
    const std::int32_t index = topics_.by_name(topic.name);
    if (index >= 0) topics_.ids[static_cast<std::size_t>(index)] = topic.id;
  }
  for (std::uint32_t p = 0; p < plan.producers.size(); ++p) producers_.emplace_back(*setup_, p, instant_of_producer(p, sim::SimTime{}));
  std::vector<Consumer::Topic> all;
  for (std::uint32_t t = 0; t < topics_.names.size(); ++t) all.push_back({topics_.names[t], t});
  const ApiLevel level = setup_->client_api_level();
  for (const ConsumerSpec& consumer : plan.consumers) {
    std::vector<Consumer::Topic> topics;
    for (const Consumer::Topic& topic : all) {
      if (std::find(consumer.topics.begin(), consumer.topics.end(), topic.name) != consumer.topics.end()) topics.push_back(topic);
    }
    consumers_.emplace_back(consumer.name, std::move(topics), plan.cluster.brokers, level, consumer.read_committed);
  }
  if (setup_->transactional) consumers_.emplace_back("committed-witness", all, plan.cluster.brokers, level, true);
  consumers_.emplace_back("witness", all, plan.cluster.brokers, level);
  ghost_ = GhostState{plan.cluster.brokers};
  fault_progress_.faults.resize(plan.faults.size());
  fault_active_.assign(plan.faults.size(), 0);
  counters_.produce_requests_of.assign(plan.producers.size(), 0);
  for (const broker::TopicImage& topic : controllers_.front().committed().topics()) {
    for (std::size_t number = 0; number < topic.partitions.size(); ++number) {
      const broker::PartitionRegistration& registration = topic.partitions[number];
      GhostPartition& ghost = ghost_.partition(topic_index(topic.id), static_cast<std::int32_t>(number));
      ghost.leader = registration.leader;
      ghost.leader_epoch = registration.leader_epoch;
      ghost.partition_epoch = registration.partition_epoch;
      ghost.isr = broker::mask_of(registration.isr);
    }
  }
}

Context World::context(const sim::Event& event, sim::Trace& trace) {
  return Context{event.at, event.number, queue_, fingerprint_, trace};
}

void World::start(sim::Trace& trace) {
  Context context{sim::SimTime{}, sim::no_event, queue_, fingerprint_, trace};
  for (std::uint32_t h = 0; h < hosts_.size(); ++h) {
    if (setup_->roles[h].kind == HostKind::broker || setup_->roles[h].kind == HostKind::controller) network_.set_listening(HostId{h}, true);
  }
  for (std::uint32_t c = 0; c < controllers_.size(); ++c) {
    controllers_[c].on_start(context.now);
    take_outputs(controllers_[c], setup_->controller_host(c), context);
  }
  for (std::uint32_t b = 0; b < brokers_.size(); ++b) {
    brokers_[b].on_start(context.now);
    take_outputs(brokers_[b], setup_->broker_host(b), context);
  }
  Faults{*this}.schedule(context);
  for (std::uint32_t p = 0; p < producers_.size(); ++p) poll_producer(p, context);
  for (std::uint32_t c = 0; c < setup_->scenario.consumers.size(); ++c) {
    context.schedule(sim::SimTime::at(setup_->scenario.consumers[c].start), sim::Wake{setup_->consumer_host(c), process_timer(0), 1});
  }
}

void World::step(sim::Trace& trace) {
  const sim::Event event = queue_.pop();
  ++counters_.events;
  fingerprint_.add(event);
  Context context = this->context(event, trace);
  if (const auto* wake_event = std::get_if<sim::Wake>(&event.what)) {
    wake(*wake_event, context);
  } else if (const auto* strike_event = std::get_if<sim::Strike>(&event.what)) {
    strike(*strike_event, context);
  } else if (!apply_message_fault(event, context)) {
    dispatch(network_.handle(event, context), context);
  }
}

void World::wake(const sim::Wake& wake, Context& context) {
  Host& host = hosts_[wake.host.value()];
  if (host.stopped || wake.timer != host.incarnation) return;
  if (host.paused) {
    host.while_paused.push_back(wake);
    return;
  }
  const HostRole role = setup_->roles[wake.host.value()];
  switch (role.kind) {
    case HostKind::broker:
      brokers_[role.index].on_timer(wake.arg, context.now);
      take_outputs(brokers_[role.index], wake.host, context);
      break;
    case HostKind::controller:
      controllers_[role.index].on_timer(wake.arg, context.now);
      take_outputs(controllers_[role.index], wake.host, context);
      break;
    case HostKind::producer:
      if (producers_[role.index].is_current_wake(wake.arg)) poll_producer(role.index, context);
      break;
    case HostKind::consumer:
      if (wake.arg == 1) {
        consumers_[role.index].start(context.now);
      } else {
        consumers_[role.index].on_wake(context.now);
      }
      take_outputs(consumers_[role.index], wake.host, context);
      break;
    case HostKind::admin: Faults{*this}.retry_admin(wake.arg, context); break;
  }
}

void World::strike(const sim::Strike& strike, Context& context) {
  Faults{*this}.strike(strike, context);
}

bool World::apply_message_fault(const sim::Event& event, Context& context) {
  return Faults{*this}.judge(event, context);
}

// ---- what the network brings ---------------------------------------------------------------------------------------------------------

void World::dispatch(const sim::Outcome& outcome, Context& context) {
  if (const auto* connected = std::get_if<sim::Connected>(&outcome)) {
    const Wire* wire = this->wire(connected->connection);
    if (wire == nullptr) return;
    const HostRole role = setup_->roles[connected->client.value()];
    const std::uint64_t handle = wire->handles[0];
    for (OpenConnection& open : hosts_[connected->client.value()].open) open.established = open.established || open.id == connected->connection;
    switch (role.kind) {
      case HostKind::broker: brokers_[role.index].on_connected(handle, context.now); break;
      case HostKind::controller: controllers_[role.index].on_connected(handle, context.now); break;
      case HostKind::producer:
        if (ProducerHost::is_input(handle)) {
          producers_[role.index].on_input_connected(handle, context.now);
        } else {
          producers_[role.index].on_connected(handle);
        }
        break;
      case HostKind::consumer: consumers_[role.index].on_connected(handle, context.now); break;
      case HostKind::admin: Faults{*this}.on_admin_connected(handle, context); break;
    }
    after_input(connected->client, context);
  } else if (const auto* accepted = std::get_if<sim::Accepted>(&outcome)) {
    const HostRole role = setup_->roles[accepted->server.value()];
    const HostRole peer = setup_->roles[accepted->client.value()];
    const std::uint64_t handle = ++hosts_[accepted->server.value()].accepted;
    bind(accepted->server, handle, accepted->connection, Side::server);
    NodeId node = no_node;
    if (peer.kind == HostKind::broker) node = brokers_[peer.index].id();
    if (peer.kind == HostKind::controller) node = controllers_[peer.index].id();
    if (role.kind == HostKind::broker) brokers_[role.index].on_accepted(handle, node, context.now);
    if (role.kind == HostKind::controller) controllers_[role.index].on_accepted(handle, node, context.now);
    after_input(accepted->server, context);
  } else if (const auto* refused = std::get_if<sim::Refused>(&outcome)) {
    lost_connection(refused->connection, refused->client, sim::CloseKind::reset, context);
  } else if (const auto* arrived_message = std::get_if<sim::Arrived>(&outcome)) {
    arrived(*arrived_message, context);
  } else if (const auto* closed = std::get_if<sim::Closed>(&outcome)) {
    lost_connection(closed->connection, closed->host, closed->how, context);
  }
}

void World::lost_connection(sim::ConnectionId id, HostId host, sim::CloseKind how, Context& context) {
  // By the connection's own number: its slot among the wires may be in use again by the time its second end is told.
  auto& connections = hosts_[host.value()].open;
  const auto found = std::find_if(connections.begin(), connections.end(), [&](const OpenConnection& open) { return open.id == id; });
  if (found == connections.end()) return;
  const std::uint64_t handle = found->handle;
  const bool connecting = !found->established;
  connections.erase(found);
  const HostRole role = setup_->roles[host.value()];
  const broker::ClosedBy by = how == sim::CloseKind::fin ? broker::ClosedBy::fin : broker::ClosedBy::reset;
  switch (role.kind) {
    case HostKind::broker:
      connecting ? brokers_[role.index].on_connect_failed(handle, context.now) : brokers_[role.index].on_closed(handle, by, context.now);
      break;
    case HostKind::controller:
      connecting ? controllers_[role.index].on_connect_failed(handle, context.now) : controllers_[role.index].on_closed(handle, by, context.now);
      break;
    case HostKind::producer:
      if (ProducerHost::is_input(handle)) {
        producers_[role.index].on_input_closed(handle, context.now);
      } else {
        producers_[role.index].on_closed(handle, connecting, how);
      }
      break;
    case HostKind::consumer: consumers_[role.index].on_closed(handle, context.now); break;
    case HostKind::admin: Faults{*this}.on_admin_lost(handle, context); break;
  }
  after_input(host, context);
}

void World::after_input(HostId host, Context& context) {
  const HostRole role = setup_->roles[host.value()];
  switch (role.kind) {
    case HostKind::broker: take_outputs(brokers_[role.index], host, context); break;
    case HostKind::controller: take_outputs(controllers_[role.index], host, context); break;
    case HostKind::producer: poll_producer(role.index, context); break;
    case HostKind::consumer: take_outputs(consumers_[role.index], host, context); break;
    case HostKind::admin: break;
  }
}

void World::note_abandoned(const sim::Arrived& message) {
  constexpr std::int16_t first_with_own_epochs = 5;
  const FrameHead head = read_request_head(message.bytes.span());
  if (!head.known || head.api != ApiKey::end_txn || head.version >= first_with_own_epochs) return;
  const std::optional<sim::ConnectionInfo> info = network_.info(message.connection);
  if (info && !info->client_open) ++counters_.abandoned_end_txns;
}

void World::arrived(const sim::Arrived& message, Context& context) {
  Wire* wire = this->wire(message.connection);
  if (wire == nullptr) return;
  if (message.whole) ++counters_.frames;
  fingerprint_.add(message.hash);
  const std::uint64_t handle = wire->handles[static_cast<std::size_t>(message.side)];
  if (find_open(message.host, handle) == nullptr) return;
  sim::Bytes bytes = message.bytes;
  if (message.side == Side::server && message.whole) {
    // acks=0: the broker answers nothing, so nothing is waited for.
    std::erase_if(wire->pending, [&](const PendingRequest& p) { return p.acks == 0 && p.correlation == read_request_head(bytes.span()).correlation; });
  }
  if (message.side == Side::server && message.whole && setup_->transactional) note_abandoned(message);
  if (message.side == Side::client && message.whole) {
    const std::int32_t correlation = read_response_correlation(bytes.span());
    const auto asked = std::find_if(wire->pending.begin(), wire->pending.end(), [&](const PendingRequest& p) { return p.correlation == correlation; });
    if (asked != wire->pending.end()) {
      bytes = throttled(bytes, *asked, setup_->roles[message.host.value()]);
      if (asked->forged != 0) {
        bytes = forge_answer(bytes, asked->api, asked->version, asked->forged);
        context.record(trace_kind(AppTrace::forged), message.host, {wire->serial, correlation},
                       context.trace.intern(error_name(static_cast<ErrorCode>(asked->forged))));
      }
      if (asked->api == ApiKey::produce && context.trace.on()) {
        for (const AnswerOnWire& answer : read_produce_answer(bytes.span(), asked->version, topics_)) {
          const auto batch = std::find_if(asked->batches.begin(), asked->batches.end(),
                                          [&](const BatchOnWire& b) { return b.topic == answer.topic && b.partition == answer.partition; });
          const bool found = batch != asked->batches.end();
          context.record(trace_kind(AppTrace::answer_arrived), message.host,
                         {wire->serial, correlation, answer.error, answer.base_offset, found ? batch->records : 0,
                          found ? batch->base_sequence : -1, found ? batch->attempt : 0},
                         partition_text(answer.topic, answer.partition, context.trace), message.sent_by);
        }
      }
      wire->pending.erase(asked);
    }
  }
  // What a fault made of it is what its reader gets.
  if (message.whole) context.trace.attach(bytes);
  const HostRole role = setup_->roles[message.host.value()];
  switch (role.kind) {
    case HostKind::broker:
      // Bytes of a request that never became whole: the reset behind them ends the connection.
      if (message.whole) brokers_[role.index].on_frame(handle, bytes, context.event, context.now);
      break;
    case HostKind::controller:
      if (message.whole) controllers_[role.index].on_frame(handle, bytes, context.event, context.now);
      break;
    case HostKind::producer:
      if (!ProducerHost::is_input(handle)) {
        producers_[role.index].on_received(handle, bytes.span());
      } else if (message.whole) {
        producers_[role.index].on_input_frame(handle, bytes, context.now);
        note_read(role.index, context);
      }
      break;
    case HostKind::consumer:
      if (message.whole) consumers_[role.index].on_frame(handle, bytes, context.now);
      note_seen(role.index, context);
      break;
    case HostKind::admin:
      if (message.whole) Faults{*this}.on_admin_answer(handle, bytes, context);
      break;
  }
  after_input(message.host, context);
}

}  // namespace linger::scenarios

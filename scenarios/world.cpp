#include "scenarios/world.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "broker_model/cluster.h"
#include "protocol/frame.h"
#include "protocol/record_batch.h"
#include "scenarios/faults.h"
#include "scenarios/trace_kinds.h"

namespace linger::scenarios {

using sim::Context;
using sim::HostId;
using sim::Side;

namespace {

/// Wakes of brokers and consumers carry their host's incarnation, so that those of a process that died are ignored.
constexpr std::uint32_t process_timer(std::uint32_t incarnation) {
  return incarnation;
}

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
  for (std::uint32_t p = 0; p < plan.producers.size(); ++p) producers_.emplace_back(*setup_, p);
  std::vector<Consumer::Topic> all;
  for (std::uint32_t t = 0; t < topics_.names.size(); ++t) all.push_back({topics_.names[t], t});
  for (const ConsumerSpec& consumer : plan.consumers) {
    std::vector<Consumer::Topic> topics;
    for (const Consumer::Topic& topic : all) {
      if (std::find(consumer.topics.begin(), consumer.topics.end(), topic.name) != consumer.topics.end()) topics.push_back(topic);
    }
    consumers_.emplace_back(consumer.name, std::move(topics), plan.cluster.brokers, consumer.read_committed);
  }
  if (setup_->transactional) consumers_.emplace_back("committed-witness", all, plan.cluster.brokers, true);
  consumers_.emplace_back("witness", all, plan.cluster.brokers);
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

// ---- connections ---------------------------------------------------------------------------------------------------------------------

World::Wire* World::wire(sim::ConnectionId id) {
  return id.index < wires_.size() && wires_[id.index].id == id ? &wires_[id.index] : nullptr;
}

const World::OpenConnection* World::find_open(HostId host, std::uint64_t handle) const {
  for (const OpenConnection& open : hosts_[host.value()].open) {
    if (open.handle == handle) return &open;
  }
  return nullptr;
}

void World::bind(HostId host, std::uint64_t handle, sim::ConnectionId id, Side side) {
  hosts_[host.value()].open.push_back({handle, id, side, side == Side::server});
  wires_[id.index].handles[static_cast<std::size_t>(side)] = handle;
  wires_[id.index].hosts[static_cast<std::size_t>(side)] = host;
}

void World::unbind(HostId host, std::uint64_t handle) {
  std::erase_if(hosts_[host.value()].open, [&](const OpenConnection& open) { return open.handle == handle; });
}

void World::open(HostId from, std::uint64_t handle, HostId to, Context& context) {
  const sim::ConnectionId id = network_.connect(from, to, context);
  if (wires_.size() <= id.index) wires_.resize(id.index + 1);
  Wire& wire = wires_[id.index];
  wire.id = id;
  wire.handles[0] = wire.handles[1] = 0;
  wire.hosts[1] = to;
  wire.pending.clear();
  wire.ordinals.clear();
  const std::optional<sim::ConnectionInfo> info = network_.info(id);
  wire.ordinal = static_cast<std::int32_t>(info->ordinal) + 1;
  wire.serial = info->serial;
  bind(from, handle, id, Side::client);
}

void World::close(HostId host, std::uint64_t handle, Context& context) {
  const OpenConnection* open = find_open(host, handle);
  if (open == nullptr) return;
  network_.close(open->id, open->side, sim::CloseKind::fin, context);
  unbind(host, handle);
}

namespace {

std::uint32_t next_ordinal(std::vector<std::pair<std::uint32_t, std::uint32_t>>& ordinals, std::uint32_t key) {
  for (auto& [known, count] : ordinals) {
    if (known == key) return ++count;
  }
  ordinals.push_back({key, 1});
  return 1;
}

constexpr std::uint32_t tag_api(ApiKey api, bool response) {
  return static_cast<std::uint32_t>(api) * 2 + (response ? 1 : 0);
}

}  // namespace

void World::send(HostId host, std::uint64_t handle, sim::Bytes frame, sim::EventNumber cause, Context& context) {
  const OpenConnection* open = find_open(host, handle);
  if (open == nullptr) return;
  Wire* wire = this->wire(open->id);
  assert(wire != nullptr);
  sim::MessageTag tag;
  if (open->side == Side::client) {
    note_request(*wire, open->side, frame, tag, context);
  } else {
    note_answer(*wire, open->side, frame, tag, context);
  }
  Context caused = context;
  if (cause != sim::no_event) caused.event = cause;
  network_.send(open->id, open->side, std::move(frame), tag, caused);
}

void World::note_request(Wire& wire, Side side, const sim::Bytes& frame, sim::MessageTag& tag, Context& context) {
  const FrameHead head = read_request_head(frame.span());
  tag.api = tag_api(head.api, false);
  tag.ordinal = next_ordinal(wire.ordinals, tag.api);
  const HostRole role = setup_->roles[wire.hosts[static_cast<std::size_t>(side)].value()];
  PendingRequest pending{head.correlation, head.api, head.version, tag.ordinal, acks_of(role, head.api), 0, {}};
  if (head.api == ApiKey::produce) {
    ++counters_.produce_requests;
    if (role.kind == HostKind::producer) ++counters_.produce_requests_of[role.index];
    if (setup_->faults->wants_batches() || context.trace.on()) {
      pending.batches = read_produce_batches(frame.span(), head.version, topics_, setup_->faults->wants_numbers());
      count_attempts(pending.batches, role.index);
      if (context.trace.on()) {
        for (const BatchOnWire& batch : pending.batches) {
          context.record(trace_kind(AppTrace::produce_sent), wire.hosts[static_cast<std::size_t>(side)],
                         {wire.serial, head.correlation, batch.records, batch.bytes, batch.producer.id.value(), batch.producer.epoch.value(),
                          batch.base_sequence, batch.attempt},
                         partition_text(batch.topic, batch.partition, context.trace));
        }
      }
    }
  } else if (role.kind == HostKind::producer && context.trace.on()) {
    context.record(trace_kind(AppTrace::request_sent), wire.hosts[static_cast<std::size_t>(side)],
                   {wire.serial, head.correlation, wire.hosts[1].value()}, context.trace.intern(api_name(head.api)));
  }
  wire.pending.push_back(std::move(pending));
}

sim::Bytes World::throttled(const sim::Bytes& frame, const PendingRequest& asked, HostRole role) const {
  if (role.kind != HostKind::producer || asked.api != ApiKey::produce) return frame;
  const std::int32_t time = producers_[role.index].throttle_ms();
  return time == 0 ? frame : throttle_answer(frame, asked.version, time);
}

std::int16_t World::acks_of(HostRole role, ApiKey api) const {
  return api == ApiKey::produce && role.kind == HostKind::producer ? setup_->producers[role.index].config.acks : std::int16_t{-1};
}

void World::note_answer(Wire& wire, Side side, const sim::Bytes& frame, sim::MessageTag& tag, Context& context) {
  const std::int32_t correlation = read_response_correlation(frame.span());
  const auto asked = std::find_if(wire.pending.begin(), wire.pending.end(), [&](const PendingRequest& p) { return p.correlation == correlation; });
  if (asked == wire.pending.end()) return;
  tag.api = tag_api(asked->api, true);
  tag.ordinal = next_ordinal(wire.ordinals, tag.api);
  if (asked->api == ApiKey::produce && context.trace.on()) {
    for (const AnswerOnWire& answer : read_produce_answer(frame.span(), asked->version, topics_)) {
      const auto batch = std::find_if(asked->batches.begin(), asked->batches.end(),
                                      [&](const BatchOnWire& b) { return b.topic == answer.topic && b.partition == answer.partition; });
      const bool found = batch != asked->batches.end();
      context.record(trace_kind(AppTrace::produce_answered), wire.hosts[static_cast<std::size_t>(side)],
                     {wire.serial, correlation, answer.error, answer.base_offset, found ? batch->records : 0, found ? batch->base_sequence : -1},
                     partition_text(answer.topic, answer.partition, context.trace));
    }
  }
}

void World::count_attempts(std::vector<BatchOnWire>& batches, std::uint32_t producer) {
  for (BatchOnWire& batch : batches) {
    const auto key = sim::Name::of(producer).with(static_cast<std::uint64_t>(batch.topic)).with(static_cast<std::uint64_t>(batch.partition)).with(batch.content);
    const auto found = std::lower_bound(attempts_.begin(), attempts_.end(), std::pair{key.value(), std::int32_t{0}});
    if (found != attempts_.end() && found->first == key.value()) {
      batch.attempt = ++found->second;
    } else {
      attempts_.insert(found, {key.value(), 1});
    }
  }
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
      case HostKind::producer: producers_[role.index].on_connected(handle); break;
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
    case HostKind::producer: producers_[role.index].on_closed(handle, connecting, how); break;
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
  const HostRole role = setup_->roles[message.host.value()];
  switch (role.kind) {
    case HostKind::broker:
      // Bytes of a request that never became whole: the reset behind them ends the connection.
      if (message.whole) brokers_[role.index].on_frame(handle, bytes, context.event, context.now);
      break;
    case HostKind::controller:
      if (message.whole) controllers_[role.index].on_frame(handle, bytes, context.event, context.now);
      break;
    case HostKind::producer: producers_[role.index].on_received(handle, bytes.span()); break;
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

// ---- producers -----------------------------------------------------------------------------------------------------------------------

void World::drop_connections(HostId host, Context& context) {
  for (const OpenConnection& open : std::exchange(hosts_[host.value()].open, {})) network_.close(open.id, open.side, sim::CloseKind::reset, context);
}

void World::poll_producer(std::uint32_t index, Context& context) {
  ProducerHost& producer = producers_[index];
  const HostId h = setup_->producer_host(index);
  Host& host = hosts_[h.value()];
  if (!producer.alive() || host.paused) return;
  const Instant instant{host.clock.wall_ms(context.now), host.clock.mono_ns(context.now)};
  ApplicationContext application{context, *setup_, h, instant, ledger_, ghost_, workload_stopped_};
  std::vector<sim::Bytes> frames;
  for (int rounds = 0;; ++rounds) {
    assert(rounds < 10'000 && "a producer that never comes to rest");
    const std::uint32_t before = producer.incarnation();
    const bool again = producer.work(application, host.clock);
    if (producer.incarnation() != before) drop_connections(h, context);
    for (const ClientConnectionId closing : producer.take_closes()) {
      producer.forget_partial(closing);
      close(h, closing.value(), context);
    }
    for (const ConnectRequest& connect : producer.take_connects()) {
      const std::int32_t to = setup_->host(connect.host);
      assert(to >= 0);
      open(h, connect.connection.value(), HostId{static_cast<std::uint32_t>(to)}, context);
    }
    for (const ClientConnectionId writable : producer.writable()) {
      const std::uint64_t handle = writable.value();
      const OpenConnection* open = find_open(h, handle);
      if (open == nullptr) continue;
      const std::int64_t limit = setup_->producers[index].config.send_buffer_bytes;
      std::int64_t room = network_.room(open->id, open->side);
      if (limit > 0) room = std::min(room, limit - network_.backlog(open->id, open->side));
      frames.clear();
      producer.pull(writable, room, frames);
      for (sim::Bytes& frame : frames) send(h, handle, std::move(frame), sim::no_event, context);
    }
    if (producer.has_writable()) producer.retry_writing_at(context.now + sim::Duration::ms(1));
    if (!again && !producer.producer().needs_poll()) break;
  }
  const sim::SimTime at = producer.next_wake();
  if (at == producer.armed() && at > context.now) return;
  producer.arm(at);
  const std::uint64_t generation = producer.next_generation();
  if (at != sim::SimTime::never()) context.schedule(std::max(at, context.now), sim::Wake{h, process_timer(host.incarnation), generation});
}

// ---- what hosts want -----------------------------------------------------------------------------------------------------------------

template <class Node>
void World::take_outputs(Node& node, HostId host, Context& context) {
  // The outputs are moved out: carrying one out may bring another input to the same node.
  std::vector<broker::Output> outputs;
  std::swap(outputs, node.outputs());
  for (broker::Output& output : outputs) {
    if (auto* send_output = std::get_if<broker::Send>(&output)) {
      send(host, send_output->conn, std::move(send_output->frame), send_output->cause, context);
    } else if (const auto* connect = std::get_if<broker::Connect>(&output)) {
      open(host, connect->conn, host_of_node(connect->to), context);
    } else if (const auto* close_output = std::get_if<broker::Close>(&output)) {
      close(host, close_output->conn, context);
    } else if (const auto* wake_output = std::get_if<broker::WakeAt>(&output)) {
      context.schedule(std::max(wake_output->at, context.now), sim::Wake{host, process_timer(hosts_[host.value()].incarnation), wake_output->token});
    } else if (const auto* observation = std::get_if<broker::Observation>(&output)) {
      observe(*observation, host, context);
    }
  }
  outputs.clear();
  if (node.outputs().empty()) std::swap(outputs, node.outputs());
}

HostId World::host_of_node(NodeId node) const {
  if (broker::is_controller_node(node)) return setup_->controller_host(static_cast<std::uint32_t>(node.value() - 3001));
  return setup_->broker_host(static_cast<std::uint32_t>(node.value() - 1));
}

void World::take_outputs(Consumer& consumer, HostId host, Context& context) {
  for (ConsumerOutput& output : consumer.take_outputs()) {
    if (auto* write = std::get_if<ConsumerWrite>(&output)) {
      send(host, write->handle, std::move(write->frame), sim::no_event, context);
    } else if (const auto* connect = std::get_if<ConsumerConnect>(&output)) {
      open(host, connect->handle, host_of_node(connect->broker), context);
    } else if (const auto* close_output = std::get_if<ConsumerClose>(&output)) {
      close(host, close_output->handle, context);
    } else if (const auto* wake_output = std::get_if<ConsumerWake>(&output)) {
      context.schedule(std::max(wake_output->at, context.now), sim::Wake{host, process_timer(hosts_[host.value()].incarnation), 0});
    }
  }
}

void World::observe(const broker::Observation& seen, HostId host, Context& context) {
  std::int32_t topic = -1;
  if (!seen.topic.is_zero()) {
    topic = topic_index(seen.topic);
    const std::int32_t broker = seen.node.value();
    const bool power = broker >= 1 && broker <= static_cast<std::int32_t>(brokers_.size()) && hosts_[static_cast<std::size_t>(broker - 1)].power_lost;
    ghost_.observe(seen, topic, context.now, power);
    if (topic < 0 && seen.kind == broker::Observation::Kind::unclean_election) coordinator_state_lost_ = true;
  }
  if (seen.kind == broker::Observation::Kind::stopped) {
    Host& stopped = hosts_[host.value()];
    stopped.stopped = true;
    if (stopped.restart_at) Faults{*this}.schedule_restart(host, context);
  }
  // A broker whose log directory fails halts by itself.
  if (seen.kind == broker::Observation::Kind::crashed && !hosts_[host.value()].stopped) Faults{*this}.process_died(host, context);
  if (!context.trace.on()) return;
  std::uint32_t text = 0;
  if (!seen.topic.is_zero()) {
    const std::string name = topic < 0 ? internal_topic(seen.topic) : topics_.names[static_cast<std::size_t>(topic)];
    text = context.trace.intern(seen.partition < 0 ? name : name + "-" + std::to_string(seen.partition));
  }
  context.record(trace_kind(seen.kind), host, trace_args(seen), text, seen.cause);
}

void World::note_seen(std::uint32_t consumer, Context& context) {
  Consumer& reader = consumers_[consumer];
  for (Consumer::Partition& partition : reader.mutable_partitions()) {
    if (partition.noted == partition.seen.size()) continue;
    const auto topic = static_cast<std::int32_t>(reader.topics()[partition.topic].index);
    const broker::NodeMask holders = ghost_.holders(topic, partition.number);
    if (context.trace.on()) {
      context.record(trace_kind(AppTrace::consumed), setup_->consumer_host(consumer), {partition.seen[partition.noted].offset, partition.seen.back().offset},
                     partition_text(topic, partition.number, context.trace));
    }
    for (; partition.noted < partition.seen.size(); ++partition.noted) partition.seen[partition.noted].holders = holders;
  }
}

std::int32_t World::topic_index(const Uuid& id) {
  const std::int32_t known = topics_.by_id(id);
  if (known >= 0) return known;
  for (const broker::Controller& controller : controllers_) {
    const broker::TopicImage* topic = controller.committed().topic(id);
    if (topic == nullptr) continue;
    const std::int32_t index = topics_.by_name(topic->name);
    if (index >= 0) topics_.ids[static_cast<std::size_t>(index)] = id;
    return index;
  }
  return -1;
}

/// A topic that no plan names: the cluster's own.
std::string World::internal_topic(const Uuid& id) const {
  for (const broker::Controller& controller : controllers_) {
    if (const broker::TopicImage* topic = controller.committed().topic(id)) return topic->name;
  }
  for (const broker::Broker& broker : brokers_) {
    if (const broker::TopicImage* topic = broker.image().topic(id)) return topic->name;
  }
  return "?";
}

std::string World::partition_name(std::int32_t topic, std::int32_t partition) const {
  return (topic < 0 ? std::string("?") : topics_.names[static_cast<std::size_t>(topic)]) + "-" + std::to_string(partition);
}

std::uint32_t World::partition_text(std::int32_t topic, std::int32_t partition, sim::Trace& trace) const {
  return trace.on() ? trace.intern(partition_name(topic, partition)) : 0;
}

// ---- the final phase, and what may be looked at --------------------------------------------------------------------------------------

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

// What hosts want done, and what they report.
#include <algorithm>
#include <cassert>
#include <utility>

#include "scenarios/faults.h"
#include "scenarios/process_timer.h"
#include "scenarios/trace_kinds.h"
#include "scenarios/world.h"

namespace linger::scenarios {

using sim::Context;
using sim::HostId;

void World::drop_connections(HostId host, Context& context) {
  for (const OpenConnection& open : std::exchange(hosts_[host.value()].open, {})) network_.close(open.id, open.side, sim::CloseKind::reset, context);
}

std::vector<Metric> World::producer_metrics(std::uint32_t index) const {
  // Reading forgets samples that are too old.
  KafkaProducer producer = producers_[index].producer();
  return producer.metrics(instant_of_producer(index, now()));
}

Instant World::instant_of_producer(std::uint32_t index, sim::SimTime now) const {
  const sim::Clock& clock = hosts_[setup_->producer_host(index).value()].clock;
  return {clock.wall_ms(now), clock.mono_ns(now)};
}

void World::poll_producer(std::uint32_t index, Context& context) {
  ProducerHost& producer = producers_[index];
  const HostId h = setup_->producer_host(index);
  Host& host = hosts_[h.value()];
  if (!producer.alive() || host.paused) return;
  const Instant instant = instant_of_producer(index, context.now);
  ApplicationContext application{
      context, *setup_, h, instant, ledger_, ghost_, workload_stopped_, input_over(producer)};
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
    for (ConsumerOutput& output : producer.take_input_outputs()) carry_out(output, h, context);
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

template void World::take_outputs(broker::Broker& node, HostId host, Context& context);
template void World::take_outputs(broker::Controller& node, HostId host, Context& context);

HostId World::host_of_node(NodeId node) const {
  if (broker::is_controller_node(node)) return setup_->controller_host(static_cast<std::uint32_t>(node.value() - 3001));
  return setup_->broker_host(static_cast<std::uint32_t>(node.value() - 1));
}

void World::take_outputs(Consumer& consumer, HostId host, Context& context) {
  for (ConsumerOutput& output : consumer.take_outputs()) carry_out(output, host, context);
}

void World::carry_out(ConsumerOutput& output, HostId host, Context& context) {
  if (auto* write = std::get_if<ConsumerWrite>(&output)) {
    send(host, write->handle, std::move(write->frame), sim::no_event, context);
  } else if (const auto* connect = std::get_if<ConsumerConnect>(&output)) {
    open(host, connect->handle, host_of_node(connect->broker), context);
  } else if (const auto* close_output = std::get_if<ConsumerClose>(&output)) {
    close(host, close_output->handle, context);
  } else if (const auto* wake_output = std::get_if<ConsumerWake>(&output)) {
    context.schedule(std::max(wake_output->at, context.now),
                     sim::Wake{host, process_timer(hosts_[host.value()].incarnation), 0});
  }
}

/// What a transfer's consumer has read goes into the judge's notebook: the consumer dies with its process.
void World::note_read(std::uint32_t producer, Context& context) {
  Transfer* transfer = producers_[producer].transfer();
  if (transfer == nullptr) return;
  for (Consumer::Partition& partition : transfer->input.mutable_partitions()) {
    if (partition.seen.empty()) continue;
    const std::uint32_t topic = transfer->input.topics()[partition.topic].index;
    const broker::NodeMask holders = ghost_.holders(static_cast<std::int32_t>(topic), partition.number);
    if (context.trace.on()) {
      context.record(trace_kind(AppTrace::consumed), setup_->producer_host(producer),
                     {partition.seen.front().offset, partition.seen.back().offset},
                     partition_text(static_cast<std::int32_t>(topic), partition.number, context.trace));
    }
    for (SeenRecord& seen : partition.seen) {
      seen.holders = holders;
      producers_[producer].seen().push_back({topic, partition.number, seen});
    }
    partition.seen.clear();
  }
}

bool World::writes_no_more(const ProducerHost& writer) const {
  if (!writer.alive()) return !faults_pending();
  return writer.workload_done() && writer.settled();
}

/// A real application of this kind never ends, because it cannot know this: nobody writes its input any more,
/// everything in there is decided, and it has read it.
bool World::input_over(const ProducerHost& reader) const {
  const Transfer* transfer = reader.idle_transfer();
  if (transfer == nullptr) return false;
  const Consumer::Topic& topic = transfer->input.topics().front();
  for (const ProducerHost& other : producers_) {
    const auto writes = [&](const WorkloadStep& step) {
      const auto* send = std::get_if<SendStep>(&step.what);
      const auto* transfers = std::get_if<TransferStep>(&step.what);
      return (send != nullptr && send->topic == topic.name) || (transfers != nullptr && transfers->to == topic.name);
    };
    for (const ApplicationThread& thread : setup_->scenario.producers[other.index()].threads) {
      if (other.index() != reader.index() && std::any_of(thread.steps.begin(), thread.steps.end(), writes) &&
          !writes_no_more(other))
        return false;
    }
  }
  for (const Consumer::Partition& read : transfer->input.partitions()) {
    const GhostPartition* ghost = ghost_.find(static_cast<std::int32_t>(topic.index), read.number);
    if (ghost == nullptr || ghost->leader < 1) return false;
    const broker::Partition* leader =
        brokers_[static_cast<std::size_t>(ghost->leader - 1)].partition({topics_.ids[topic.index], read.number});
    if (leader == nullptr || !leader->is_leader() || leader->log.last_stable_offset() < leader->log.log_end() ||
        read.position < leader->log.log_end())
      return false;
  }
  return true;
}

/// What coordinators have written is gone when somebody leads their log who may lack records: after an unclean
/// election, or, where faults destroyed data, with a log that is shorter than what was committed.
void World::observe_coordinator_log(const broker::Observation& seen) {
  using Kind = broker::Observation::Kind;
  if (seen.kind == Kind::unclean_election) coordinator_state_lost_ = true;
  if (seen.kind != Kind::high_watermark && seen.kind != Kind::became_leader) return;
  std::int64_t& committed = coordinator_marks_[{seen.topic, seen.partition}];
  if (seen.kind == Kind::high_watermark) committed = std::max(committed, seen.to);
  if (seen.kind == Kind::became_leader && data_destroyed_ && seen.to < committed) coordinator_state_lost_ = true;
}

void World::observe(const broker::Observation& seen, HostId host, Context& context) {
  std::int32_t topic = -1;
  if (!seen.topic.is_zero()) {
    topic = topic_index(seen.topic);
    const std::int32_t broker = seen.node.value();
    const bool power = broker >= 1 && broker <= static_cast<std::int32_t>(brokers_.size()) && hosts_[static_cast<std::size_t>(broker - 1)].power_lost;
    ghost_.observe(seen, topic, context.now, power);
    if (seen.kind == broker::Observation::Kind::lost_unflushed && seen.from > seen.to) data_destroyed_ = true;
    if (topic < 0) observe_coordinator_log(seen);
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

}  // namespace linger::scenarios

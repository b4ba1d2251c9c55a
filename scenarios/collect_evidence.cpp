#include "scenarios/collect_evidence.h"

#include <algorithm>

#include "broker_model/transaction_log.h"
#include "scenarios/collect_transfers.h"

namespace linger::scenarios {

namespace {

std::int64_t initial_records(const Setup& setup, std::int32_t topic, std::int32_t partition) {
  for (const InitialPartition& initial : setup.scenario.cluster.initial) {
    if (initial.topic == setup.topics[static_cast<std::size_t>(topic)] && initial.partition == partition) return initial.records;
  }
  return 0;
}

/// The records of a log from `from` up to `to`.
std::vector<LogRecord> read_log(const broker::ReplicaLog& log, std::int32_t topic, std::int64_t from, std::int64_t to) {
  std::vector<LogRecord> records;
  std::vector<LogMarker> markers;
  std::vector<std::byte> bytes;
  for (const broker::LogEntry& entry : log.entries()) {
    if (entry.last < from || entry.base >= to) continue;
    bytes.clear();
    entry.append_to(bytes);
    read_log_records(bytes, static_cast<std::uint32_t>(topic), records, &markers);
  }
  decide(records, markers);
  std::erase_if(records, [&](const LogRecord& r) { return r.offset < from || r.offset >= to; });
  return records;
}

std::uint32_t stored_crc(const broker::LogEntry& entry) {
  std::uint32_t crc = 0;
  for (std::size_t i = 0; i < 4; ++i) crc = (crc << 8) | static_cast<std::uint32_t>(entry.prefix[17 + i]);
  return crc;
}

ReplicaEvidence replica_evidence(const broker::Partition& partition, std::int32_t broker, bool alive) {
  ReplicaEvidence evidence;
  evidence.broker = broker;
  evidence.alive = alive;
  evidence.log_start = partition.log.log_start();
  evidence.log_end = partition.log.log_end();
  evidence.high_watermark = partition.log.high_watermark();
  for (const broker::LogEntry& entry : partition.log.entries()) evidence.batches.push_back({entry.base, stored_crc(entry)});
  return evidence;
}

PartitionEvidence partition_evidence(const World& world, const broker::TopicImage& topic, std::int32_t topic_number, std::int32_t number) {
  const broker::PartitionRegistration& registration = topic.partitions[static_cast<std::size_t>(number)];
  PartitionEvidence evidence;
  evidence.topic = topic_number;
  evidence.number = number;
  evidence.name = topic.name + "-" + std::to_string(number);
  const std::int64_t initial = initial_records(world.setup(), topic_number, number);
  const broker::TopicIdPartition id{topic.id, number};
  const broker::Partition* longest = nullptr;
  for (std::int32_t replica : registration.replicas) {
    const broker::Broker& broker = world.brokers()[static_cast<std::size_t>(replica - 1)];
    const broker::Partition* partition = broker.partition(id);
    if (partition == nullptr) continue;
    const bool alive = broker.life() == broker::BrokerLife::running;
    evidence.replicas.push_back(replica_evidence(*partition, replica, alive));
    if (longest == nullptr || partition->log.log_end() > longest->log.log_end()) longest = partition;
    if (replica == registration.leader && partition->is_leader()) {
      evidence.leader = replica;
      evidence.log_start = partition->log.log_start();
      evidence.log_end = partition->log.log_end();
      evidence.high_watermark = partition->log.high_watermark();
      evidence.last_stable_offset = partition->log.last_stable_offset();
      evidence.committed = read_log(partition->log, topic_number, std::max(evidence.log_start, initial), evidence.high_watermark);
      evidence.elsewhere = read_log(partition->log, topic_number, evidence.high_watermark, evidence.log_end);
    }
  }
  if (evidence.leader < 0 && longest != nullptr) {
    evidence.log_start = longest->log.log_start();
    evidence.log_end = longest->log.log_end();
    evidence.high_watermark = longest->log.high_watermark();
    evidence.elsewhere = read_log(longest->log, topic_number, std::max(evidence.log_start, initial), evidence.log_end);
  }
  return evidence;
}

void add_seen(std::vector<SeenEvidence>& into, const Consumer& consumer, const Setup& setup) {
  for (const Consumer::Partition& partition : consumer.partitions()) {
    const auto topic = static_cast<std::int32_t>(consumer.topics()[partition.topic].index);
    const std::int64_t initial = initial_records(setup, topic, partition.number);
    for (const SeenRecord& seen : partition.seen) {
      if (seen.offset < initial) continue;
      into.push_back({consumer.name(), topic, partition.number, seen.offset, seen.identity, seen.at, seen.holders, consumer.read_committed()});
    }
  }
}

const broker::MetadataImage& latest_image(const World& world) {
  const broker::Controller* active = world.active_controller();
  if (active != nullptr) return active->committed();
  const auto longest = std::max_element(world.controllers().begin(), world.controllers().end(),
                                        [](const auto& a, const auto& b) { return a.committed_end() < b.committed_end(); });
  return longest->committed();
}

std::vector<std::string> names_of(const broker::Replicas& replicas) {
  std::vector<std::string> names;
  for (std::int32_t replica : replicas) names.push_back("b" + std::to_string(replica));
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

namespace {

/// How long markers, and the coordinator's next look at what ran out of time, may take.
constexpr std::int64_t decision_patience_ms = 60'000;

/// The coordinator's part for one partition of the transaction log; nothing while its leader is none, or reads it.
struct LeadingPart {
  const broker::Broker* broker = nullptr;
  const broker::TransactionCoordinator::Part* part = nullptr;
};
LeadingPart leading_part(const World& world, const broker::TopicImage& log, std::size_t number) {
  LeadingPart found;
  const std::int32_t leader = log.partitions[number].leader;
  if (leader < 1) return found;
  found.broker = &world.brokers()[static_cast<std::size_t>(leader - 1)];
  if (found.broker->life() != broker::BrokerLife::running) return found;
  for (const auto& part : found.broker->transaction_coordinator().parts()) {
    const bool current = part.partition == static_cast<std::int32_t>(number) && part.coordinator_epoch == log.partitions[number].leader_epoch;
    if (current) found.part = &part;
  }
  return found;
}

bool is_open(broker::TransactionState state) {
  using broker::TransactionState;
  return state == TransactionState::ongoing || state == TransactionState::prepare_commit || state == TransactionState::prepare_abort;
}

}  // namespace

std::vector<UndecidedEvidence> undecided_transactions(const World& world) {
  std::vector<UndecidedEvidence> undecided;
  const broker::MetadataImage& image = latest_image(world);
  const broker::TopicImage* log = image.topic(broker::transaction_state_topic);
  if (log == nullptr) return undecided;
  for (std::size_t number = 0; number < log->partitions.size(); ++number) {
    const LeadingPart leading = leading_part(world, *log, number);
    if (leading.part == nullptr) continue;
    for (const auto& [id, metadata] : leading.part->transactions) {
      if (!is_open(metadata.state)) continue;
      UndecidedEvidence one{id, broker::state_name(metadata.state), false, false};
      one.unreachable = std::any_of(metadata.partitions.begin(), metadata.partitions.end(), [&](const TopicPartition& p) {
        const broker::TopicImage* topic = image.topic(p.topic);
        return topic == nullptr || topic->partitions[static_cast<std::size_t>(p.partition)].leader < 1;
      });
      const bool ongoing = metadata.state == broker::TransactionState::ongoing;
      const std::int64_t due = ongoing ? metadata.start_ms + metadata.timeout_ms : metadata.last_update_ms;
      one.overdue = due + decision_patience_ms < leading.broker->clock().wall_ms(world.now());
      undecided.push_back(std::move(one));
    }
  }
  return undecided;
}

bool coordinators_at_rest(const World& world) {
  const broker::TopicImage* log = latest_image(world).topic(broker::transaction_state_topic);
  for (std::size_t number = 0; log != nullptr && number < log->partitions.size(); ++number) {
    if (log->partitions[number].leader < 1) continue;
    const LeadingPart leading = leading_part(world, *log, number);
    if (leading.part == nullptr) return false;
    for (const auto& [id, metadata] : leading.part->transactions) {
      if (is_open(metadata.state) || metadata.pending_transition()) return false;
    }
  }
  return true;
}

Evidence collect_evidence(const World& world, bool healed) {
  Evidence evidence;
  evidence.healed = healed;
  evidence.producer_state_expired = world.producer_state_expired();
  const broker::MetadataImage& image = latest_image(world);
  for (std::size_t t = 0; t < world.topics().names.size(); ++t) {
    const broker::TopicImage* topic = image.topic(world.topics().names[t]);
    const auto number = static_cast<std::int32_t>(t);
    if (topic != nullptr) {
      for (std::size_t p = 0; p < topic->partitions.size(); ++p) evidence.partitions.push_back(partition_evidence(world, *topic, number, static_cast<std::int32_t>(p)));
      continue;
    }
    for (std::int32_t p = 0; world.ghost().find(number, p) != nullptr; ++p) {
      PartitionEvidence gone;
      gone.topic = number;
      gone.number = p;
      gone.name = world.topics().names[t] + "-" + std::to_string(p);
      gone.deleted = true;
      evidence.partitions.push_back(std::move(gone));
    }
  }
  for (const ProducerHost& host : world.producers()) {
    const ProducerConfig& config = world.setup().producers[host.index()].config;
    ProducerEvidence producer;
    producer.name = world.setup().scenario.producers[host.index()].name;
    producer.idempotent = config.enable_idempotence;
    producer.acks = config.acks;
    producer.one_in_flight = config.max_in_flight_requests_per_connection == 1;
    producer.alive = host.alive();
    producer.incarnation = host.incarnation();
    producer.closed = host.closed();
    producer.buffer_total = config.buffer_memory;
    producer.buffer_available = host.producer().accumulator().pool().available_memory();
    producer.waits_for = host.waits_for();
    evidence.producers.push_back(std::move(producer));
  }
  for (std::size_t c = 0; c < world.setup().scenario.consumers.size(); ++c) add_seen(evidence.seen, world.consumers()[c], world.setup());
  for (const ProducerHost& host : world.producers()) {
    const std::string reader = world.setup().scenario.producers[host.index()].name + "'s consumer";
    for (const ProducerHost::Seen& seen : host.seen()) {
      const auto topic = static_cast<std::int32_t>(seen.topic);
      if (seen.record.offset < initial_records(world.setup(), topic, seen.partition)) continue;
      evidence.seen.push_back({reader, topic, seen.partition, seen.record.offset, seen.record.identity, seen.record.at,
                               seen.record.holders, true});
    }
  }
  evidence.transfers = collect_transfers(world, image);
  evidence.undecided = undecided_transactions(world);
  evidence.transactional = world.setup().transactional;
  evidence.coordinator_state_lost = world.coordinator_state_lost();
  if (world.committed_witness() != nullptr) add_seen(evidence.committed_witness, *world.committed_witness(), world.setup());
  add_seen(evidence.witness, world.witness(), world.setup());
  evidence.witnessed = healed;
  return evidence;
}

RunResult summarise(const World& world, const Evidence& evidence) {
  const Scenario& plan = world.setup().scenario;
  RunResult result;
  result.scenario = plan.title;
  result.seed = plan.seed;
  result.fingerprint = world.fingerprint();
  result.virtual_ns = world.now().ns();
  result.events = world.counters().events;
  result.frames = world.counters().frames;
  for (const ProducerHost& host : world.producers()) {
    ProducerResult producer;
    producer.name = plan.producers[host.index()].name;
    if (const TransactionManager* transactions = host.producer().transaction_manager()) {
      producer.producer_id = transactions->producer_id_and_epoch().id.value();
      producer.epoch = transactions->producer_id_and_epoch().epoch.value();
    }
    producer.epoch_bumps = host.epoch_bumps();
    producer.produce_requests = world.counters().produce_requests_of[host.index()];
    producer.retries = host.producer().sender().batches_retried();
    std::vector<std::int64_t> latencies;
    for (const LedgerRecord& record : world.ledger().records) {
      if (record.producer == host.index() && record.told == Told::acked) latencies.push_back((record.told_at - record.sent_at).us());
    }
    std::sort(latencies.begin(), latencies.end());
    if (!latencies.empty()) {
      producer.ack_latency_p50_us = latencies[latencies.size() / 2];
      producer.ack_latency_max_us = latencies.back();
    }
    result.producers.push_back(std::move(producer));
  }
  const broker::MetadataImage& image = latest_image(world);
  for (const PartitionEvidence& p : evidence.partitions) {
    if (p.deleted) continue;
    PartitionResult partition;
    partition.name = p.name;
    partition.log_start = p.log_start;
    partition.log_end = p.log_end;
    partition.high_watermark = p.high_watermark;
    partition.last_stable_offset = p.last_stable_offset;
    const broker::TopicImage* topic = image.topic(world.topics().names[static_cast<std::size_t>(p.topic)]);
    const broker::PartitionRegistration& registration = topic->partitions[static_cast<std::size_t>(p.number)];
    if (registration.leader > 0) partition.leader = "b" + std::to_string(registration.leader);
    partition.leader_epoch = registration.leader_epoch;
    partition.isr = names_of(registration.isr);
    partition.elr = names_of(registration.elr);
    result.partitions.push_back(std::move(partition));
  }
  for (std::size_t f = 0; f < plan.faults.size(); ++f) {
    const FaultProgress::One& one = world.fault_progress().faults[f];
    result.faults.push_back({plan.faults[f].id, one.matched, one.hits, plan.faults[f].must_hit});
  }
  return result;
}

}  // namespace linger::scenarios

#include "scenarios/protocol_state.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "scenarios/scenario_writer.h"
#include "sim/draw.h"
#include "sim/fingerprint.h"

namespace linger::scenarios {
namespace {

class StateHash {
 public:
  void add(std::uint64_t word) { value_ = sim::detail::mix_word(value_, word); }
  template <class T>
  void add_number(T number) {
    add(static_cast<std::uint64_t>(static_cast<std::int64_t>(number)));
  }
  void add_text(std::string_view text) { add(sim::hash_bytes(std::as_bytes(std::span(text)))); }
  std::uint64_t value() const { return sim::detail::mix(value_); }

 private:
  std::uint64_t value_ = 0x9e37'79b9'7f4a'7c15ULL;
};

void add_replica(StateHash& hash, const broker::Partition& partition) {
  hash.add_number(partition.leader_epoch);
  hash.add_number(partition.is_leader());
  hash.add_number(partition.log.log_start());
  hash.add_number(partition.log.log_end());
  hash.add_number(partition.log.high_watermark());
  for (const broker::LogEntry& entry : partition.log.entries()) {
    hash.add_number(entry.base);
    hash.add_number(entry.leader_epoch);
    hash.add_number(entry.producer.value());
    hash.add_number(entry.epoch.value());
    hash.add_number(entry.base_sequence);
    hash.add_number(static_cast<std::int64_t>(entry.marker));
    hash.add(sim::hash_bytes(entry.tail.span()));
  }
}

void add_cluster(StateHash& hash, const World& world) {
  const Setup& setup = world.setup();
  for (std::uint32_t b = 0; b < world.brokers().size(); ++b) {
    const broker::Broker& broker = world.brokers()[b];
    hash.add_number(world.is_stopped(setup.broker_host(b)));
    hash.add_number(static_cast<std::int64_t>(broker.life()));
    for (const broker::Partition& partition : broker.partitions()) add_replica(hash, partition);
  }
  for (std::uint32_t c = 0; c < world.controllers().size(); ++c) hash.add_number(world.is_stopped(setup.controller_host(c)));
  const broker::Controller* controller = world.active_controller();
  hash.add_number(controller != nullptr);
  if (controller == nullptr) return;
  for (const broker::TopicImage& topic : controller->committed().topics()) {
    for (const broker::PartitionRegistration& partition : topic.partitions) {
      hash.add_number(partition.leader);
      hash.add_number(partition.leader_epoch);
      for (const std::int32_t replica : partition.isr) hash.add_number(replica);
      hash.add_number(-1);
      for (const std::int32_t replica : partition.elr) hash.add_number(replica);
      hash.add_number(-2);
    }
  }
}

void add_producer(StateHash& hash, const ProducerHost& host, std::int64_t now_ms) {
  hash.add_number(host.alive());
  hash.add_number(host.incarnation());
  hash.add_number(host.records_sent());
  hash.add_number(host.workload_done());
  hash.add_number(host.epoch_bumps());
  const KafkaProducer& producer = host.producer();
  const BatchTable& batches = producer.accumulator().batches();
  for (const BatchId id : producer.accumulator().incomplete()) {
    const ProducerBatch& batch = batches[id];
    hash.add_text(batch.topic_partition().topic);
    hash.add_number(batch.topic_partition().partition);
    hash.add_number(batch.base_sequence());
    hash.add_number(batch.record_count());
    hash.add_number(batch.attempts() > 0);
    hash.add_number(batch.created_ms() - now_ms);
  }
  const TransactionManager* transactions = producer.transaction_manager();
  hash.add_number(transactions != nullptr);
  if (transactions == nullptr) return;
  hash.add_number(static_cast<std::int64_t>(transactions->current_state()));
  hash.add_number(transactions->producer_id_and_epoch().id.value());
  hash.add_number(transactions->producer_id_and_epoch().epoch.value());
  hash.add_number(transactions->has_unresolved_sequences());
  for (const TxnPartitionEntry& entry : transactions->txn_partition_map().entries()) {
    hash.add_text(entry.partition().topic);
    hash.add_number(entry.partition().partition);
    hash.add_number(entry.producer_id_and_epoch().epoch.value());
    hash.add_number(entry.next_sequence());
    hash.add_number(entry.last_acked_sequence().value_or(-1));
  }
}

void add_ledger(StateHash& hash, const World& world) {
  for (const LedgerRecord& record : world.ledger().records) {
    hash.add(record.identity);
    hash.add_number(record.partition);
    hash.add_number(static_cast<std::int64_t>(record.told));
    hash.add_number(record.offset);
    hash.add_number(record.forged);
    hash.add_number(record.definite);
    hash.add_text(record.error);
    hash.add(record.holders);
    if (record.told == Told::acked) {
      hash.add_number(world.ghost().excused(static_cast<std::int32_t>(record.topic), record.partition, record.offset, record.holders, record.told_at));
    }
  }
  for (const LedgerTransaction& transaction : world.ledger().transactions) {
    hash.add_number(static_cast<std::int64_t>(transaction.state));
    hash.add_text(transaction.error);
  }
  hash.add_number(world.producer_state_expired());
  hash.add_number(world.coordinator_state_lost());
  for (std::int32_t t = 0; t < static_cast<std::int32_t>(world.topics().names.size()); ++t) {
    for (std::int32_t p = 0; const GhostPartition* ghost = world.ghost().find(t, p); ++p) {
      hash.add_number(ghost->unclean);
      for (const Leadership& leadership : ghost->leaderships) {
        hash.add_number(leadership.leader);
        hash.add_number(leadership.epoch);
        hash.add_number(leadership.log_end);
        hash.add_number(leadership.unclean);
      }
      for (const GhostReplica& replica : ghost->replicas) {
        hash.add_number(replica.flushed_end);
        hash.add_number(replica.destructions.size());
      }
    }
  }
}

/// Faults that last, and those that still wait for their message.
void add_faults(StateHash& hash, const World& world) {
  const std::vector<Fault>& faults = world.setup().scenario.faults;
  std::vector<std::uint64_t> waiting;
  for (std::size_t f = 0; f < faults.size(); ++f) {
    const FaultProgress::One& one = world.fault_progress().faults[f];
    const bool waits = faults[f].on && !one.spent;
    if (!waits && !world.is_fault_active(f)) continue;
    // Under its own name each of them is another one; what it does is what counts.
    Fault nameless = faults[f];
    nameless.id = "-";
    StateHash what;
    what.add_text(dump_compact(fault_to_json(nameless)));
    what.add_number(waits);
    waiting.push_back(what.value());
  }
  std::sort(waiting.begin(), waiting.end());
  for (const std::uint64_t one : waiting) hash.add(one);
}

}  // namespace

std::optional<std::uint64_t> protocol_state(const World& world, const World::NextMessage* arriving) {
  constexpr ApiKey apis[] = {ApiKey::produce, ApiKey::end_txn, ApiKey::add_partitions_to_txn, ApiKey::add_offsets_to_txn, ApiKey::txn_offset_commit,
                             ApiKey::init_producer_id};
  std::size_t open = 0;
  for (const ApiKey api : apis) open += world.open_requests(api);
  if (open != (arriving == nullptr ? 0U : 1U) || world.replication_under_way()) return std::nullopt;
  StateHash hash;
  add_cluster(hash, world);
  for (const ProducerHost& host : world.producers()) add_producer(hash, host, world.next_time().ns() / 1'000'000);
  add_ledger(hash, world);
  add_faults(hash, world);
  if (arriving != nullptr) {
    hash.add_number(static_cast<std::int64_t>(arriving->facts.api));
    hash.add_number(arriving->facts.response);
    hash.add_number(arriving->facts.from.value());
    hash.add_number(arriving->facts.to.value());
    hash.add(arriving->content);
  }
  return hash.value();
}

}  // namespace linger::scenarios

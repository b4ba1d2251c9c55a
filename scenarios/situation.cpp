#include "scenarios/situation.h"

#include <algorithm>

#include "scenarios/world.h"

namespace linger::scenarios {
namespace {

ProducerSituation situation_of(const ProducerHost& host) {
  if (!host.alive() || host.closed()) return ProducerSituation::gone;
  const KafkaProducer& producer = host.producer();
  if (const TransactionManager* transactions = producer.transaction_manager()) {
    using State = TransactionManager::State;
    const State state = transactions->current_state();
    if (transactions->has_error()) return ProducerSituation::error;
    if (state == State::aborting_transaction) return ProducerSituation::aborting;
    if (state == State::committing_transaction) return ProducerSituation::committing;
    if (state == State::in_transaction) return ProducerSituation::in_transaction;
    if (transactions->has_unresolved_sequences()) return ProducerSituation::unresolved;
    if (!transactions->has_producer_id()) return ProducerSituation::without_identity;
  }
  const RecordAccumulator& accumulator = producer.accumulator();
  if (!accumulator.has_incomplete()) return ProducerSituation::idle;
  const bool retries = std::any_of(accumulator.incomplete().begin(), accumulator.incomplete().end(),
                                   [&](BatchId id) { return accumulator.batches()[id].attempts() > 0; });
  return retries ? ProducerSituation::retrying : ProducerSituation::in_flight;
}

ClusterSituation situation_of(const World& world, const broker::TopicImage& topic, std::int32_t number) {
  const broker::PartitionRegistration& registration = topic.partitions[static_cast<std::size_t>(number)];
  if (registration.leader < 1) return ClusterSituation::no_leader;
  const broker::Broker& leader = world.brokers()[static_cast<std::size_t>(registration.leader - 1)];
  const broker::Partition* partition = leader.partition({topic.id, number});
  if (partition == nullptr || !partition->is_leader()) return ClusterSituation::no_leader;
  if (partition->under_min_isr()) return ClusterSituation::below_min_isr;
  if (registration.isr.size() < registration.replicas.size()) return ClusterSituation::isr_shrunk;
  return partition->log.high_watermark() < partition->log.log_end() ? ClusterSituation::uncommitted : ClusterSituation::healthy;
}

}  // namespace

std::string_view situation_name(ProducerSituation situation) {
  switch (situation) {
    case ProducerSituation::gone: return "gone";
    case ProducerSituation::without_identity: return "no producer id";
    case ProducerSituation::idle: return "idle";
    case ProducerSituation::in_flight: return "in flight";
    case ProducerSituation::retrying: return "retrying";
    case ProducerSituation::unresolved: return "unresolved";
    case ProducerSituation::in_transaction: return "in transaction";
    case ProducerSituation::committing: return "committing";
    case ProducerSituation::aborting: return "aborting";
    case ProducerSituation::error: break;
  }
  return "error";
}

std::string_view situation_name(ClusterSituation situation) {
  switch (situation) {
    case ClusterSituation::healthy: return "healthy";
    case ClusterSituation::uncommitted: return "uncommitted";
    case ClusterSituation::isr_shrunk: return "ISR shrunk";
    case ClusterSituation::below_min_isr: return "below min ISR";
    case ClusterSituation::broker_down: return "broker down";
    case ClusterSituation::no_leader: return "no leader";
    case ClusterSituation::no_controller: break;
  }
  return "no controller";
}

ProducerSituation producer_situation(const World& world) {
  ProducerSituation busiest = ProducerSituation::gone;
  for (const ProducerHost& host : world.producers()) busiest = std::max(busiest, situation_of(host));
  return busiest;
}

ClusterSituation cluster_situation(const World& world) {
  const broker::Controller* controller = world.active_controller();
  if (controller == nullptr) return ClusterSituation::no_controller;
  ClusterSituation worst = ClusterSituation::healthy;
  for (std::uint32_t b = 0; b < world.brokers().size(); ++b) {
    if (world.is_stopped(world.setup().broker_host(b))) worst = ClusterSituation::broker_down;
  }
  for (const std::string& name : world.topics().names) {
    const broker::TopicImage* topic = controller->committed().topic(name);
    if (topic == nullptr) continue;
    for (std::size_t number = 0; number < topic->partitions.size(); ++number) {
      worst = std::max(worst, situation_of(world, *topic, static_cast<std::int32_t>(number)));
    }
  }
  return worst;
}

}  // namespace linger::scenarios

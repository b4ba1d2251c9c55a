#include <cassert>

#include "broker_model/controller.h"
#include "protocol/messages/all.h"

namespace linger::broker {

PartitionRules Controller::rules_for(const TopicImage& topic, NodeId never, NodeId always) const {
  PartitionRules rules;
  rules.elr_enabled = spec_.behaviour.elr;
  rules.min_isr = static_cast<std::size_t>(topic.config.min_insync_replicas);
  for (const BrokerRegistration& broker : latest_->brokers()) {
    if (broker.id != never && (broker.active() || broker.id == always)) rules.acceptable_leaders |= mask_of(broker.id);
  }
  return rules;
}

/// Kafka: ReplicationControlManager.generateLeaderAndIsrUpdates.
void Controller::leader_and_isr_updates(NodeId remove, NodeId add, NodeId unclean_shutdown, Which which,
                                        Records& records) const {
  const std::int32_t about = remove != no_node ? remove.value() : unclean_shutdown.value();
  for (const TopicImage& topic : latest_->topics()) {
    for (std::size_t i = 0; i < topic.partitions.size(); ++i) {
      const PartitionRegistration& partition = topic.partitions[i];
      const bool concerned = which == Which::in_isr   ? contains(partition.isr, about)
                             : which == Which::in_elr ? contains(partition.elr, about)
                                                      : partition.leader == no_leader;
      if (!concerned) continue;
      PartitionRules rules = rules_for(topic, remove, add);
      PartitionTarget target;
      target.isr = partition.isr;
      if (remove != no_node || unclean_shutdown != no_node) {
        std::erase_if(*target.isr,
                      [&](std::int32_t node) { return node == remove.value() || node == unclean_shutdown.value(); });
      }
      if (unclean_shutdown != no_node) {
        target.unclean_shutdown = {unclean_shutdown.value()};
        rules.acceptable_leaders &= ~mask_of(unclean_shutdown);
      }
      if (topic.config.unclean_leader_election != 0) target.election = Election::unclean;
      const auto change = build_partition_change(partition, {topic.id, static_cast<std::int32_t>(i)}, target, rules);
      if (change) records.emplace_back(*change);
    }
  }
}

void Controller::broker_fenced(NodeId broker, Records& records) const {
  leader_and_isr_updates(broker, no_node, no_node, Which::in_isr, records);
  BrokerRegistrationChangeRecord record;
  record.broker_id = broker.value();
  record.broker_epoch = latest_->broker(broker)->epoch;
  record.fenced = 1;
  records.emplace_back(record);
}

void Controller::broker_unfenced(NodeId broker, Records& records) const {
  BrokerRegistrationChangeRecord record;
  record.broker_id = broker.value();
  record.broker_epoch = latest_->broker(broker)->epoch;
  record.fenced = -1;
  records.emplace_back(record);
  leader_and_isr_updates(no_node, broker, no_node, Which::leaderless, records);
}

void Controller::broker_in_controlled_shutdown(NodeId broker, Records& records) const {
  BrokerRegistrationChangeRecord record;
  record.broker_id = broker.value();
  record.broker_epoch = latest_->broker(broker)->epoch;
  record.in_controlled_shutdown = 1;
  records.emplace_back(record);
  leader_and_isr_updates(broker, no_node, no_node, Which::in_isr, records);
}

/// A new life of a broker registers. Whoever did not stop in good order may have lost what it had acknowledged: with
/// ELR it leaves both sets (Kafka: handleBrokerShutdown).
void Controller::broker_came_back(NodeId broker, bool clean, Records& records) const {
  if (!spec_.behaviour.elr || clean) {
    leader_and_isr_updates(broker, no_node, no_node, Which::in_isr, records);
    return;
  }
  leader_and_isr_updates(no_node, no_node, broker, Which::in_isr, records);
  leader_and_isr_updates(no_node, no_node, broker, Which::in_elr, records);
}

bool Controller::has_leaderships(NodeId broker) const {
  for (const TopicImage& topic : latest_->topics()) {
    for (const PartitionRegistration& partition : topic.partitions) {
      if (partition.leader == broker.value()) return true;
    }
  }
  return false;
}

/// Kafka: ReplicationControlManager.validateAlterPartitionData.
ErrorCode Controller::validate_alter_partition(NodeId broker, const TopicImage& topic,
                                               const AlterPartitionRequest::PartitionData& data) const {
  const PartitionRegistration* partition = latest_->partition({topic.id, data.partition_index});
  if (partition == nullptr) return ErrorCode::unknown_topic_or_partition;
  // Who knows more than this controller has heard from a newer one.
  if (data.leader_epoch > partition->leader_epoch || data.partition_epoch > partition->partition_epoch)
    return ErrorCode::not_controller;
  if (data.leader_epoch < partition->leader_epoch) return ErrorCode::fenced_leader_epoch;
  if (broker.value() != partition->leader) return ErrorCode::invalid_request;
  if (data.partition_epoch < partition->partition_epoch) return ErrorCode::invalid_update_version;
  bool has_leader = false;
  for (const auto& member : data.new_isr_with_epochs) {
    if (!contains(partition->replicas, member.broker_id)) return ErrorCode::invalid_request;
    has_leader = has_leader || member.broker_id == partition->leader;
  }
  if (!has_leader) return ErrorCode::invalid_request;
  const bool recovering = data.leader_recovery_state == 1;
  if (recovering && (data.new_isr_with_epochs.size() > 1 || !partition->recovering)) return ErrorCode::invalid_request;
  for (const auto& member : data.new_isr_with_epochs) {
    const BrokerRegistration* registration = latest_->broker(NodeId{member.broker_id});
    if (registration == nullptr || !registration->active()) return ErrorCode::ineligible_replica;
    if (member.broker_epoch != -1 && member.broker_epoch != registration->epoch) return ErrorCode::ineligible_replica;
  }
  return ErrorCode::none;
}

// ---------------------------------------------------------------- sessions and periodic work

Controller::Session* Controller::session(NodeId broker) {
  for (Session& candidate : sessions_) {
    if (candidate.broker == broker) return &candidate;
  }
  return nullptr;
}

SimTime Controller::next_stale_session() const {
  SimTime at = SimTime::never();
  for (const Session& candidate : sessions_) {
    const BrokerRegistration* broker = latest_->broker(candidate.broker);
    if (broker == nullptr || broker->fenced || !candidate.contacted) continue;
    at = std::min(at, candidate.last_contact + Duration::ms(spec_.config.session_timeout_ms));
  }
  return at;
}

void Controller::fence_stale_brokers() {
  for (const Session& candidate : sessions_) {
    const BrokerRegistration* broker = latest_->broker(candidate.broker);
    const bool stale = now_ - candidate.last_contact >= Duration::ms(spec_.config.session_timeout_ms);
    if (broker == nullptr || broker->fenced || !candidate.contacted || !stale) continue;
    Records records;
    broker_fenced(candidate.broker, records);
    write(records);
  }
}

void Controller::unclean_elections() {
  Records records;
  leader_and_isr_updates(no_node, no_node, no_node, Which::leaderless, records);
  write(records);
}

void Controller::preferred_elections() {
  Records records;
  for (const TopicImage& topic : latest_->topics()) {
    for (std::size_t i = 0; i < topic.partitions.size(); ++i) elect(topic, static_cast<std::int32_t>(i), 0, records);
  }
  write(records);
}

void Controller::do_periodic_work() {
  if (election_at_ <= now_ && role_ != ControllerRole::active && role_ != ControllerRole::stopped) {
    if (peers_.empty()) {
      ++epoch_;
      become_active();
    } else {
      become_candidate();
    }
  }
  if (role_ != ControllerRole::active) return;
  if (quorum_lost_at() <= now_) {
    become_standby(epoch_, no_node);
    return;
  }
  if (sessions_at_ <= now_) {
    fence_stale_brokers();
    sessions_at_ = next_stale_session();
  }
  if (unclean_at_ <= now_) {
    unclean_elections();
    unclean_at_ = now_ + Duration::s(300);
  }
  if (rebalance_at_ <= now_) {
    if (spec_.config.auto_leader_rebalance != 0) preferred_elections();
    rebalance_at_ = now_ + Duration::s(spec_.config.leader_imbalance_check_seconds);
  }
}

// ---------------------------------------------------------------- elections on demand

/// Type 0: the preferred replica; 1: unclean where there is no leader (Kafka: ReplicationControlManager.electLeader).
ErrorCode Controller::elect(const TopicImage& topic, std::int32_t index, std::int8_t type, Records& records) const {
  const TopicIdPartition id{topic.id, index};
  const PartitionRegistration* partition = latest_->partition(id);
  if (partition == nullptr) return ErrorCode::unknown_topic_or_partition;
  const bool unclean = type == 1;
  const bool has_preferred = !partition->replicas.empty() && partition->leader == partition->replicas[0];
  if (unclean ? partition->leader != no_leader : has_preferred) return ErrorCode::election_not_needed;
  PartitionTarget target;
  target.election = unclean ? Election::unclean : Election::preferred;
  const auto change = build_partition_change(*partition, id, target, rules_for(topic));
  if (!change) return unclean ? ErrorCode::eligible_leaders_not_available : ErrorCode::preferred_leader_not_available;
  records.emplace_back(*change);
  return ErrorCode::none;
}

bool Controller::move_leader(const TopicIdPartition& id, NodeId leader, SimTime now) {
  const PartitionRegistration* partition = latest_->partition(id);
  if (role_ != ControllerRole::active || partition == nullptr || !latest_->active(leader)) return false;
  if (!contains(partition->isr, leader.value()) || partition->leader == leader.value()) return false;
  step(now, [&] {
    PartitionChangeRecord record;
    record.topic_id = id.topic;
    record.partition_id = id.partition;
    record.leader = leader.value();
    write({record});
  });
  return true;
}

bool Controller::reassign(const TopicIdPartition& id, const Replicas& wanted, SimTime now) {
  const PartitionRegistration* partition = latest_->partition(id);
  if (role_ != ControllerRole::active || partition == nullptr || wanted.empty()) return false;
  for (const std::int32_t node : wanted) {
    if (latest_->broker(NodeId{node}) == nullptr) return false;
  }
  PartitionTarget target;
  Replicas all = wanted;
  Replicas removing;
  Replicas adding;
  for (const std::int32_t node : partition->replicas) {
    if (contains(wanted, node)) continue;
    removing.push_back(node);
    all.push_back(node);
  }
  for (const std::int32_t node : wanted) {
    if (!contains(partition->replicas, node)) adding.push_back(node);
  }
  target.replicas = all;
  target.removing = removing;
  target.adding = adding;
  const auto change = build_partition_change(*partition, id, target, rules_for(*latest_->topic(id.topic)));
  if (!change) return false;
  step(now, [&] { write({*change}); });
  return true;
}

bool Controller::alter_config(std::string_view topic, NodeId broker, std::string_view key,
                              const std::optional<std::string>& value, SimTime now) {
  if (role_ != ControllerRole::active || (!topic.empty() && latest_->topic(topic) == nullptr)) return false;
  step(now, [&] {
    ConfigRecord record;
    record.resource_type = topic.empty() ? 4 : 2;
    record.resource_name = !topic.empty()      ? std::string{topic}
                           : broker == no_node ? std::string{}
                                               : std::to_string(broker.value());
    record.name = std::string{key};
    record.value = value;
    Records records{record};
    write(records);
    // What has become possible is done at once (Kafka: an unclean election when it is switched on).
    records.clear();
    leader_and_isr_updates(no_node, no_node, no_node, Which::leaderless, records);
    write(records);
  });
  return true;
}

}  // namespace linger::broker

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "broker_model/broker_behaviour.h"
#include "broker_model/config.h"
#include "producer/producer_behaviour.h"
#include "producer/producer_config.h"
#include "protocol/api_level.h"
#include "scenarios/application_behaviour.h"
#include "scenarios/fault_table.h"
#include "scenarios/scenario.h"
#include "sim/bytes.h"
#include "sim/event_queue.h"
#include "sim/topology.h"

namespace linger::scenarios {

enum class HostKind : std::uint8_t { broker, controller, producer, consumer, admin };

/// A host of the run: its kind and its number among its kind, from 0.
struct HostRole {
  HostKind kind = HostKind::broker;
  std::uint32_t index = 0;
};

/// A producer's settings as they are when it starts.
struct ProducerSetup {
  ProducerConfig config;
  ProducerBehaviour behaviour;
  ApplicationBehaviour application;
};

/// A plan with everything looked up that does not change during a run. Shared by all copies of a world.
struct Setup {
  Scenario scenario;
  bool transactional = false;      ///< some producer has a transactional.id: a second witness reads read_committed
  std::vector<std::string> hosts;  ///< b1 …, c1 …, producers, consumers, the witnesses (consumers), admin; in this order
  std::vector<HostRole> roles;
  std::vector<std::string> topics;  ///< declared, then created by faults
  std::vector<ProducerSetup> producers;
  broker::BrokerConfig broker_config;
  broker::BrokerBehaviour broker_behaviour;
  std::shared_ptr<const FaultPlan> faults;
  std::shared_ptr<const sim::Topology> topology;
  std::vector<std::string> warnings;

  /// Up to which versions of messages clients talk with the cluster.
  ApiLevel client_api_level() const { return static_cast<ApiLevel>(broker_config.client_api_level); }
  sim::HostId broker_host(std::uint32_t index) const { return sim::HostId{index}; }
  sim::HostId controller_host(std::uint32_t index) const { return sim::HostId{static_cast<std::uint32_t>(scenario.cluster.brokers) + index}; }
  sim::HostId producer_host(std::uint32_t index) const {
    return sim::HostId{static_cast<std::uint32_t>(scenario.cluster.brokers + scenario.cluster.controllers) + index};
  }
  sim::HostId consumer_host(std::uint32_t index) const { return sim::HostId{producer_host(0).value() + static_cast<std::uint32_t>(scenario.producers.size()) + index}; }
  sim::HostId admin_host() const { return sim::HostId{static_cast<std::uint32_t>(hosts.size() - 1)}; }
  std::int32_t host(const std::string& name) const;
};

/// Looks everything up. Requires a scenario in which the reader found no mistake.
std::shared_ptr<const Setup> prepare(Scenario scenario);

/// The same plan with these faults behind its own. Requires names that exist.
std::shared_ptr<const Setup> with_faults(const Setup& setup, const std::vector<Fault>& faults);

/// The replicas of partition `number`: on b((number mod n)+1) and the following, the first preferred, unless the topic says otherwise.
std::vector<std::int32_t> replicas_of(const TopicSpec& topic, std::int32_t number, std::int32_t brokers);

/// A batch of one record that nobody of the run sent, for logs that are not empty at the start.
sim::Bytes initial_batch(std::int64_t number);

sim::TiePolicy tie_policy(const Scenario& scenario);

}  // namespace linger::scenarios

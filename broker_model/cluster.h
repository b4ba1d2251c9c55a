#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "broker_model/broker.h"
#include "broker_model/controller.h"

namespace linger::broker {

struct TopicLayout {
  std::string name;
  std::int32_t partitions = 1;
  std::int32_t replication_factor = 1;
  Settings config;
  std::vector<Replicas>
      replicas;  ///< for each partition, first preferred; empty: partition i on broker (i mod n) + 1 and the following
};

/// A producer that the partition knows from the start: all brokers agree on it.
struct InitialProducer {
  ProducerId id;
  ProducerEpoch epoch;
  std::int32_t next_sequence = 0;
};

/// What a partition holds before the run begins.
struct InitialLog {
  std::string topic;
  std::int32_t partition = 0;
  std::vector<InitialProducer> producers;
  std::vector<sim::Bytes> batches;  ///< whole record batches; base offsets and leader epoch are set as they are put in
  std::optional<Replicas> isr;      ///< none: all replicas
};

/// What a formed cluster is made from.
struct ClusterLayout {
  std::int32_t brokers = 3;
  std::int32_t controllers = 1;
  std::uint64_t seed = 0;
  std::string cluster_id = "linger";
  BrokerConfig config;
  BrokerBehaviour behaviour;
  CostModel cost;
  std::vector<TopicLayout> topics;
  std::vector<InitialLog> initial;
  bool cold_start = false;  ///< brokers still have to register; topics are created by the first controller's log
};

struct FormedCluster {
  std::vector<Broker> brokers;          ///< b1, b2, …
  std::vector<Controller> controllers;  ///< c1, c2, …; the first is active unless cold_start
};

/// Brokers that are registered and unfenced, topics with leaders, followers that have caught up; nothing has been sent
/// and no connection is open. The world calls on_start of each host at time 0. Requires a layout within the limits: 1
/// to 32 brokers, 1 to 5 controllers, replication factors up to the number of brokers, settings that set_topic_config
/// accepts.
FormedCluster form_cluster(const ClusterLayout& layout);

/// The id that a topic of this name gets when it is created at this offset of the metadata log.
Uuid topic_id_for(std::uint64_t seed, std::string_view name, std::int64_t offset);

}  // namespace linger::broker

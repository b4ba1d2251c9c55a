#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/message.h"

namespace linger {

/// A broker has registered under a new epoch.
struct RegisterBrokerRecord {
  static constexpr MessageSpec spec{"RegisterBrokerRecord", MessageType::record, 0, "0-4", "0+"};

  struct BrokerEndpoint {
    std::string name;
    std::string host;
    std::uint16_t port = 0;
    std::int16_t security_protocol = 0;

    static constexpr auto fields() {
      return field_list(field("Name", &BrokerEndpoint::name, "0+"), field("Host", &BrokerEndpoint::host, "0+"),
                        field("Port", &BrokerEndpoint::port, "0+"),
                        field("SecurityProtocol", &BrokerEndpoint::security_protocol, "0+"));
    }
    friend bool operator==(const BrokerEndpoint&, const BrokerEndpoint&) = default;
  };

  struct BrokerFeature {
    std::string name;
    std::int16_t min_supported_version = 0;
    std::int16_t max_supported_version = 0;

    static constexpr auto fields() {
      return field_list(field("Name", &BrokerFeature::name, "0+"),
                        field("MinSupportedVersion", &BrokerFeature::min_supported_version, "0+"),
                        field("MaxSupportedVersion", &BrokerFeature::max_supported_version, "0+"));
    }
    friend bool operator==(const BrokerFeature&, const BrokerFeature&) = default;
  };

  std::int32_t broker_id = 0;
  bool is_migrating_zk_broker = false;
  Uuid incarnation_id;
  std::int64_t broker_epoch = 0;
  std::vector<BrokerEndpoint> end_points;
  std::vector<BrokerFeature> features;
  std::optional<std::string> rack{std::in_place};
  bool fenced = true;
  bool in_controlled_shutdown = false;
  std::vector<Uuid> log_dirs;
  std::optional<std::vector<Uuid>> cordoned_log_dirs;

  static constexpr auto fields() {
    return field_list(
        field("BrokerId", &RegisterBrokerRecord::broker_id, "0+"),
        field("IsMigratingZkBroker", &RegisterBrokerRecord::is_migrating_zk_broker, "2+"),
        field("IncarnationId", &RegisterBrokerRecord::incarnation_id, "0+"),
        field("BrokerEpoch", &RegisterBrokerRecord::broker_epoch, "0+"),
        field("EndPoints", &RegisterBrokerRecord::end_points, "0+"),
        field("Features", &RegisterBrokerRecord::features, "0+"),
        field("Rack", &RegisterBrokerRecord::rack, "0+").nullable("0+"),
        field("Fenced", &RegisterBrokerRecord::fenced, "0+"),
        field("InControlledShutdown", &RegisterBrokerRecord::in_controlled_shutdown, "1+"),
        field("LogDirs", &RegisterBrokerRecord::log_dirs, "3+").tagged(0, "3+"),
        field("CordonedLogDirs", &RegisterBrokerRecord::cordoned_log_dirs, "4+").nullable("4+").tagged(1, "4+"));
  }
  friend bool operator==(const RegisterBrokerRecord&, const RegisterBrokerRecord&) = default;
};

/// A broker was removed from the cluster.
struct UnregisterBrokerRecord {
  static constexpr MessageSpec spec{"UnregisterBrokerRecord", MessageType::record, 1, "0", "0+"};

  std::int32_t broker_id = 0;
  std::int64_t broker_epoch = 0;

  static constexpr auto fields() {
    return field_list(field("BrokerId", &UnregisterBrokerRecord::broker_id, "0+"),
                      field("BrokerEpoch", &UnregisterBrokerRecord::broker_epoch, "0+"));
  }
  friend bool operator==(const UnregisterBrokerRecord&, const UnregisterBrokerRecord&) = default;
};

/// A topic was created.
struct TopicRecord {
  static constexpr MessageSpec spec{"TopicRecord", MessageType::record, 2, "0", "0+"};

  std::string name;
  Uuid topic_id;

  static constexpr auto fields() {
    return field_list(field("Name", &TopicRecord::name, "0+"), field("TopicId", &TopicRecord::topic_id, "0+"));
  }
  friend bool operator==(const TopicRecord&, const TopicRecord&) = default;
};

/// A partition was created, or stands in full in a snapshot.
struct PartitionRecord {
  static constexpr MessageSpec spec{"PartitionRecord", MessageType::record, 3, "0-2", "0+"};

  std::int32_t partition_id = -1;
  Uuid topic_id;
  std::vector<std::int32_t> replicas;
  std::vector<std::int32_t> isr;
  std::vector<std::int32_t> removing_replicas;
  std::vector<std::int32_t> adding_replicas;
  std::int32_t leader = -1;
  std::int8_t leader_recovery_state = 0;
  std::int32_t leader_epoch = -1;
  std::int32_t partition_epoch = -1;
  std::vector<Uuid> directories;
  std::optional<std::vector<std::int32_t>> eligible_leader_replicas;
  std::optional<std::vector<std::int32_t>> last_known_elr;

  static constexpr auto fields() {
    return field_list(field("PartitionId", &PartitionRecord::partition_id, "0+"),
                      field("TopicId", &PartitionRecord::topic_id, "0+"),
                      field("Replicas", &PartitionRecord::replicas, "0+"), field("Isr", &PartitionRecord::isr, "0+"),
                      field("RemovingReplicas", &PartitionRecord::removing_replicas, "0+"),
                      field("AddingReplicas", &PartitionRecord::adding_replicas, "0+"),
                      field("Leader", &PartitionRecord::leader, "0+"),
                      field("LeaderRecoveryState", &PartitionRecord::leader_recovery_state, "0+").tagged(0, "0+"),
                      field("LeaderEpoch", &PartitionRecord::leader_epoch, "0+"),
                      field("PartitionEpoch", &PartitionRecord::partition_epoch, "0+"),
                      field("Directories", &PartitionRecord::directories, "1+"),
                      field("EligibleLeaderReplicas", &PartitionRecord::eligible_leader_replicas, "2+")
                          .nullable("2+")
                          .tagged(1, "2+"),
                      field("LastKnownElr", &PartitionRecord::last_known_elr, "2+").nullable("2+").tagged(2, "2+"));
  }
  friend bool operator==(const PartitionRecord&, const PartitionRecord&) = default;
};

/// Some fields of a partition changed; what is null or at its default stays.
struct PartitionChangeRecord {
  static constexpr MessageSpec spec{"PartitionChangeRecord", MessageType::record, 5, "0-2", "0+"};

  std::int32_t partition_id = -1;
  Uuid topic_id;
  std::optional<std::vector<std::int32_t>> isr;
  std::int32_t leader = -2;
  std::optional<std::vector<std::int32_t>> replicas;
  std::optional<std::vector<std::int32_t>> removing_replicas;
  std::optional<std::vector<std::int32_t>> adding_replicas;
  std::int8_t leader_recovery_state = -1;
  std::optional<std::vector<Uuid>> directories;
  std::optional<std::vector<std::int32_t>> eligible_leader_replicas;
  std::optional<std::vector<std::int32_t>> last_known_elr;

  static constexpr auto fields() {
    return field_list(
        field("PartitionId", &PartitionChangeRecord::partition_id, "0+"),
        field("TopicId", &PartitionChangeRecord::topic_id, "0+"),
        field("Isr", &PartitionChangeRecord::isr, "0+").nullable("0+").tagged(0, "0+"),
        field("Leader", &PartitionChangeRecord::leader, "0+").tagged(1, "0+"),
        field("Replicas", &PartitionChangeRecord::replicas, "0+").nullable("0+").tagged(2, "0+"),
        field("RemovingReplicas", &PartitionChangeRecord::removing_replicas, "0+").nullable("0+").tagged(3, "0+"),
        field("AddingReplicas", &PartitionChangeRecord::adding_replicas, "0+").nullable("0+").tagged(4, "0+"),
        field("LeaderRecoveryState", &PartitionChangeRecord::leader_recovery_state, "0+").tagged(5, "0+"),
        field("Directories", &PartitionChangeRecord::directories, "1+").nullable("1+").tagged(8, "1+"),
        field("EligibleLeaderReplicas", &PartitionChangeRecord::eligible_leader_replicas, "2+")
            .nullable("2+")
            .tagged(6, "2+"),
        field("LastKnownElr", &PartitionChangeRecord::last_known_elr, "2+").nullable("2+").tagged(7, "2+"));
  }
  friend bool operator==(const PartitionChangeRecord&, const PartitionChangeRecord&) = default;
};

/// A broker may no longer lead or be in sync (older records; now BrokerRegistrationChangeRecord).
struct FenceBrokerRecord {
  static constexpr MessageSpec spec{"FenceBrokerRecord", MessageType::record, 7, "0", "0+"};

  std::int32_t id = 0;
  std::int64_t epoch = 0;

  static constexpr auto fields() {
    return field_list(field("Id", &FenceBrokerRecord::id, "0+"), field("Epoch", &FenceBrokerRecord::epoch, "0+"));
  }
  friend bool operator==(const FenceBrokerRecord&, const FenceBrokerRecord&) = default;
};

/// A broker may lead again (older records).
struct UnfenceBrokerRecord {
  static constexpr MessageSpec spec{"UnfenceBrokerRecord", MessageType::record, 8, "0", "0+"};

  std::int32_t id = 0;
  std::int64_t epoch = 0;

  static constexpr auto fields() {
    return field_list(field("Id", &UnfenceBrokerRecord::id, "0+"), field("Epoch", &UnfenceBrokerRecord::epoch, "0+"));
  }
  friend bool operator==(const UnfenceBrokerRecord&, const UnfenceBrokerRecord&) = default;
};

/// A broker was fenced, unfenced, or began a controlled shutdown.
struct BrokerRegistrationChangeRecord {
  static constexpr MessageSpec spec{"BrokerRegistrationChangeRecord", MessageType::record, 17, "0-3", "0+"};

  std::int32_t broker_id = 0;
  std::int64_t broker_epoch = 0;
  std::int8_t fenced = 0;
  std::int8_t in_controlled_shutdown = 0;
  std::vector<Uuid> log_dirs;
  std::optional<std::vector<Uuid>> cordoned_log_dirs;

  static constexpr auto fields() {
    return field_list(
        field("BrokerId", &BrokerRegistrationChangeRecord::broker_id, "0+"),
        field("BrokerEpoch", &BrokerRegistrationChangeRecord::broker_epoch, "0+"),
        field("Fenced", &BrokerRegistrationChangeRecord::fenced, "0+").tagged(0, "0+"),
        field("InControlledShutdown", &BrokerRegistrationChangeRecord::in_controlled_shutdown, "1+").tagged(1, "1+"),
        field("LogDirs", &BrokerRegistrationChangeRecord::log_dirs, "2+").tagged(2, "2+"),
        field("CordonedLogDirs", &BrokerRegistrationChangeRecord::cordoned_log_dirs, "3+")
            .nullable("3+")
            .tagged(3, "3+"));
  }
  friend bool operator==(const BrokerRegistrationChangeRecord&, const BrokerRegistrationChangeRecord&) = default;
};

/// A block of producer ids was given away.
struct ProducerIdsRecord {
  static constexpr MessageSpec spec{"ProducerIdsRecord", MessageType::record, 15, "0", "0+"};

  std::int32_t broker_id = 0;
  std::int64_t broker_epoch = -1;
  std::int64_t next_producer_id = 0;

  static constexpr auto fields() {
    return field_list(field("BrokerId", &ProducerIdsRecord::broker_id, "0+"),
                      field("BrokerEpoch", &ProducerIdsRecord::broker_epoch, "0+"),
                      field("NextProducerId", &ProducerIdsRecord::next_producer_id, "0+"));
  }
  friend bool operator==(const ProducerIdsRecord&, const ProducerIdsRecord&) = default;
};

/// A topic was deleted.
struct RemoveTopicRecord {
  static constexpr MessageSpec spec{"RemoveTopicRecord", MessageType::record, 9, "0", "0+"};

  Uuid topic_id;

  static constexpr auto fields() { return field_list(field("TopicId", &RemoveTopicRecord::topic_id, "0+")); }
  friend bool operator==(const RemoveTopicRecord&, const RemoveTopicRecord&) = default;
};

/// A setting of a resource was set or removed.
struct ConfigRecord {
  static constexpr MessageSpec spec{"ConfigRecord", MessageType::record, 4, "0", "0+"};

  std::int8_t resource_type = 0;
  std::string resource_name;
  std::string name;
  std::optional<std::string> value{std::in_place};

  static constexpr auto fields() {
    return field_list(field("ResourceType", &ConfigRecord::resource_type, "0+"),
                      field("ResourceName", &ConfigRecord::resource_name, "0+"),
                      field("Name", &ConfigRecord::name, "0+"),
                      field("Value", &ConfigRecord::value, "0+").nullable("0+"));
  }
  friend bool operator==(const ConfigRecord&, const ConfigRecord&) = default;
};

/// A feature was set to a level.
struct FeatureLevelRecord {
  static constexpr MessageSpec spec{"FeatureLevelRecord", MessageType::record, 12, "0", "0+"};

  std::string name;
  std::int16_t feature_level = 0;

  static constexpr auto fields() {
    return field_list(field("Name", &FeatureLevelRecord::name, "0+"),
                      field("FeatureLevel", &FeatureLevelRecord::feature_level, "0+"));
  }
  friend bool operator==(const FeatureLevelRecord&, const FeatureLevelRecord&) = default;
};

/// Nothing changed; the metadata log moves on.
struct NoOpRecord {
  static constexpr MessageSpec spec{"NoOpRecord", MessageType::record, 20, "0", "0+"};

  static constexpr auto fields() { return field_list(); }
  friend bool operator==(const NoOpRecord&, const NoOpRecord&) = default;
};

}  // namespace linger

LINGER_DECLARE_MESSAGE(linger::RegisterBrokerRecord);
LINGER_DECLARE_MESSAGE(linger::UnregisterBrokerRecord);
LINGER_DECLARE_MESSAGE(linger::TopicRecord);
LINGER_DECLARE_MESSAGE(linger::PartitionRecord);
LINGER_DECLARE_MESSAGE(linger::PartitionChangeRecord);
LINGER_DECLARE_MESSAGE(linger::FenceBrokerRecord);
LINGER_DECLARE_MESSAGE(linger::UnfenceBrokerRecord);
LINGER_DECLARE_MESSAGE(linger::BrokerRegistrationChangeRecord);
LINGER_DECLARE_MESSAGE(linger::ProducerIdsRecord);
LINGER_DECLARE_MESSAGE(linger::RemoveTopicRecord);
LINGER_DECLARE_MESSAGE(linger::ConfigRecord);
LINGER_DECLARE_MESSAGE(linger::FeatureLevelRecord);
LINGER_DECLARE_MESSAGE(linger::NoOpRecord);

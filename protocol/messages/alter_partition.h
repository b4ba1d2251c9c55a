#pragma once

#include <cstdint>
#include <vector>

#include "protocol/message.h"

namespace linger {

struct AlterPartitionResponse;

/// A leader asks the controller for another in-sync set.
struct AlterPartitionRequest {
  static constexpr MessageSpec spec{"AlterPartitionRequest", MessageType::request, 56, "2-3", "0+"};
  using Response = AlterPartitionResponse;

  struct BrokerState {
    std::int32_t broker_id = 0;
    std::int64_t broker_epoch = -1;

    static constexpr auto fields() {
      return field_list(field("BrokerId", &BrokerState::broker_id, "3+"),
                        field("BrokerEpoch", &BrokerState::broker_epoch, "3+"));
    }
    friend bool operator==(const BrokerState&, const BrokerState&) = default;
  };

  struct PartitionData {
    std::int32_t partition_index = 0;
    std::int32_t leader_epoch = 0;
    std::vector<std::int32_t> new_isr;
    std::vector<BrokerState> new_isr_with_epochs;
    std::int8_t leader_recovery_state = 0;
    std::int32_t partition_epoch = 0;

    static constexpr auto fields() {
      return field_list(field("PartitionIndex", &PartitionData::partition_index, "0+"),
                        field("LeaderEpoch", &PartitionData::leader_epoch, "0+"),
                        field("NewIsr", &PartitionData::new_isr, "0-2"),
                        field("NewIsrWithEpochs", &PartitionData::new_isr_with_epochs, "3+"),
                        field("LeaderRecoveryState", &PartitionData::leader_recovery_state, "1+"),
                        field("PartitionEpoch", &PartitionData::partition_epoch, "0+"));
    }
    friend bool operator==(const PartitionData&, const PartitionData&) = default;
  };

  struct TopicData {
    Uuid topic_id;
    std::vector<PartitionData> partitions;

    static constexpr auto fields() {
      return field_list(field("TopicId", &TopicData::topic_id, "2+").ignorable(),
                        field("Partitions", &TopicData::partitions, "0+"));
    }
    friend bool operator==(const TopicData&, const TopicData&) = default;
  };

  std::int32_t broker_id = 0;
  std::int64_t broker_epoch = -1;
  std::vector<TopicData> topics;

  static constexpr auto fields() {
    return field_list(field("BrokerId", &AlterPartitionRequest::broker_id, "0+"),
                      field("BrokerEpoch", &AlterPartitionRequest::broker_epoch, "0+"),
                      field("Topics", &AlterPartitionRequest::topics, "0+"));
  }
  friend bool operator==(const AlterPartitionRequest&, const AlterPartitionRequest&) = default;
};

/// The partition as the controller now has it.
struct AlterPartitionResponse {
  static constexpr MessageSpec spec{"AlterPartitionResponse", MessageType::response, 56, "2-3", "0+"};

  struct PartitionData {
    std::int32_t partition_index = 0;
    std::int16_t error_code = 0;
    std::int32_t leader_id = 0;
    std::int32_t leader_epoch = 0;
    std::vector<std::int32_t> isr;
    std::int8_t leader_recovery_state = 0;
    std::int32_t partition_epoch = 0;

    static constexpr auto fields() {
      return field_list(
          field("PartitionIndex", &PartitionData::partition_index, "0+"),
          field("ErrorCode", &PartitionData::error_code, "0+"), field("LeaderId", &PartitionData::leader_id, "0+"),
          field("LeaderEpoch", &PartitionData::leader_epoch, "0+"), field("Isr", &PartitionData::isr, "0+"),
          field("LeaderRecoveryState", &PartitionData::leader_recovery_state, "1+").ignorable(),
          field("PartitionEpoch", &PartitionData::partition_epoch, "0+"));
    }
    friend bool operator==(const PartitionData&, const PartitionData&) = default;
  };

  struct TopicData {
    Uuid topic_id;
    std::vector<PartitionData> partitions;

    static constexpr auto fields() {
      return field_list(field("TopicId", &TopicData::topic_id, "2+").ignorable(),
                        field("Partitions", &TopicData::partitions, "0+"));
    }
    friend bool operator==(const TopicData&, const TopicData&) = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::vector<TopicData> topics;

  static constexpr auto fields() {
    return field_list(field("ThrottleTimeMs", &AlterPartitionResponse::throttle_time_ms, "0+"),
                      field("ErrorCode", &AlterPartitionResponse::error_code, "0+"),
                      field("Topics", &AlterPartitionResponse::topics, "0+"));
  }
  friend bool operator==(const AlterPartitionResponse&, const AlterPartitionResponse&) = default;
};

}  // namespace linger

LINGER_DECLARE_MESSAGE(linger::AlterPartitionRequest);
LINGER_DECLARE_MESSAGE(linger::AlterPartitionResponse);

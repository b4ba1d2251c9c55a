#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/message.h"

namespace linger {

struct DeleteRecordsResponse;

/// Moves the log start offset forward.
struct DeleteRecordsRequest {
  static constexpr MessageSpec spec{"DeleteRecordsRequest", MessageType::request, 21, "0-2", "2+"};
  using Response = DeleteRecordsResponse;

  struct DeleteRecordsPartition {
    std::int32_t partition_index = 0;
    std::int64_t offset = 0;

    static constexpr auto fields() {
      return field_list(field("PartitionIndex", &DeleteRecordsPartition::partition_index, "0+"),
                        field("Offset", &DeleteRecordsPartition::offset, "0+"));
    }
    friend bool operator==(const DeleteRecordsPartition&, const DeleteRecordsPartition&) = default;
  };

  struct DeleteRecordsTopic {
    std::string name;
    std::vector<DeleteRecordsPartition> partitions;

    static constexpr auto fields() {
      return field_list(field("Name", &DeleteRecordsTopic::name, "0+"),
                        field("Partitions", &DeleteRecordsTopic::partitions, "0+"));
    }
    friend bool operator==(const DeleteRecordsTopic&, const DeleteRecordsTopic&) = default;
  };

  std::vector<DeleteRecordsTopic> topics;
  std::int32_t timeout_ms = 0;

  static constexpr auto fields() {
    return field_list(field("Topics", &DeleteRecordsRequest::topics, "0+"),
                      field("TimeoutMs", &DeleteRecordsRequest::timeout_ms, "0+"));
  }
  friend bool operator==(const DeleteRecordsRequest&, const DeleteRecordsRequest&) = default;
};

/// The new low watermark of each partition.
struct DeleteRecordsResponse {
  static constexpr MessageSpec spec{"DeleteRecordsResponse", MessageType::response, 21, "0-2", "2+"};

  struct DeleteRecordsPartitionResult {
    std::int32_t partition_index = 0;
    std::int64_t low_watermark = 0;
    std::int16_t error_code = 0;

    static constexpr auto fields() {
      return field_list(field("PartitionIndex", &DeleteRecordsPartitionResult::partition_index, "0+"),
                        field("LowWatermark", &DeleteRecordsPartitionResult::low_watermark, "0+"),
                        field("ErrorCode", &DeleteRecordsPartitionResult::error_code, "0+"));
    }
    friend bool operator==(const DeleteRecordsPartitionResult&, const DeleteRecordsPartitionResult&) = default;
  };

  struct DeleteRecordsTopicResult {
    std::string name;
    std::vector<DeleteRecordsPartitionResult> partitions;

    static constexpr auto fields() {
      return field_list(field("Name", &DeleteRecordsTopicResult::name, "0+"),
                        field("Partitions", &DeleteRecordsTopicResult::partitions, "0+"));
    }
    friend bool operator==(const DeleteRecordsTopicResult&, const DeleteRecordsTopicResult&) = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<DeleteRecordsTopicResult> topics;

  static constexpr auto fields() {
    return field_list(field("ThrottleTimeMs", &DeleteRecordsResponse::throttle_time_ms, "0+"),
                      field("Topics", &DeleteRecordsResponse::topics, "0+"));
  }
  friend bool operator==(const DeleteRecordsResponse&, const DeleteRecordsResponse&) = default;
};

}  // namespace linger

LINGER_DECLARE_MESSAGE(linger::DeleteRecordsRequest);
LINGER_DECLARE_MESSAGE(linger::DeleteRecordsResponse);

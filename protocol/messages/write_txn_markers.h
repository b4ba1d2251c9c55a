#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/message.h"

namespace linger {

struct WriteTxnMarkersResponse;

/// A transaction coordinator has its verdict written into the partitions.
struct WriteTxnMarkersRequest {
  static constexpr MessageSpec spec{"WriteTxnMarkersRequest", MessageType::request, 27, "1-2", "1+"};
  using Response = WriteTxnMarkersResponse;

  struct WritableTxnMarkerTopic {
    std::string name;
    std::vector<std::int32_t> partition_indexes;

    static constexpr auto fields() {
      return field_list(field("Name", &WritableTxnMarkerTopic::name, "0+"),
                        field("PartitionIndexes", &WritableTxnMarkerTopic::partition_indexes, "0+"));
    }
    friend bool operator==(const WritableTxnMarkerTopic&, const WritableTxnMarkerTopic&) = default;
  };

  struct WritableTxnMarker {
    std::int64_t producer_id = 0;
    std::int16_t producer_epoch = 0;
    bool transaction_result = false;
    std::vector<WritableTxnMarkerTopic> topics;
    std::int32_t coordinator_epoch = 0;
    std::int8_t transaction_version = 0;

    static constexpr auto fields() {
      return field_list(field("ProducerId", &WritableTxnMarker::producer_id, "0+"),
                        field("ProducerEpoch", &WritableTxnMarker::producer_epoch, "0+"),
                        field("TransactionResult", &WritableTxnMarker::transaction_result, "0+"),
                        field("Topics", &WritableTxnMarker::topics, "0+"),
                        field("CoordinatorEpoch", &WritableTxnMarker::coordinator_epoch, "0+"),
                        field("TransactionVersion", &WritableTxnMarker::transaction_version, "2+").ignorable());
    }
    friend bool operator==(const WritableTxnMarker&, const WritableTxnMarker&) = default;
  };

  std::vector<WritableTxnMarker> markers;

  static constexpr auto fields() { return field_list(field("Markers", &WriteTxnMarkersRequest::markers, "0+")); }
  friend bool operator==(const WriteTxnMarkersRequest&, const WriteTxnMarkersRequest&) = default;
};

/// What became of each marker.
struct WriteTxnMarkersResponse {
  static constexpr MessageSpec spec{"WriteTxnMarkersResponse", MessageType::response, 27, "1-2", "1+"};

  struct WritableTxnMarkerPartitionResult {
    std::int32_t partition_index = 0;
    std::int16_t error_code = 0;

    static constexpr auto fields() {
      return field_list(field("PartitionIndex", &WritableTxnMarkerPartitionResult::partition_index, "0+"),
                        field("ErrorCode", &WritableTxnMarkerPartitionResult::error_code, "0+"));
    }
    friend bool operator==(const WritableTxnMarkerPartitionResult&, const WritableTxnMarkerPartitionResult&) = default;
  };

  struct WritableTxnMarkerTopicResult {
    std::string name;
    std::vector<WritableTxnMarkerPartitionResult> partitions;

    static constexpr auto fields() {
      return field_list(field("Name", &WritableTxnMarkerTopicResult::name, "0+"),
                        field("Partitions", &WritableTxnMarkerTopicResult::partitions, "0+"));
    }
    friend bool operator==(const WritableTxnMarkerTopicResult&, const WritableTxnMarkerTopicResult&) = default;
  };

  struct WritableTxnMarkerResult {
    std::int64_t producer_id = 0;
    std::vector<WritableTxnMarkerTopicResult> topics;

    static constexpr auto fields() {
      return field_list(field("ProducerId", &WritableTxnMarkerResult::producer_id, "0+"),
                        field("Topics", &WritableTxnMarkerResult::topics, "0+"));
    }
    friend bool operator==(const WritableTxnMarkerResult&, const WritableTxnMarkerResult&) = default;
  };

  std::vector<WritableTxnMarkerResult> markers;

  static constexpr auto fields() { return field_list(field("Markers", &WriteTxnMarkersResponse::markers, "0+")); }
  friend bool operator==(const WriteTxnMarkersResponse&, const WriteTxnMarkersResponse&) = default;
};

}  // namespace linger

LINGER_DECLARE_MESSAGE(linger::WriteTxnMarkersRequest);
LINGER_DECLARE_MESSAGE(linger::WriteTxnMarkersResponse);

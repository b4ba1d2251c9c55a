#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/message.h"

namespace linger {

struct ProduceResponse;

/// A producer hands batches to partition leaders.
struct ProduceRequest {
  static constexpr MessageSpec spec{"ProduceRequest", MessageType::request, 0, "3-13", "9+"};
  using Response = ProduceResponse;

  struct PartitionProduceData {
    std::int32_t index = 0;
    RecordsView records;

    static constexpr auto fields() {
      return field_list(field("Index", &PartitionProduceData::index, "0+"),
                        field("Records", &PartitionProduceData::records, "0+").nullable("0+"));
    }
    friend bool operator==(const PartitionProduceData&, const PartitionProduceData&) = default;
  };

  struct TopicProduceData {
    std::string name;
    Uuid topic_id;
    std::vector<PartitionProduceData> partition_data;

    static constexpr auto fields() {
      return field_list(field("Name", &TopicProduceData::name, "0-12").ignorable(),
                        field("TopicId", &TopicProduceData::topic_id, "13+").ignorable(),
                        field("PartitionData", &TopicProduceData::partition_data, "0+"));
    }
    friend bool operator==(const TopicProduceData&, const TopicProduceData&) = default;
  };

  std::optional<std::string> transactional_id;
  std::int16_t acks = 0;
  std::int32_t timeout_ms = 0;
  std::vector<TopicProduceData> topic_data;

  static constexpr auto fields() {
    return field_list(field("TransactionalId", &ProduceRequest::transactional_id, "3+").nullable("3+"),
                      field("Acks", &ProduceRequest::acks, "0+"), field("TimeoutMs", &ProduceRequest::timeout_ms, "0+"),
                      field("TopicData", &ProduceRequest::topic_data, "0+"));
  }
  friend bool operator==(const ProduceRequest&, const ProduceRequest&) = default;
};

/// What became of each batch.
struct ProduceResponse {
  static constexpr MessageSpec spec{"ProduceResponse", MessageType::response, 0, "3-13", "9+"};

  struct BatchIndexAndErrorMessage {
    std::int32_t batch_index = 0;
    std::optional<std::string> batch_index_error_message;

    static constexpr auto fields() {
      return field_list(
          field("BatchIndex", &BatchIndexAndErrorMessage::batch_index, "8+"),
          field("BatchIndexErrorMessage", &BatchIndexAndErrorMessage::batch_index_error_message, "8+").nullable("8+"));
    }
    friend bool operator==(const BatchIndexAndErrorMessage&, const BatchIndexAndErrorMessage&) = default;
  };

  struct LeaderIdAndEpoch {
    std::int32_t leader_id = -1;
    std::int32_t leader_epoch = -1;

    static constexpr auto fields() {
      return field_list(field("LeaderId", &LeaderIdAndEpoch::leader_id, "10+"),
                        field("LeaderEpoch", &LeaderIdAndEpoch::leader_epoch, "10+"));
    }
    friend bool operator==(const LeaderIdAndEpoch&, const LeaderIdAndEpoch&) = default;
  };

  struct PartitionProduceResponse {
    std::int32_t index = 0;
    std::int16_t error_code = 0;
    std::int64_t base_offset = 0;
    std::int64_t log_append_time_ms = -1;
    std::int64_t log_start_offset = -1;
    std::vector<BatchIndexAndErrorMessage> record_errors;
    std::optional<std::string> error_message;
    LeaderIdAndEpoch current_leader;

    static constexpr auto fields() {
      return field_list(
          field("Index", &PartitionProduceResponse::index, "0+"),
          field("ErrorCode", &PartitionProduceResponse::error_code, "0+"),
          field("BaseOffset", &PartitionProduceResponse::base_offset, "0+"),
          field("LogAppendTimeMs", &PartitionProduceResponse::log_append_time_ms, "2+").ignorable(),
          field("LogStartOffset", &PartitionProduceResponse::log_start_offset, "5+").ignorable(),
          field("RecordErrors", &PartitionProduceResponse::record_errors, "8+").ignorable(),
          field("ErrorMessage", &PartitionProduceResponse::error_message, "8+").nullable("8+").ignorable(),
          field("CurrentLeader", &PartitionProduceResponse::current_leader, "10+").tagged(0, "10+"));
    }
    friend bool operator==(const PartitionProduceResponse&, const PartitionProduceResponse&) = default;
  };

  struct TopicProduceResponse {
    std::string name;
    Uuid topic_id;
    std::vector<PartitionProduceResponse> partition_responses;

    static constexpr auto fields() {
      return field_list(field("Name", &TopicProduceResponse::name, "0-12").ignorable(),
                        field("TopicId", &TopicProduceResponse::topic_id, "13+").ignorable(),
                        field("PartitionResponses", &TopicProduceResponse::partition_responses, "0+"));
    }
    friend bool operator==(const TopicProduceResponse&, const TopicProduceResponse&) = default;
  };

  struct NodeEndpoint {
    std::int32_t node_id = 0;
    std::string host;
    std::int32_t port = 0;
    std::optional<std::string> rack;

    static constexpr auto fields() {
      return field_list(field("NodeId", &NodeEndpoint::node_id, "10+"), field("Host", &NodeEndpoint::host, "10+"),
                        field("Port", &NodeEndpoint::port, "10+"),
                        field("Rack", &NodeEndpoint::rack, "10+").nullable("10+"));
    }
    friend bool operator==(const NodeEndpoint&, const NodeEndpoint&) = default;
  };

  std::vector<TopicProduceResponse> responses;
  std::int32_t throttle_time_ms = 0;
  std::vector<NodeEndpoint> node_endpoints;

  static constexpr auto fields() {
    return field_list(field("Responses", &ProduceResponse::responses, "0+"),
                      field("ThrottleTimeMs", &ProduceResponse::throttle_time_ms, "1+").ignorable(),
                      field("NodeEndpoints", &ProduceResponse::node_endpoints, "10+").tagged(0, "10+"));
  }
  friend bool operator==(const ProduceResponse&, const ProduceResponse&) = default;
};

}  // namespace linger

LINGER_DECLARE_MESSAGE(linger::ProduceRequest);
LINGER_DECLARE_MESSAGE(linger::ProduceResponse);

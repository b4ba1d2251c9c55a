#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/message.h"

namespace linger {

struct AddPartitionsToTxnResponse;

/// Adds partitions to a transaction; from version 4 on sent by brokers, also to verify.
struct AddPartitionsToTxnRequest {
  static constexpr MessageSpec spec{"AddPartitionsToTxnRequest", MessageType::request, 24, "0-5", "3+"};
  using Response = AddPartitionsToTxnResponse;

  struct AddPartitionsToTxnTopic {
    std::string name;
    std::vector<std::int32_t> partitions;

    static constexpr auto fields() {
      return field_list(field("Name", &AddPartitionsToTxnTopic::name, "0+"),
                        field("Partitions", &AddPartitionsToTxnTopic::partitions, "0+"));
    }
    friend bool operator==(const AddPartitionsToTxnTopic&, const AddPartitionsToTxnTopic&) = default;
  };

  struct AddPartitionsToTxnTransaction {
    std::string transactional_id;
    std::int64_t producer_id = 0;
    std::int16_t producer_epoch = 0;
    bool verify_only = false;
    std::vector<AddPartitionsToTxnTopic> topics;

    static constexpr auto fields() {
      return field_list(field("TransactionalId", &AddPartitionsToTxnTransaction::transactional_id, "4+"),
                        field("ProducerId", &AddPartitionsToTxnTransaction::producer_id, "4+"),
                        field("ProducerEpoch", &AddPartitionsToTxnTransaction::producer_epoch, "4+"),
                        field("VerifyOnly", &AddPartitionsToTxnTransaction::verify_only, "4+"),
                        field("Topics", &AddPartitionsToTxnTransaction::topics, "4+"));
    }
    friend bool operator==(const AddPartitionsToTxnTransaction&, const AddPartitionsToTxnTransaction&) = default;
  };

  std::vector<AddPartitionsToTxnTransaction> transactions;
  std::string v3_and_below_transactional_id;
  std::int64_t v3_and_below_producer_id = 0;
  std::int16_t v3_and_below_producer_epoch = 0;
  std::vector<AddPartitionsToTxnTopic> v3_and_below_topics;

  static constexpr auto fields() {
    return field_list(
        field("Transactions", &AddPartitionsToTxnRequest::transactions, "4+"),
        field("V3AndBelowTransactionalId", &AddPartitionsToTxnRequest::v3_and_below_transactional_id, "0-3"),
        field("V3AndBelowProducerId", &AddPartitionsToTxnRequest::v3_and_below_producer_id, "0-3"),
        field("V3AndBelowProducerEpoch", &AddPartitionsToTxnRequest::v3_and_below_producer_epoch, "0-3"),
        field("V3AndBelowTopics", &AddPartitionsToTxnRequest::v3_and_below_topics, "0-3"));
  }
  friend bool operator==(const AddPartitionsToTxnRequest&, const AddPartitionsToTxnRequest&) = default;
};

/// What became of each partition.
struct AddPartitionsToTxnResponse {
  static constexpr MessageSpec spec{"AddPartitionsToTxnResponse", MessageType::response, 24, "0-5", "3+"};

  struct AddPartitionsToTxnPartitionResult {
    std::int32_t partition_index = 0;
    std::int16_t partition_error_code = 0;

    static constexpr auto fields() {
      return field_list(field("PartitionIndex", &AddPartitionsToTxnPartitionResult::partition_index, "0+"),
                        field("PartitionErrorCode", &AddPartitionsToTxnPartitionResult::partition_error_code, "0+"));
    }
    friend bool operator==(const AddPartitionsToTxnPartitionResult&,
                           const AddPartitionsToTxnPartitionResult&) = default;
  };

  struct AddPartitionsToTxnTopicResult {
    std::string name;
    std::vector<AddPartitionsToTxnPartitionResult> results_by_partition;

    static constexpr auto fields() {
      return field_list(field("Name", &AddPartitionsToTxnTopicResult::name, "0+"),
                        field("ResultsByPartition", &AddPartitionsToTxnTopicResult::results_by_partition, "0+"));
    }
    friend bool operator==(const AddPartitionsToTxnTopicResult&, const AddPartitionsToTxnTopicResult&) = default;
  };

  struct AddPartitionsToTxnResult {
    std::string transactional_id;
    std::vector<AddPartitionsToTxnTopicResult> topic_results;

    static constexpr auto fields() {
      return field_list(field("TransactionalId", &AddPartitionsToTxnResult::transactional_id, "4+"),
                        field("TopicResults", &AddPartitionsToTxnResult::topic_results, "4+"));
    }
    friend bool operator==(const AddPartitionsToTxnResult&, const AddPartitionsToTxnResult&) = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::vector<AddPartitionsToTxnResult> results_by_transaction;
  std::vector<AddPartitionsToTxnTopicResult> results_by_topic_v3_and_below;

  static constexpr auto fields() {
    return field_list(
        field("ThrottleTimeMs", &AddPartitionsToTxnResponse::throttle_time_ms, "0+"),
        field("ErrorCode", &AddPartitionsToTxnResponse::error_code, "4+").ignorable(),
        field("ResultsByTransaction", &AddPartitionsToTxnResponse::results_by_transaction, "4+"),
        field("ResultsByTopicV3AndBelow", &AddPartitionsToTxnResponse::results_by_topic_v3_and_below, "0-3"));
  }
  friend bool operator==(const AddPartitionsToTxnResponse&, const AddPartitionsToTxnResponse&) = default;
};

}  // namespace linger

LINGER_DECLARE_MESSAGE(linger::AddPartitionsToTxnRequest);
LINGER_DECLARE_MESSAGE(linger::AddPartitionsToTxnResponse);

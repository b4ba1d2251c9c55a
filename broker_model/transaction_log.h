#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker_model/transaction_state.h"
#include "protocol/message.h"
#include "protocol/record.h"

namespace linger::broker {

/// The topic in which the coordinators keep the state of transactional ids.
inline constexpr std::string_view transaction_state_topic = "__transaction_state";

/// Key of a record in the transaction log.
struct TransactionLogKey {
  static constexpr MessageSpec spec{"TransactionLogKey", MessageType::record, 0, "0", "none"};

  std::string transactional_id;

  static constexpr auto fields() {
    return field_list(field("TransactionalId", &TransactionLogKey::transactional_id, "0+"));
  }
  friend bool operator==(const TransactionLogKey&, const TransactionLogKey&) = default;
};

/// Its value; none: the id was forgotten.
struct TransactionLogValue {
  static constexpr MessageSpec spec{"TransactionLogValue", MessageType::record, 0, "0-1", "1+"};

  struct PartitionsSchema {
    std::string topic;
    std::vector<std::int32_t> partition_ids;

    static constexpr auto fields() {
      return field_list(field("Topic", &PartitionsSchema::topic, "0+"),
                        field("PartitionIds", &PartitionsSchema::partition_ids, "0+"));
    }
    friend bool operator==(const PartitionsSchema&, const PartitionsSchema&) = default;
  };

  std::int64_t producer_id = 0;
  std::int64_t previous_producer_id = -1;
  std::int64_t next_producer_id = -1;
  std::int16_t producer_epoch = 0;
  std::int16_t next_producer_epoch = -1;
  std::int32_t transaction_timeout_ms = 0;
  std::int8_t transaction_status = 0;
  std::optional<std::vector<PartitionsSchema>> transaction_partitions{std::in_place};
  std::int64_t transaction_last_update_timestamp_ms = 0;
  std::int64_t transaction_start_timestamp_ms = 0;
  std::int16_t client_transaction_version = 0;

  static constexpr auto fields() {
    return field_list(
        field("ProducerId", &TransactionLogValue::producer_id, "0+"),
        field("PreviousProducerId", &TransactionLogValue::previous_producer_id, "1+").tagged(0, "1+").ignorable(),
        field("NextProducerId", &TransactionLogValue::next_producer_id, "1+").tagged(1, "1+").ignorable(),
        field("ProducerEpoch", &TransactionLogValue::producer_epoch, "0+"),
        field("NextProducerEpoch", &TransactionLogValue::next_producer_epoch, "1+").tagged(3, "1+").ignorable(),
        field("TransactionTimeoutMs", &TransactionLogValue::transaction_timeout_ms, "0+"),
        field("TransactionStatus", &TransactionLogValue::transaction_status, "0+"),
        field("TransactionPartitions", &TransactionLogValue::transaction_partitions, "0+").nullable("0+"),
        field("TransactionLastUpdateTimestampMs", &TransactionLogValue::transaction_last_update_timestamp_ms, "0+"),
        field("TransactionStartTimestampMs", &TransactionLogValue::transaction_start_timestamp_ms, "0+"),
        field("ClientTransactionVersion", &TransactionLogValue::client_transaction_version, "1+")
            .tagged(2, "1+")
            .ignorable());
  }
  friend bool operator==(const TransactionLogValue&, const TransactionLogValue&) = default;
};

/// Bytes of a record's key and value as Kafka writes them (Kafka: TransactionLog). `transaction_version`: the cluster's
/// level of that feature; from 1 on values are flexible.
Bytes transaction_log_key(const std::string& transactional_id);
Bytes transaction_log_value(const TransactionTransit& transit, std::int16_t transaction_version);

/// What one record says. Records of unknown versions say nothing.
struct TransactionLogRecord {
  std::string transactional_id;
  std::optional<TransactionMetadata> metadata;  ///< none: the id was forgotten
};
std::optional<TransactionLogRecord> read_transaction_log(const OptionalBytes& key, const OptionalBytes& value);

/// java.lang.String.hashCode, and what Kafka makes of it: the partition of an internal topic that a key belongs to.
std::int32_t java_hash(std::string_view utf8);
std::int32_t coordinator_partition(std::string_view key, std::int32_t partitions);

}  // namespace linger::broker

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "protocol/message.h"

namespace linger {

struct InitProducerIdResponse;

/// A producer asks for its id and epoch, or for a higher epoch.
struct InitProducerIdRequest {
  static constexpr MessageSpec spec{"InitProducerIdRequest", MessageType::request, 22, "0-6", "2+"};
  using Response = InitProducerIdResponse;

  std::optional<std::string> transactional_id{std::in_place};
  std::int32_t transaction_timeout_ms = 0;
  std::int64_t producer_id = -1;
  std::int16_t producer_epoch = -1;
  bool enable2_pc = false;
  bool keep_prepared_txn = false;

  static constexpr auto fields() {
    return field_list(field("TransactionalId", &InitProducerIdRequest::transactional_id, "0+").nullable("0+"),
                      field("TransactionTimeoutMs", &InitProducerIdRequest::transaction_timeout_ms, "0+"),
                      field("ProducerId", &InitProducerIdRequest::producer_id, "3+"),
                      field("ProducerEpoch", &InitProducerIdRequest::producer_epoch, "3+"),
                      field("Enable2Pc", &InitProducerIdRequest::enable2_pc, "6+"),
                      field("KeepPreparedTxn", &InitProducerIdRequest::keep_prepared_txn, "6+"));
  }
  friend bool operator==(const InitProducerIdRequest&, const InitProducerIdRequest&) = default;
};

/// The id and epoch to write with.
struct InitProducerIdResponse {
  static constexpr MessageSpec spec{"InitProducerIdResponse", MessageType::response, 22, "0-6", "2+"};

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::int64_t producer_id = -1;
  std::int16_t producer_epoch = 0;
  std::int64_t ongoing_txn_producer_id = -1;
  std::int16_t ongoing_txn_producer_epoch = -1;

  static constexpr auto fields() {
    return field_list(field("ThrottleTimeMs", &InitProducerIdResponse::throttle_time_ms, "0+").ignorable(),
                      field("ErrorCode", &InitProducerIdResponse::error_code, "0+"),
                      field("ProducerId", &InitProducerIdResponse::producer_id, "0+"),
                      field("ProducerEpoch", &InitProducerIdResponse::producer_epoch, "0+"),
                      field("OngoingTxnProducerId", &InitProducerIdResponse::ongoing_txn_producer_id, "6+"),
                      field("OngoingTxnProducerEpoch", &InitProducerIdResponse::ongoing_txn_producer_epoch, "6+"));
  }
  friend bool operator==(const InitProducerIdResponse&, const InitProducerIdResponse&) = default;
};

}  // namespace linger

LINGER_DECLARE_MESSAGE(linger::InitProducerIdRequest);
LINGER_DECLARE_MESSAGE(linger::InitProducerIdResponse);

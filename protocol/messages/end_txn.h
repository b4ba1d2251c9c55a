#pragma once

#include <cstdint>
#include <string>

#include "protocol/message.h"

namespace linger {

struct EndTxnResponse;

/// Commits or aborts a transaction.
struct EndTxnRequest {
  static constexpr MessageSpec spec{"EndTxnRequest", MessageType::request, 26, "0-5", "3+"};
  using Response = EndTxnResponse;

  std::string transactional_id;
  std::int64_t producer_id = 0;
  std::int16_t producer_epoch = 0;
  bool committed = false;

  static constexpr auto fields() {
    return field_list(field("TransactionalId", &EndTxnRequest::transactional_id, "0+"),
                      field("ProducerId", &EndTxnRequest::producer_id, "0+"),
                      field("ProducerEpoch", &EndTxnRequest::producer_epoch, "0+"),
                      field("Committed", &EndTxnRequest::committed, "0+"));
  }
  friend bool operator==(const EndTxnRequest&, const EndTxnRequest&) = default;
};

/// Whether the coordinator agreed, and the epoch to go on with.
struct EndTxnResponse {
  static constexpr MessageSpec spec{"EndTxnResponse", MessageType::response, 26, "0-5", "3+"};

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::int64_t producer_id = -1;
  std::int16_t producer_epoch = -1;

  static constexpr auto fields() {
    return field_list(field("ThrottleTimeMs", &EndTxnResponse::throttle_time_ms, "0+"),
                      field("ErrorCode", &EndTxnResponse::error_code, "0+"),
                      field("ProducerId", &EndTxnResponse::producer_id, "5+").ignorable(),
                      field("ProducerEpoch", &EndTxnResponse::producer_epoch, "5+").ignorable());
  }
  friend bool operator==(const EndTxnResponse&, const EndTxnResponse&) = default;
};

}  // namespace linger

LINGER_DECLARE_MESSAGE(linger::EndTxnRequest);
LINGER_DECLARE_MESSAGE(linger::EndTxnResponse);

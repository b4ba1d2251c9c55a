#pragma once

#include <cstdint>
#include <string>

#include "protocol/message.h"

namespace linger {

struct AddOffsetsToTxnResponse;

/// Adds a group's offsets to a transaction.
struct AddOffsetsToTxnRequest {
  static constexpr MessageSpec spec{"AddOffsetsToTxnRequest", MessageType::request, 25, "0-4", "3+"};
  using Response = AddOffsetsToTxnResponse;

  std::string transactional_id;
  std::int64_t producer_id = 0;
  std::int16_t producer_epoch = 0;
  std::string group_id;

  static constexpr auto fields() {
    return field_list(field("TransactionalId", &AddOffsetsToTxnRequest::transactional_id, "0+"),
                      field("ProducerId", &AddOffsetsToTxnRequest::producer_id, "0+"),
                      field("ProducerEpoch", &AddOffsetsToTxnRequest::producer_epoch, "0+"),
                      field("GroupId", &AddOffsetsToTxnRequest::group_id, "0+"));
  }
  friend bool operator==(const AddOffsetsToTxnRequest&, const AddOffsetsToTxnRequest&) = default;
};

/// Whether the coordinator agreed.
struct AddOffsetsToTxnResponse {
  static constexpr MessageSpec spec{"AddOffsetsToTxnResponse", MessageType::response, 25, "0-4", "3+"};

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;

  static constexpr auto fields() {
    return field_list(field("ThrottleTimeMs", &AddOffsetsToTxnResponse::throttle_time_ms, "0+"),
                      field("ErrorCode", &AddOffsetsToTxnResponse::error_code, "0+"));
  }
  friend bool operator==(const AddOffsetsToTxnResponse&, const AddOffsetsToTxnResponse&) = default;
};

}  // namespace linger

LINGER_DECLARE_MESSAGE(linger::AddOffsetsToTxnRequest);
LINGER_DECLARE_MESSAGE(linger::AddOffsetsToTxnResponse);

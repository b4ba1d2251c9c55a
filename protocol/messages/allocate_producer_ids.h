#pragma once

#include <cstdint>

#include "protocol/message.h"

namespace linger {

struct AllocateProducerIdsResponse;

/// A broker asks the controller for a block of producer ids.
struct AllocateProducerIdsRequest {
  static constexpr MessageSpec spec{"AllocateProducerIdsRequest", MessageType::request, 67, "0", "0+"};
  using Response = AllocateProducerIdsResponse;

  std::int32_t broker_id = 0;
  std::int64_t broker_epoch = -1;

  static constexpr auto fields() {
    return field_list(field("BrokerId", &AllocateProducerIdsRequest::broker_id, "0+"),
                      field("BrokerEpoch", &AllocateProducerIdsRequest::broker_epoch, "0+"));
  }
  friend bool operator==(const AllocateProducerIdsRequest&, const AllocateProducerIdsRequest&) = default;
};

/// The block.
struct AllocateProducerIdsResponse {
  static constexpr MessageSpec spec{"AllocateProducerIdsResponse", MessageType::response, 67, "0", "0+"};

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::int64_t producer_id_start = 0;
  std::int32_t producer_id_len = 0;

  static constexpr auto fields() {
    return field_list(field("ThrottleTimeMs", &AllocateProducerIdsResponse::throttle_time_ms, "0+"),
                      field("ErrorCode", &AllocateProducerIdsResponse::error_code, "0+"),
                      field("ProducerIdStart", &AllocateProducerIdsResponse::producer_id_start, "0+"),
                      field("ProducerIdLen", &AllocateProducerIdsResponse::producer_id_len, "0+"));
  }
  friend bool operator==(const AllocateProducerIdsResponse&, const AllocateProducerIdsResponse&) = default;
};

}  // namespace linger

LINGER_DECLARE_MESSAGE(linger::AllocateProducerIdsRequest);
LINGER_DECLARE_MESSAGE(linger::AllocateProducerIdsResponse);

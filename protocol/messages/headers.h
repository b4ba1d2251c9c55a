#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "protocol/message.h"

namespace linger {

/// What stands before the body of every request.
struct RequestHeader {
  static constexpr MessageSpec spec{"RequestHeader", MessageType::header, -1, "1-2", "2+"};

  std::int16_t request_api_key = 0;
  std::int16_t request_api_version = 0;
  std::int32_t correlation_id = 0;
  std::optional<std::string> client_id{std::in_place};

  static constexpr auto fields() {
    return field_list(field("RequestApiKey", &RequestHeader::request_api_key, "0+"),
                      field("RequestApiVersion", &RequestHeader::request_api_version, "0+"),
                      field("CorrelationId", &RequestHeader::correlation_id, "0+"),
                      field("ClientId", &RequestHeader::client_id, "1+").nullable("1+").never_compact());
  }
  friend bool operator==(const RequestHeader&, const RequestHeader&) = default;
};

/// What stands before the body of every answer.
struct ResponseHeader {
  static constexpr MessageSpec spec{"ResponseHeader", MessageType::header, -1, "0-1", "1+"};

  std::int32_t correlation_id = 0;

  static constexpr auto fields() { return field_list(field("CorrelationId", &ResponseHeader::correlation_id, "0+")); }
  friend bool operator==(const ResponseHeader&, const ResponseHeader&) = default;
};

}  // namespace linger

LINGER_DECLARE_MESSAGE(linger::RequestHeader);
LINGER_DECLARE_MESSAGE(linger::ResponseHeader);

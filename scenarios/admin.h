#pragma once

#include <cstdint>
#include <vector>

#include "protocol/api_key.h"
#include "sim/bytes.h"
#include "sim/ids.h"

namespace linger::scenarios {

/// One request that a fault sends as an operator's tool would: to a broker, which passes what is not its business on to the controller.
struct AdminRequest {
  std::uint64_t handle = 0;  ///< of its connection, which serves this one request
  sim::HostId to;
  sim::Bytes frame;
  ApiKey api = ApiKey::create_topics;
  std::int16_t version = 0;
  std::uint32_t fault = 0;
  std::int32_t tries_left = 5;
};

/// Reads an answer: true when nothing in it is an error.
bool admin_request_succeeded(ApiKey api, std::int16_t version, const sim::Bytes& frame);

}  // namespace linger::scenarios

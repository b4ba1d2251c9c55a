#pragma once

#include <cstdint>

#include "broker_model/host_io.h"

namespace linger::broker {

/// A request in the hands of a handler, or one that waits to be answered.
struct BrokerRequest {
  ConnId conn = 0;
  EventNumber cause;
  ApiKey api = ApiKey::produce;
  std::int16_t version = 0;
  std::int32_t correlation = 0;
  SimTime done;  ///< when the handler is through
};

}  // namespace linger::broker

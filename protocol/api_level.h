#pragma once

#include <cstdint>

#include "protocol/api_key.h"

namespace linger {

/// Up to which versions of messages a cluster talks with its clients.
enum class ApiLevel : std::uint8_t {
  newest,     ///< what Kafka 4.3.1 prefers
  kafka_2_5,  ///< what Kafka 2.5 knew: old clients, and tools that have not learned more (Wireshark 4.0)
};

/// The newest version of this API at that level.
std::int16_t newest_version(ApiKey api, ApiLevel level);

}  // namespace linger

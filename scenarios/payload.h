#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "producer/producer_config.h"
#include "scenarios/scenario.h"

namespace linger::scenarios {

/// The bytes of one record as its producer hands them to send, serializers already applied.
struct Payload {
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string error;  ///< not empty: SerializationException, thrown out of send
};

/// Record number `number` of producer `producer` as the step describes it; `line` counts within the step. Generated values of 8 bytes and more begin with producer
/// and number, so that the log tells whose they are; `${n}` in a text is the number.
Payload make_payload(const SendStep& step, const ProducerConfig& config, std::uint32_t producer, std::uint64_t number, std::int64_t line);

/// What the ledger and the log know the record by.
std::uint64_t identity_of(const Payload& payload, std::uint32_t topic);

}  // namespace linger::scenarios

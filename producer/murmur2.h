#pragma once

#include <cstdint>

#include "protocol/wire.h"

namespace linger {

/// Kafka's variant of MurmurHash2 (org.apache.kafka.common.utils.Utils.murmur2), as Java's signed int.
std::int32_t murmur2(BytesView data);

/// The sign bit cleared (Utils.toPositive): -5 becomes 2147483643, not 5.
constexpr std::int32_t to_positive(std::int32_t number) {
  return number & 0x7fffffff;
}

/// The partition of a record with a key (BuiltInPartitioner.partitionForKey). Requires: partitions > 0.
std::int32_t partition_for_key(BytesView serialized_key, std::int32_t partitions);

}  // namespace linger

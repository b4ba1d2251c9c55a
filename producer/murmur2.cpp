#include "producer/murmur2.h"

#include <cassert>
#include <cstddef>

namespace linger {
namespace {

std::uint32_t byte_at(BytesView data, std::size_t at) {
  return std::to_integer<std::uint32_t>(data[at]);
}

}  // namespace

std::int32_t murmur2(BytesView data) {
  constexpr std::uint32_t seed = 0x9747b28c;
  constexpr std::uint32_t factor = 0x5bd1e995;
  constexpr int shift = 24;
  const std::size_t length = data.size();
  std::uint32_t hash = seed ^ static_cast<std::uint32_t>(length);
  std::size_t at = 0;
  for (; at + 4 <= length; at += 4) {
    std::uint32_t word =
        byte_at(data, at) | byte_at(data, at + 1) << 8 | byte_at(data, at + 2) << 16 | byte_at(data, at + 3) << 24;
    word *= factor;
    word ^= word >> shift;
    word *= factor;
    hash = (hash * factor) ^ word;
  }
  if (at < length) {
    for (std::size_t rest = length - at; rest > 0; --rest) {
      hash ^= byte_at(data, at + rest - 1) << (8 * (rest - 1));
    }
    hash *= factor;
  }
  hash ^= hash >> 13;
  hash *= factor;
  hash ^= hash >> 15;
  return static_cast<std::int32_t>(hash);
}

std::int32_t partition_for_key(BytesView serialized_key, std::int32_t partitions) {
  assert(partitions > 0);
  return to_positive(murmur2(serialized_key)) % partitions;
}

}  // namespace linger

#pragma once

#include <cstdint>

namespace linger {

/// Names the bytes of a closed batch inside a pool slot: slot number, the slot's generation when the reference was made, and the range.
/// Whoever reads a slot whose generation has moved on reads what is there now: this is how a buffer that is released too early ships
/// foreign bytes (KAFKA-19012).
struct BatchBytes {
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;
  std::uint32_t size = 0;
};

}  // namespace linger

#pragma once

#include <compare>
#include <cstdint>

namespace linger {

/// Names a batch in the accumulator's table: its place, and which of the place's lives is meant.
struct BatchId {
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;
  friend auto operator<=>(const BatchId&, const BatchId&) = default;
};

}  // namespace linger

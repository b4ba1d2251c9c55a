#pragma once

#include <cstdint>

namespace linger::scenarios {

/// The timer that wakes of brokers, producers and consumers carry: their host's incarnation, so that those of a process that died are ignored.
constexpr std::uint32_t process_timer(std::uint32_t incarnation) {
  return incarnation;
}

}  // namespace linger::scenarios

#pragma once

#include <cstdint>

#include "protocol/ids.h"

namespace linger {

/// One connection of one client, from connect to close; never used again. The client gives the numbers, its driver only
/// repeats them.
using ClientConnectionId = Id<struct ClientConnectionIdTag, std::uint64_t>;

}  // namespace linger

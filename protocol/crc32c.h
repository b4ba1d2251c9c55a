#pragma once

#include <cstdint>

#include "protocol/wire.h"

namespace linger {

/// CRC-32C (Castagnoli), as in record batches: polynomial 0x1EDC6F41 reflected, start and end value inverted. Pass an
/// earlier result to go on where it ended: crc32c(b, crc32c(a)) is the checksum of a followed by b. The same on every
/// machine; on x86 with SSE 4.2 and PCLMULQDQ three streams run side by side.
std::uint32_t crc32c(BytesView bytes, std::uint32_t before = 0);

/// The same by table only; what machines without the instructions use.
std::uint32_t crc32c_by_table(BytesView bytes, std::uint32_t before = 0);

}  // namespace linger

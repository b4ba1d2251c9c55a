#pragma once

#include <cstdint>

#include "protocol/error_code.h"
#include "protocol/wire.h"

namespace linger::broker {

/// What the records of one partition in a Produce request of this version must satisfy before any partition is looked
/// at (Kafka: ProduceRequest.validateRecords): exactly one batch, of format 2, and zstd only from version 7 on.
ErrorCode validate_records(const RecordsView& records, std::int16_t version);

}  // namespace linger::broker

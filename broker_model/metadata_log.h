#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "broker_model/metadata_image.h"
#include "sim/bytes.h"

namespace linger::broker {

/// One batch of the metadata log: real bytes (KRaft records in a batch of format 2) and what they say.
struct MetadataBatch {
  std::int64_t base = 0;
  std::int32_t epoch = 0;  ///< of the controller that wrote it
  sim::Bytes bytes;
  std::vector<MetadataRecord> records;
  std::int64_t end() const { return base + static_cast<std::int64_t>(records.size()); }
};

/// The bytes of a batch of metadata records. Requires: at least one record.
sim::Bytes encode_metadata_batch(std::span<const MetadataRecord> records, std::int64_t base, std::int32_t epoch,
                                 std::int64_t timestamp_ms);

/// The batches in `bytes`, whole ones only; nothing when they cannot be read. Records of kinds that the model does not
/// know count as no-ops.
std::optional<std::vector<MetadataBatch>> decode_metadata_batches(std::span<const std::byte> bytes);

}  // namespace linger::broker

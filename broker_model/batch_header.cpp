#include "broker_model/batch_header.h"

#include <cassert>

#include "protocol/crc32c.h"
#include "protocol/wire.h"

namespace linger::broker {
namespace {

constexpr std::size_t crc_at = 17;
constexpr std::size_t attributes_at = 21;
constexpr std::size_t max_timestamp_at = 35;
constexpr std::int16_t log_append_time_bit = 0x08;

}  // namespace

std::optional<BatchHeader> read_batch_header(std::span<const std::byte> bytes) {
  if (bytes.size() < BatchHeader::size) return std::nullopt;
  const std::byte* at = bytes.data();
  const auto length = wire::load<std::int32_t>(at + 8);
  if (length < static_cast<std::int32_t>(BatchHeader::size - BatchHeader::length_overhead)) return std::nullopt;
  if (static_cast<std::size_t>(length) + BatchHeader::length_overhead > bytes.size()) return std::nullopt;
  if (wire::load<std::int8_t>(at + 16) != 2) return std::nullopt;
  BatchHeader header;
  header.base_offset = wire::load<std::int64_t>(at);
  header.total_size = length + static_cast<std::int32_t>(BatchHeader::length_overhead);
  header.leader_epoch = wire::load<std::int32_t>(at + 12);
  header.attributes = wire::load<std::int16_t>(at + attributes_at);
  header.last_offset_delta = wire::load<std::int32_t>(at + 23);
  header.base_timestamp = wire::load<std::int64_t>(at + 27);
  header.max_timestamp = wire::load<std::int64_t>(at + max_timestamp_at);
  header.producer = ProducerId{wire::load<std::int64_t>(at + 43)};
  header.epoch = ProducerEpoch{wire::load<std::int16_t>(at + 51)};
  header.base_sequence = wire::load<std::int32_t>(at + 53);
  header.record_count = wire::load<std::int32_t>(at + 57);
  return header;
}

bool batch_crc_valid(std::span<const std::byte> batch) {
  assert(batch.size() >= BatchHeader::size);
  return wire::load<std::uint32_t>(batch.data() + crc_at) == crc32c(batch.subspan(BatchHeader::patchable));
}

void patch_batch_prefix(std::span<std::byte, BatchHeader::patchable> prefix, std::int64_t base_offset, std::int32_t leader_epoch) {
  wire::store(prefix.data(), base_offset);
  wire::store(prefix.data() + 12, leader_epoch);
}

void set_log_append_time(std::span<std::byte> batch, std::int64_t wall_ms) {
  assert(batch.size() >= BatchHeader::size);
  const auto attributes = wire::load<std::int16_t>(batch.data() + attributes_at);
  wire::store(batch.data() + attributes_at, static_cast<std::int16_t>(attributes | log_append_time_bit));
  wire::store(batch.data() + max_timestamp_at, wall_ms);
  wire::store(batch.data() + crc_at, crc32c(batch.subspan(BatchHeader::patchable)));
}

}  // namespace linger::broker

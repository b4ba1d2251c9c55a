#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "protocol/error_code.h"
#include "protocol/ids.h"

namespace linger::broker {

/// The 61 bytes that begin every record batch of format 2, as far as a log needs them (Kafka: DefaultRecordBatch).
struct BatchHeader {
  static constexpr std::size_t size = 61;           ///< bytes of the header
  static constexpr std::size_t patchable = 21;      ///< bytes before the checksummed part: base offset, length, leader epoch, magic, CRC
  static constexpr std::size_t length_overhead = 12;///< base offset and length stand before what the length counts

  std::int64_t base_offset = 0;
  std::int32_t total_size = 0;  ///< the whole batch
  std::int32_t leader_epoch = -1;
  std::int16_t attributes = 0;
  std::int32_t last_offset_delta = 0;
  std::int64_t base_timestamp = -1;
  std::int64_t max_timestamp = -1;
  ProducerId producer = no_producer_id;
  ProducerEpoch epoch = no_producer_epoch;
  std::int32_t base_sequence = no_sequence;
  std::int32_t record_count = 0;

  bool transactional() const { return (attributes & 0x10) != 0; }
  bool control() const { return (attributes & 0x20) != 0; }
  std::int32_t last_sequence() const {
    return base_sequence == no_sequence ? no_sequence : increment_sequence(base_sequence, last_offset_delta);
  }
  std::int64_t last_offset() const { return base_offset + last_offset_delta; }
};

/// Reads the header at the start of `bytes`; nothing when the bytes cannot be a whole batch of format 2.
std::optional<BatchHeader> read_batch_header(std::span<const std::byte> bytes);

/// Whether the checksum fits. Requires: `batch` is one whole batch.
bool batch_crc_valid(std::span<const std::byte> batch);

/// Writes the fields that a leader sets into the first 21 bytes of a batch; the checksum does not cover them.
void patch_batch_prefix(std::span<std::byte, BatchHeader::patchable> prefix, std::int64_t base_offset, std::int32_t leader_epoch);

/// Turns `batch` into one with log append time: attribute bit, largest timestamp, and the checksum anew.
void set_log_append_time(std::span<std::byte> batch, std::int64_t wall_ms);

}  // namespace linger::broker

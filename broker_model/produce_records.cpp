#include "broker_model/produce_records.h"

#include "protocol/record_batch.h"

namespace linger::broker {

namespace {

constexpr std::int16_t codec_mask = 0x07;
constexpr std::int16_t zstd = 4;
constexpr std::int16_t first_with_zstd = 7;

}  // namespace

ErrorCode validate_records(const RecordsView& records, std::int16_t version) {
  const BytesView bytes = records.bytes();
  if (records.is_null() || bytes.size() < batch_layout::records) return ErrorCode::invalid_record;
  if (wire::load<std::int8_t>(bytes.data() + batch_layout::magic) != record_batch_magic)
    return ErrorCode::invalid_record;
  const auto length = wire::load<std::int32_t>(bytes.data() + batch_layout::length);
  if (length < 0 || static_cast<std::size_t>(length) + batch_layout::log_overhead != bytes.size()) {
    // More than one batch, or a batch that ends elsewhere.
    const bool more = length >= 0 && static_cast<std::size_t>(length) + batch_layout::log_overhead < bytes.size();
    return more ? ErrorCode::invalid_record : ErrorCode::corrupt_message;
  }
  const auto attributes = wire::load<std::int16_t>(bytes.data() + batch_layout::attributes);
  if ((attributes & codec_mask) == zstd && version < first_with_zstd) return ErrorCode::unsupported_compression_type;
  return ErrorCode::none;
}

}  // namespace linger::broker

#include "broker_model/metadata_log.h"

#include <cassert>

#include "protocol/memory_records_builder.h"
#include "protocol/message.h"

namespace linger::broker {
namespace {

constexpr std::uint32_t record_frame_version = 1;

template <class Record>
std::int16_t version_of(const Record&) {
  return Record::spec.valid.max;
}

/// A record's value as KRaft writes it: frame version, record type, version, fields (Kafka: AbstractApiMessageSerde).
void write_record(const MetadataRecord& record, Bytes& out) {
  Writer writer{out};
  std::visit(
      [&](const auto& r) {
        writer.write_uvarint(record_frame_version);
        writer.write_uvarint(static_cast<std::uint64_t>(r.spec.key));
        writer.write_uvarint(static_cast<std::uint64_t>(version_of(r)));
        const WireError error = encode_message(r, version_of(r), writer);
        assert(!error);
        static_cast<void>(error);
      },
      record);
}

template <std::size_t I = 0>
std::optional<MetadataRecord> read_body(Reader& reader, std::int16_t key, std::int16_t version) {
  if constexpr (I == std::variant_size_v<MetadataRecord>) {
    return NoOpRecord{};
  } else {
    using Record = std::variant_alternative_t<I, MetadataRecord>;
    if (Record::spec.key != key) return read_body<I + 1>(reader, key, version);
    auto decoded = decode_message<Record>(reader, version);
    if (!decoded) return std::nullopt;
    return MetadataRecord{std::move(decoded.value)};
  }
}

std::optional<MetadataRecord> read_record(BytesView value) {
  Reader reader{value};
  const std::uint32_t frame = reader.read_uvarint();
  const auto key = static_cast<std::int16_t>(reader.read_uvarint());
  const auto version = static_cast<std::int16_t>(reader.read_uvarint());
  if (!reader.ok() || frame != record_frame_version) return std::nullopt;
  return read_body(reader, key, version);
}

}  // namespace

sim::Bytes encode_metadata_batch(std::span<const MetadataRecord> records, std::int64_t base, std::int32_t epoch,
                                 std::int64_t timestamp_ms) {
  assert(!records.empty());
  BatchOptions options;
  options.base_offset = Offset{base};
  options.partition_leader_epoch = LeaderEpoch{epoch};
  MemoryRecordsBuilder builder{options};
  Bytes buffer;
  Bytes value;
  for (const MetadataRecord& record : records) {
    value.clear();
    write_record(record, value);
    builder.append(buffer, timestamp_ms, std::nullopt, BytesView{value});
  }
  builder.close(buffer);
  return sim::Bytes::copy_of(builder.records(buffer));
}

std::optional<std::vector<MetadataBatch>> decode_metadata_batches(std::span<const std::byte> bytes) {
  std::vector<MetadataBatch> batches;
  BatchCursor cursor{bytes};
  Bytes scratch;
  while (const auto view = cursor.next()) {
    if (view->check()) return std::nullopt;
    MetadataBatch batch;
    batch.base = view->base_offset().value();
    batch.epoch = view->partition_leader_epoch().value();
    batch.bytes = sim::Bytes::copy_of(view->bytes());
    RecordCursor records{*view, scratch};
    RecordView record;
    while (records.next(record)) {
      auto read = record.value ? read_record(*record.value) : std::nullopt;
      if (!read) return std::nullopt;
      batch.records.push_back(std::move(*read));
    }
    if (records.error()) return std::nullopt;
    batches.push_back(std::move(batch));
  }
  if (cursor.error()) return std::nullopt;
  return batches;
}

}  // namespace linger::broker

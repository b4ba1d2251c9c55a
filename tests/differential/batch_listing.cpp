#include "tests/differential/batch_listing.h"

#include <array>

#include "protocol/messages/control_records.h"

namespace linger::differential {
namespace {

constexpr std::array<const char*, 7> control_names{
    "ABORT", "COMMIT", "LEADER_CHANGE", "SNAPSHOT_HEADER", "SNAPSHOT_FOOTER", "KRAFT_VERSION", "KRAFT_VOTERS"};

Json shown(const OptionalBytes& bytes) {
  if (!bytes) return nullptr;
  return std::to_string(bytes->size()) + ":" + fingerprint(*bytes);
}

Json shown(const std::optional<Bytes>& bytes) {
  return bytes ? shown(OptionalBytes{BytesView{*bytes}}) : Json(nullptr);
}

Json shown_key(std::string_view key) {
  return shown(OptionalBytes{BytesView{reinterpret_cast<const std::byte*>(key.data()), key.size()}});
}

Json nothing() {
  return Json::object({{"nothing", true}});
}

// Kept apart from increment_sequence, which is judged here.
std::int64_t sequence_at(std::int32_t base, std::size_t index) {
  if (base < 0) return -1;
  return (std::int64_t{base} + static_cast<std::int64_t>(index)) % (std::int64_t{1} << 31);
}

/// The members of the header that every reader sees; offsets are those of the first and the last record.
struct Head {
  CompressionType codec = CompressionType::none;
  TimestampType time = TimestampType::create_time;
  std::int64_t base_offset = 0;
  std::int64_t last_offset = 0;
  LeaderEpoch leader_epoch;
  ScriptedProducer producer;
  bool control = false;
  std::int64_t delete_horizon = no_timestamp;
};

Json shown(const Head& head) {
  Json out;
  out["codec"] = compression_name(head.codec);
  out["append_time"] = head.time == TimestampType::log_append_time;
  out["offsets"] = {head.base_offset, head.last_offset};
  out["leader_epoch"] = head.leader_epoch.value();
  out["producer"] = {head.producer.producer.id.value(), head.producer.producer.epoch.value(),
                     head.producer.base_sequence};
  out["transactional"] = head.producer.transactional;
  out["control"] = head.control;
  out["delete_horizon"] = head.delete_horizon < 0 ? Json(nullptr) : Json(head.delete_horizon);
  return out;
}

/// Type, and for the end of a transaction the coordinator's epoch.
void append_control(Json& line, const RecordView& record) {
  const auto type = parse_control_record_key(record.key);
  line.push_back(type ? control_names[static_cast<std::size_t>(*type)] : "?");
  if (!type || *type > ControlRecordType::commit || !record.value) return;
  Reader reader{*record.value};
  const auto version = reader.read<std::int16_t>();
  line.push_back(decode_message<EndTxnMarker>(reader, version).value.coordinator_epoch);
}

}  // namespace

std::string fingerprint(BytesView bytes) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const std::byte b : bytes) hash = (hash ^ static_cast<std::uint64_t>(b)) * 0x100000001b3;
  std::string digits;
  for (int shift = 60; shift >= 0; shift -= 4) digits += "0123456789abcdef"[hash >> shift & 15];
  return digits;
}

Json expected_listing(const ScriptedBatch& batch, const BuiltBatch& built) {
  const BatchOptions& options = batch.options;
  const std::int64_t base_offset = options.base_offset.value();
  const bool append_time = options.timestamp_type == TimestampType::log_append_time;
  const auto stamped = [&](std::int64_t time) { return append_time ? options.log_append_time : time; };
  Json records = Json::array();
  const auto begin_record = [&](std::int64_t time) -> Json& {
    const std::size_t index = records.size();
    records.push_back({base_offset + static_cast<std::int64_t>(index), stamped(time),
                       sequence_at(batch.producer().base_sequence, index)});
    return records.back();
  };
  for (std::size_t i = 0; i < batch.records.size(); ++i) {
    if (built.estimates[i] < 0) continue;
    const ScriptedRecord& record = batch.records[i];
    Json& line = begin_record(record.time);
    Json headers = Json::array();
    for (const auto& header : record.headers) headers.push_back({shown_key(header.key), shown(header.value)});
    line.push_back(shown(record.key));
    line.push_back(shown(record.value));
    line.push_back(std::move(headers));
  }
  for (const ScriptedControl& control : batch.controls) {
    Json& line = begin_record(control.time);
    const auto type = static_cast<std::int16_t>(control.type);
    const std::array<std::byte, 4> key{{{}, {}, {}, static_cast<std::byte>(type)}};
    Bytes value = control.value;
    if (control.coordinator_epoch) {
      const auto epoch = static_cast<std::uint32_t>(*control.coordinator_epoch);
      value.resize(2);  // the marker's version, 0
      for (int shift = 24; shift >= 0; shift -= 8) value.push_back(static_cast<std::byte>(epoch >> shift));
    }
    line.push_back(shown(OptionalBytes{BytesView{key}}));
    line.push_back(shown(OptionalBytes{BytesView{value}}));
    line.push_back(Json::array());
    line.push_back(control_names[static_cast<std::size_t>(type)]);
    if (control.coordinator_epoch) line.push_back(*control.coordinator_epoch);
  }
  if (records.empty() && !batch.emptied) return nothing();
  const std::int64_t last_delta =
      batch.emptied ? batch.emptied->last_delta : static_cast<std::int64_t>(records.size()) - 1;
  Json out = shown(Head{options.compression.type, options.timestamp_type, base_offset, base_offset + last_delta,
                        options.partition_leader_epoch, batch.producer(), options.control, options.delete_horizon_ms});
  out["records"] = std::move(records);
  return out;
}

Json listing(BytesView bytes) {
  if (bytes.empty()) return nothing();
  if (const WireError error = check_batch(bytes)) return Json::object({{"fault", error.describe()}});
  const RecordBatchView batch{bytes};
  const RecordBatchHeader header = batch.header();
  Json out = shown(Head{header.compression,
                        header.timestamp_type,
                        header.base_offset.value(),
                        header.last_offset().value(),
                        header.partition_leader_epoch,
                        {header.producer, header.base_sequence, header.transactional},
                        header.control,
                        header.has_delete_horizon ? header.base_timestamp : no_timestamp});
  Json records = Json::array();
  Bytes scratch;
  RecordCursor cursor{batch, scratch};
  RecordView record;
  while (cursor.next(record)) {
    Json headers = Json::array();
    for (const RecordHeader& one : record.headers()) headers.push_back({shown_key(one.key), shown(one.value)});
    Json line = {record.offset, record.timestamp, record.sequence, shown(record.key), shown(record.value), headers};
    if (header.control) append_control(line, record);
    records.push_back(std::move(line));
  }
  if (cursor.error()) return Json::object({{"fault", cursor.error().describe()}});
  out["records"] = std::move(records);
  return out;
}

}  // namespace linger::differential

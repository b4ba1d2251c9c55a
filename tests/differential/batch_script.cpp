#include "tests/differential/batch_script.h"

#include <array>

namespace linger::differential {
namespace {

constexpr std::size_t mixed_part = 24'000;
constexpr std::array<const char*, 16> vocabulary{"order",  "paid", "shipped", "customer", "a",     "the",
                                                 "amount", "EUR",  "id",      "Köln",     "state", "returned",
                                                 "null",   "true", "item",    "x"};
// Memory of a pool holds what it held before.
constexpr std::byte stale{0xAA};

Bytes bytes_of(std::string_view text) {
  const auto* from = reinterpret_cast<const std::byte*>(text.data());
  return {from, from + text.size()};
}

void append_random(std::uint64_t seed, std::size_t size, Bytes& out) {
  SplitMix64 chance{seed};
  const std::size_t end = out.size() + size;
  while (out.size() < end) {
    const std::uint64_t drawn = chance.next();
    for (int shift = 0; shift < 64 && out.size() < end; shift += 8)
      out.push_back(static_cast<std::byte>(drawn >> shift));
  }
}

Bytes words(std::uint64_t seed, std::size_t size) {
  SplitMix64 chance{seed};
  std::string text;
  while (text.size() < size) {
    const std::uint64_t drawn = chance.next();
    text += vocabulary[static_cast<std::size_t>(drawn >> 60)];
    if ((drawn & 7) == 0) text += std::to_string(drawn >> 8 & 0xffff);
    text += ' ';
  }
  text.resize(size);
  return bytes_of(text);
}

Bytes mixed(std::uint64_t seed, std::size_t size) {
  Bytes out;
  for (std::uint64_t part = 0; out.size() < size; ++part) {
    const std::size_t here = std::min(mixed_part, size - out.size());
    if (part % 2 == 0) {
      append_random(seed + part, here, out);
    } else {
      for (std::size_t i = 0; i < here; ++i) out.push_back(static_cast<std::byte>('0' + i % 10));
    }
  }
  return out;
}

Bytes repeat(const std::string& text, std::size_t size) {
  std::string all;
  while (all.size() < size) all += text;
  all.resize(size);
  return bytes_of(all);
}

std::uint64_t seed_of(const Json& value) {
  return value.at("seed").get<std::uint64_t>();
}

ScriptedProducer producer_of(const Json& line) {
  return {{ProducerId{number(line, "producer_id", -1)},
           ProducerEpoch{static_cast<std::int16_t>(number(line, "epoch", -1))}},
          static_cast<std::int32_t>(number(line, "sequence", -1)),
          flag(line, "transactional", false)};
}

ScriptedRecord record_of(const Json& line) {
  ScriptedRecord record{line.at(0).get<std::int64_t>(), expand(line.at(1)), expand(line.at(2)), {}};
  for (const Json& header : line.at(3)) {
    record.headers.push_back({header.at(0).get<std::string>(), expand(header.at(1))});
  }
  return record;
}

ScriptedControl control_of(const Json& line) {
  ScriptedControl control;
  control.time = line.at("time").get<std::int64_t>();
  if (line.contains("marker")) {
    control.type = line.at("marker") == "COMMIT" ? ControlRecordType::commit : ControlRecordType::abort;
    control.coordinator_epoch = line.at("coordinator_epoch").get<std::int32_t>();
  } else {
    control.type = static_cast<ControlRecordType>(line.at("type").get<int>());
    control.value = *expand(line.at("value"));
  }
  return control;
}

OptionalBytes view(const std::optional<Bytes>& bytes) {
  if (!bytes) return std::nullopt;
  return BytesView{*bytes};
}

BuiltBatch build_emptied(const ScriptedBatch& batch) {
  RecordBatchHeader header;
  header.base_offset = batch.options.base_offset;
  header.length = static_cast<std::int32_t>(batch_layout::records - batch_layout::log_overhead);
  header.partition_leader_epoch = batch.options.partition_leader_epoch;
  header.timestamp_type = batch.options.timestamp_type;
  header.transactional = batch.options.transactional;
  header.control = batch.options.control;
  header.last_offset_delta = batch.emptied->last_delta;
  header.max_timestamp = batch.emptied->time;
  header.producer = batch.options.producer;
  header.base_sequence = batch.options.base_sequence;
  BuiltBatch built{Bytes(batch_layout::records, stale), {}};
  store_batch_header(built.bytes, header);
  store_batch_crc(built.bytes);
  return built;
}

}  // namespace

std::optional<Bytes> expand(const Json& value) {
  if (value.is_null()) return std::nullopt;
  if (value.is_string()) return bytes_of(value.get<std::string>());
  const auto size = [&](const char* kind) { return value.at(kind).get<std::size_t>(); };
  if (value.contains("words")) return words(seed_of(value), size("words"));
  if (value.contains("mixed")) return mixed(seed_of(value), size("mixed"));
  if (value.contains("repeat")) return repeat(value.at("repeat").get<std::string>(), size("bytes"));
  Bytes out;
  append_random(seed_of(value), size("random"), out);
  return out;
}

ScriptedBatch::ScriptedBatch(const Json& line) {
  const std::string codec = text(line, "codec", "none");
  const auto type = compression_from_name(codec);
  if (!type) throw Unsupported{"no such codec: " + codec};
  options.compression = {*type, static_cast<int>(number(line, "level", compression_levels(*type).preset))};
  if (line.contains("append_time")) {
    options.timestamp_type = TimestampType::log_append_time;
    options.log_append_time = line.at("append_time").get<std::int64_t>();
  }
  options.base_offset = Offset{number(line, "base_offset", 0)};
  options.partition_leader_epoch = LeaderEpoch{static_cast<std::int32_t>(number(line, "leader_epoch", -1))};
  options.delete_horizon_ms = number(line, "delete_horizon", no_timestamp);
  options.initial_position = static_cast<std::size_t>(number(line, "position", 0));
  options.write_limit = static_cast<std::int32_t>(number(line, "limit", std::numeric_limits<std::int32_t>::max()));
  capacity = std::max(static_cast<std::size_t>(number(line, "capacity", 0)), options.initial_position);
  if (line.contains("ratio")) ratio = static_cast<float>(line.at("ratio").get<double>());

  const Json& producers = line.at("producer");
  if (producers.contains("made")) made = producer_of(producers.at("made"));
  if (producers.contains("closed") && !producers.at("closed").empty()) closed = producer_of(producers.at("closed"));
  if (producers.contains("reopened")) reopened = producer_of(producers.at("reopened"));
  options.producer = made.producer;
  options.base_sequence = made.base_sequence;
  options.transactional = made.transactional;

  if (flag(line, "emptied", false)) {
    options.timestamp_type = flag(line, "append", false) ? TimestampType::log_append_time : TimestampType::create_time;
    options.control = flag(line, "control", false);
    emptied = Emptied{line.at("last_delta").get<std::int32_t>(), line.at("time").get<std::int64_t>()};
  } else if (line.contains("control")) {
    options.control = true;
    for (const Json& control : line.at("control")) controls.push_back(control_of(control));
  } else {
    for (const Json& record : line.at("records")) records.push_back(record_of(record));
  }
}

const ScriptedProducer& ScriptedBatch::producer() const {
  if (reopened) return *reopened;
  return closed ? *closed : made;
}

BuiltBatch build(const ScriptedBatch& batch) {
  if (batch.emptied) return build_emptied(batch);
  BuiltBatch built;
  Bytes buffer(batch.capacity, stale);
  MemoryRecordsBuilder builder{batch.options};
  builder.set_estimated_compression_ratio(batch.ratio);
  for (const ScriptedRecord& record : batch.records) {
    std::vector<RecordHeader> headers;
    for (const auto& header : record.headers) headers.push_back({header.key, view(header.value)});
    const bool room = builder.has_room_for(record.time, view(record.key), view(record.value), headers);
    const bool appended = builder.try_append(buffer, record.time, view(record.key), view(record.value), headers);
    if (room != appended) throw Unsupported{"has_room_for and try_append disagree"};
    built.estimates.push_back(appended ? builder.estimated_size_in_bytes() : -builder.estimated_size_in_bytes());
  }
  for (const ScriptedControl& control : batch.controls) {
    if (control.coordinator_epoch) {
      builder.append_end_txn_marker(buffer, control.time, control.type == ControlRecordType::commit,
                                    *control.coordinator_epoch);
    } else {
      builder.append_control_record(buffer, control.time, control.type, control.value);
    }
    built.estimates.push_back(builder.estimated_size_in_bytes());
  }
  if (batch.closed) {
    builder.set_producer_state(batch.closed->producer, batch.closed->base_sequence, batch.closed->transactional);
  }
  builder.close(buffer);
  if (batch.reopened) {
    builder.reopen_and_rewrite_producer_state(batch.reopened->producer, batch.reopened->base_sequence,
                                              batch.reopened->transactional);
    builder.close(buffer);
  }
  const BytesView records = builder.records(buffer);
  built.bytes.assign(records.begin(), records.end());
  return built;
}

}  // namespace linger::differential

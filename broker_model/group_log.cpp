#include "broker_model/group_log.h"

#include <cassert>

#include "broker_model/transaction_log.h"

namespace linger::broker {
namespace {

constexpr std::int16_t kind_of_key = 1;
constexpr std::int16_t oldest_kind_of_key = 0;
constexpr std::int16_t value_version = 4;

template <class M>
Bytes with_prefix(std::int16_t prefix, const M& message, std::int16_t version) {
  Bytes bytes;
  Writer writer{bytes};
  writer.write(prefix);
  const WireError error = encode_message(message, version, writer);
  assert(!error);
  static_cast<void>(error);
  return bytes;
}

}  // namespace

bool is_internal_topic(std::string_view topic) {
  return topic == transaction_state_topic || topic == offsets_topic;
}

Bytes offset_commit_key(const OffsetCommitKey& key) {
  return with_prefix(kind_of_key, key, 0);
}

Bytes offset_commit_value(const OffsetCommitValue& value) {
  // Only version 1 has a place for the time at which an old client wants it to be forgotten.
  const std::int16_t version = value.expire_timestamp >= 0 ? std::int16_t{1} : value_version;
  return with_prefix(version, value, version);
}

std::optional<OffsetCommitRecord> read_offset_commit(const OptionalBytes& key, const OptionalBytes& value) {
  if (!key) return std::nullopt;
  Reader key_reader{*key};
  const auto kind = key_reader.read<std::int16_t>();
  if (!key_reader.ok() || (kind != kind_of_key && kind != oldest_kind_of_key)) return std::nullopt;
  auto read_key = decode_message<OffsetCommitKey>(key_reader, 0);
  if (!read_key) return std::nullopt;
  OffsetCommitRecord record{std::move(read_key.value), std::nullopt};
  if (!value) return record;
  Reader reader{*value};
  const auto version = reader.read<std::int16_t>();
  if (!reader.ok() || !OffsetCommitValue::spec.valid.contains(version)) return std::nullopt;
  auto read_value = decode_message<OffsetCommitValue>(reader, version);
  if (!read_value) return std::nullopt;
  record.value = std::move(read_value.value);
  return record;
}

}  // namespace linger::broker

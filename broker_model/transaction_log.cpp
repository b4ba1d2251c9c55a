#include "broker_model/transaction_log.h"

#include <cassert>
#include <limits>

namespace linger::broker {
namespace {

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

constexpr std::int16_t key_version = 0;

}  // namespace

Bytes transaction_log_key(const std::string& transactional_id) {
  TransactionLogKey key;
  key.transactional_id = transactional_id;
  return with_prefix(key_version, key, 0);
}

Bytes transaction_log_value(const TransactionTransit& transit, std::int16_t transaction_version) {
  TransactionLogValue value;
  value.producer_id = transit.producer.value();
  value.producer_epoch = transit.epoch.value();
  value.transaction_timeout_ms = transit.timeout_ms;
  value.transaction_status = static_cast<std::int8_t>(transit.state);
  value.transaction_last_update_timestamp_ms = transit.last_update_ms;
  value.transaction_start_timestamp_ms = transit.start_ms;
  value.client_transaction_version = transit.client_version;
  value.previous_producer_id = transit.previous_producer.value();
  value.next_producer_id = transit.next_producer.value();
  if (transit.state == TransactionState::empty) {
    assert(transit.partitions.empty());
    value.transaction_partitions.reset();
  } else {
    for (const TopicPartition& partition : transit.partitions) {
      auto& topics = *value.transaction_partitions;
      if (topics.empty() || topics.back().topic != partition.topic) topics.push_back({partition.topic, {}});
      topics.back().partition_ids.push_back(partition.partition);
    }
  }
  const std::int16_t version = transaction_version >= 1 ? std::int16_t{1} : std::int16_t{0};
  return with_prefix(version, value, version);
}

std::optional<TransactionLogRecord> read_transaction_log(const OptionalBytes& key, const OptionalBytes& value) {
  if (!key) return std::nullopt;
  Reader key_reader{*key};
  if (key_reader.read<std::int16_t>() != key_version || !key_reader.ok()) return std::nullopt;
  const auto id = decode_message<TransactionLogKey>(key_reader, 0);
  if (!id) return std::nullopt;
  TransactionLogRecord record;
  record.transactional_id = id.value.transactional_id;
  if (!value) return record;
  Reader reader{*value};
  const auto version = reader.read<std::int16_t>();
  if (!reader.ok() || !TransactionLogValue::spec.valid.contains(version)) return std::nullopt;
  const auto read = decode_message<TransactionLogValue>(reader, version);
  if (!read) return std::nullopt;
  const TransactionLogValue& says = read.value;
  TransactionMetadata& metadata = record.metadata.emplace();
  metadata.transactional_id = record.transactional_id;
  metadata.producer = ProducerId{says.producer_id};
  metadata.previous_producer = ProducerId{says.previous_producer_id};
  metadata.next_producer = ProducerId{says.next_producer_id};
  metadata.epoch = ProducerEpoch{says.producer_epoch};
  metadata.timeout_ms = says.transaction_timeout_ms;
  metadata.state = static_cast<TransactionState>(says.transaction_status);
  metadata.start_ms = says.transaction_start_timestamp_ms;
  metadata.last_update_ms = says.transaction_last_update_timestamp_ms;
  metadata.client_version = says.client_transaction_version;
  if (says.transaction_partitions && metadata.state != TransactionState::empty) {
    for (const auto& topic : *says.transaction_partitions) {
      for (const std::int32_t partition : topic.partition_ids) insert(metadata.partitions, {topic.topic, partition});
    }
  }
  return record;
}

std::int32_t java_hash(std::string_view utf8) {
  std::uint32_t hash = 0;
  const auto add = [&](std::uint32_t unit) { hash = 31 * hash + unit; };
  for (std::size_t i = 0; i < utf8.size();) {
    const auto at = [&](std::size_t k) {
      return k < utf8.size() ? static_cast<std::uint32_t>(static_cast<unsigned char>(utf8[k])) : 0U;
    };
    const std::uint32_t lead = at(i);
    if (lead < 0x80) {
      add(lead);
      i += 1;
    } else if (lead < 0xe0) {
      add((lead & 0x1fU) << 6 | (at(i + 1) & 0x3fU));
      i += 2;
    } else if (lead < 0xf0) {
      add((lead & 0x0fU) << 12 | (at(i + 1) & 0x3fU) << 6 | (at(i + 2) & 0x3fU));
      i += 3;
    } else {
      // Outside the basic plane Java hashes the two halves of the surrogate pair.
      const std::uint32_t point =
          (lead & 0x07U) << 18 | (at(i + 1) & 0x3fU) << 12 | (at(i + 2) & 0x3fU) << 6 | (at(i + 3) & 0x3fU);
      const std::uint32_t rest = point - 0x10000;
      add(0xd800 + (rest >> 10));
      add(0xdc00 + (rest & 0x3ffU));
      i += 4;
    }
  }
  return static_cast<std::int32_t>(hash);
}

std::int32_t coordinator_partition(std::string_view key, std::int32_t partitions) {
  const std::int32_t hash = java_hash(key);
  // Utils.abs: the smallest int has no positive counterpart.
  const std::int32_t positive = hash == std::numeric_limits<std::int32_t>::min() ? 0 : hash < 0 ? -hash : hash;
  return positive % partitions;
}

}  // namespace linger::broker

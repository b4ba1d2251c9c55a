#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "producer/clients/kafka_error.h"
#include "protocol/record.h"
#include "protocol/wire.h"

namespace linger {

/// What the application hands to send(), already serialized. Views: they must hold during the call only.
struct RecordToSend {
  std::uint64_t record = 0;  ///< the application's own number; comes back in the report
  std::string_view topic;
  std::optional<std::int32_t> partition;  ///< absent: the partitioner chooses
  std::optional<std::int64_t> timestamp;  ///< absent: the time of sending
  OptionalBytes key;
  OptionalBytes value;
  std::span<const RecordHeader> headers;
  const KafkaError* serialization_error =
      nullptr;  ///< what the serializer threw; Java gets there after waiting for metadata
};

/// A record that owns its bytes (Kafka: ProducerRecord): what interceptors may change and a suspended send keeps.
struct ProducerRecord {
  struct Header {
    std::string key;
    std::optional<Bytes> value;
    friend bool operator==(const Header&, const Header&) = default;
  };

  std::uint64_t record = 0;
  std::string topic;
  std::optional<std::int32_t> partition;
  std::optional<std::int64_t> timestamp;
  std::optional<Bytes> key;
  std::optional<Bytes> value;
  std::vector<Header> headers;
  std::optional<KafkaError> serialization_error;

  static ProducerRecord copy_of(const RecordToSend& view) {
    const auto own = [](const OptionalBytes& bytes) {
      return bytes ? std::optional(Bytes(bytes->begin(), bytes->end())) : std::nullopt;
    };
    ProducerRecord record;
    record.record = view.record;
    record.topic = view.topic;
    record.partition = view.partition;
    record.timestamp = view.timestamp;
    record.key = own(view.key);
    record.value = own(view.value);
    for (const RecordHeader& header : view.headers)
      record.headers.push_back({std::string(header.key), own(header.value)});
    if (view.serialization_error != nullptr) record.serialization_error = *view.serialization_error;
    return record;
  }

  /// Fills `header_views`, which must live as long as the result.
  RecordToSend view(std::vector<RecordHeader>& header_views) const {
    const auto lend = [](const std::optional<Bytes>& bytes) {
      return bytes ? OptionalBytes(BytesView(*bytes)) : std::nullopt;
    };
    header_views.clear();
    for (const Header& header : headers) header_views.push_back({header.key, lend(header.value)});
    RecordToSend view;
    view.record = record;
    view.topic = topic;
    view.partition = partition;
    view.timestamp = timestamp;
    view.key = lend(key);
    view.value = lend(value);
    view.headers = header_views;
    view.serialization_error = serialization_error ? &*serialization_error : nullptr;
    return view;
  }
};

}  // namespace linger

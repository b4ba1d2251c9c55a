#include <cassert>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "producer/kafka_producer.h"
#include "protocol/frame.h"
#include "protocol/memory_records_builder.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/init_producer_id.h"
#include "protocol/messages/metadata.h"
#include "protocol/messages/produce.h"
#include "ui/cli/perf_floors.h"
#include "ui/cli/perf_rows.h"

namespace linger::cli {
namespace {

constexpr std::int32_t batch_bytes = 16384;

std::size_t encode_batch(Bytes& buffer, BytesView value, std::size_t& records) {
  BatchOptions options;
  options.write_limit = batch_bytes;
  MemoryRecordsBuilder builder{options};
  records = 0;
  while (builder.try_append(buffer, 1000, std::nullopt, value)) ++records;
  builder.close(buffer);
  return builder.size();
}

void add_encode_row(std::vector<PerfRow>& rows, std::size_t value_bytes, double reference_floor) {
  const Bytes value(value_bytes, std::byte{'v'});
  Bytes buffer(batch_bytes);
  std::size_t records = 0;
  encode_batch(buffer, value, records);
  PerfRow row;
  row.name = "encode a full batch of 16 KB, " + std::to_string(value_bytes) + " B each";
  row.unit = "record";
  row.goal = 2 * reference_floor;
  row.goal_ratio = 2;
  row.ours = median_ns(records * 100, [&] {
    for (int n = 0; n < 100; ++n) keep(encode_batch(buffer, value, records));
  });
  std::vector<std::byte> floor_buffer(batch_bytes + 2048);
  row.floor = median_ns(records * 100, [&] {
    for (int n = 0; n < 100; ++n) keep(floor_encode(floor_buffer, records, value_bytes));
  });
  rows.push_back(std::move(row));
}

void add_decode_row(std::vector<PerfRow>& rows, std::size_t value_bytes, double reference_floor) {
  const Bytes value(value_bytes, std::byte{'v'});
  Bytes buffer(batch_bytes);
  std::size_t records = 0;
  const std::size_t size = encode_batch(buffer, value, records);
  const RecordBatchView batch{BytesView{buffer}.first(size)};
  PerfRow row;
  row.name = "check and walk such a batch, " + std::to_string(value_bytes) + " B each";
  row.unit = "record";
  row.goal = 2 * reference_floor;
  row.goal_ratio = 2;
  Bytes scratch;
  row.ours = median_ns(records * 100, [&] {
    for (int n = 0; n < 100; ++n) {
      assert(!batch.check());
      RecordCursor cursor{batch, scratch};
      std::uint64_t sum = 0;
      for (RecordView record; cursor.next(record);) sum += record.value->size();
      keep(sum);
    }
  });
  std::vector<std::byte> floor_buffer(batch_bytes + 2048);
  const std::size_t floor_size = floor_encode(floor_buffer, records, value_bytes);
  row.floor = median_ns(records * 100, [&] {
    for (int n = 0; n < 100; ++n) keep(floor_decode(std::span<const std::byte>(floor_buffer).first(floor_size)));
  });
  rows.push_back(std::move(row));
}

class FixedEntropy final : public Entropy {
 public:
  std::uint64_t draw(DrawUse) override { return draws_ += 0x9e37'79b9'7f4a'7c15ULL; }

 private:
  std::uint64_t draws_ = 0;
};

/// A producer and answers from memory, without wires or time between them: what Java's MockClient is to KafkaProducer.
class DataPath {
 public:
  DataPath() : producer_(config(), now_, entropy_) {}

  /// Sends so many records and waits for all reports.
  void send(std::size_t records, BytesView value) {
    const std::size_t goal = reported_ + records;
    for (std::size_t n = 0; n < records; ++n) {
      RecordToSend record;
      record.record = ++sent_;
      record.topic = "orders";
      record.partition = 0;
      record.value = value;
      const SendResult result = producer_.send(record, now_, entropy_);
      if (!std::holds_alternative<Sent>(result) || sent_ % 150 == 0) settle();
    }
    while (reported_ < goal) {
      pass(5);
      settle();
    }
  }
  /// Connects and learns what the topic is.
  void warm_up() {
    const Bytes value(100, std::byte{'v'});
    send(1, value);
  }

 private:
  static ProducerConfig config() {
    ProducerConfig config;
    config.bootstrap_servers = {{"host", 9092}};
    return config;
  }
  void pass(std::int64_t ms) {
    now_.wall_ms += ms;
    now_.mono_ns += ms * 1'000'000;
  }
  void settle() {
    for (;;) {
      const auto wake = producer_.poll(now_, entropy_);
      for (const ConnectRequest& request : producer_.take_connects()) producer_.on_connected(request.connection);
      producer_.take_closes();
      for (const ClientConnectionId connection : producer_.writable()) {
        stream_.clear();
        producer_.pull(connection, std::numeric_limits<std::int32_t>::max(), stream_);
        answer(connection);
      }
      for (const RecordCompletion& report : producer_.completions().records) {
        assert(report.ok());
        ++reported_;
      }
      producer_.clear_completions();
      producer_.take_settlements();
      if (wake != 0 && !producer_.needs_poll()) return;
    }
  }
  void answer(ClientConnectionId connection) {
    for (BytesView rest{stream_}; const auto size = peek_frame_size(rest);) {
      const auto whole = static_cast<std::size_t>(*size) + 4;
      Reader reader{rest.subspan(4, whole - 4)};
      const auto header = decode_request_header(reader);
      const ApiKey api = *api_key_from_wire(header.value.request_api_key);
      const std::int16_t version = header.value.request_api_version;
      const CorrelationId correlation{header.value.correlation_id};
      answer_.clear();
      if (api == ApiKey::api_versions) {
        encode_response(answer_, versions(), version, correlation);
      } else if (api == ApiKey::metadata) {
        encode_response(answer_, metadata(), version, correlation);
      } else if (api == ApiKey::init_producer_id) {
        InitProducerIdResponse response;
        response.producer_id = 7;
        encode_response(answer_, response, version, correlation);
      } else {
        encode_response(answer_, produced_, version, correlation);
        ++produced_.responses.front().partition_responses.front().base_offset;
      }
      producer_.on_received(connection, answer_);
      rest = rest.subspan(whole);
    }
  }
  static ApiVersionsResponse versions() {
    ApiVersionsResponse response;
    for (const ApiInfo& info : all_apis()) {
      if (info.versions.max >= 0) response.api_keys.push_back({wire_code(info.key), info.versions.min, info.latest_stable});
    }
    return response;
  }
  static MetadataResponse metadata() {
    MetadataResponse response;
    response.cluster_id = "perf";
    response.brokers.push_back({0, "host", 9092, std::nullopt});
    auto& topic = response.topics.emplace_back();
    topic.name = "orders";
    topic.topic_id = Uuid{1, 1};
    auto& partition = topic.partitions.emplace_back();
    partition.leader_epoch = 0;
    partition.replica_nodes = partition.isr_nodes = {0};
    return response;
  }
  static ProduceResponse produced() {
    ProduceResponse response;
    auto& topic = response.responses.emplace_back();
    topic.name = "orders";
    topic.topic_id = Uuid{1, 1};
    topic.partition_responses.emplace_back();
    return response;
  }

  Instant now_{1'700'000'000'000, 5'000'000'000};
  FixedEntropy entropy_;
  KafkaProducer producer_;
  ProduceResponse produced_ = produced();
  Bytes stream_;
  Bytes answer_;
  std::uint64_t sent_ = 0;
  std::uint64_t reported_ = 0;
};

}  // namespace

void add_byte_rows(std::vector<PerfRow>& rows) {
  add_encode_row(rows, 100, 9.5);
  add_encode_row(rows, 1024, 49.6);
  add_decode_row(rows, 100, 10.5);
  add_decode_row(rows, 1024, 40);
  const Bytes value(100, std::byte{'v'});
  constexpr std::size_t records = 20'000;
  DataPath path;
  path.warm_up();
  PerfRow row{"producer: send, bytes on the wire, answer, report; 100 B", "record", 0, 0, 100, 100 / 9.5, {}};
  row.ours = median_ns(records, [&] { path.send(records, value); });
  std::vector<std::byte> floor_buffer(batch_bytes + 2048);
  constexpr std::size_t a_batch = 150;
  row.floor = median_ns(a_batch * 100, [&] {
    for (int n = 0; n < 100; ++n) keep(floor_encode(floor_buffer, a_batch, 100));
  });
  rows.push_back(std::move(row));
}

}  // namespace linger::cli

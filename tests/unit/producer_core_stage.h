#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "differential/mock_client.h"
#include "producer/clients/metadata.h"
#include "producer/sender.h"
#include "protocol/messages/metadata.h"
#include "protocol/record_batch.h"

namespace linger::test {

/// Every draw is 0.
class NoEntropy : public Entropy {
 public:
  std::uint64_t draw(DrawUse) override {
    ++draws;
    return 0;
  }
  int draws = 0;
};

/// Settings of a stage; small numbers so that a few records do something.
struct CoreSettings {
  ProducerBehaviour behaviour;
  bool idempotent = true;
  std::int32_t batch_size = 200;
  std::int64_t buffer_memory = 100'000;
  std::int32_t delivery_timeout_ms = 3000;
  std::int32_t retries = 2147483647;
  std::int64_t retry_backoff_ms = 0;
  int max_in_flight = 5;
  int nodes = 1;
  int partitions = 2;
};

/// The producer's core on a scripted network: topic "t", partition p led by node p mod nodes, no linger.
class CoreStage {
 public:
  explicit CoreStage(const CoreSettings& settings)
      : client(now_ms, settings.max_in_flight),
        metadata(ProducerMetadata::Config{}),
        accumulator(accumulator_config(settings)),
        sender(sender_config(settings)) {
    leaders.resize(static_cast<std::size_t>(settings.partitions));
    for (int partition = 0; partition < settings.partitions; ++partition) {
      leaders[static_cast<std::size_t>(partition)] = partition % settings.nodes;
    }
    metadata.add("t", now_ms);
    node_count = settings.nodes;
    update_metadata();
    if (settings.idempotent) {
      transactions.emplace("", 60000, settings.retry_backoff_ms, settings.behaviour);
      run();
      answer_producer_id(1000, 0);
      run();
    }
  }

  SenderContext context() {
    return SenderContext{client,      metadata,
                         accumulator, transactions ? &*transactions : nullptr,
                         entropy,     Instant{now_ms, now_ms * 1'000'000}};
  }

  void update_metadata(bool with_topic = true) {
    MetadataResponse response;
    response.cluster_id = "stage";
    for (std::int32_t node = 0; node < node_count; ++node) {
      response.brokers.push_back({node, "host", 9092 + node, std::nullopt});
    }
    if (with_topic) {
      MetadataResponse::MetadataResponseTopic topic;
      topic.name = "t";
      topic.topic_id = Uuid{1, 2};
      for (std::size_t index = 0; index < leaders.size(); ++index) {
        MetadataResponse::MetadataResponsePartition partition;
        partition.partition_index = static_cast<std::int32_t>(index);
        partition.leader_id = leaders[index];
        topic.partitions.push_back(partition);
      }
      response.topics.push_back(topic);
    }
    metadata.update_with_current_request_version(response, 13, false, now_ms, entropy);
    client.set_nodes(metadata.fetch().nodes());
  }

  AppendResult send(std::int32_t partition, const std::string& value) {
    Bytes bytes;
    for (const char c : value) {
      bytes.push_back(static_cast<std::byte>(c));
    }
    RecordToAppend record;
    record.record = next_record++;
    record.topic = "t";
    record.partition = partition;
    record.timestamp = 0;
    record.value = bytes;
    return accumulator.append(record, 0, context().now, metadata.fetch(), entropy);
  }

  /// One turn of the sender; the clock moves only for its sleeps.
  void run(int turns = 1) {
    for (int turn = 0; turn < turns; ++turn) {
      auto blocked = sender.begin_run(context());
      while (blocked) {
        if (blocked->on == Sender::Blocked::On::sleep) {
          now_ms += blocked->timeout_ms;
        }
        std::vector<ClientResponse> responses;
        if (blocked->on == Sender::Blocked::On::client_poll) {
          responses.assign(client.responses().begin(), client.responses().end());
          client.responses().clear();
        }
        blocked = sender.continue_run(context(), responses);
      }
    }
  }

  void answer_producer_id(std::int64_t id, std::int16_t epoch) {
    InitProducerIdResponse response;
    response.producer_id = id;
    response.producer_epoch = epoch;
    client.respond(0, response);
  }

  /// Answers a request's only batch.
  void answer(std::size_t request, ErrorCode error, std::int64_t offset = -1, std::int64_t log_start = -1) {
    const auto& builder = std::get<ProduceRequestBuilder>(client.requests()[request].builder);
    ProduceResponse response;
    response.responses.push_back({"t", builder.batches[0].topic_id, {}});
    ProduceResponse::PartitionProduceResponse part;
    part.index = builder.batches[0].partition.partition;
    part.error_code = wire_code(error);
    part.base_offset = offset;
    part.log_start_offset = log_start;
    response.responses[0].partition_responses.push_back(part);
    client.respond(request, response);
  }

  /// What a broker would read now from the n-th request's only batch.
  RecordBatchHeader header(std::size_t request) {
    const auto& builder = std::get<ProduceRequestBuilder>(client.requests()[request].builder);
    return load_batch_header(accumulator.pool().read(builder.batches[0].records));
  }
  /// The value of the first record that it would read.
  std::string first_value(std::size_t request) {
    const auto& builder = std::get<ProduceRequestBuilder>(client.requests()[request].builder);
    Bytes scratch;
    RecordCursor cursor(RecordBatchView(accumulator.pool().read(builder.batches[0].records)), scratch);
    RecordView record;
    std::string text;
    if (cursor.next(record) && record.value) {
      for (const std::byte byte : *record.value) {
        text += static_cast<char>(byte);
      }
    }
    return text;
  }

  /// "0 1:TimeoutException", the reports so far; forgets them.
  std::string reports() {
    std::string text;
    for (const RecordCompletion& completion : accumulator.completions().records) {
      text += (text.empty() ? "" : " ") + std::to_string(completion.record);
      if (completion.ok()) {
        text += "@" + std::to_string(completion.offset);
      } else {
        text += ":" + accumulator.completions().errors[completion.error].exception;
      }
    }
    accumulator.completions().clear();
    return text;
  }

  std::int64_t now_ms = 1'000'000;
  int node_count = 1;
  std::vector<std::int32_t> leaders;
  NoEntropy entropy;
  differential::MockClient client;
  ProducerMetadata metadata;
  RecordAccumulator accumulator;
  std::optional<TransactionManager> transactions;
  Sender sender;
  std::uint64_t next_record = 0;

 private:
  static RecordAccumulator::Config accumulator_config(const CoreSettings& settings) {
    RecordAccumulator::Config config;
    config.batch_size = settings.batch_size;
    config.buffer_memory = settings.buffer_memory;
    config.linger_ms = 0;
    config.retry_backoff_ms = settings.retry_backoff_ms;
    config.retry_backoff_max_ms = settings.retry_backoff_ms;
    config.retry_backoff_jitter = 0;
    config.delivery_timeout_ms = settings.delivery_timeout_ms;
    config.behaviour = settings.behaviour;
    return config;
  }
  static Sender::Config sender_config(const CoreSettings& settings) {
    Sender::Config config;
    config.guarantee_message_order = settings.max_in_flight == 1;
    config.request_timeout_ms = 60'000;
    config.retries = settings.retries;
    config.retry_backoff_ms = settings.retry_backoff_ms;
    config.behaviour = settings.behaviour;
    return config;
  }
};

}  // namespace linger::test

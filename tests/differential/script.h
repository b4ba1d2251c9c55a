#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "producer/clients/metadata.h"
#include "producer/sender.h"
#include "protocol/messages/metadata.h"
#include "protocol/record_batch.h"
#include "tests/differential/mock_client.h"
#include "tests/differential/script_json.h"

namespace linger::differential {

/// One SplitMix64 stream for each use, as in the judge.
class ScriptEntropy : public Entropy {
 public:
  explicit ScriptEntropy(std::uint64_t seed) : partitions_(seed), jitter_(seed + 1) {}
  std::uint64_t draw(DrawUse use) override {
    switch (use) {
      case DrawUse::sticky_partition:
        return partitions_.next();
      case DrawUse::retry_backoff:
        return jitter_.next();
      default:
        return 0;
    }
  }

 private:
  SplitMix64 partitions_;
  SplitMix64 jitter_;
};

inline Bytes bytes_of(const std::string& text) {
  Bytes bytes(text.size());
  std::transform(text.begin(), text.end(), bytes.begin(), [](char c) { return static_cast<std::byte>(c); });
  return bytes;
}

struct PartitionState {
  std::int32_t leader = 0;
  std::int32_t epoch = 0;
};

struct ShownBatch {
  Json json;
  std::int64_t records = 0;
};

/// One producer and its scripted surroundings.
class Script {
 public:
  explicit Script(const Json& config);

  void run(const Json& command, Json& out);
  void show_state(Json& out);

 private:
  SenderContext context() {
    return SenderContext{*client_, *metadata_, *accumulator_, transactions_ ? &*transactions_ : nullptr,
                         entropy_, now()};
  }
  Instant now() const { return Instant{clock_ms_, clock_ms_ * 1'000'000}; }
  const std::string& first_topic() const { return topics_.begin()->first; }
  NodeId node_of(const Json& command) const { return NodeId{command.at("node").get<std::int32_t>()}; }
  Json error_json(const KafkaError& error) const;

  MetadataResponse view() const;
  void update_metadata() {
    const MetadataResponse response = view();
    metadata_->update_with_current_request_version(response, 13, false, clock_ms_, entropy_);
  }
  void send(const Json& command, Json& out);
  void run_once(Json& out);
  std::optional<Sender::Blocked> client_poll(const Sender::Blocked& blocked);
  void show_new_requests();
  Json show(const ClientRequest& request) const;
  void respond(const Json& command, Json& out);
  ProduceResponse produce_response(const ClientRequest& request, const Json& command, ErrorCode error);
  InitProducerIdResponse init_producer_id_response(const InitProducerIdRequest& request, const Json& command,
                                                   ErrorCode error);
  ResponseBody transactional_response(const ClientRequest& request, const Json& command, ErrorCode error) const;
  void show_metrics(Json& out);
  void wait_for(const char* call, TxnResultId result);
  void show_results(Json& out);
  Json show_partition(const TopicPartition& partition);
  static Json show_batches(const std::vector<BatchId>& ids, const BatchTable& batches, std::int64_t start_ms);

  std::int64_t start_ms_;
  std::int64_t clock_ms_;
  ScriptEntropy entropy_;
  std::int32_t node_count_;
  std::int32_t max_request_size_;
  bool wire_;
  bool hex_;
  bool messages_;
  bool sort_done_;
  MetricConfig metric_config_;
  std::string client_id_;
  bool metadata_frozen_ = false;
  std::map<std::string, std::vector<PartitionState>> topics_;
  std::map<std::string, Uuid> topic_ids_;
  std::map<std::string, std::int64_t> log_end_;
  std::int64_t next_producer_id_;
  std::uint64_t records_ = 0;
  std::unique_ptr<MockClient> client_;
  std::unique_ptr<ProducerMetadata> metadata_;
  std::unique_ptr<RecordAccumulator> accumulator_;
  std::optional<TransactionManager> transactions_;
  std::unique_ptr<Sender> sender_;
  std::vector<Json> polls_;
  int polls_in_run_ = 0;
  /// Calls whose result the script has not seen, by name, in the order in which each was first made.
  std::vector<std::pair<std::string, TxnResultId>> waiting_;
  std::map<std::int32_t, std::vector<ShownBatch>> shown_;  ///< by correlation id: the batches as they were sent
};

}  // namespace linger::differential

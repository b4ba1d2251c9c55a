#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/memory_records_builder.h"
#include "protocol/messages/control_records.h"
#include "support/toy_cluster.h"

namespace linger::broker::test {

/// Three brokers with a small transaction log; topic `orders` with partition 0 led by broker 1 and 1 led by broker 2.
inline ClusterLayout transaction_layout(std::int64_t transaction_version = 2) {
  ClusterLayout layout = small_cluster(3, 2);
  layout.topics[0].partitions = 2;
  layout.config.transaction_version = transaction_version;
  layout.config.transaction_log_partitions = 3;
  layout.config.offsets_topic_partitions = 3;
  return layout;
}

/// A transactional producer by hand: it says each request when it is told to and nothing by itself. `modern` speaks as
/// a client with transaction version 2 does.
struct TransactionClient {
  ToyCluster& world;
  std::string id = "payments";
  bool modern = true;
  ProducerIdAndEpoch producer{no_producer_id, no_producer_epoch};
  std::int32_t timeout_ms = 60'000;
  Duration patience = Duration::s(40);  ///< how long it waits for an answer

  static ErrorCode error(std::int16_t code) { return error_from_wire(code); }

  /// Asks until there is one, at most for ten seconds; no_node otherwise. The id's coordinator, or the group's.
  NodeId coordinator(std::int8_t type = 1, const std::string& key = {}) {
    for (int attempt = 0; attempt < 100; ++attempt) {
      FindCoordinatorRequest ask;
      ask.key_type = type;
      ask.coordinator_keys.push_back(key.empty() ? id : key);
      const auto answer = world.call(someone(), ask, 6, patience);
      if (answer && answer->coordinators[0].error_code == 0) return NodeId{answer->coordinators[0].node_id};
      world.run_for(Duration::ms(100));
    }
    return no_node;
  }
  NodeId someone() const {
    for (const Broker& broker : world.brokers()) {
      if (broker.life() == BrokerLife::running) return broker.id();
    }
    return broker_node(1);
  }

  InitProducerIdResponse ask_init(bool with_identity = false) {
    InitProducerIdRequest ask;
    ask.transactional_id = id;
    ask.transaction_timeout_ms = timeout_ms;
    if (with_identity) {
      ask.producer_id = producer.id.value();
      ask.producer_epoch = producer.epoch.value();
    }
    const auto answer = world.call(coordinator(), ask, 5, patience);
    InitProducerIdResponse none;
    none.error_code = wire_code(ErrorCode::network_exception);
    return answer.value_or(none);
  }
  /// Starts: asks as long as the answer is one that a client retries.
  ErrorCode init(bool with_identity = false) {
    for (int attempt = 0; attempt < 200; ++attempt) {
      const auto answer = ask_init(with_identity);
      switch (error(answer.error_code)) {
        case ErrorCode::none:
          producer = {ProducerId{answer.producer_id}, ProducerEpoch{answer.producer_epoch}};
          return ErrorCode::none;
        case ErrorCode::coordinator_load_in_progress:
        case ErrorCode::coordinator_not_available:
        case ErrorCode::not_coordinator:
        case ErrorCode::concurrent_transactions:
        case ErrorCode::network_exception:
          world.run_for(Duration::ms(50));
          break;
        default:
          return error(answer.error_code);
      }
    }
    return ErrorCode::request_timed_out;
  }

  ErrorCode add(const TopicPartition& partition) {
    AddPartitionsToTxnRequest ask;
    ask.v3_and_below_transactional_id = id;
    ask.v3_and_below_producer_id = producer.id.value();
    ask.v3_and_below_producer_epoch = producer.epoch.value();
    ask.v3_and_below_topics.push_back({partition.topic, {partition.partition}});
    const auto answer = world.call(coordinator(), ask, 3, patience);
    if (!answer) return ErrorCode::network_exception;
    return error(answer->results_by_topic_v3_and_below[0].results_by_partition[0].partition_error_code);
  }

  static Bytes batch(ProducerIdAndEpoch producer, std::int32_t sequence, const std::string& value,
                     bool transactional = true) {
    BatchOptions options;
    options.producer = producer;
    options.base_sequence = sequence;
    options.transactional = transactional;
    MemoryRecordsBuilder builder{options};
    Bytes buffer;
    builder.append(buffer, sim::start_epoch_ns / 1'000'000, std::nullopt,
                   BytesView{reinterpret_cast<const std::byte*>(value.data()), value.size()});
    builder.close(buffer);
    const BytesView bytes = builder.records(buffer);
    return Bytes{bytes.begin(), bytes.end()};
  }
  ProduceRequest produce_request(const TopicPartition& to, const Bytes& records, std::int16_t version) const {
    ProduceRequest request;
    request.transactional_id = id;
    request.acks = -1;
    request.timeout_ms = 30'000;
    auto& topic = request.topic_data.emplace_back();
    if (version >= 13) {
      topic.topic_id = world.id(to.topic, to.partition).topic;
    } else {
      topic.name = to.topic;
    }
    auto& partition = topic.partition_data.emplace_back();
    partition.index = to.partition;
    partition.records = RecordsView{BytesView{records}};
    return request;
  }
  NodeId leader(const TopicPartition& partition) const {
    return NodeId{world.registration(partition.topic, partition.partition).leader};
  }
  /// One record with this value. The version is the newest that the client's kind speaks unless said otherwise.
  ErrorCode write(const TopicPartition& to, std::int32_t sequence, const std::string& value,
                  std::optional<std::int16_t> version = std::nullopt) {
    const std::int16_t speaks = version.value_or(modern ? 13 : 11);
    const Bytes records = batch(producer, sequence, value);
    const auto answer = world.call(leader(to), produce_request(to, records, speaks), speaks, patience);
    return answer ? error(answer->responses[0].partition_responses[0].error_code) : ErrorCode::network_exception;
  }

  EndTxnRequest end_request(bool commit) const {
    EndTxnRequest ask;
    ask.transactional_id = id;
    ask.producer_id = producer.id.value();
    ask.producer_epoch = producer.epoch.value();
    ask.committed = commit;
    return ask;
  }
  EndTxnResponse ask_end(bool commit) {
    const auto answer = world.call(coordinator(), end_request(commit), modern ? 5 : 4, patience);
    EndTxnResponse none;
    none.error_code = wire_code(ErrorCode::network_exception);
    return answer.value_or(none);
  }
  ErrorCode end(bool commit) {
    const auto answer = ask_end(commit);
    if (answer.error_code == 0 && modern)
      producer = {ProducerId{answer.producer_id}, ProducerEpoch{answer.producer_epoch}};
    return error(answer.error_code);
  }
};

/// What one fetch gave.
struct FetchedPartition {
  ErrorCode error = ErrorCode::none;
  std::int64_t high_watermark = -1;
  std::int64_t last_stable_offset = -1;
  std::optional<std::vector<std::pair<std::int64_t, std::int64_t>>> aborted;  ///< producer id, first offset
  std::vector<std::string> values;                                            ///< of data records, markers left out
  std::vector<std::string> committed;  ///< the same without aborted ones, as a consumer leaves them out
};

/// Reads one partition from its begin, as a consumer would; waits `wait_ms` for a byte.
inline FetchRequest fetch_request(const TopicIdPartition& id, bool read_committed, std::int64_t from = 0,
                                  std::int32_t wait_ms = 0) {
  FetchRequest request;
  request.replica_state.replica_id = -1;
  request.replica_id = -1;
  request.max_wait_ms = wait_ms;
  request.min_bytes = 1;
  request.max_bytes = 50'000'000;
  request.isolation_level = read_committed ? 1 : 0;
  auto& topic = request.topics.emplace_back();
  topic.topic_id = id.topic;
  auto& partition = topic.partitions.emplace_back();
  partition.partition = id.partition;
  partition.fetch_offset = from;
  partition.partition_max_bytes = 10'000'000;
  return request;
}

inline FetchedPartition read_fetched(const FetchResponse& response) {
  FetchedPartition fetched;
  const auto& data = response.responses[0].partitions[0];
  fetched.error = error_from_wire(data.error_code);
  fetched.high_watermark = data.high_watermark;
  fetched.last_stable_offset = data.last_stable_offset;
  std::vector<std::pair<std::int64_t, std::int64_t>> pending;
  if (data.aborted_transactions) {
    fetched.aborted.emplace();
    for (const auto& txn : *data.aborted_transactions) fetched.aborted->emplace_back(txn.producer_id, txn.first_offset);
    pending = *fetched.aborted;
  }
  std::vector<std::int64_t> aborting;
  BatchCursor cursor{data.records.bytes()};
  Bytes scratch;
  while (const auto batch = cursor.next()) {
    const RecordBatchHeader header = batch->header();
    const std::int64_t producer = header.producer.id.value();
    for (const auto& [pid, first] : pending) {
      if (pid == producer && first == header.base_offset.value()) aborting.push_back(pid);
    }
    if (header.control) {
      std::erase(aborting, producer);
      continue;
    }
    const bool aborted =
        header.transactional && std::find(aborting.begin(), aborting.end(), producer) != aborting.end();
    RecordCursor records{*batch, scratch};
    RecordView record;
    while (records.next(record)) {
      const std::string value{reinterpret_cast<const char*>(record.value->data()), record.value->size()};
      fetched.values.push_back(value);
      if (!aborted) fetched.committed.push_back(value);
    }
  }
  return fetched;
}

inline FetchedPartition fetch(ToyCluster& world, const TopicPartition& partition, bool read_committed,
                              std::int64_t from = 0) {
  const TopicIdPartition id = world.id(partition.topic, partition.partition);
  const NodeId leader{world.registration(partition.topic, partition.partition).leader};
  const auto response = world.call(leader, fetch_request(id, read_committed, from), 17);
  if (!response) {
    FetchedPartition none;
    none.error = ErrorCode::network_exception;
    return none;
  }
  return read_fetched(*response);
}

}  // namespace linger::broker::test

#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "producer/kafka_producer.h"
#include "protocol/frame.h"
#include "protocol/messages/all.h"
#include "protocol/record_batch.h"
#include "support/client_stage.h"

namespace linger::test {

/// What a fake broker does with a produce request, once.
struct Fate {
  enum class Kind : std::uint8_t { answer, lose_answer, lose_request, refuse, close };
  Kind kind = Kind::answer;
  ErrorCode error = ErrorCode::none;
};

/// The least that a cluster must do for a producer: answers at once, keeps logs, knows repeated batches. It decodes and
/// encodes real frames.
class FakeCluster {
 public:
  struct Topic {
    int partitions = 1;
    Uuid id;
  };
  struct Log {
    std::vector<std::string> values;
    std::map<std::pair<std::int64_t, std::int32_t>, std::int64_t> offsets_by_sequence;
  };

  int nodes = 1;
  std::map<std::string, Topic> topics;
  std::map<TopicPartition, int> leaders;  ///< where it is not partition % nodes
  std::map<TopicPartition, std::int32_t> epochs;
  std::map<TopicPartition, Log> logs;
  std::deque<Fate> fates;  ///< for the next produce requests
  bool silent = false;     ///< no answers to anything
  std::int16_t produce_max = 13;
  std::int16_t transaction_version = 0;  ///< finalized; 0: no such feature
  bool coordinator_silent = false;       ///< no answers to requests about coordinators and transactions
  std::vector<std::string> coordinated;  ///< what the coordinators were asked, "END_TXN v5 commit"
  std::int32_t metadata_requests = 0;
  std::int32_t produce_requests = 0;
  std::int16_t last_produce_version = -1;

  int leader(const TopicPartition& partition) const {
    const auto moved = leaders.find(partition);
    return moved == leaders.end() ? partition.partition % nodes : moved->second;
  }

  /// The answer to a request frame (without its length); nothing when none is sent. Closes the connection by setting
  /// `close`.
  std::optional<Bytes> handle(int node, BytesView frame, bool& close) {
    Reader reader{frame};
    const auto header = decode_request_header(reader);
    const auto api = *api_key_from_wire(header.value.request_api_key);
    const std::int16_t version = header.value.request_api_version;
    const CorrelationId correlation{header.value.correlation_id};
    Bytes out;
    if (api == ApiKey::api_versions) {
      encode_response(out, versions(), version, correlation);
    } else if (api == ApiKey::metadata) {
      ++metadata_requests;
      encode_response(out, metadata(decode_request<MetadataRequest>(frame).message), version, correlation);
    } else if (api == ApiKey::init_producer_id) {
      InitProducerIdResponse response;
      response.producer_id = next_producer_id++;
      encode_response(out, response, version, correlation);
    } else if (api != ApiKey::produce) {
      if (coordinator_silent) return std::nullopt;
      out = coordinate(api, version, correlation, frame);
    } else {
      ++produce_requests;
      last_produce_version = version;
      Fate fate;
      if (!fates.empty()) {
        fate = fates.front();
        fates.pop_front();
      }
      close = fate.kind == Fate::Kind::close;
      if (close || fate.kind == Fate::Kind::lose_request) return std::nullopt;
      const auto request = decode_request<ProduceRequest>(frame);
      const ProduceResponse response = produce(node, request.message, version, fate.error);
      if (fate.kind == Fate::Kind::lose_answer || request.message.acks == 0) return std::nullopt;
      encode_response(out, response, version, correlation);
    }
    if (silent) return std::nullopt;
    return out;
  }

 private:
  ApiVersionsResponse versions() const {
    ApiVersionsResponse response;
    for (const ApiInfo& info : all_apis()) {
      if (info.versions.max < 0) continue;
      const std::int16_t max = info.key == ApiKey::produce ? produce_max : info.latest_stable;
      response.api_keys.push_back({wire_code(info.key), info.versions.min, max});
    }
    if (transaction_version > 0) {
      response.finalized_features_epoch = 1;
      response.finalized_features.push_back({"transaction.version", transaction_version, transaction_version});
    }
    return response;
  }

  /// Says yes to everything. Node 0 coordinates.
  Bytes coordinate(ApiKey api, std::int16_t version, CorrelationId correlation, BytesView frame) {
    Bytes out;
    std::string asked = std::string(api_name(api)) + " v" + std::to_string(version);
    if (api == ApiKey::find_coordinator) {
      FindCoordinatorResponse response;
      const auto request = decode_request<FindCoordinatorRequest>(frame).message;
      response.coordinators.push_back({request.coordinator_keys.at(0), 0, "host", 9092, 0, std::nullopt});
      asked += " " + request.coordinator_keys.at(0);
      encode_response(out, response, version, correlation);
    } else if (api == ApiKey::add_partitions_to_txn) {
      AddPartitionsToTxnResponse response;
      for (const auto& topic : decode_request<AddPartitionsToTxnRequest>(frame).message.v3_and_below_topics) {
        auto& results = response.results_by_topic_v3_and_below.emplace_back();
        results.name = topic.name;
        for (const std::int32_t partition : topic.partitions) {
          results.results_by_partition.push_back({partition, 0});
          asked += " " + TopicPartition{topic.name, partition}.describe();
        }
      }
      encode_response(out, response, version, correlation);
    } else if (api == ApiKey::add_offsets_to_txn) {
      asked += " " + decode_request<AddOffsetsToTxnRequest>(frame).message.group_id;
      encode_response(out, AddOffsetsToTxnResponse{}, version, correlation);
    } else if (api == ApiKey::txn_offset_commit) {
      TxnOffsetCommitResponse response;
      for (const auto& topic : decode_request<TxnOffsetCommitRequest>(frame).message.topics) {
        auto& results = response.topics.emplace_back();
        results.name = topic.name;
        for (const auto& partition : topic.partitions) {
          results.partitions.push_back({partition.partition_index, 0});
          asked += " " + TopicPartition{topic.name, partition.partition_index}.describe() + "=" +
                   std::to_string(partition.committed_offset);
        }
      }
      encode_response(out, response, version, correlation);
    } else {
      const auto request = decode_request<EndTxnRequest>(frame).message;
      EndTxnResponse response;
      if (version >= 5) {
        response.producer_id = request.producer_id;
        response.producer_epoch = static_cast<std::int16_t>(request.producer_epoch + 1);
      }
      asked += request.committed ? " commit" : " abort";
      encode_response(out, response, version, correlation);
    }
    coordinated.push_back(asked);
    return out;
  }

  MetadataResponse metadata(const MetadataRequest& request) const {
    MetadataResponse response;
    response.cluster_id = "fake";
    for (int node = 0; node < nodes; ++node) response.brokers.push_back({node, "host", 9092 + node, std::nullopt});
    for (const auto& wanted : *request.topics) {
      auto& topic = response.topics.emplace_back();
      topic.name = wanted.name;
      const auto known = topics.find(*wanted.name);
      if (known == topics.end()) {
        topic.error_code = wire_code(ErrorCode::unknown_topic_or_partition);
        continue;
      }
      topic.topic_id = known->second.id;
      for (int number = 0; number < known->second.partitions; ++number) {
        auto& partition = topic.partitions.emplace_back();
        const TopicPartition name{*wanted.name, number};
        partition.partition_index = number;
        partition.leader_id = leader(name);
        partition.leader_epoch = epochs.contains(name) ? epochs.at(name) : 0;
        partition.replica_nodes = partition.isr_nodes = {partition.leader_id};
      }
    }
    return response;
  }

  std::string name_of(const ProduceRequest::TopicProduceData& topic, std::int16_t version) const {
    if (version < 13) return topic.name;
    for (const auto& [name, known] : topics) {
      if (known.id == topic.topic_id) return name;
    }
    return {};
  }

  ProduceResponse produce(int node, const ProduceRequest& request, std::int16_t version, ErrorCode error) {
    ProduceResponse response;
    for (const auto& topic : request.topic_data) {
      auto& answer = response.responses.emplace_back();
      answer.name = topic.name;
      answer.topic_id = topic.topic_id;
      for (const auto& data : topic.partition_data) {
        auto& partition = answer.partition_responses.emplace_back();
        const TopicPartition name{name_of(topic, version), data.index};
        partition.index = data.index;
        partition.log_append_time_ms = -1;
        if (error != ErrorCode::none) {
          partition.error_code = wire_code(error);
        } else if (leader(name) != node) {
          partition.error_code = wire_code(ErrorCode::not_leader_or_follower);
          if (version >= 10) {
            partition.current_leader = {leader(name), epochs[name]};
            response.node_endpoints.push_back({leader(name), "host", 9092 + leader(name), std::nullopt});
          }
        } else {
          partition.base_offset = append(logs[name], data.records.bytes());
        }
      }
    }
    return response;
  }

  static std::int64_t append(Log& log, BytesView bytes) {
    const RecordBatchView batch(bytes);
    if (batch.check()) std::abort();
    const RecordBatchHeader header = batch.header();
    const std::pair identity{header.producer.id.value() * 65536 + header.producer.epoch.value(), header.base_sequence};
    if (header.has_sequence() && log.offsets_by_sequence.contains(identity)) return log.offsets_by_sequence[identity];
    const auto base = static_cast<std::int64_t>(log.values.size());
    if (header.has_sequence()) log.offsets_by_sequence[identity] = base;
    Bytes scratch;
    RecordCursor cursor(batch, scratch);
    for (RecordView record; cursor.next(record);) {
      log.values.emplace_back(reinterpret_cast<const char*>(record.value->data()), record.value->size());
    }
    return base;
  }

  std::int64_t next_producer_id = 7;
};

inline FakeCluster one_topic(int nodes = 2, int partitions = 3) {
  FakeCluster fake;
  fake.nodes = nodes;
  fake.topics["t"] = {partitions, Uuid{1, 1}};
  return fake;
}

/// A producer, a fake cluster and the wires between them, on virtual time. A copyable value.
struct ProducerStage {
  explicit ProducerStage(ProducerConfig config, FakeCluster fake = one_topic(), std::uint64_t seed = 1)
      : cluster(std::move(fake)), entropy(seed), producer(with_servers(std::move(config)), now, entropy) {}

  static ProducerConfig with_servers(ProducerConfig config) {
    config.bootstrap_servers = {{"host", 9092}};
    return config;
  }

  struct Arrival {
    std::int64_t at_ns = 0;
    ClientConnectionId connection;
    Bytes bytes;
    bool close = false;
  };

  FakeCluster cluster;
  CountedEntropy entropy;
  Instant now{1'700'000'000'000, 5'000'000'000};
  KafkaProducer producer;
  ProducerPlugins plugins;
  std::int64_t latency_ms = 2;
  std::size_t socket_buffer = 1 << 20;
  std::map<ClientConnectionId, int> nodes;
  std::map<ClientConnectionId, Bytes> streams;
  std::vector<Arrival> arrivals;
  std::vector<std::string> reports;  ///< "5 t-0@3" or "5 TimeoutException", in order
  std::vector<Settlement> settled;
  std::vector<std::string> sent_in_callbacks;  ///< each callback sends one of these
  int polls = 0;

  std::int64_t elapsed_ms() const { return now.wall_ms - 1'700'000'000'000; }

  SendResult send(std::uint64_t record, const std::string& value, std::optional<std::int32_t> partition = std::nullopt,
                  const std::string& topic = "t", Caller caller = Caller::application) {
    RecordToSend to_send;
    to_send.record = record;
    to_send.topic = topic;
    to_send.partition = partition;
    to_send.value = std::as_bytes(std::span(value));
    return producer.send(to_send, now, entropy, plugins, caller);
  }

  /// Polls until nothing more happens at this instant; returns when to come back.
  std::optional<std::int64_t> settle() {
    for (;;) {
      if (++polls > 1'000'000) std::abort();
      const auto wake = producer.poll(now, entropy, plugins);
      carry_out();
      if (wake != 0 && !producer.needs_poll()) return wake;
    }
  }

  /// Lets time go by.
  void run(std::int64_t ms) {
    const std::int64_t end_ns = now.mono_ns + ms * 1'000'000;
    for (;;) {
      const auto wake = settle();
      std::int64_t next_ns = end_ns;
      if (wake && *wake < ms + 1) next_ns = std::min(next_ns, now.mono_ns + *wake * 1'000'000);
      for (const Arrival& arrival : arrivals) next_ns = std::min(next_ns, arrival.at_ns);
      if (next_ns >= end_ns) {
        advance_to(end_ns);
        return;
      }
      advance_to(next_ns);
      deliver();
    }
  }
  /// Lets time go by until so many reports are there, at most so long.
  void run_until_reports(std::size_t count, std::int64_t most_ms = 200'000) {
    for (std::int64_t spent = 0; reports.size() < count && spent < most_ms; ++spent) run(1);
  }

  std::size_t log_end(int partition) { return cluster.logs[TopicPartition{"t", partition}].values.size(); }

 private:
  void advance_to(std::int64_t ns) {
    now.wall_ms += (ns - now.mono_ns) / 1'000'000;
    now.mono_ns = ns;
  }

  void deliver() {
    std::vector<Arrival> later;
    for (Arrival& arrival : arrivals) {
      if (arrival.at_ns > now.mono_ns) {
        later.push_back(std::move(arrival));
      } else if (arrival.close) {
        producer.on_closed(arrival.connection);
      } else {
        producer.on_received(arrival.connection, arrival.bytes);
      }
    }
    arrivals = std::move(later);
  }

  void carry_out() {
    for (const ConnectRequest& request : producer.take_connects()) {
      nodes[request.connection] = request.port - 9092;
      producer.on_connected(request.connection);
    }
    for (const ClientConnectionId connection : producer.take_closes()) nodes.erase(connection);
    for (const ClientConnectionId connection : producer.writable()) {
      Bytes& stream = streams[connection];
      producer.pull(connection, socket_buffer, stream);
      serve(connection, stream);
    }
    for (const RecordCompletion& report : producer.completions().records) {
      const std::string& topic = producer.topic_name(report.topic);
      reports.push_back(std::to_string(report.record) + " " +
                        (report.ok()
                             ? topic + "-" + std::to_string(report.partition) + "@" + std::to_string(report.offset)
                             : producer.completions().errors[report.error].exception));
    }
    const bool had_reports = !producer.completions().records.empty();
    producer.clear_completions();
    if (had_reports && !sent_in_callbacks.empty()) {
      const std::string value = sent_in_callbacks.front();
      sent_in_callbacks.erase(sent_in_callbacks.begin());
      send(1000, value, std::nullopt, value == "unknown topic" ? "nowhere" : "t", Caller::callback);
    }
    for (Settlement& settlement : producer.take_settlements()) settled.push_back(std::move(settlement));
  }

  void serve(ClientConnectionId connection, Bytes& stream) {
    while (const auto size = peek_frame_size(stream)) {
      const auto whole = static_cast<std::size_t>(*size) + 4;
      if (stream.size() < whole) return;
      bool close = false;
      const auto answer = cluster.handle(nodes.at(connection), BytesView(stream).subspan(4, whole - 4), close);
      stream.erase(stream.begin(), stream.begin() + static_cast<std::ptrdiff_t>(whole));
      const std::int64_t at_ns = now.mono_ns + latency_ms * 1'000'000;
      if (answer) arrivals.push_back({at_ns, connection, *answer, false});
      if (close) arrivals.push_back({at_ns, connection, {}, true});
    }
  }
};

}  // namespace linger::test

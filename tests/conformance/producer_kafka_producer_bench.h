#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "producer/kafka_producer.h"
#include "protocol/frame.h"
#include "support/client_stage.h"

namespace linger::test {

using Settings = std::map<std::string, std::string>;

/// What Java's constructor of ProducerConfig makes of the settings. Fails the test when it would throw.
ProducerConfig accepted(const Settings& settings);
/// Whether that constructor throws.
bool refused(const Settings& settings);

/// A request as the node got it.
struct NodeRequest {
  ApiKey api = ApiKey::produce;
  std::int16_t version = 0;
  Bytes frame;
  ClientConnectionId connection;
  CorrelationId correlation{0};

  template <class Message>
  Message message() const {
    return decode_request<Message>(frame).message;
  }
};

/// How a record or a call ended.
struct Outcome {
  bool done = false;
  bool thrown = false;  ///< the call threw; otherwise a failure stands in the future
  std::optional<KafkaError> error;
  std::int64_t offset = -1;
  std::int32_t partition = -1;
  std::vector<PartitionInfo> partitions;

  std::string exception() const { return error ? error->exception : std::string{}; }
  bool succeeded() const { return done && !error; }
  /// instanceof KafkaException.
  bool threw_kafka_exception() const { return thrown && error->family != ErrorFamily::java; }
  /// The future ends with this exception.
  bool failed_with(std::string_view name) const { return done && !thrown && exception() == name; }
  /// The call throws this exception.
  bool threw(std::string_view name) const { return done && thrown && exception() == name; }
};

/// The surroundings of Kafka's KafkaProducerTest: a producer and all that its connections lead to, one node that
/// answers what was prepared, in this order, whoever asks, and nothing else. It says by itself which versions it
/// speaks, and tells the next prepared metadata, or the last again. Frames take no time; the clock moves while a call
/// waits.
class KafkaProducerBench {
 public:
  using Matcher = std::function<bool(const NodeRequest&)>;

  /// bootstrap.servers is added. The producer knows one node, and these topics.
  KafkaProducerBench(Settings settings, const ClusterAnswer& known);
  /// It knows one partition of the topic "topic".
  explicit KafkaProducerBench(Settings settings) : KafkaProducerBench(std::move(settings), one_topic()) {}
  static ClusterAnswer one_topic(const std::string& topic, int partitions = 1);
  static ClusterAnswer one_topic() { return one_topic("topic"); }
  static ClusterAnswer no_topics() { return {}; }
  static ClusterAnswer refused_topic(const std::string& topic, ErrorCode error);

  // What the node says.
  void prepare(ResponseBody body, Matcher matcher = {}) { prepared_.push_back({std::move(body), std::move(matcher)}); }
  void prepare_coordinator(const std::string& key, CoordinatorType type = CoordinatorType::transaction);
  void prepare_producer_id(ErrorCode error = ErrorCode::none);
  void prepare_end_txn() { prepare(EndTxnResponse{}); }
  void prepare_add_offsets() { prepare(AddOffsetsToTxnResponse{}); }
  void prepare_offset_commit(Matcher matcher = {});
  void prepare_produce(const std::string& topic, ErrorCode error, std::int64_t offset);
  /// Answers the oldest request that waits.
  void respond(const ResponseBody& body);
  void prepare_metadata(const ClusterAnswer& answer) { metadata_answers_.push_back(answer); }
  /// From now on requests for metadata wait.
  void hold_metadata() { metadata_held_ = true; }
  void update_metadata(const ClusterAnswer& answer);
  void set_transaction_version(std::int16_t level) { transaction_version_ = level; }
  /// Its first answer says that the client has to be quiet for so long.
  void throttle(std::int32_t ms) { throttle_ms_ = ms; }
  void set_newest(ApiKey api, std::int16_t version) { newest_[api] = version; }

  // What the application calls: each goes on until the call has returned or threw.
  Outcome send(const std::string& topic, const std::string& key, const std::string& value,
               std::optional<std::int32_t> partition = std::nullopt);
  Outcome init_transactions() { return finish(producer.init_transactions(now)); }
  Outcome begin_transaction() { return finish(producer.begin_transaction()); }
  Outcome send_offsets(const OffsetsToCommit& offsets, const ConsumerGroupMetadata& group) {
    return finish(producer.send_offsets_to_transaction(offsets, group, now));
  }
  Outcome commit() { return finish(producer.commit_transaction(now)); }
  Outcome abort() { return finish(producer.abort_transaction(now)); }
  Outcome flush() { return finish(producer.flush(now)); }
  Outcome close(std::int64_t timeout_ms = 9'223'372'036'854'775'807) { return finish(producer.close(timeout_ms, now)); }
  Outcome partitions_for(const std::string& topic) { return finish(producer.partitions_for(topic, now)); }
  template <class Result>
  Outcome finish(const Result& result) {
    if (const auto* ticket = std::get_if<Ticket>(&result)) return wait_for(*ticket);
    return std::visit([this](const auto& end) { return ended(end); }, result);
  }
  Outcome wait_for(Ticket ticket);
  /// Of a call that was left waiting.
  Outcome outcome(Ticket ticket) const;
  /// The record's report, if it came.
  Outcome report(std::uint64_t record) const;
  /// Until the record is reported.
  Outcome get(std::uint64_t record);

  /// Does what there is to do at this moment.
  std::optional<std::int64_t> settle();
  /// Does what there is to do in this time.
  void run(std::int64_t ms);
  /// The clock moves, and nobody looks.
  void sleep(std::int64_t ms);
  double metric(std::string_view name);

  CountedEntropy entropy;
  Instant now{1'700'000'000'000, 5'000'000'000};
  KafkaProducer producer;
  ProducerPlugins plugins;
  std::int64_t tick_ms = 0;  ///< that each poll takes
  std::function<void(const RecordCompletion&)> callback;
  std::uint64_t records = 0;               ///< sent so far
  std::vector<NodeRequest> requests;       ///< that wait
  std::vector<NodeRequest> seen;           ///< all, in order
  std::vector<NodeRequest> metadata_seen;  ///< requests for metadata

 private:
  struct Prepared {
    ResponseBody body;
    Matcher matcher;
  };

  Outcome ended(const Sent& sent) const;
  Outcome ended(const Thrown& thrown) const { return {true, true, thrown.error, -1, -1, {}}; }
  Outcome ended(const Finished&) const { return {true, false, std::nullopt, -1, -1, {}}; }
  Outcome ended(const std::vector<PartitionInfo>& partitions) const {
    return {true, false, std::nullopt, -1, -1, partitions};
  }
  Outcome ended(Ticket) const { return {}; }
  void carry_out();
  void serve(const NodeRequest& request);
  void answer(const NodeRequest& request, const ResponseBody& body);
  template <class Message>
  void answer_with(const NodeRequest& request, const Message& message);
  ApiVersionsResponse versions();
  void advance(std::int64_t wake_ms);

  std::deque<Prepared> prepared_;
  std::deque<ClusterAnswer> metadata_answers_;
  ClusterAnswer last_metadata_;
  bool metadata_held_ = false;
  std::int16_t transaction_version_ = 0;
  std::int32_t throttle_ms_ = 0;
  std::map<ApiKey, std::int16_t> newest_;
  std::map<ClientConnectionId, Bytes> streams_;
  std::map<Ticket, Outcome> settled_;
  std::map<std::uint64_t, Outcome> reports_;
};

}  // namespace linger::test

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "producer/clients/kafka_client.h"
#include "producer/clients/metadata.h"
#include "producer/record_accumulator.h"
#include "producer/sender_metrics.h"
#include "producer/transaction_manager.h"
#include "protocol/time.h"

namespace linger {

/// What Sender works with in one call; nothing of it is kept.
struct SenderContext {
  KafkaClient& client;
  ProducerMetadata& metadata;
  RecordAccumulator& accumulator;
  TransactionManager* transactions = nullptr;  ///< null: not idempotent
  Entropy& entropy;
  Instant now;
};

/// Moves batches from the accumulator to the network and deals with what comes back (Kafka: Sender). Java's thread
/// blocks inside runOnce; here a turn is cut at those points: begin_run goes until the first of them, continue_run
/// until the next. In between Sender neither drains nor expires anything, as in Java.
///
///     for (auto blocked = sender.begin_run(context); blocked; blocked = sender.continue_run(context, responses))
///       wait for blocked->timeout_ms, or for the network if it waits for that, and fetch the client's responses
class Sender {
 public:
  struct Config {
    bool guarantee_message_order = false;  ///< max.in.flight.requests.per.connection is 1
    std::int32_t max_request_size = 1048576;
    std::int16_t acks = -1;
    std::int32_t retries = 2147483647;
    std::int32_t request_timeout_ms = 30000;
    std::int64_t retry_backoff_ms = 100;
    ProducerBehaviour behaviour;
    std::optional<MetricConfig> metrics = MetricConfig{};  ///< nothing: no metrics are taken
  };

  /// Where a turn stands still.
  struct Blocked {
    enum class On : std::uint8_t {
      client_poll,  ///< KafkaClient.poll: over when something happened or the time is over
      sleep,        ///< Time.sleep: over when the time is over; answers wait for the next poll
    };
    On on = On::client_poll;
    std::int64_t timeout_ms = 0;
    std::int64_t now_ms = 0;  ///< the time that Java hands to client.poll
    bool end_of_run = false;  ///< after the answers of this poll the turn is over
  };

  explicit Sender(const Config& config) : config_(config) {
    if (config.metrics) metrics_.emplace(*config.metrics);
  }

  /// Begins a turn (Kafka: runOnce). Nothing when the turn ended without blocking. Requires: no turn is under way.
  std::optional<Blocked> begin_run(const SenderContext& context);
  /// Goes on after the block: takes what client.poll gave, none after a sleep. Nothing when the turn is over. What
  /// Java's sender thread would log as uncaught is kept for take_uncaught.
  std::optional<Blocked> continue_run(const SenderContext& context, const std::vector<ClientResponse>& responses);
  bool run_is_under_way() const { return stage_ != Stage::idle; }
  /// Takes one answer (Kafka: RequestCompletionHandler.onComplete). Throws what Java throws.
  void handle_response(const SenderContext& context, const ClientResponse& response);
  /// Ends the turn where it stands, as an exception does in Java.
  void abandon_run(const KafkaError& error);
  /// Exceptions that no one caught since the last call.
  std::vector<KafkaError> take_uncaught();

  /// Whether Java's sender thread would begin another turn: always while running, and after close until all is sent and
  /// answered and no transaction is open.
  bool wants_another_run(const SenderContext& context) const;
  /// What Java's sender thread does before a turn: once a closed producer has sent everything, it aborts the
  /// transaction that is still open. Requires: wants_another_run.
  void before_run(const SenderContext& context);
  /// What Java's sender thread does after its last turn, except closing the client.
  void finish(const SenderContext& context);
  /// No more appends; what is there is still sent.
  void initiate_close(RecordAccumulator& accumulator);
  void force_close(RecordAccumulator& accumulator);
  bool is_running() const { return running_; }
  bool is_force_closed() const { return force_close_; }

  /// Batches under way of a partition, in the order in which they were drained.
  const std::vector<BatchId>& in_flight_batches(const TopicPartition& partition) const;
  void add_to_inflight_batches(const RecordAccumulator::DrainedBatches& drained, BatchTable& batches);
  /// Its metrics and the gauges that it registers.
  void list_metrics(MetricList& out, const RecordAccumulator& accumulator, KafkaClient& client,
                    const ProducerMetadata& metadata, Instant now);
  /// request-latency of the nodes that have metrics, each with its tag.
  void list_node_metrics(MetricList& out, const std::map<NodeId, std::string>& node_tags);
  /// Null when none are taken.
  SenderMetrics* metrics() { return metrics_ ? &*metrics_ : nullptr; }
  /// Batches that were put back to be sent again.
  std::int64_t batches_retried() const { return batches_retried_; }
  const Config& config() const { return config_; }

 private:
  enum class Stage : std::uint8_t { idle, first_poll, ready_poll, retry_sleep, requeue_sleep, last_poll };

  struct InFlightPartition {
    TopicPartition partition;
    std::vector<BatchId> batches;
  };
  /// A produce request that waits for its answer.
  struct ProduceCall {
    std::uint64_t token = 0;
    struct Part {
      BatchId batch;
      Uuid topic_id;
    };
    std::vector<Part> parts;  ///< by (topic, partition)
  };
  /// A request of the transaction manager on its way out.
  struct PendingRequest {
    TxnRequestHandler handler;
    Node target;
    std::int64_t start_ms = 0;
  };
  using NewLeaders = std::map<TopicPartition, ProducerMetadata::LeaderIdAndEpoch>;

  std::optional<Blocked> run_once(const SenderContext& context);
  std::optional<Blocked> resume(const SenderContext& context);
  std::optional<Blocked> block(Stage stage, Blocked::On on, std::int64_t timeout_ms, std::int64_t now_ms);
  std::optional<Blocked> end_with_poll(std::int64_t timeout_ms, std::int64_t now_ms);
  std::optional<Blocked> end_run();
  bool handle_authorization_error(const SenderContext& context);

  // The transaction manager's requests. The outer optional is empty when there was nothing to do and data may be sent.
  std::optional<std::optional<Blocked>> maybe_send_and_poll_transactional_request(const SenderContext& context);
  bool has_something_to_send(const SenderContext& context) const;
  std::optional<Blocked> await_node_ready(const SenderContext& context, std::int64_t attempt_ms);
  std::optional<Blocked> node_is_ready(const SenderContext& context);
  std::optional<Blocked> send_pending_request(const SenderContext& context);
  std::optional<Blocked> find_coordinator_and_requeue(const SenderContext& context);
  std::optional<Blocked> requeue(const SenderContext& context);

  // Data.
  std::optional<Blocked> send_producer_data(const SenderContext& context);
  void send_produce_requests(const SenderContext& context, const RecordAccumulator::DrainedBatches& drained);
  void send_produce_request(const SenderContext& context, NodeId node, const std::vector<BatchId>& batches);
  std::vector<BatchId> expired_inflight_batches(const SenderContext& context);
  void fail_expired_batches(const SenderContext& context, const std::vector<BatchId>& expired, bool deallocate_buffer);
  void update_produce_request_metrics(const RecordAccumulator::DrainedBatches& drained, const BatchTable& batches,
                                      std::int64_t now_ms);

  // Answers.
  void handle_produce_response(const SenderContext& context, const ClientResponse& response, const ProduceCall& call);
  void complete_all(const SenderContext& context, const ProduceCall& call, const PartitionResponse& response);
  void complete_batch(const SenderContext& context, BatchId id, const PartitionResponse& response,
                      NewLeaders* new_leaders);
  void succeed_batch(const SenderContext& context, BatchId id, const PartitionResponse& response);
  void reenqueue_batch(const SenderContext& context, BatchId id, ErrorCode error);
  bool can_retry(const SenderContext& context, BatchId id, const PartitionResponse& response) const;
  void fail_refused_batch(const SenderContext& context, BatchId id, const PartitionResponse& response);
  void fail_batch(const SenderContext& context, BatchId id, const BatchFailure& failure, bool adjust_sequence_numbers,
                  bool deallocate_buffer, bool ran_out_of_time);
  void maybe_abort_batches(const SenderContext& context, const KafkaError& error);
  std::vector<BatchId>& in_flight_list(const TopicPartition& partition);
  void maybe_remove_from_inflight_batches(BatchTable& batches, BatchId id);

  Config config_;
  bool running_ = true;
  bool force_close_ = false;
  bool aborting_at_close_ = false;  ///< closed, all is sent, and only the open transaction is left
  Stage stage_ = Stage::idle;
  PendingRequest pending_;
  std::vector<InFlightPartition> in_flight_;  ///< by partition; entries stay when they run empty
  std::vector<ProduceCall> calls_;            ///< in order of sending
  std::uint64_t next_token_ = 1;
  std::vector<KafkaError> uncaught_;
  std::optional<SenderMetrics> metrics_;
  std::int64_t batches_retried_ = 0;
};

}  // namespace linger

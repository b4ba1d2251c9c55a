#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "conformance/producer_mock_client.h"
#include "producer/sender.h"
#include "protocol/messages/metadata.h"
#include "support/client_stage.h"

namespace linger::test {

class SenderBench;

/// What append returned: the record, whose fate the bench knows once it was reported.
class SendFuture {
 public:
  SendFuture(SenderBench& bench, std::uint64_t record) : bench_(&bench), record_(record) {}
  bool is_done() const;
  /// Requires: done and sent.
  std::int64_t offset() const;
  /// Requires: done and failed.
  const KafkaError& failure() const;
  /// The class of the exception; empty while the record is under way or when it was sent.
  std::string exception() const;

 private:
  SenderBench* bench_;
  std::uint64_t record_;
};

/// One partition's part of a produce answer.
struct PartAnswer {
  TopicPartition partition;
  std::int64_t offset = -1;
  ErrorCode error = ErrorCode::none;
  std::int64_t log_append_time = -1;
  std::int64_t log_start_offset = -1;
  std::vector<ProduceResponse::BatchIndexAndErrorMessage> record_errors = {};
  std::optional<std::string> message = {};
  ProduceResponse::LeaderIdAndEpoch leader = {};
};

/// The surroundings of Kafka's SenderTest: a sender over a mock network with one broker and the topic "test", no
/// linger, no backoff of batches, a delivery timeout of 1500 ms, and a clock that moves only when told to.
class SenderBench {
 public:
  static constexpr std::int32_t batch_size = 16 * 1024;
  static constexpr std::int32_t request_timeout_ms = 5000;
  static constexpr std::int64_t retry_backoff_ms = 50;
  static constexpr std::int32_t delivery_timeout_ms = 1500;
  static constexpr std::int64_t topic_idle_ms = 60'000;
  static constexpr std::int64_t buffer_memory = 1024 * 1024;

  struct Setup {
    bool idempotent = false;
    bool guarantee_order = false;
    bool update_metadata = true;
    std::int32_t retries = 2147483647;
    // Of a transactional producer.
    std::string transactional_id = {};
    std::int32_t transaction_timeout_ms = 60'000;
    std::int32_t linger_ms = 0;
  };

  SenderBench();
  SenderBench(const SenderBench&) = delete;
  SenderBench& operator=(const SenderBench&) = delete;

  /// Begins anew with accumulator and sender, and a transaction manager when idempotent; client and metadata stay.
  void set_up(const Setup& setup);
  void set_up_idempotent() { set_up(Setup{true, false, true, 2147483647}); }
  /// The same, and the producer gets this id at once.
  void set_up_with_producer_id(std::int64_t producer_id, std::int16_t epoch = 0);
  Sender new_sender(bool guarantee_order, std::int32_t retries, std::int64_t backoff_ms = retry_backoff_ms) const;
  static RecordAccumulator::Config accumulator_config();

  SenderContext context();
  Instant now() const { return Instant{now_ms, now_ms * 1'000'000}; }
  void sleep(std::int64_t ms) { now_ms += ms; }

  SendFuture append(const TopicPartition& partition) { return append(partition, now_ms, "key", "value"); }
  SendFuture append(const TopicPartition& partition, std::int64_t timestamp, const std::string& key,
                    const std::string& value);

  /// One turn of Java's runOnce. Sleeps move the clock, polls do not; records are reported whenever the turn blocks.
  /// Fails the test when an exception would have left the turn.
  void run_once() { run_once(sender); }
  void run_once(Sender& which);
  /// Java's Sender.run: turns until it is closed, and what follows.
  void run_until_closed(Sender& which);
  /// Takes the reports that have come.
  void collect();

  void prepare_and_receive_init_producer_id(std::int64_t producer_id, std::int16_t epoch,
                                            ErrorCode error = ErrorCode::none);
  static InitProducerIdResponse init_producer_id_response(std::int64_t producer_id, std::int16_t epoch,
                                                          ErrorCode error);
  void wait_for_producer_id(const ProducerIdAndEpoch& identity);
  void check_successful_send();
  void check_send_failure(const std::string& exception);
  void check_partition(const TopicPartition& partition, std::int64_t producer_id, std::int16_t epoch,
                       std::int32_t next_sequence, std::optional<std::int32_t> last_acked);
  /// Answers the oldest request, which must carry one batch for the partition with this sequence, and this epoch unless
  /// it is -1.
  void respond_to_sequence(std::int32_t sequence, const PartAnswer& answer, std::int16_t epoch = -1);

  std::size_t in_flight() { return client->in_flight_request_count(); }
  std::size_t batches_in_flight(const TopicPartition& partition) const {
    return sender.in_flight_batches(partition).size();
  }
  std::vector<const ProducerBatch*> queue(const TopicPartition& partition) const;
  std::optional<std::int32_t> last_acked(const TopicPartition& partition) const {
    return transactions->last_acked_sequence(partition);
  }
  std::int32_t next_sequence(const TopicPartition& partition) { return transactions->sequence_number(partition); }
  std::int16_t epoch() const { return transactions->producer_id_and_epoch().epoch.value(); }
  Node node() const { return metadata.fetch().nodes().front(); }
  Node destination_of_oldest() const;
  /// Whether all memory is back in the pool.
  bool all_memory_returned() const {
    return accumulator->pool().available_memory() == accumulator->pool().total_memory();
  }
  /// The headers of the batches that a produce request carries for the partition, as they stand in memory now.
  std::vector<RecordBatchHeader> batches_of(const ClientRequest& request, const TopicPartition& partition) const;
  bool has_idempotent_records(const ClientRequest& request) const;
  MockClient::Matcher idempotent_records() const {
    return [this](const ClientRequest& request) { return has_idempotent_records(request); };
  }

  std::int64_t now_ms = 1'700'000'000'000;
  CountedEntropy entropy;
  ProducerMetadata metadata;
  std::unique_ptr<MockClient> client;
  std::unique_ptr<RecordAccumulator> accumulator;
  std::optional<TransactionManager> transactions;
  Sender sender{Sender::Config{}};
  /// Called after each poll with the time that it might have taken; the clock stands still in a poll otherwise.
  std::function<void(std::int64_t timeout_ms)> after_poll;
  /// Called with each report, as the application's callback.
  std::function<void(const SendFuture&)> on_completion;

 private:
  friend class SendFuture;
  struct Outcome {
    std::int64_t offset = -1;
    std::optional<KafkaError> error;
  };

  std::vector<ClientResponse> poll(Sender& which, const Sender::Blocked& blocked);

  std::uint64_t records_ = 0;
  std::map<std::uint64_t, Outcome> outcomes_;
  std::map<CorrelationId, Sender*> owners_;  ///< of the requests under way: each sender gets its own answers
};

inline const TopicPartition tp0{"test", 0};
inline const TopicPartition tp1{"test", 1};
inline const TopicPartition tp2{"test", 2};

/// The id of a topic in these tests; zero when it has none.
Uuid topic_id_of(const std::string& topic);
/// Kafka's RequestTestUtils.metadataUpdateWithIds: nodes 0 … n-1 and topics whose partition p is led by node p % n.
MetadataResponse metadata_update(std::int32_t nodes, const std::map<std::string, std::int32_t>& partition_counts,
                                 const std::map<TopicPartition, std::int32_t>& epochs = {});
ProduceResponse produce_response(const std::vector<PartAnswer>& parts, const std::vector<Node>& nodes = {});
ProduceResponse produce_response(const TopicPartition& partition, std::int64_t offset, ErrorCode error);

}  // namespace linger::test

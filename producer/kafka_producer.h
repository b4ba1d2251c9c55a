#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "producer/clients/network_client.h"
#include "producer/entropy.h"
#include "producer/interceptor.h"
#include "producer/kafka_producer_metrics.h"
#include "producer/partitioner.h"
#include "producer/producer_behaviour.h"
#include "producer/producer_config.h"
#include "producer/producer_record.h"
#include "producer/record_accumulator.h"
#include "producer/sender.h"
#include "producer/suspended_call.h"
#include "producer/transaction_manager.h"
#include "protocol/time.h"

namespace linger {

/// What Java throws out of the call.
struct Thrown {
  KafkaError error;
};

/// send returned a future. Without `failure` the report comes as a completion. With it the future has failed, the
/// callback has been told so before send returned, and no completion follows.
struct Sent {
  Sent() = default;
  Sent(std::uint64_t number, std::int32_t chosen) : record(number), partition(chosen) {}
  Sent(std::uint64_t number, std::int32_t chosen, KafkaError error)
      : record(number), partition(chosen), failure(std::move(error)) {}

  std::uint64_t record = 0;
  std::int32_t partition = unknown_partition;
  std::optional<KafkaError> failure;
};

/// flush, close or a call about a transaction returned.
struct Finished {};

using SendResult = std::variant<Sent, Ticket, Thrown>;
using CallResult = std::variant<Finished, Ticket, Thrown>;
using PartitionsResult = std::variant<std::vector<PartitionInfo>, Ticket, Thrown>;

/// How a suspended call ended.
struct Settlement {
  Ticket ticket;
  std::variant<Sent, Finished, std::vector<PartitionInfo>, Thrown> result;
};

/// Objects without state that a producer uses; passed with each call that may need them. Their states live in the
/// producer.
struct ProducerPlugins {
  const Partitioner* partitioner = nullptr;  ///< required when partitioner.class is a custom one
  std::span<const ProducerInterceptor* const> interceptors;
};

/// Kafka's producer with the world left out: tell it what happened, poll it, carry out what it asks for. Plain,
/// idempotent or transactional.
///
/// A driver's round: report network events, call poll, then take connects, closes, bytes (pull), completions and
/// settlements, in this order, handle completions by calling the callbacks and settlements by letting application
/// threads go on; poll again at once while poll returned 0 or needs_poll(), else at the time that poll named or when
/// something happens. Completions must be taken before the next poll.
///
/// A call that blocks in Java returns a ticket; the producer keeps the call and settles it in a later poll, in the
/// order of the calls. A copyable value: nothing in it points to anything else.
class KafkaProducer {
 public:
  /// What Java's constructor throws for these bootstrap.servers, if no name resolves.
  static std::optional<KafkaError> check_bootstrap_servers(const ProducerConfig& config,
                                                           const HostResolution& resolution);
  /// Java's sender thread starts with the first poll. Requires: settings without errors, check_bootstrap_servers says
  /// nothing.
  KafkaProducer(const ProducerConfig& config, Instant now, Entropy& entropy, const ProducerBehaviour& behaviour = {},
                const HostResolution& resolution = {});

  // What the application calls.
  SendResult send(const RecordToSend& record, Instant now, Entropy& entropy, const ProducerPlugins& plugins = {},
                  Caller caller = Caller::application);
  CallResult flush(Instant now, Caller caller = Caller::application);
  /// Requires: not called again by the same thread before its ticket is settled.
  CallResult close(std::int64_t timeout_ms, Instant now, Caller caller = Caller::application);
  PartitionsResult partitions_for(const std::string& topic, Instant now, Caller caller = Caller::application);

  // Transactions. A call that max.block.ms ended throws TimeoutException; made again, it waits for the same answer, and
  // any other call about the transaction throws until then.
  CallResult init_transactions(Instant now, Caller caller = Caller::application);
  /// Never waits.
  CallResult begin_transaction(Caller caller = Caller::application);
  CallResult send_offsets_to_transaction(const OffsetsToCommit& offsets, const ConsumerGroupMetadata& group, Instant now,
                                         Caller caller = Caller::application);
  CallResult commit_transaction(Instant now, Caller caller = Caller::application);
  CallResult abort_transaction(Instant now, Caller caller = Caller::application);

  /// Does what has happened by now and what Java's sender thread would do until it waits. Returns in how many
  /// milliseconds to poll again if nothing happens before: 0 at once, after the outputs were carried out; nothing when
  /// the producer is closed and no call waits.
  std::optional<std::int64_t> poll(Instant now, Entropy& entropy, const ProducerPlugins& plugins = {});
  /// Whether something waits for poll: a report, bytes taken, a call that woke the sender.
  bool needs_poll() const;

  /// Reports of records in the order in which Java calls the callbacks. They stay until cleared.
  const RecordCompletions& completions() { return accumulator_.completions(); }
  void clear_completions() { accumulator_.completions().clear(); }
  RecordCompletions take_completions() { return std::exchange(accumulator_.completions(), {}); }
  const std::string& topic_name(std::uint32_t number) const { return accumulator_.topic_name(number); }
  /// Calls that ended, in the order in which they were made.
  std::vector<Settlement> take_settlements() { return std::exchange(settlements_, {}); }
  /// Calls that wait, with what they wait for.
  std::vector<std::pair<Ticket, std::string>> waiting_calls() const;

  // What the network's driver reports and takes; see NetworkClient.
  void on_connected(ClientConnectionId connection) { client_.on_connected(connection); }
  void on_connect_failed(ClientConnectionId connection) { client_.on_connect_failed(connection); }
  void on_received(ClientConnectionId connection, BytesView bytes) { client_.on_received(connection, bytes); }
  void on_closed(ClientConnectionId connection, CloseKind kind = CloseKind::fin) {
    client_.on_closed(connection, kind);
  }
  std::vector<ConnectRequest> take_connects() { return client_.take_connects(); }
  std::vector<ClientConnectionId> take_closes() { return client_.take_closes(); }
  std::vector<ClientConnectionId> writable() const { return client_.writable(); }
  bool has_writable() const { return client_.has_writable(); }
  /// Appends at most max_bytes to out and returns how many there were. Records are read from the accumulator's memory
  /// at this moment.
  std::size_t pull(ClientConnectionId connection, std::size_t max_bytes, Bytes& out);

  /// Whether Java's sender thread still runs.
  bool is_alive() const { return alive_; }
  /// Exceptions that Java's sender thread would log as uncaught.
  std::vector<KafkaError> take_uncaught() { return sender_.take_uncaught(); }
  const ProducerConfig& config() const { return *config_; }
  NetworkClient& client() { return client_; }
  const NetworkClient& client() const { return client_; }
  RecordAccumulator& accumulator() { return accumulator_; }
  const RecordAccumulator& accumulator() const { return accumulator_; }
  const Sender& sender() const { return sender_; }
  /// Null when not idempotent.
  const TransactionManager* transaction_manager() const { return transactions_ ? &*transactions_ : nullptr; }
  const std::vector<InterceptorState>& interceptor_states() const { return interceptor_states_; }
  const PartitionerState& partitioner_state() const { return partitioner_state_; }
  /// Every metric that docs/metrics.md lists, by full name. Reading forgets samples that are too old, as in Java, and
  /// changes nothing that the producer does.
  std::vector<Metric> metrics(Instant now);

 private:
  /// waitOnMetadata has to wait on, has what it wants, or throws.
  struct StillWaiting {};
  struct HaveMetadata {
    std::int64_t waited_ms = 0;
  };
  using WaitResult = std::variant<StillWaiting, HaveMetadata, KafkaError>;
  using SettledOrNot = std::optional<decltype(Settlement::result)>;

  SenderContext context(Instant now, Entropy& entropy);
  void wake_up() { wakeup_ = true; }
  Ticket suspend(Caller caller, SuspendedCall::State state);

  // send. A ticket says that the call is suspended: `resumed`, or a new one of `caller`.
  SendResult do_send(const RecordToSend& record, Instant now, Entropy& entropy, const ProducerPlugins& plugins,
                     Caller caller);
  SendResult send_with_metadata(const RecordToSend& record, std::int64_t waited_ms, Instant now, Entropy& entropy,
                                const ProducerPlugins& plugins, Caller caller, SuspendedCall* resumed);
  SendResult appended(const RecordToSend& record, const AppendResult& result, Instant now,
                      const ProducerPlugins& plugins);
  SendResult send_failed(const RecordToSend& record, std::int32_t partition, KafkaError error,
                         Instant now, const ProducerPlugins& plugins);
  std::variant<std::int32_t, KafkaError> choose_partition(const RecordToSend& record, const Cluster& cluster,
                                                          Entropy& entropy, const ProducerPlugins& plugins);
  std::optional<KafkaError> ensure_valid_record_size(const RecordToSend& record) const;
  KafkaError closed_while_sending(KafkaError error) const;

  // transactions
  std::optional<KafkaError> cannot_use_transactions() const;
  template <class Begin>
  CallResult begin_transaction_call(TransactionCall call, Instant now, Caller caller, Begin begin);

  // waitOnMetadata
  WaitResult begin_wait_on_metadata(MetadataWait& wait, Instant now);
  WaitResult continue_wait_on_metadata(MetadataWait& wait, Instant now);
  void request_metadata(MetadataWait& wait, std::int64_t elapsed_ms);
  KafkaError metadata_timeout(const MetadataWait& wait) const;

  // suspended calls
  void resume_calls(Instant now, Entropy& entropy, const ProducerPlugins& plugins);
  SettledOrNot resume(SuspendedCall& call, Instant now, Entropy& entropy, const ProducerPlugins& plugins);
  SettledOrNot resume_send(SuspendedCall& call, Instant now, Entropy& entropy, const ProducerPlugins& plugins);
  SettledOrNot resume_partitions_for(MetadataWait& wait, Instant now);
  void record_transaction_call(const SuspendedTransactionCall& call, Instant now);
  SettledOrNot resume_transaction_call(const SuspendedTransactionCall& call, Instant now);
  std::optional<std::int64_t> next_call_deadline_ms(Instant now) const;
  bool blocked_in_callback() const { return !calls_.empty() && some_call_blocks_the_sender(); }
  bool some_call_blocks_the_sender() const;

  // Java's sender thread
  bool step(Instant now, Entropy& entropy);
  bool block_is_over(Instant now) const;
  void come_to_rest(std::optional<Sender::Blocked> blocked, Instant now);
  void end_turn(Instant now);
  void end_thread(Instant now, Entropy& entropy);
  bool is_resting(Instant now) const;
  std::optional<std::int64_t> next_step_ms(Instant now) const;
  void tell_interceptors(const ProducerPlugins& plugins);

  /// The turn of Sender under way, or the last one.
  struct Turn {
    std::int64_t began_ns = 0;
    std::uint32_t requests_before = 0;
    bool something_came = false;
    int idle_in_a_row = 0;  ///< turns that took no time and changed nothing
    int at_this_instant = 0;  ///< turns that began at one moment
  };

  std::shared_ptr<const ProducerConfig> config_;  ///< shared by all copies
  NetworkClient client_;
  RecordAccumulator accumulator_;
  Sender sender_;
  std::optional<TransactionManager> transactions_;
  PartitionerState partitioner_state_;
  std::vector<InterceptorState> interceptor_states_;
  std::vector<SuspendedCall> calls_;
  std::vector<Settlement> settlements_;
  std::uint64_t next_ticket_ = 1;
  KafkaProducerMetrics metrics_;
  std::int64_t start_time_ms_ = 0;

  bool alive_ = true;
  bool wakeup_ = false;
  bool poll_begun_ = false;  ///< the client did the first half of the poll in which the sender waits
  std::optional<Sender::Blocked> blocked_;
  std::int64_t block_until_ns_ = 0;
  Turn turn_;
  std::int64_t rest_until_ns_ = 0;  ///< while turns do nothing and do not wait either
  bool spinning_ = false;           ///< sender and callers only wake each other
};

}  // namespace linger

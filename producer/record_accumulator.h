#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "producer/batch_table.h"
#include "producer/buffer_pool.h"
#include "producer/built_in_partitioner.h"
#include "producer/clients/cluster.h"
#include "producer/topic_compression_ratio.h"
#include "producer/entropy.h"
#include "producer/exponential_backoff.h"
#include "producer/hash_map_order.h"
#include "producer/observation.h"
#include "producer/producer_behaviour.h"
#include "producer/record_completion.h"
#include "producer/transaction_manager.h"
#include "protocol/time.h"

namespace linger {

/// "Let the accumulator choose" (Kafka: RecordMetadata.UNKNOWN_PARTITION).
inline constexpr std::int32_t unknown_partition = -1;

/// A record that is to be appended. Views: whoever suspends the call keeps the bytes.
struct RecordToAppend {
  std::uint64_t record = 0;  ///< the caller's own number; comes back in the RecordCompletion
  std::string_view topic;
  std::int32_t partition = unknown_partition;
  std::int64_t timestamp = 0;
  OptionalBytes key;
  OptionalBytes value;
  std::span<const RecordHeader> headers;
};

/// What became of an append (Kafka: RecordAppendResult, or the exception).
struct AppendResult {
  enum class Status : std::uint8_t {
    appended,
    would_block,  ///< memory is short: call resume_append with `waiter` later
    failed,       ///< `error` is what Java throws
  };
  Status status = Status::appended;
  std::int32_t partition = unknown_partition;  ///< the partition chosen, known even when the append failed
  bool batch_is_full = false;
  bool new_batch_created = false;
  std::int32_t appended_bytes = 0;
  WaiterId waiter;
  std::uint64_t sticky_choice =
      0;  ///< which choice of the built-in partitioner is meant; 0: the record came with a partition
  std::optional<KafkaError> error;
};

/// Collects records into batches, one queue a partition, and says which nodes have something ready (Kafka:
/// RecordAccumulator). Owns the memory, the table of batches, the delivery reports and the observations. Times are the
/// wall clock in milliseconds unless an Instant is asked for. A TransactionManager* may be null: the producer is then
/// not idempotent.
class RecordAccumulator {
 public:
  struct Config {
    std::int32_t batch_size = 16384;
    Compression compression;
    std::int32_t linger_ms = 5;
    std::int64_t retry_backoff_ms = 100;
    std::int64_t retry_backoff_max_ms = 1000;
    double retry_backoff_jitter = 0.2;
    std::int32_t delivery_timeout_ms = 120000;
    bool adaptive_partitioning = true;
    std::int64_t partition_availability_timeout_ms = 0;
    std::int64_t buffer_memory = 33554432;
    ProducerBehaviour behaviour;
    std::optional<MetricConfig> metrics = MetricConfig{};  ///< nothing: no metrics are taken
  };

  struct ReadyCheckResult {
    std::vector<NodeId> ready_nodes;  ///< in the order in which Java walks its set
    std::int64_t next_ready_check_delay_ms = forever_ms;
    std::set<std::string> unknown_leader_topics;
  };

  /// Batches by node, in order of the node's id; within a node as drained.
  using DrainedBatches = std::vector<std::pair<NodeId, std::vector<BatchId>>>;

  struct NodeLatencyStats {
    std::int64_t ready_time_ms = 0;
    std::int64_t drain_time_ms = 0;
  };

  /// Names a flush that waits.
  using FlushId = std::uint64_t;

  explicit RecordAccumulator(const Config& config);

  /// Appends a record, or begins to wait for memory. Requires: the cluster knows the topic when the partition is to be
  /// chosen.
  AppendResult append(const RecordToAppend& record, std::int64_t max_block_ms, Instant now, const Cluster& cluster,
                      Entropy& entropy);
  /// Goes on with a suspended append, after its waiter was signalled or its time is over; may have to wait again.
  /// Requires: a result that would block, and the same record as before.
  AppendResult resume_append(const AppendResult& blocked, const RecordToAppend& record, Instant now,
                             const Cluster& cluster, Entropy& entropy);

  ReadyCheckResult ready(const Cluster& cluster, std::int64_t now_ms, TransactionManager* transactions,
                         Entropy& entropy);
  /// Takes what fits into one request for each node, closes it, and gives it identity and sequence.
  DrainedBatches drain(const Cluster& cluster, const std::vector<NodeId>& nodes, std::int32_t max_size,
                       std::int64_t now_ms, TransactionManager* transactions, Entropy& entropy);
  /// Takes the batches out of the queues whose delivery.timeout.ms is over.
  std::vector<BatchId> expired_batches(std::int64_t now_ms);
  void reset_next_batch_expiry_time() { next_batch_expiry_ms_ = forever_ms; }
  void maybe_update_next_batch_expiry_time(const ProducerBatch& batch);
  std::int64_t next_expiry_time_ms() const { return next_batch_expiry_ms_; }
  std::int64_t delivery_timeout_ms() const { return config_.delivery_timeout_ms; }

  void reenqueue(BatchId id, std::int64_t now_ms, TransactionManager* transactions);
  /// Makes several batches of one that was refused as too large. Returns how many.
  std::size_t split_and_reenqueue(BatchId id, TransactionManager* transactions);
  bool has_undrained() const;

  void mute_partition(const TopicPartition& partition);
  void unmute_partition(const TopicPartition& partition);
  bool is_muted(const TopicPartition& partition) const { return !muted_.empty() && muted_.contains(partition); }
  void update_node_latency_stats(NodeId node, std::int64_t now_ms, bool can_drain);
  const NodeLatencyStats* node_latency_stats(NodeId node) const;

  // The end of batches.
  void complete_and_deallocate_batch(BatchId id);
  void complete_batch(BatchId id);
  /// Gives the buffer back once. Throws IllegalStateException when the batch is in flight.
  void deallocate(BatchId id);
  void abort_incomplete_batches();
  void abort_batches(const KafkaError& reason);
  void abort_undrained_batches(const KafkaError& reason, TransactionManager* transactions);
  bool has_incomplete() const { return !incomplete_.empty(); }
  const std::vector<BatchId>& incomplete() const { return incomplete_; }
  void close();
  bool closed() const { return closed_; }

  // Flush: begin, then wait for a ticket, then end it.
  void begin_flush() { ++flushes_in_progress_; }
  bool flush_in_progress() const { return flushes_in_progress_ > 0; }
  FlushId await_flush_completion();
  /// Requires: a ticket that has not ended.
  bool is_flush_complete(FlushId flush) const;
  void end_flush(FlushId flush);

  /// Ends batches that nobody knows any more. Called once at the beginning of a turn of Sender.
  void sweep_batches();

  BatchTable& batches() { return batches_; }
  const BatchTable& batches() const { return batches_; }
  BufferPool& pool() { return pool_; }
  const BufferPool& pool() const { return pool_; }
  RecordCompletions& completions() { return completions_; }
  ProducerObservations& observations() { return observations_; }
  const Config& config() const { return config_; }
  const ExponentialBackoff& retry_backoff() const { return retry_backoff_; }
  /// The queue, oldest first; null when nothing was ever sent to the partition.
  const std::vector<BatchId>* deque(const TopicPartition& partition) const;
  /// The number of a topic in completions and observations; given at the first use and never changed.
  std::uint32_t topic_number(std::string_view topic);
  /// The metrics of the accumulator and of its memory.
  void list_metrics(MetricList& out);
  const std::string& topic_name(std::uint32_t number) const { return topics_[number].name; }
  /// Null before the topic's first append.
  BuiltInPartitioner* built_in_partitioner(std::string_view topic);
  TopicCompressionRatio& compression_ratio(std::string_view topic) {
    return topics_[topic_number(topic)].compression_ratio;
  }
  std::uint64_t batches_created() const { return batches_created_; }

 private:
  struct PartitionQueue {
    TopicPartition partition;
    std::vector<BatchId> batches;
  };
  struct TopicInfo {
    std::string name;
    BuiltInPartitioner partitioner;
    TopicCompressionRatio compression_ratio;
    std::vector<PartitionQueue> queues;                                ///< in order of first use
    std::vector<std::pair<std::int32_t, std::uint32_t>> by_partition;  ///< partition and place in `queues`, sorted
    HashMapOrder order;                                                ///< places in `queues` as Java walks them
    bool live = false;  ///< known to the accumulator: something was appended since it was last cleared
  };
  struct Flush {
    FlushId id = 0;
    std::vector<BatchId> waiting_for;
  };

  AppendResult run_append(std::uint32_t topic, const RecordToAppend& record, AppendResult result,
                          std::optional<BufferRef> buffer, std::int64_t max_block_ms, Instant now,
                          const Cluster& cluster, Entropy& entropy);
  void append_to_queue(std::uint32_t topic, const RecordToAppend& record, AppendResult& result,
                       std::optional<BufferRef>& buffer, std::int64_t max_block_ms, Instant now,
                       const Cluster& cluster, Entropy& entropy);
  bool take_memory(std::variant<BufferRef, WaiterId, KafkaError> allocated, AppendResult& result,
                   std::optional<BufferRef>& buffer);
  bool partition_changed(TopicInfo& topic, const AppendResult& result, const PartitionQueue& queue,
                         const Cluster& cluster, Entropy& entropy);
  void count_bytes(TopicInfo& topic, const AppendResult& result, const PartitionQueue& queue, const Cluster& cluster,
                   Entropy& entropy);
  bool try_append(const RecordToAppend& record, const PartitionQueue& queue, std::int64_t now_ms, AppendResult& result);
  void append_new_batch(std::uint32_t topic, PartitionQueue& queue, const RecordToAppend& record, BufferRef buffer,
                        std::int64_t now_ms, AppendResult& result);
  bool all_batches_full(const PartitionQueue& queue) const;
  TopicInfo& live_topic(std::uint32_t number);
  PartitionQueue& queue_of(TopicInfo& topic, std::int32_t partition);
  PartitionQueue* find_queue(const TopicPartition& partition);
  std::optional<std::uint32_t> find_topic(std::string_view topic) const;

  void partition_ready(TopicInfo& topic, const Cluster& cluster, std::int64_t now_ms, bool completing,
                       ReadyCheckResult& result, Entropy& entropy);
  bool should_backoff(const ProducerBatch& batch, std::int64_t waited_ms, Entropy& entropy) const;
  std::vector<BatchId> drain_batches_for_one_node(const Cluster& cluster, NodeId node, std::int32_t max_size,
                                                  std::int64_t now_ms, TransactionManager* transactions,
                                                  Entropy& entropy);
  bool should_stop_drain_batches_for_partition(const ProducerBatch& first, TransactionManager* transactions);
  CloseReason close_reason(const PartitionQueue& queue, const ProducerBatch& first, std::int64_t now_ms) const;
  void insert_in_sequence_order(PartitionQueue& queue, BatchId id, TransactionManager& transactions);
  void close_batch(ProducerBatch& batch);
  void replace_in_flushes(BatchId parent, const std::vector<BatchId>& children);

  Config config_;
  BufferPool pool_;
  ExponentialBackoff retry_backoff_;
  BatchTable batches_;
  RecordCompletions completions_;
  ProducerObservations observations_;
  std::vector<TopicInfo> topics_;                              ///< by number
  std::map<std::string, std::uint32_t, std::less<>> numbers_;  ///< by name
  std::uint32_t last_topic_ = 0;                               ///< the one asked for last, most likely the next too
  std::vector<BatchId> incomplete_;                            ///< in order of creation
  std::set<TopicPartition> muted_;
  std::map<NodeId, std::size_t> drain_index_;
  std::map<NodeId, NodeLatencyStats> node_stats_;
  std::vector<Flush> flushes_;
  FlushId next_flush_ = 1;
  std::uint64_t batches_created_ = 0;
  std::int64_t next_batch_expiry_ms_ = forever_ms;
  std::int32_t flushes_in_progress_ = 0;
  bool closed_ = false;
};

}  // namespace linger

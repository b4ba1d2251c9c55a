#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "producer/batch_bytes.h"
#include "producer/batch_id.h"
#include "producer/buffer_pool.h"
#include "producer/observation.h"
#include "producer/record_completion.h"
#include "protocol/ids.h"
#include "protocol/memory_records_builder.h"

namespace linger {

/// A batch that is or will be sent (Kafka: ProducerBatch, with its ProduceRequestResult). Its bytes lie in a buffer of
/// the pool, lent to the calls that need them.
class ProducerBatch {
 public:
  enum class FinalState : std::uint8_t { none, aborted, failed, succeeded };

  /// What is remembered of a record until its report.
  struct Thunk {
    std::uint64_t record = 0;
    std::int64_t timestamp = 0;
    std::int32_t key_size = -1;
    std::int32_t value_size = -1;
  };

  /// What a new batch is made of.
  struct Origin {
    std::uint64_t number = 0;  ///< its number in this producer
    std::uint32_t topic = 0;   ///< the accumulator's number for the topic
    BufferRef buffer;
    std::int32_t capacity = 0;
    std::int64_t created_ms = 0;
    bool is_split = false;
    float estimated_compression_ratio = 1.0F;
    Compression compression;
  };

  ProducerBatch() : builder_(BatchOptions{}) {}
  /// Begins a new life in this object, keeping its memory.
  void start(const Origin& origin, const TopicPartition& partition);

  /// False when there is no room.
  bool try_append(Bytes& buffer, std::uint64_t record, std::int64_t timestamp, const OptionalBytes& key,
                  const OptionalBytes& value, std::span<const RecordHeader> headers, std::int64_t now_ms);
  /// A record that moves over from a batch that was split.
  bool try_append_for_split(Bytes& buffer, const RecordView& record, const Thunk& thunk);

  /// Settle the batch; see ProducerBatch.done in Kafka for which final state may follow which. True when this call
  /// settled it. A second settlement of a succeeded batch throws IllegalStateException.
  bool complete(std::int64_t base_offset, std::int64_t log_append_time, RecordCompletions& completions);
  bool complete_exceptionally(const BatchFailure& failure, RecordCompletions& completions);
  /// Throws IllegalStateException when already settled.
  void abort(const KafkaError& error, RecordCompletions& completions);
  bool is_done() const { return final_state_ != FinalState::none; }
  FinalState final_state() const { return final_state_; }
  /// Whether whoever waits for this batch may go on: settled, or split (then its children matter).
  bool future_is_done() const { return future_done_; }
  void finish_future_of_split_batch() { future_done_ = true; }

  /// Takes note of a newer leader; with it a retry need not back off (KIP-951).
  void maybe_update_leader_epoch(std::optional<LeaderEpoch> latest);
  bool has_leader_changed_for_the_ongoing_retry() const {
    return attempts_ >= 1 && attempts_ == attempts_when_leader_last_changed_;
  }
  std::optional<LeaderEpoch> current_leader_epoch() const { return current_leader_epoch_; }
  std::int32_t attempts_when_leader_last_changed() const { return attempts_when_leader_last_changed_; }

  bool has_reached_delivery_timeout(std::int64_t delivery_timeout_ms, std::int64_t now_ms) const {
    return delivery_timeout_ms <= now_ms - created_ms_;
  }
  void reenqueued(std::int64_t now_ms);
  void drained(std::int64_t now_ms) { drained_ms_ = now_ms > drained_ms_ ? now_ms : drained_ms_; }
  std::int64_t queue_time_ms() const { return drained_ms_ - created_ms_; }
  std::int64_t waited_time_ms(std::int64_t now_ms) const {
    return now_ms > last_attempt_ms_ ? now_ms - last_attempt_ms_ : 0;
  }
  std::int32_t attempts() const { return attempts_; }
  bool in_retry() const { return retry_; }

  void set_producer_state(const ProducerIdAndEpoch& identity, std::int32_t base_sequence, bool transactional);
  /// A new identity for a batch that may have been sent; the header is written anew when it is drained again. Throws
  /// IllegalStateException when the batch was aborted.
  void reset_producer_state(const ProducerIdAndEpoch& identity, std::int32_t base_sequence);
  void close_for_record_appends(Bytes& buffer) { builder_.close_for_record_appends(buffer); }
  /// Writes the header. Throws IllegalStateException when the batch was aborted.
  void close(Bytes& buffer);
  /// The same without the end of a reset (Java: records() on a reopened batch).
  void build(Bytes& buffer);
  void abort_record_appends() { builder_.abort(); }

  std::uint64_t number() const { return origin_.number; }
  std::uint32_t topic() const { return origin_.topic; }
  const TopicPartition& topic_partition() const { return partition_; }
  std::int64_t created_ms() const { return created_ms_; }
  std::int32_t record_count() const { return static_cast<std::int32_t>(thunks_.size()); }
  const std::vector<Thunk>& thunks() const { return thunks_; }
  std::int32_t max_record_size() const { return max_record_size_; }
  std::int32_t estimated_size_in_bytes() const { return builder_.estimated_size_in_bytes(); }
  float compression_ratio() const { return builder_.compression_ratio(); }
  bool is_full() const { return builder_.is_full(); }
  bool is_compressed() const { return builder_.compression().type != CompressionType::none; }
  const Compression& compression() const { return builder_.compression(); }
  bool is_closed() const { return builder_.is_closed(); }
  bool is_writable() const { return !builder_.is_closed(); }
  bool is_split_batch() const { return origin_.is_split; }
  BufferRef buffer() const { return origin_.buffer; }
  std::int32_t initial_capacity() const { return origin_.capacity; }
  /// Names the batch's bytes. Requires: closed.
  BatchBytes records() const;

  ProducerIdAndEpoch producer_id_and_epoch() const { return {builder_.producer_id(), builder_.producer_epoch()}; }
  std::int32_t base_sequence() const { return builder_.base_sequence(); }
  /// Wraps to a negative number past the largest one, as Java's does.
  std::int32_t last_sequence() const;
  bool has_sequence() const { return base_sequence() != no_sequence; }
  bool is_transactional() const { return builder_.is_transactional(); }
  bool sequence_has_been_reset() const { return reopened_; }

  bool is_buffer_deallocated() const { return buffer_deallocated_; }
  void mark_buffer_deallocated() { buffer_deallocated_ = true; }
  /// Whether a request that carries it is unanswered.
  bool is_inflight() const { return inflight_; }
  void set_inflight(bool inflight) { inflight_ = inflight; }
  /// What an answer says about whether some attempt reached the log.
  void note_answer(ErrorCode error);
  /// Whether it may be in the log without the producer knowing.
  bool outcome_unknown() const { return inflight_ || may_be_in_log_; }

  ProducerObservation observe(ProducerEvent event) const;

 private:
  bool settle(FinalState state);
  void report(std::int64_t base_offset, std::int64_t log_append_time, const BatchFailure* failure,
              RecordCompletions& completions);

  Origin origin_;
  TopicPartition partition_;
  MemoryRecordsBuilder builder_;
  std::vector<Thunk> thunks_;
  std::int64_t created_ms_ = 0;
  std::int64_t last_attempt_ms_ = 0;
  std::int64_t last_append_ms_ = 0;
  std::int64_t drained_ms_ = 0;
  std::int32_t attempts_ = 0;
  std::int32_t max_record_size_ = 0;
  std::int32_t attempts_when_leader_last_changed_ = 0;
  std::optional<LeaderEpoch> current_leader_epoch_;
  FinalState final_state_ = FinalState::none;
  bool future_done_ = false;
  bool retry_ = false;
  bool reopened_ = false;
  bool buffer_deallocated_ = false;
  bool inflight_ = false;
  bool may_be_in_log_ = false;
};

}  // namespace linger

#pragma once

#include <cstdint>
#include <vector>

namespace linger {

/// What the producer's core shows to a trace, in the order in which it happened.
enum class ProducerEvent : std::uint8_t {
  partition_chosen,     ///< the built-in partitioner moved on; partition
  buffer_wait,          ///< an append began to wait for memory; amount = bytes asked for
  batch_created,        ///< amount = capacity in bytes
  batch_closed,         ///< closed for appends before it is sent; reason = why it was ready
  batch_drained,        ///< identity and sequence are those it is sent with
  batch_completed,      ///< offset; amount = records
  batch_failed,         ///< error; amount = records
  batch_retried,        ///< back in its queue; error = why
  batch_split,          ///< amount = number of batches that it became
  batch_expired,        ///< delivery.timeout.ms is over; amount = age in milliseconds
  batch_aborted,        ///< given up with the whole producer
  buffer_released,      ///< amount = bytes given back
  producer_id_set,      ///< producer_id and epoch are the new ones
  epoch_bumped,         ///< epoch is the new one
  sequences_reset,      ///< a batch in flight got a new identity and sequence
  sequence_unresolved,  ///< sequence = that of the batch behind the expired one
  sequence_resolved,
  partition_muted,
  partition_unmuted,
};

/// Why a batch was ready when it was drained.
enum class CloseReason : std::uint8_t { none, full, linger, retry, flush, close, memory };

/// One thing seen. Fields that a kind does not use keep their defaults.
struct ProducerObservation {
  ProducerEvent event = ProducerEvent::batch_created;
  CloseReason reason = CloseReason::none;
  std::int16_t error = 0;  ///< Kafka's error code
  std::int16_t epoch = -1;
  std::uint32_t topic = 0;  ///< the accumulator's number for the topic
  std::int32_t partition = -1;
  std::uint64_t batch = 0;  ///< the batch's number in its producer, from 1; 0: none
  std::int64_t producer_id = -1;
  std::int32_t sequence = -1;
  std::int32_t attempt = 0;  ///< 0 for the first
  std::int32_t records = 0;
  std::int64_t offset = -1;
  std::int64_t amount = 0;
};

/// Collects observations while somebody looks; costs one test of a flag otherwise.
class ProducerObservations {
 public:
  void watch(bool on) { on_ = on; }
  bool watched() const { return on_; }
  void add(const ProducerObservation& observation) {
    if (on_) list_.push_back(observation);
  }
  const std::vector<ProducerObservation>& list() const { return list_; }
  /// Forgets what was seen and keeps the memory for it.
  void clear() { list_.clear(); }

 private:
  std::vector<ProducerObservation> list_;
  bool on_ = false;
};

}  // namespace linger

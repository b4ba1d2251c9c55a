#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "broker_model/broker_behaviour.h"
#include "protocol/error_code.h"
#include "protocol/ids.h"

namespace linger::broker {

/// A batch that a partition remembers for one producer (Kafka: BatchMetadata).
struct BatchMetadata {
  std::int32_t first_seq = no_sequence;
  std::int32_t last_seq = no_sequence;
  std::int64_t last_offset = -1;
  std::int32_t offset_delta = 0;
  std::int64_t timestamp = -1;
  std::int64_t first_offset() const { return last_offset - offset_delta; }
  friend bool operator==(const BatchMetadata&, const BatchMetadata&) = default;
};

/// What a partition knows of one producer (Kafka: ProducerStateEntry). Without a batch (all deleted) the epoch still
/// counts.
struct ProducerStateEntry {
  static constexpr std::size_t batches_to_retain = 5;
  ProducerId id = no_producer_id;
  ProducerEpoch epoch = no_producer_epoch;
  std::uint8_t count = 0;
  std::int64_t last_timestamp = -1;
  std::array<BatchMetadata, batches_to_retain> batches{};  ///< oldest first, `count` of them

  std::int32_t last_seq() const { return count == 0 ? no_sequence : batches[count - 1U].last_seq; }
  std::int64_t last_offset() const { return count == 0 ? -1 : batches[count - 1U].last_offset; }
  /// Remembers a batch; a new epoch forgets those of the old one. Keeps at most `keep`.
  void add(ProducerEpoch batch_epoch, const BatchMetadata& batch, std::size_t keep);
  friend bool operator==(const ProducerStateEntry&, const ProducerStateEntry&) = default;
};

/// What the header of a batch says about its producer.
struct BatchIdentity {
  ProducerId id = no_producer_id;
  ProducerEpoch epoch = no_producer_epoch;
  std::int32_t first_seq = no_sequence;
  std::int32_t last_seq = no_sequence;
};

/// What became of the question "may this batch be appended?".
struct ProducerVerdict {
  enum class Kind : std::uint8_t { append, duplicate, refused } kind = Kind::append;
  ErrorCode error = ErrorCode::none;   ///< refused
  BatchMetadata original;              ///< duplicate: the batch that is already there
  std::int32_t expected_sequence = 0;  ///< refused for its sequence: what would have been taken
};

/// State that was written beside a log: what a restarted broker begins with. Only the newest batch of each producer is
/// in it, so the window in which a duplicate is recognised shrinks from five batches to one (Kafka:
/// ProducerStateManager.writeSnapshot).
struct ProducerSnapshot {
  std::int64_t offset = 0;
  std::vector<ProducerStateEntry> entries;
  friend bool operator==(const ProducerSnapshot&, const ProducerSnapshot&) = default;
};

/// The producers of one partition (Kafka: ProducerStateManager and ProducerAppendInfo, transactions apart).
class ProducerState {
 public:
  /// Judges a batch that a client sent. First a duplicate (same epoch, the very same sequences, still remembered), then
  /// the epoch, then the sequence. A producer without state may begin anywhere. `never_written`: this log never held a
  /// record.
  ProducerVerdict check(const BatchIdentity& batch, const BrokerBehaviour& behaviour, bool never_written) const;

  /// Takes in a batch that is in the log now; never refuses: followers and recovery do not judge. Requires a producer
  /// id.
  void append(const BatchIdentity& batch, std::int64_t base_offset, std::int64_t last_offset, std::int64_t timestamp,
              const BrokerBehaviour& behaviour);

  /// Forgets producers whose newest batch is older than `expiration_ms`, measured from the batch's own timestamp as
  /// Kafka does. Returns how many.
  std::size_t remove_expired(std::int64_t wall_ms, std::int64_t expiration_ms);

  /// Keeps a snapshot of the state at `log_end` (a segment was rolled, or the broker stops in good order).
  void take_snapshot(std::int64_t log_end);

  /// Begins anew from the newest snapshot that is not beyond `log_end`; snapshots beyond it are dropped. Returns the
  /// offset from which the log must be replayed (0 or `log_start` without a snapshot).
  std::int64_t reload(std::int64_t log_start, std::int64_t log_end, std::int64_t wall_ms, std::int64_t expiration_ms);

  /// Forgets everything, snapshots too.
  void clear();
  void drop_snapshots_before(std::int64_t offset);

  const ProducerStateEntry* find(ProducerId id) const;
  const std::vector<ProducerStateEntry>& entries() const { return entries_; }
  const std::vector<ProducerSnapshot>& snapshots() const { return snapshots_; }
  /// Puts an entry in place (a scenario's initial state).
  void put(const ProducerStateEntry& entry);

 private:
  ProducerStateEntry& entry_for(ProducerId id);

  std::vector<ProducerStateEntry> entries_;  ///< by producer id
  std::vector<ProducerSnapshot> snapshots_;  ///< by offset
};

}  // namespace linger::broker

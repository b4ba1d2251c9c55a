#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "broker_model/broker_behaviour.h"
#include "broker_model/epoch_cache.h"
#include "broker_model/producer_state.h"
#include "broker_model/transaction_index.h"
#include "protocol/record_batch.h"
#include "sim/bytes.h"
#include "sim/time.h"

namespace linger::broker {

/// Bytes of a batch before its checksummed part: what a leader may rewrite.
inline constexpr std::size_t batch_prefix = batch_layout::checked_from;
using BatchPrefix = std::array<std::byte, batch_prefix>;

/// Whether a batch ends a transaction, and how.
enum class MarkerKind : std::uint8_t { none, abort, commit };

/// One batch in a log: the 21 bytes that the leader patched, and the rest as it came, shared with whoever holds it too.
struct LogEntry {
  std::int64_t base = 0;
  std::int64_t last = 0;
  std::int64_t position = 0;  ///< bytes of all batches before it, since the log was created
  std::int32_t size = 0;
  std::int32_t leader_epoch = 0;
  ProducerId producer = no_producer_id;
  ProducerEpoch epoch = no_producer_epoch;
  bool control = false;
  bool transactional = false;
  MarkerKind marker = MarkerKind::none;
  std::int32_t coordinator_epoch = -1;  ///< of a marker
  std::int32_t base_sequence = no_sequence;
  std::int32_t record_count = 0;
  std::int64_t max_timestamp = -1;
  sim::SimTime appended_at;
  BatchPrefix prefix{};
  sim::Bytes tail;

  BatchIdentity identity() const;
  /// Writes the whole batch behind `out`'s end.
  void append_to(std::vector<std::byte>& out) const;
};

/// Entries [first, last) of a log.
struct LogSlice {
  std::size_t first = 0;
  std::size_t last = 0;
  std::int64_t bytes = 0;
  bool empty() const { return first == last; }
};

/// One replica's log: batches with rising offsets, the leader-epoch cache and the producers' state that go with them
/// (Kafka: UnifiedLog). log_start <= high_watermark <= log_end; flushed_end <= log_end. Knows no disk and no clock.
class ReplicaLog {
 public:
  std::int64_t log_start() const { return log_start_; }
  std::int64_t log_end() const { return entries_.empty() ? empty_end_ : entries_.back().last + 1; }
  std::int64_t high_watermark() const { return high_watermark_; }
  std::int64_t flushed_end() const { return flushed_end_; }
  /// Where readers of committed records stop: the first undecided offset, and never beyond the high watermark.
  std::int64_t last_stable_offset() const;
  std::int64_t byte_end() const {
    return entries_.empty() ? empty_position_ : entries_.back().position + entries_.back().size;
  }
  /// True as long as no record was ever in it.
  bool never_written() const { return log_end() == 0; }
  const std::vector<LogEntry>& entries() const { return entries_; }

  EpochCache& epochs() { return epochs_; }
  const EpochCache& epochs() const { return epochs_; }
  const TransactionIndex& transaction_index() const { return transaction_index_; }
  ProducerState& producers() { return producers_; }
  const ProducerState& producers() const { return producers_; }

  /// Adds a batch. `header` is what its bytes say; offsets and epoch are those in the header: the leader patches before
  /// it calls. Requires header.base_offset >= log_end(). Rolls the segment when this one would outgrow `segment_bytes`
  /// (a producer snapshot is taken).
  void append(const RecordBatchHeader& header, const BatchPrefix& prefix, sim::Bytes tail,
              const BrokerBehaviour& behaviour, std::int64_t segment_bytes, sim::SimTime now);

  /// Batches from the one that holds `offset` up to `limit` (an offset, exclusive), at most `max_bytes`, but one at
  /// least when `min_one`.
  LogSlice read(std::int64_t offset, std::int64_t limit, std::int64_t max_bytes, bool min_one) const;
  /// Bytes that a read from `offset` to `limit` could give.
  std::int64_t bytes_between(std::int64_t offset, std::int64_t limit) const;

  /// Sets the high watermark, held between log start and log end; returns whether it moved.
  bool set_high_watermark(std::int64_t offset);
  /// Raises it; returns whether it moved.
  bool maybe_increment_high_watermark(std::int64_t offset);

  /// Drops everything from `offset` on and rebuilds the producers' state from snapshot and log. Returns whether
  /// anything went; the epoch cache is cut in any case (KAFKA-10706).
  bool truncate_to(std::int64_t offset, const BrokerBehaviour& behaviour, std::int64_t wall_ms,
                   std::int64_t expiration_ms);
  /// An empty log that begins at `offset`.
  void truncate_fully_and_start_at(std::int64_t offset);

  /// Raises the log start; whole batches below it are dropped. Returns whether it moved.
  bool maybe_increment_log_start(std::int64_t offset);
  /// The log start to which retention would take it; only whole segments below the high watermark go.
  std::int64_t retention_start(std::int64_t wall_ms, std::int64_t retention_ms, std::int64_t retention_bytes) const;

  /// Everything is on disk.
  void flush() { flushed_end_ = log_end(); }
  /// What is older than `age` is on disk: the kernel wrote it back.
  void write_back(sim::SimTime now, sim::Duration age);
  /// Writes the high watermark down for a restart.
  void checkpoint_high_watermark() { checkpointed_high_watermark_ = high_watermark_; }

  /// In good order: flush, snapshot, checkpoint.
  void close_cleanly();
  /// After a start: keep `keep_flushed_only` ? what was flushed : everything; high watermark from its checkpoint;
  /// producers from snapshot and log. Returns the offset of the snapshot that was used.
  std::int64_t recover(bool keep_flushed_only, const BrokerBehaviour& behaviour, std::int64_t wall_ms,
                       std::int64_t expiration_ms);

 private:
  std::size_t find(std::int64_t offset) const;
  void take_in(const LogEntry& entry, const BrokerBehaviour& behaviour, bool note_aborted);
  std::int64_t rebuild_producers(const BrokerBehaviour& behaviour, std::int64_t wall_ms, std::int64_t expiration_ms);

  std::vector<LogEntry> entries_;
  std::vector<std::int64_t> segment_starts_{0};  // base offsets of segments, rising
  std::int64_t segment_position_ = 0;            // byte position at which the newest segment begins
  std::int64_t log_start_ = 0;
  std::int64_t empty_end_ = 0;  // log end while there is no entry
  std::int64_t empty_position_ = 0;
  std::int64_t high_watermark_ = 0;
  std::int64_t flushed_end_ = 0;
  std::int64_t checkpointed_high_watermark_ = 0;
  EpochCache epochs_;
  ProducerState producers_;
  TransactionIndex transaction_index_;
};

}  // namespace linger::broker

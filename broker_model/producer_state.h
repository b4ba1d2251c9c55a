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

/// What a partition knows of one producer (Kafka: ProducerStateEntry). Without a batch (all deleted, or the newest is a
/// marker) the epoch still counts.
struct ProducerStateEntry {
  static constexpr std::size_t batches_to_retain = 5;
  ProducerId id = no_producer_id;
  ProducerEpoch epoch = no_producer_epoch;
  std::uint8_t count = 0;
  std::int32_t coordinator_epoch = -1;  ///< of the newest marker
  std::int64_t last_timestamp = -1;
  std::int64_t current_txn_first = -1;                     ///< where the open transaction begins; -1: none is open
  std::array<BatchMetadata, batches_to_retain> batches{};  ///< oldest first, `count` of them

  std::int32_t last_seq() const { return count == 0 ? no_sequence : batches[count - 1U].last_seq; }
  std::int64_t last_offset() const { return count == 0 ? -1 : batches[count - 1U].last_offset; }
  bool in_transaction() const { return current_txn_first >= 0; }
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
  bool transactional = false;
};

/// What the marker that ends a transaction says. `transaction_version` is not in the log: a leader learns it from the
/// request (WriteTxnMarkers), everybody else goes by 0.
struct EndMarker {
  ProducerId id = no_producer_id;
  ProducerEpoch epoch = no_producer_epoch;
  std::int32_t coordinator_epoch = -1;
  bool commit = false;
  std::int16_t transaction_version = 0;
};

/// A transaction on one partition (Kafka: TxnMetadata).
struct PartitionTransaction {
  ProducerId producer = no_producer_id;
  std::int64_t first = -1;
  std::int64_t last = -1;  ///< of its marker; -1: undecided
  friend bool operator==(const PartitionTransaction&, const PartitionTransaction&) = default;
};

/// A transaction that a marker ended, and the first offset that was still undecided after it (Kafka: CompletedTxn).
struct CompletedTransaction {
  ProducerId producer = no_producer_id;
  std::int64_t first = -1;
  std::int64_t last = -1;
  bool aborted = false;
  std::int64_t last_stable_offset = -1;
};

/// Names one attempt to have a transaction verified, so that an answer to an older attempt lets nothing in (Kafka:
/// VerificationGuard). 0 is nobody's.
using VerificationGuard = std::uint64_t;
inline constexpr VerificationGuard no_guard = 0;

/// A producer whose first write of a transaction is being verified (Kafka: VerificationStateEntry). The lowest sequence
/// seen holds back later batches while an earlier one is tried again.
struct VerificationStateEntry {
  ProducerId id = no_producer_id;
  std::int64_t timestamp = -1;
  VerificationGuard guard = no_guard;
  std::int32_t lowest_sequence = no_sequence;
  ProducerEpoch epoch = no_producer_epoch;
  bool supports_epoch_bump = false;
  friend bool operator==(const VerificationStateEntry&, const VerificationStateEntry&) = default;
};

/// How a transactional batch must be proved to belong to an open transaction.
struct VerificationCheck {
  VerificationGuard guard = no_guard;
  bool enabled = true;  ///< transaction.partition.verification.enable
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

/// The producers of one partition and their transactions on it (Kafka: ProducerStateManager and ProducerAppendInfo).
class ProducerState {
 public:
  /// Judges a batch that a client sent. First a duplicate (same epoch, the very same sequences, still remembered), then
  /// whether its transaction is open or was verified, then the epoch, then the sequence. A producer without state may
  /// begin anywhere. `never_written`: this log never held a record.
  ProducerVerdict check(const BatchIdentity& batch, const BrokerBehaviour& behaviour, bool never_written,
                        const VerificationCheck& verification = {}) const;

  /// Judges a transactional batch that a coordinator of this broker writes: its sequence does not count (Kafka:
  /// AppendOrigin.COORDINATOR).
  ErrorCode check_from_coordinator(const BatchIdentity& batch, const VerificationCheck& verification) const;

  /// Judges a marker at the leader. From transaction version 2 on its epoch must be above the producer's, or equal when
  /// the transaction has ended already: then it is a marker that is written once more (KAFKA-19999). Before, an equal
  /// epoch is the rule.
  ErrorCode check_marker(const EndMarker& marker, const BrokerBehaviour& behaviour) const;

  /// Takes in a batch that is in the log now; never refuses: followers and recovery do not judge. Requires a producer
  /// id.
  void append(const BatchIdentity& batch, std::int64_t base_offset, std::int64_t last_offset, std::int64_t timestamp,
              const BrokerBehaviour& behaviour);

  /// Takes in a marker that is in the log now. Gives the transaction that it ended, if one was open: it stays unstable
  /// until the high watermark has passed the marker.
  std::optional<CompletedTransaction> append_marker(const EndMarker& marker, std::int64_t offset,
                                                    std::int64_t timestamp);

  /// Whether the producer has a transaction open here in this very epoch.
  bool has_ongoing_transaction(ProducerId id, ProducerEpoch epoch) const;

  /// Begins, or goes on, to have a transaction verified before its first batch. no_guard without an error: it is open
  /// already, nothing needs to be asked.
  struct VerificationStart {
    ErrorCode error = ErrorCode::none;
    VerificationGuard guard = no_guard;
  };
  VerificationStart maybe_start_verification(ProducerId id, std::int32_t sequence, ProducerEpoch epoch,
                                             bool supports_epoch_bump, std::int64_t wall_ms);
  const VerificationStateEntry* verification(ProducerId id) const;
  /// The process ended: what was being verified is forgotten.
  void forget_verifications() { verifications_.clear(); }

  /// Everything below is decided and replicated: transactions whose marker lies below are stable.
  void on_stable_below(std::int64_t offset);
  /// The first offset that is undecided, or decided by a marker that is not replicated yet.
  std::optional<std::int64_t> first_unstable() const;
  const std::vector<PartitionTransaction>& ongoing() const { return ongoing_; }
  const std::vector<PartitionTransaction>& unreplicated() const { return unreplicated_; }

  /// Forgets producers whose newest batch is older than `expiration_ms`, measured from the batch's own timestamp as
  /// Kafka does; never one with an open transaction. Returns how many.
  std::size_t remove_expired(std::int64_t wall_ms, std::int64_t expiration_ms);
  /// The same for all that have no open transaction, whatever their age; snapshots go too.
  std::size_t forget_idle();

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
  ErrorCode check_transaction(const BatchIdentity& batch, const VerificationCheck& verification) const;

  std::vector<ProducerStateEntry> entries_;            ///< by producer id
  std::vector<ProducerSnapshot> snapshots_;            ///< by offset
  std::vector<PartitionTransaction> ongoing_;          ///< by first offset
  std::vector<PartitionTransaction> unreplicated_;     ///< decided, marker above the high watermark; by first offset
  std::vector<VerificationStateEntry> verifications_;  ///< by producer id
  VerificationGuard guards_ = no_guard;                ///< handed out so far
};

}  // namespace linger::broker

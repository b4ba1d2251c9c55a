#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/error_code.h"
#include "protocol/ids.h"

namespace linger::broker {

/// Where a transactional id is in its life, as its coordinator knows it (Kafka: coordinator.transaction.
/// TransactionState). The numbers stand in the transaction log.
enum class TransactionState : std::uint8_t {
  empty = 0,               ///< nothing is open
  ongoing = 1,             ///< partitions were added
  prepare_commit = 2,      ///< the verdict is in the log, markers are being written
  prepare_abort = 3,       ///< the same
  complete_commit = 4,     ///< all markers are written
  complete_abort = 5,      ///< the same
  dead = 6,                ///< the id is about to be forgotten
  prepare_epoch_fence = 7  ///< a new producer takes over: on the way to prepare_abort, never in the log
};

/// "Ongoing", "PrepareCommit": as Kafka prints it.
const char* state_name(TransactionState state);
/// Whether a transactional id may go from one state to another.
bool can_follow(TransactionState from, TransactionState to);

/// The level of the feature transaction.version at which each commit and abort raises the producer's epoch (KIP-890).
inline constexpr std::int16_t transaction_version_2 = 2;
constexpr bool supports_epoch_bump(std::int16_t transaction_version) {
  return transaction_version >= transaction_version_2;
}

/// Partitions in rising order, each once.
using PartitionSet = std::vector<TopicPartition>;
void insert(PartitionSet& set, const TopicPartition& partition);
bool includes(const PartitionSet& set, const PartitionSet& part);

/// What a transactional id is going to be once the transaction log holds it (Kafka: TxnTransitMetadata).
struct TransactionTransit {
  ProducerId producer = no_producer_id;
  ProducerId previous_producer = no_producer_id;
  ProducerId next_producer = no_producer_id;
  ProducerEpoch epoch = no_producer_epoch;
  ProducerEpoch last_epoch = no_producer_epoch;
  std::int32_t timeout_ms = 0;
  TransactionState state = TransactionState::empty;
  PartitionSet partitions;
  std::int64_t start_ms = -1;
  std::int64_t last_update_ms = -1;
  std::int16_t client_version = 0;
  friend bool operator==(const TransactionTransit&, const TransactionTransit&) = default;
};

/// What the coordinator knows of one transactional id (Kafka: TransactionMetadata). A change has two steps: prepare_…
/// says what it will be and remembers that it is under way; complete_transition makes it so when the log holds it. In
/// between nothing else may be prepared.
struct TransactionMetadata {
  std::string transactional_id;
  ProducerId producer = no_producer_id;
  ProducerId previous_producer = no_producer_id;  ///< of the transaction that was completed last
  ProducerId next_producer = no_producer_id;      ///< handed out already, for when this one's epochs are used up
  ProducerEpoch epoch = no_producer_epoch;
  ProducerEpoch last_epoch = no_producer_epoch;  ///< for whoever asks again; not in the log
  std::int32_t timeout_ms = 0;
  TransactionState state = TransactionState::empty;
  PartitionSet partitions;
  std::int64_t start_ms = -1;
  std::int64_t last_update_ms = -1;
  std::int16_t client_version = 0;  ///< transaction version that the client spoke when the state changed
  std::optional<TransactionState> pending;
  bool failed_epoch_fence = false;  ///< an epoch was raised and not written: it is not raised again (KAFKA-9666)

  bool pending_transition() const { return pending.has_value(); }
  /// The last epoch is the coordinator's: with it, it can always fence.
  bool epoch_exhausted() const;

  /// Raises the epoch so that the present producer is fenced. Requires: ongoing, nothing pending.
  TransactionTransit prepare_fence();
  /// A producer (re)starts: a higher epoch, or the same when it asks again for what it was given (KIP-360). Refuses
  /// with producer_fenced when `expected` is neither. Requires: nothing pending; not exhausted.
  struct Increment {
    ErrorCode error = ErrorCode::none;
    TransactionTransit transit;
  };
  Increment prepare_increment_epoch(std::int32_t new_timeout_ms, std::optional<ProducerEpoch> expected,
                                    std::int64_t now_ms);
  /// A new producer id at epoch 0. Requires: nothing pending, no open transaction.
  TransactionTransit prepare_producer_id_rotation(ProducerId fresh, std::int32_t new_timeout_ms, std::int64_t now_ms,
                                                  bool record_last_epoch);
  TransactionTransit prepare_add_partitions(const PartitionSet& added, std::int64_t now_ms,
                                            std::int16_t version_of_client);
  /// The verdict. With transaction version 2 the epoch rises by one. `rotate_to`: the producer id to go on with, when
  /// the epochs are used up.
  TransactionTransit prepare_end(TransactionState verdict, std::int16_t version_of_client, ProducerId rotate_to,
                                 std::int64_t now_ms, bool no_partition_added);
  /// All markers are written.
  TransactionTransit prepare_complete(std::int64_t now_ms);
  /// The id is forgotten when its tombstone is in the log.
  TransactionTransit prepare_dead();

  /// Requires: the transit that was prepared last.
  void complete_transition(const TransactionTransit& to);
  /// The marker of this partition is written. Requires: a prepare_… state.
  void remove_partition(const TopicPartition& partition);

  friend bool operator==(const TransactionMetadata&, const TransactionMetadata&) = default;

 private:
  TransactionTransit now_as(TransactionState to) const;
  TransactionTransit prepared(TransactionTransit transit);
  bool valid_epoch(const TransactionTransit& to) const;
};

}  // namespace linger::broker

#pragma once

#include <cstdint>
#include <string>
#include <type_traits>

#include "protocol/error_code.h"
#include "protocol/ids.h"
#include "sim/ids.h"

namespace linger::broker {

/// Brokers as bits: bit n stands for node n. A cluster has at most 32 brokers, numbered from 1.
using NodeMask = std::uint64_t;
constexpr NodeMask mask_of(NodeId node) {
  return node.value() < 0 || node.value() > 63 ? 0 : NodeMask{1} << node.value();
}

/// Something that a broker or a controller did or learned, for the trace, the ledger and the ghost state. What each
/// kind fills in stands beside it; everything else keeps its default. Plain data.
struct Observation {
  enum class Kind : std::uint8_t {
    appended,         ///< leader or follower wrote a batch: from = base offset, to = last offset, producer, sequences,
                      ///< leader_epoch, bytes; other = itself at the leader
    duplicate,        ///< leader knew the batch: from/to = where the original lies, producer, sequences
    refused,          ///< leader refused a batch: error, expected_seq for a wrong sequence, producer, sequences
    truncated,        ///< log cut: from = old end, to = new end
    high_watermark,   ///< from -> to; other = itself at the leader
    became_leader,    ///< leader_epoch, partition_epoch, to = epoch start offset, nodes = ISR
    became_follower,  ///< leader_epoch, partition_epoch, other = leader (-1: none), to = log end
    isr_proposed,     ///< leader asked the controller: nodes = proposed ISR
    isr_applied,      ///< leader learned the answer: nodes = ISR, partition_epoch
    isr_rejected,     ///< controller refused: error
    flushed,          ///< to = flushed end offset
    lost_unflushed,   ///< power loss: from = old end, to = what was on disk
    purgatory_enter,  ///< a request waits: to = offset that must be reached, conn
    purgatory_complete,  ///< it was answered: error
    purgatory_expired,   ///< its time ran out
    log_start_moved,     ///< from -> to
    snapshot_loaded,     ///< producer state was rebuilt: from = snapshot offset, to = log end
    producers_expired,   ///< to = how many
    registered,          ///< broker: leader_epoch unused, to = broker epoch
    fenced,              ///< broker or controller learned that `other` is fenced
    unfenced,            ///< ... is unfenced
    crashed,             ///< bytes = 1 for a power loss
    restarted,
    controlled_shutdown,  ///< the broker asks to leave; `stopped` follows
    stopped,
    leader_elected,     ///< controller, committed: other = leader, leader_epoch, partition_epoch, nodes = ISR, elr
    unclean_election,   ///< the same, from outside ISR and ELR
    partition_offline,  ///< controller, committed: no leader; nodes = ISR, elr
    isr_committed,      ///< controller, committed: nodes = ISR, elr, partition_epoch
    topic_created,      ///< controller, committed: to = partitions
    topic_deleted,
    controller_elected,   ///< leader_epoch = controller epoch
    controller_resigned,  ///< leader_epoch = controller epoch, from = log end, to = committed end
    metadata_applied,     ///< broker: from -> to = offsets of the metadata log, exclusive
    malformed,            ///< a frame that cannot be read: the connection is closed, conn
    disk_error,           ///< error; the log directory is offline
    marker_written,       ///< leader or follower wrote a marker, after `appended`: from = to = its offset, producer,
                          ///< coordinator_epoch, bytes = 1 for a commit
    last_stable_offset,   ///< from -> to, where it is not the high watermark that moved
    transaction_state,    ///< coordinator: from, to = TransactionState, producer, coordinator_epoch; partition: of the
                          ///< transaction log
    producer_fenced,      ///< a coordinator told a producer that another took its place: producer, error, conn
  };

  Kind kind = Kind::appended;
  NodeId node = no_node;  ///< who reports
  NodeId other = no_node;
  Uuid topic;
  std::int32_t partition = -1;
  std::int64_t from = -1;
  std::int64_t to = -1;
  ProducerId producer = no_producer_id;
  ProducerEpoch producer_epoch = no_producer_epoch;
  std::int32_t first_seq = no_sequence;
  std::int32_t last_seq = no_sequence;
  std::int32_t expected_seq = no_sequence;
  std::int32_t leader_epoch = -1;
  std::int32_t partition_epoch = -1;
  std::int32_t coordinator_epoch = -1;
  std::int32_t bytes = 0;
  ErrorCode error = ErrorCode::none;
  NodeMask nodes = 0;
  NodeMask elr = 0;
  std::uint64_t conn = 0;
  sim::EventNumber cause;  ///< the event that brought the request behind it; no_event: the current one

  friend bool operator==(const Observation&, const Observation&) = default;
};
static_assert(std::is_trivially_copyable_v<Observation>);

/// "appended", "became_leader": a fixed word for each kind.
const char* kind_name(Observation::Kind kind);
/// One line without names of topics: the kind and the fields that it fills in.
std::string describe(const Observation& observation);

}  // namespace linger::broker

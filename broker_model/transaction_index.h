#pragma once

#include <cstdint>
#include <vector>

#include "broker_model/producer_state.h"

namespace linger::broker {

/// An aborted transaction on one partition (Kafka: AbortedTxn). `last` is its marker's offset; below
/// `last_stable_offset` nothing was undecided when the marker was written.
struct AbortedTransaction {
  ProducerId producer = no_producer_id;
  std::int64_t first = -1;
  std::int64_t last = -1;
  std::int64_t last_stable_offset = -1;
  friend bool operator==(const AbortedTransaction&, const AbortedTransaction&) = default;
};

/// The aborted transactions of one replica's log, in the order of their markers: what a reader of committed records
/// needs to leave the aborted ones out (Kafka: TransactionIndex, one a segment). It lies on disk beside the log and is
/// cut with it.
class TransactionIndex {
 public:
  /// Notes a transaction that its marker aborted. Requires: a marker above all noted ones.
  void append(const CompletedTransaction& aborted);
  /// Those of which some part may lie in [from, to), by their markers' order.
  std::vector<AbortedTransaction> collect(std::int64_t from, std::int64_t to) const;
  /// Drops what was noted by markers at or above this offset.
  void truncate_from_end(std::int64_t offset);
  /// Drops what was noted by markers below this offset.
  void truncate_from_start(std::int64_t offset);
  void clear() { aborted_.clear(); }

  const std::vector<AbortedTransaction>& entries() const { return aborted_; }
  friend bool operator==(const TransactionIndex&, const TransactionIndex&) = default;

 private:
  std::vector<AbortedTransaction> aborted_;
};

}  // namespace linger::broker

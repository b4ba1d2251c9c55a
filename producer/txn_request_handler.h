#pragma once

#include <cstdint>
#include <optional>

#include "producer/failure.h"
#include "protocol/messages/init_producer_id.h"

namespace linger {

/// The coordinator that a request of the transaction manager goes to; none for InitProducerId without a transactional
/// id.
enum class CoordinatorType : std::uint8_t { none, transaction, group };

/// Kafka: the subclasses of TransactionManager.TxnRequestHandler.
enum class TxnRequestKind : std::uint8_t {
  find_coordinator,
  init_producer_id,
  add_partitions_to_txn,
  add_offsets_to_txn,
  txn_offset_commit,
  end_txn,
};

/// A request that waits for its turn, or is under way (Kafka: TxnRequestHandler). What Java does in its methods,
/// TransactionManager does by kind.
struct TxnRequestHandler {
  TxnRequestKind kind = TxnRequestKind::init_producer_id;
  bool is_retry = false;
  bool is_epoch_bump = false;         ///< InitProducerId that follows EndTxn
  std::int64_t retry_backoff_ms = 0;  ///< slept before a retry is sent
  std::uint64_t result = 0;           ///< the result it settles, 0 when nobody waits for one
  CoordinatorType coordinator = CoordinatorType::none;
  InitProducerIdRequest init_producer_id;

  bool is_end_txn() const { return kind == TxnRequestKind::end_txn; }
  /// Lower goes first (Kafka: Priority).
  int priority() const {
    switch (kind) {
      case TxnRequestKind::find_coordinator:
        return 0;
      case TxnRequestKind::init_producer_id:
        return is_epoch_bump ? 4 : 1;
      case TxnRequestKind::add_partitions_to_txn:
      case TxnRequestKind::add_offsets_to_txn:
      case TxnRequestKind::txn_offset_commit:
        return 2;
      case TxnRequestKind::end_txn:
        return 3;
    }
    return 4;
  }
};

/// The order of pendingRequests; ties follow the heap.
struct TxnRequestBefore {
  bool operator()(const TxnRequestHandler& a, const TxnRequestHandler& b) const { return a.priority() < b.priority(); }
};

/// What an application call waits for (Kafka: TransactionalRequestResult).
struct TransactionalRequestResult {
  bool completed = false;
  bool acked = false;  ///< the caller has seen it
  std::optional<KafkaError> error;
  bool successful() const { return completed && !error; }
};

}  // namespace linger

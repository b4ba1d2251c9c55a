#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "producer/clients/kafka_client.h"
#include "producer/consumer_group_metadata.h"
#include "producer/failure.h"

namespace linger {

/// The coordinator that a request of the transaction manager goes to; none for InitProducerId without a transactional
/// id and for FindCoordinator, which any node answers.
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

/// Names the result of a call; 0: nobody waits.
using TxnResultId = std::uint64_t;

/// A request that waits for its turn, or is under way (Kafka: TxnRequestHandler). What Java does in its methods,
/// TransactionManager does by kind.
struct TxnRequestHandler {
  TxnRequestKind kind = TxnRequestKind::init_producer_id;
  bool is_retry = false;
  bool is_epoch_bump = false;         ///< InitProducerId that follows EndTxn
  std::int64_t retry_backoff_ms = 0;  ///< slept before a retry is sent
  TxnResultId result = 0;             ///< the result it settles
  CoordinatorType coordinator = CoordinatorType::none;
  std::string coordinator_key;  ///< transactional id or group id
  RequestBuilder request;
  OffsetsToCommit offsets;      ///< of AddOffsetsToTxn: what is committed once the group was added
  ConsumerGroupMetadata group;  ///< of AddOffsetsToTxn

  bool needs_coordinator() const { return coordinator != CoordinatorType::none; }
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
  bool acked = false;     ///< the caller has seen it
  bool given_up = false;  ///< nobody waits for it
  std::optional<KafkaError> error;
  std::string_view operation;  ///< the request that is awaited, as Java names it in a TimeoutException
  bool successful() const { return completed && !error; }
};

}  // namespace linger

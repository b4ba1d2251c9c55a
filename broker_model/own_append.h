#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "broker_model/broker_request.h"
#include "broker_model/metadata_image.h"
#include "broker_model/producer_state.h"
#include "broker_model/transaction_coordinator.h"
#include "protocol/messages/add_partitions_to_txn.h"
#include "protocol/messages/offset_fetch.h"
#include "protocol/messages/txn_offset_commit.h"
#include "protocol/messages/write_txn_markers.h"

namespace linger::broker {

/// Who appends to a partition: a client through Produce, or a coordinator of this very broker (Kafka: AppendOrigin).
struct AppendOrigin {
  bool coordinator = false;
  VerificationGuard guard = no_guard;  ///< of a transactional batch
  std::optional<EndMarker> marker;     ///< coordinator: the batch is this marker
};

/// Someone who waits for the transaction log.
struct TransactionWaiter {
  BrokerRequest request;
  std::uint64_t batch = 0;  ///< AddPartitionsToTxn: which AddPartitionsBatch
  std::string transactional_id;
  std::vector<AddPartitionsToTxnRequest::AddPartitionsToTxnTopic> topics;  ///< the same
  ProducerIdAndEpoch producer;                                             ///< as it named itself
};

/// An AddPartitionsToTxn that is answered when all its transactions are done.
struct AddPartitionsBatch {
  std::uint64_t number = 0;
  BrokerRequest request;
  AddPartitionsToTxnResponse response;
  std::size_t left = 0;
};

/// A WriteTxnMarkers that is answered when all its markers are written or refused.
struct MarkerBatch {
  std::uint64_t number = 0;
  BrokerRequest request;
  WriteTxnMarkersResponse response;
  std::size_t left = 0;
};

/// A TxnOffsetCommit or an OffsetCommit, with what is known of its answer.
struct OffsetsToCommit {
  BrokerRequest request;
  TxnOffsetCommitRequest asked;
  TxnOffsetCommitResponse response;
  bool transactional = true;  ///< else an OffsetCommit: it counts at once, and no producer stands behind it
  std::int64_t expires_at_ms = -1;
  std::vector<Uuid> topic_ids{};  ///< OffsetCommit: of the topics in the answer, for those who ask by id
};

/// An OffsetFetch that is answered when all its groups are read.
struct OffsetsToRead {
  BrokerRequest request;
  OffsetFetchRequest asked;
  std::vector<OffsetFetchResponse::OffsetFetchResponseGroup> answers;
  std::size_t left = 0;
};

// What goes on when an append by this broker itself is replicated as acks=all asks, or was refused.
struct TransactionLogWrite {
  TransactionAppend append;
  std::optional<TransactionWaiter> waiter;
};
struct MarkerWrite {
  std::uint64_t batch = 0;
  ProducerId producer;
  TopicPartition partition;
};
struct GroupWrite {
  OffsetsToCommit commit;
};
/// Not an append: a reader that waits until everything written so far is replicated.
struct GroupRead {
  std::uint64_t number = 0;
  std::size_t group = 0;
};
using OwnAppend = std::variant<TransactionLogWrite, MarkerWrite, GroupWrite, GroupRead>;

/// An append that waits for its followers.
struct DelayedAppend {
  SimTime deadline;
  TopicIdPartition id;
  std::int64_t required = 0;
  EventNumber cause;
  SimTime done;  ///< when the disk has it
  OwnAppend then;
};

/// One that is through.
struct FinishedAppend {
  OwnAppend then;
  ErrorCode error = ErrorCode::none;
  EventNumber cause;
  SimTime done;
};

}  // namespace linger::broker

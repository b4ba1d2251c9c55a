#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "producer/clients/metadata_snapshot.h"
#include "producer/producer_record.h"
#include "producer/record_accumulator.h"
#include "producer/txn_request_handler.h"

namespace linger {

/// Names a call that Java would block in.
struct Ticket {
  std::uint64_t number = 0;
  friend auto operator<=>(const Ticket&, const Ticket&) = default;
};

/// Who calls: Java forbids flush to callbacks, gives close there no time, and a call that blocks there stops the
/// sender.
enum class Caller : std::uint8_t { application, callback };

/// The calls about transactions that wait for a coordinator.
enum class TransactionCall : std::uint8_t {
  init_transactions,
  send_offsets_to_transaction,
  commit_transaction,
  abort_transaction,
};

/// KafkaProducer.waitOnMetadata, suspended in awaitUpdate. Times are the wall clock in milliseconds.
struct MetadataWait {
  std::string topic;
  std::optional<std::int32_t> partition;
  std::int64_t start_ms = 0;
  std::int64_t began_waiting_ns = 0;  ///< monotonic
  std::int64_t max_wait_ms = 0;
  std::int64_t deadline_ms = 0;                ///< of this awaitUpdate
  int version = 0;                             ///< a newer update than this one is awaited
  std::optional<std::size_t> partition_count;  ///< as last seen
};

struct SendInMetadata {
  MetadataWait wait;
  ProducerRecord record;
};

struct SendInMemory {
  ProducerRecord record;  ///< with the partition that was chosen before the accumulator's turn
  std::int64_t timestamp = 0;
  AppendResult blocked;
  std::shared_ptr<const MetadataSnapshot> snapshot;  ///< as it was when the append began
};

struct SuspendedPartitionsFor {
  MetadataWait wait;
};

struct SuspendedFlush {
  RecordAccumulator::FlushId id = 0;
  std::int64_t began_ns = 0;
};

struct SuspendedClose {
  std::optional<std::int64_t> deadline_ns;  ///< when patience ends; nothing once it has
};

/// initTransactions, sendOffsetsToTransaction, commitTransaction or abortTransaction, for max.block.ms at most.
struct SuspendedTransactionCall {
  TransactionCall call = TransactionCall::init_transactions;
  TxnResultId result = 0;
  std::int64_t began_ns = 0;
  std::int64_t deadline_ns = 0;
};

/// A call of the application that waits, with all that is needed to go on.
struct SuspendedCall {
  using State = std::variant<SendInMetadata, SendInMemory, SuspendedPartitionsFor, SuspendedFlush, SuspendedClose,
                             SuspendedTransactionCall>;
  Ticket ticket;
  Caller caller = Caller::application;
  State state;
};

}  // namespace linger

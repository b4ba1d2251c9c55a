#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "broker_model/channel.h"
#include "broker_model/transaction_state.h"
#include "protocol/messages/add_partitions_to_txn.h"

namespace linger::broker {

/// What a client of this request version understands when a partition is not in its transaction (Kafka:
/// AddPartitionsToTxnManager.TransactionSupportedOperation).
enum class TransactionSupport : std::uint8_t {
  default_error,  ///< INVALID_TXN_STATE
  generic_error,  ///< TRANSACTION_ABORTABLE
  add_partition   ///< the partition is added by the write itself (transaction version 2)
};
constexpr bool adds_partition(TransactionSupport support) {
  return support == TransactionSupport::add_partition;
}
constexpr TransactionSupport support_of_produce(std::int16_t version) {
  return version > 11   ? TransactionSupport::add_partition
         : version > 10 ? TransactionSupport::generic_error
                        : TransactionSupport::default_error;
}
constexpr TransactionSupport support_of_txn_offset_commit(std::int16_t version) {
  return version > 4   ? TransactionSupport::add_partition
         : version > 3 ? TransactionSupport::generic_error
                       : TransactionSupport::default_error;
}

/// A question to a coordinator: are these partitions in the producer's open transaction, or may they be added to it?
struct VerificationQuestion {
  std::uint64_t waiter = 0;  ///< who asked
  std::string transactional_id;
  ProducerIdAndEpoch producer;
  PartitionSet partitions;
  TransactionSupport support = TransactionSupport::default_error;
};

/// The answer: what is wrong with which partition.
struct VerificationResult {
  std::uint64_t waiter = 0;
  std::vector<std::pair<TopicPartition, ErrorCode>> errors;
};

/// The way to one coordinator: one request in flight; questions that come meanwhile make the next one, each
/// transactional id once.
struct VerificationChannel {
  Channel channel;
  std::vector<VerificationQuestion> queue;
  std::vector<VerificationQuestion> in_flight;
};

/// Questions of a partition leader on their way to the coordinators (Kafka: AddPartitionsToTxnManager).
class TransactionVerifications {
 public:
  using Results = std::vector<VerificationResult>;

  /// Queues a question. Gives the results of questions that this one replaces, or its own when the queued one is of a
  /// newer epoch.
  Results ask(NodeId coordinator, VerificationQuestion question);
  /// Requires: something waits, nothing is in flight.
  AddPartitionsToTxnRequest next_request(VerificationChannel& to);
  Results answered(VerificationChannel& from, const AddPartitionsToTxnResponse& response);
  /// The connection broke, could not be made, or the answer did not come in time.
  Results failed(VerificationChannel& from);
  void forget_all() { channels_.clear(); }

  std::vector<VerificationChannel>& channels() { return channels_; }
  const std::vector<VerificationChannel>& channels() const { return channels_; }

 private:
  std::vector<VerificationChannel> channels_;  ///< by node
};

/// The same error for each partition of a question.
VerificationResult refuse_all(const VerificationQuestion& question, ErrorCode error);

}  // namespace linger::broker

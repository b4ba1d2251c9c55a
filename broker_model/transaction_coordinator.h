#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "broker_model/transaction_state.h"

namespace linger::broker {

/// What a request about a transactional id is answered with.
struct CoordinatorAnswer {
  ErrorCode error = ErrorCode::none;
  ProducerIdAndEpoch producer;
  friend bool operator==(const CoordinatorAnswer&, const CoordinatorAnswer&) = default;
};

/// A change that has to be in the transaction log before it counts, and what it is for.
struct TransactionAppend {
  enum class Purpose : std::uint8_t {
    init_producer_id,
    add_partitions,
    prepare_end,  ///< the verdict; markers follow
    complete,     ///< all markers are written
    expire        ///< a tombstone
  };
  Purpose purpose = Purpose::add_partitions;
  std::string transactional_id;
  std::int32_t partition = 0;  ///< of the transaction log
  std::int32_t coordinator_epoch = 0;
  TransactionTransit next;
  ProducerIdAndEpoch asked;       ///< prepare_end: as it came in
  bool commit = false;            ///< prepare_end
  bool bumps_epoch = false;       ///< prepare_end: transaction version 2
  bool epoch_fence = false;       ///< prepare_end: a producer is being fenced
  bool for_new_producer = false;  ///< prepare_end: a producer that starts waits for it, and has to ask again
};

/// An answer now, or an append whose answer comes from TransactionCoordinator::appended.
using CoordinatorDecision = std::variant<CoordinatorAnswer, TransactionAppend>;

/// A verdict that has to be written into all partitions of a transaction.
struct MarkersToWrite {
  std::string transactional_id;
  std::int32_t partition = 0;  ///< of the transaction log
  std::int32_t coordinator_epoch = 0;
  ProducerIdAndEpoch producer;
  bool commit = false;
  std::int16_t transaction_version = 0;
  PartitionSet partitions;
  TransactionTransit complete;  ///< what follows when all are written
};

/// The transactional ids whose part of the transaction log this broker leads (Kafka: TransactionCoordinator,
/// TransactionStateManager). It decides; whoever holds it writes to the log, sends and answers. Its coordinator epoch
/// of a part is the leader epoch of that partition.
class TransactionCoordinator {
 public:
  /// A fresh producer id, or none as long as the controller has not given this broker a block.
  using ProducerIds = std::function<std::optional<std::int64_t>()>;
  struct Context {
    std::int64_t wall_ms = 0;
    std::int32_t partitions = 50;          ///< of the transaction log
    std::int64_t max_timeout_ms = 0;       ///< transaction.max.timeout.ms
    std::int64_t id_expiration_ms = 0;     ///< transactional.id.expiration.ms
    std::int16_t transaction_version = 0;  ///< the cluster's
    const ProducerIds& producer_ids;
    bool bump_epoch_on_timeout_abort = true;  ///< see BrokerBehaviour
    bool epoch_bump_per_txn = true;           ///< see BrokerBehaviour
  };

  // Parts of the log that come and go.
  void begin_loading(std::int32_t partition, std::int32_t coordinator_epoch);
  /// What the log held; gives the verdicts that are still to be written. Nothing happens when this load was cancelled.
  std::vector<MarkersToWrite> loaded(std::int32_t partition, std::int32_t coordinator_epoch,
                                     std::map<std::string, TransactionMetadata> transactions, const Context& context);
  void resign(std::int32_t partition);
  void forget_all();
  /// Owns, or is loading, at least one part.
  bool active() const { return !parts_.empty() || !loading_.empty(); }
  bool loading(std::int32_t partition) const;

  // Requests.
  CoordinatorDecision init_producer_id(const std::string& transactional_id, std::int32_t timeout_ms,
                                       std::optional<ProducerIdAndEpoch> expected, const Context& context);
  CoordinatorDecision add_partitions(const std::string& transactional_id, ProducerIdAndEpoch producer,
                                     const PartitionSet& partitions, std::int16_t client_version,
                                     const Context& context);
  /// Whether each partition is in the open transaction; one error for each.
  std::vector<ErrorCode> verify_partitions(const std::string& transactional_id, ProducerIdAndEpoch producer,
                                           const PartitionSet& partitions, const Context& context) const;
  CoordinatorDecision end_transaction(const std::string& transactional_id, ProducerIdAndEpoch producer, bool commit,
                                      std::int16_t client_version, const Context& context);

  // Periodic work.
  /// The transactions that ran out of time, fenced and about to be aborted.
  std::vector<TransactionAppend> abort_timed_out(const Context& context);
  /// Ids that nobody used for transactional.id.expiration.ms.
  std::vector<TransactionAppend> expire_ids(const Context& context);

  /// The log took the record in, or did not: `error` is the append's own. With `markers` the verdict stands and has to
  /// be written; `retry` asks for a `complete` to be appended once more.
  struct Appended {
    CoordinatorAnswer answer;
    std::optional<MarkersToWrite> markers;
    bool transitioned = false;
    bool retry = false;
  };
  Appended appended(const TransactionAppend& append, ErrorCode error, const Context& context);
  /// Whether the append may still go ahead: the part is owned under the same epoch. Otherwise its answer.
  ErrorCode check_append(const TransactionAppend& append) const;

  // Markers.
  /// The transaction as long as this broker coordinates it, under this epoch.
  TransactionMetadata* find(const std::string& transactional_id, std::int32_t partition,
                            std::int32_t coordinator_epoch);

  struct Part {
    std::int32_t partition = 0;
    std::int32_t coordinator_epoch = 0;
    std::map<std::string, TransactionMetadata> transactions;
  };
  const std::vector<Part>& parts() const { return parts_; }

 private:
  struct Found {
    ErrorCode error = ErrorCode::none;
    Part* part = nullptr;
    TransactionMetadata* metadata = nullptr;
  };
  Found look_up(const std::string& transactional_id, std::int32_t partitions);
  Part* part(std::int32_t partition);
  CoordinatorDecision end(const std::string& transactional_id, ProducerIdAndEpoch producer, bool commit,
                          bool from_client, std::int16_t client_version, bool for_new_producer, const Context& context);
  CoordinatorDecision end_version_1(Part& part, TransactionMetadata& metadata, ProducerIdAndEpoch producer, bool commit,
                                    bool from_client, const Context& context);
  CoordinatorDecision end_version_2(Part& part, TransactionMetadata& metadata, ProducerIdAndEpoch producer, bool commit,
                                    bool from_client, std::int16_t client_version, const Context& context);
  ErrorCode may_write_markers(const TransactionAppend& append, const TransactionMetadata& metadata) const;

  std::vector<Part> parts_;  ///< by partition
  std::vector<std::pair<std::int32_t, std::int32_t>> loading_;
};

}  // namespace linger::broker

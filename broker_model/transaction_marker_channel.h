#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "broker_model/channel.h"
#include "broker_model/metadata_image.h"
#include "broker_model/transaction_coordinator.h"
#include "protocol/messages/write_txn_markers.h"

namespace linger::broker {

/// A verdict for those partitions of a transaction that one broker leads.
struct MarkerEntry {
  std::string transactional_id;
  std::int32_t log_partition = 0;  ///< of the transaction log
  std::int32_t coordinator_epoch = 0;
  ProducerIdAndEpoch producer;
  bool commit = false;
  std::int16_t transaction_version = 0;
  PartitionSet partitions;
};

/// The way to one broker that has to write markers: one request in flight, everything else waits.
struct MarkerChannel {
  Channel channel;
  std::vector<MarkerEntry> queue;
  std::vector<MarkerEntry> in_flight;
};

/// Verdicts on their way into the partitions (Kafka: TransactionMarkerChannelManager and its completion handler). What
/// cannot be written is tried again, with the leaders of that moment, as long as this broker coordinates the
/// transaction; a partition that does not exist any more counts as written. When all are written, the transaction's
/// completion is to be appended: the calls give those.
class TransactionMarkers {
 public:
  using Completions = std::vector<TransactionAppend>;

  Completions add(const MarkersToWrite& verdict, TransactionCoordinator& coordinator, const MetadataImage& image);
  /// This broker no longer coordinates the ids of this part of the log, or begins anew with it.
  void forget(std::int32_t log_partition);
  void forget_all();
  /// Looks for the leaders of partitions that had none.
  Completions find_leaders(TransactionCoordinator& coordinator, const MetadataImage& image);

  /// Moves what waits for this broker into a request. Requires: something waits, nothing is in flight.
  WriteTxnMarkersRequest next_request(MarkerChannel& to);
  /// What the broker answered. `again`: something was refused that may be taken later. `broken`: an answer that no
  /// broker gives; Kafka's process ends.
  struct Answered {
    Completions completions;
    bool again = false;
    bool broken = false;
  };
  Answered answered(MarkerChannel& from, const WriteTxnMarkersResponse& response, TransactionCoordinator& coordinator,
                    const MetadataImage& image);
  /// The connection broke or could not be made: what was on the way and what waited looks for its leader anew.
  Completions failed(MarkerChannel& from, TransactionCoordinator& coordinator, const MetadataImage& image);

  std::vector<MarkerChannel>& channels() { return channels_; }
  const std::vector<MarkerChannel>& channels() const { return channels_; }
  bool has_leaderless() const { return !leaderless_.empty(); }

 private:
  struct Pending {
    std::string transactional_id;
    std::int32_t log_partition = 0;
    std::int32_t coordinator_epoch = 0;
    TransactionTransit complete;
  };
  void route(MarkerEntry entry, TransactionCoordinator& coordinator, const MetadataImage& image,
             Completions& completions);
  void maybe_complete(const std::string& transactional_id, TransactionCoordinator& coordinator,
                      Completions& completions);
  void give_up(const MarkerEntry& entry);
  MarkerChannel& channel_to(NodeId node);

  std::vector<Pending> pending_;  ///< by transactional id
  std::vector<MarkerChannel> channels_;
  std::vector<MarkerEntry> leaderless_;
};

}  // namespace linger::broker

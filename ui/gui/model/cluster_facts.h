#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ui/gui/model/focus.h"
#include "ui/gui/model/session.h"

namespace linger::gui {

/// Records of a log that lie together and came in one batch.
struct LogPiece {
  std::int64_t first = 0, last = 0;  ///< offsets
  std::int32_t leader_epoch = 0;
  std::int64_t producer_id = -1;
  std::int32_t epoch = -1, base_sequence = -1;
  bool again = false;  ///< the same batch stands further ahead among the pieces that are there
  enum class Marker : std::uint8_t { none, abort, commit } marker = Marker::none;
  friend bool operator==(const LogPiece&, const LogPiece&) = default;
};

/// Where a leader epoch begins in a log.
struct EpochStart {
  std::int32_t epoch = 0;
  std::int64_t offset = 0;
};

/// One replica of a partition, as it is on its broker.
struct ReplicaFacts {
  std::int32_t node = 0;
  bool down = false, fenced = false;
  bool leads = false;  ///< it believes that it leads
  std::int32_t leader_epoch = -1;
  bool in_sync = false, eligible = false;  ///< ISR, ELR: as the controller has committed them
  std::int64_t log_start = 0, log_end = 0, high_watermark = 0, flushed_end = 0, last_stable = 0;
  std::vector<LogPiece> pieces;  ///< the newest of them, if there are very many
  std::vector<EpochStart> epochs;
};

/// A batch that a leader remembers of a producer.
struct RememberedBatch {
  std::int32_t first_seq = -1, last_seq = -1;
  std::int64_t offset = -1;  ///< of its first record
};
struct RememberedProducer {
  std::int64_t producer_id = -1;
  std::int32_t epoch = -1;
  std::vector<RememberedBatch> batches;       ///< oldest first, at most five
  std::optional<std::int64_t> open_txn_from;  ///< offset at which its open transaction begins
};

/// A partition at one moment: the controller's word, and every replica's log.
struct PartitionFacts {
  std::string name;
  std::int32_t leader = -1;  ///< -1: nobody
  std::int32_t leader_epoch = 0;
  std::vector<std::int32_t> isr, elr;
  std::int64_t min_isr = 1;
  std::vector<ReplicaFacts> replicas;          ///< the preferred leader first
  std::vector<RememberedProducer> remembered;  ///< by the leader; by producer id
};

/// Nothing while no controller has heard of the partition.
std::optional<PartitionFacts> partition_facts(Session& session, const Cursor& cursor, const std::string& topic,
                                              std::int32_t partition);
/// All partitions of all topics, those of Kafka's own topics last.
std::vector<PartitionFacts> all_partitions(Session& session, const Cursor& cursor);

/// Who leads, by the controller's word; -1: nobody.
std::int32_t leader_of(Session& session, const Cursor& cursor, const Focus& focus);

/// A host or a switch of the network.
struct HostFacts {
  std::string name;
  sim::HostId host = sim::no_host;  ///< none for a switch
  enum class Kind : std::uint8_t { broker, controller, producer, consumer, other } kind = Kind::other;
  bool down = false, paused = false;
  bool active = false;       ///< the active controller
  std::uint32_t island = 0;  ///< hosts with the same number can talk
};
/// A link between two of them.
struct LinkFacts {
  std::size_t a = 0, b = 0;
  bool cut_ab = false, cut_ba = false;
  std::size_t connections = 0;  ///< open between the two
};
struct NetworkFacts {
  std::vector<HostFacts> hosts;
  std::vector<LinkFacts> links;
  std::uint32_t islands = 1;
};
NetworkFacts network_facts(Session& session, const Cursor& cursor);

}  // namespace linger::gui

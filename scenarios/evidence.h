#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "broker_model/observation.h"
#include "scenarios/log_records.h"
#include "sim/time.h"

namespace linger::scenarios {

/// One replica's log at the end, batch by batch.
struct ReplicaEvidence {
  std::int32_t broker = 0;
  bool alive = false;
  std::int64_t log_start = 0;
  std::int64_t log_end = 0;
  std::int64_t high_watermark = 0;
  /// Base offset and checksum of each batch: equal batches at equal offsets are the same records.
  std::vector<std::pair<std::int64_t, std::uint32_t>> batches;
};

struct PartitionEvidence {
  std::int32_t topic = 0;
  std::int32_t number = 0;
  std::string name;  ///< `orders-0`
  bool deleted = false;
  std::int32_t leader = -1;  ///< -1: nobody leads
  std::int64_t log_start = 0;
  std::int64_t log_end = 0;
  std::int64_t high_watermark = 0;
  std::int64_t last_stable_offset = 0;
  std::vector<LogRecord> committed;  ///< the leader's records below the high watermark, whatever their standing
  std::vector<LogRecord> elsewhere;  ///< not readable, but not lost: the leader's records above the high watermark, or, without a leader, the longest log that could come back
  std::vector<ReplicaEvidence> replicas;
};

/// A transaction that its coordinator has neither committed nor aborted.
struct UndecidedEvidence {
  std::string transactional_id;
  std::string state;  ///< as Kafka prints it, `PrepareCommit`
  /// Some partition of it has no leader who could write its marker.
  bool unreachable = false;
  /// Its time, or what markers may take, ran out long ago.
  bool overdue = false;
};

/// What a producer promises and how it ended.
struct ProducerEvidence {
  std::string name;
  bool idempotent = false;
  std::int16_t acks = -1;
  bool one_in_flight = false;  ///< max.in.flight.requests.per.connection=1
  bool alive = true;   ///< its application still runs, so that every record must have been answered
  std::uint32_t incarnation = 0;  ///< of the application's process; those before it died and heard nothing more
  bool closed = false;
  std::int64_t buffer_total = 0;
  std::int64_t buffer_available = 0;
  std::string waits_for;  ///< what a stuck producer waits for
};

/// A record that a consumer saw.
struct SeenEvidence {
  std::string consumer;
  std::int32_t topic = 0;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::uint64_t identity = 0;
  sim::SimTime at;
  broker::NodeMask holders = 0;
  bool read_committed = false;
};

/// A transfer of the plan: what it promises and how it ended. Processes that do the same work for the same group are
/// one.
struct TransferEvidence {
  std::uint32_t producer = 0;            ///< the first of them
  std::vector<std::uint32_t> producers;  ///< all of them
  std::int32_t from = 0;                 ///< the world's numbers of the topics
  std::int32_t to = 0;
  std::string from_name;
  std::string to_name;
  std::string group;
  std::vector<std::int32_t> partitions;
  bool exactly_once = false;                       ///< its configuration promises one output for each input
  bool completed = false;                          ///< an application has found nothing more to transfer
  bool offsets_known = false;                      ///< the group's log could be read
  std::map<std::int32_t, std::int64_t> committed;  ///< partition -> the group's offset
  std::map<std::int32_t, std::int64_t> read_to;    ///< partition -> position when nothing more was found
};

/// Everything that the checkers look at beside the ledger and the ghost state. Collected once, at the end, by whoever ran the world; checkers never
/// call into what they judge.
struct Evidence {
  std::vector<PartitionEvidence> partitions;  ///< by (topic, number)
  std::vector<ProducerEvidence> producers;
  std::vector<TransferEvidence> transfers;
  std::vector<SeenEvidence> seen;     ///< by consumers during the run
  std::vector<SeenEvidence> witness;  ///< by the consumer that reads everything at the end
  std::vector<SeenEvidence> committed_witness;  ///< by one that reads read_committed, where there are transactions
  std::vector<UndecidedEvidence> undecided;
  bool witnessed = false;             ///< the witness was asked to read
  bool transactional = false;         ///< some producer uses transactions
  bool coordinator_state_lost = false;  ///< faults destroyed what a coordinator had decided: transactions may hang or end by halves
  bool healed = false;                ///< the final phase took place
  bool producer_state_expired = false;  ///< a fault made brokers forget producers: duplicates are then allowed
};

}  // namespace linger::scenarios

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "producer/metrics/metric.h"
#include "scenarios/ledger.h"
#include "sim/time.h"

namespace linger::scenarios {

/// The row of the ledger in which a record ends: exactly one each.
enum class Verdict : std::uint8_t {
  acked_present,
  acked_lost,
  acked_deleted,      ///< below the log start offset
  acked_unavailable,  ///< no leader at the end, but a live or restartable replica holds it
  failed_absent,
  failed_present,
  refused,
  stuck,           ///< never answered although everything had healed
  untold_present,  ///< the application died, or the run ended, before the answer
  untold_absent,
  aborted_absent,   ///< its transaction was not committed, and nobody who reads read_committed gets it
  aborted_visible,  ///< its transaction was not committed, and yet they do
};
/// "acked-present" and so on: one word for JSON, tables and stories.
const char* verdict_name(Verdict verdict);

/// What became of one record.
struct RecordFate {
  Verdict verdict = Verdict::untold_absent;
  std::int32_t partition = -1;
  std::int64_t offset = -1;     ///< of the first copy, -1: absent
  std::int32_t extra_copies = 0;
  bool reordered = false;       ///< its first copy stands behind the one of a record that was sent later
  bool corrupted = false;
  bool wrong_offset = false;    ///< acked at an offset where another record stands
};

/// A guarantee that was broken.
struct Violation {
  std::string name;    ///< `acked-lost`, `duplicated`, `reordered`, `phantom`, `replicas-differ`, …
  std::string oracle;  ///< O1 … O11, the catalogue's names
  RecordIndex record = no_record;
  std::string detail;
};

/// A violation that the real client or broker is known to commit, and that is gone when that rule is corrected. Where it takes several corrections
/// together, each of them has its own entry.
struct KnownDefect {
  std::string issue;      ///< KAFKA-14034
  std::string behaviour;  ///< the field that was corrected to show it
  Violation violation;
};

struct Counts {
  std::int64_t sent = 0, acked = 0, failed = 0, refused = 0, stuck = 0, untold = 0, lost = 0, deleted = 0, unavailable = 0, aborted = 0,
               failed_present = 0, duplicated = 0, duplicated_payloads = 0, reordered = 0, corrupted = 0, wrong_offset = 0;
};

struct ProducerResult {
  std::string name;
  std::int64_t producer_id = -1;
  std::int32_t epoch = -1;
  std::int64_t epoch_bumps = 0, produce_requests = 0, retries = 0;
  std::int64_t ack_latency_p50_us = -1, ack_latency_max_us = -1;
  std::vector<Metric> metrics;  ///< as they were when the workload was over; empty unless asked for
};

struct PartitionResult {
  std::string name;
  std::int64_t log_start = 0, log_end = 0, high_watermark = 0, last_stable_offset = 0;
  std::string leader;  ///< `b1`, empty: none
  std::int32_t leader_epoch = 0;
  std::vector<std::string> isr, elr;
};

/// What became of a topic that an application transferred to another.
struct TransferResult {
  std::string producer, from, to, group;
  bool exactly_once = false;                      ///< whether the configuration promises it
  std::int64_t input = 0;                         ///< records that a read_committed reader finds in the input
  std::int64_t once = 0, missing = 0, twice = 0;  ///< of these: with one output, with none, with more
};

struct FaultResult {
  std::string id;
  std::int64_t matched = 0;  ///< how often its moment or its message came
  std::int64_t hits = 0;     ///< how often it changed anything
  bool must_hit = false;
};

/// Everything that `--json` prints about one run.
struct RunResult {
  std::string scenario;
  std::uint64_t seed = 0;
  std::uint64_t fingerprint = 0;
  std::int64_t virtual_ns = 0;
  std::uint64_t events = 0;
  std::uint64_t frames = 0;  ///< whole messages that crossed the network
  Counts counts;
  std::vector<ProducerResult> producers;
  std::vector<PartitionResult> partitions;
  std::vector<TransferResult> transfers;
  std::vector<FaultResult> faults;
  std::vector<Violation> violations;
  std::vector<KnownDefect> known_defects;
  std::vector<std::string> unmet;  ///< expectations that did not come true, a sentence each
  std::vector<RecordFate> fates;   ///< by RecordIndex
  std::vector<std::string> warnings;

  bool faults_missed() const;
};

struct Expectation;

/// The object of the format's section 4, keys in fixed order, two spaces of indentation when `pretty`.
std::string to_json(const RunResult& result, bool pretty);
/// Compares with what the plan's author expects; one sentence for each thing that is not so.
std::vector<std::string> unmet_expectations(const RunResult& result, const Expectation& expect);
/// `5f1c90b277d4e01a`
std::string hex64(std::uint64_t value);

}  // namespace linger::scenarios

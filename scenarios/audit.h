#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/finding.h"
#include "scenarios/question.h"
#include "scenarios/scenario.h"
#include "sim/time.h"

namespace linger::scenarios {

/// A configuration whose promises are to be looked into.
struct AuditQuestion {
  Settings producer;
  Settings topic;    ///< min.insync.replicas, unclean.leader.election.enable, …
  Settings cluster;  ///< brokers and controllers
  std::int32_t brokers = 3;
  std::int32_t replication_factor = 3;
  std::int32_t faults = 2;
  Duration latency_bound = Duration::s(60);
  std::int64_t samples = 2000;  ///< random plans for each number of faults
};

/// What can go wrong with a record, as an application sees it. The order is that of the table.
enum class Anomaly : std::uint8_t { lost, duplicated, reordered, failed_present, stuck, refused, slow };
inline constexpr std::size_t anomaly_count = 7;
/// "acked record lost" and so on.
std::string_view anomaly_title(Anomaly anomaly);
/// The name of the finding that is this anomaly; empty for `slow`, which no checker reports.
std::string_view anomaly_finding(Anomaly anomaly);

/// The plan of the exhaustive part: records in requests of their own, close behind each other, and with a transactional.id in one transaction. Requires settings that the reader accepts.
Scenario audited_plan(const AuditQuestion& question);
/// A plan of the sampled part: more records and partitions, and so many random faults of every kind.
Scenario sampled_plan(const AuditQuestion& question, std::int32_t faults, std::uint64_t seed);

/// An anomaly that was met.
struct AuditFound {
  Anomaly anomaly = Anomaly::lost;
  Standing standing = Standing::allowed;
  std::string source;  ///< oracle or issue
  std::int32_t faults = 0;
  bool sampled = false;  ///< met by a random plan, not by the enumeration
  Scenario plan;
};

/// What a part of the search gave: parts of one question can be put together in any order.
struct AuditPart {
  std::int64_t enumerated[10] = {};  ///< ways through all choices, by number of faults along them
  std::int64_t sampled[10] = {};     ///< random runs, by number of faults
  bool complete = true;              ///< the enumeration came to its end
  double covered = 0;
  std::vector<AuditFound> found;     ///< the first of each (anomaly, standing, source, faults, sampled)
};

/// The enumeration, or a part of it.
AuditPart enumerate(const AuditQuestion& question, std::uint32_t part, std::uint32_t parts, const std::function<bool()>& stop);
/// Random plans with these seeds.
AuditPart sample(const AuditQuestion& question, std::int32_t faults, std::uint64_t first_seed, std::int64_t runs, const std::function<bool()>& stop);
void add(AuditPart& sum, AuditPart part);

/// One square of the table.
struct AuditCell {
  enum class State : std::uint8_t { impossible, not_met, allowed, broken } state = State::not_met;
  const AuditFound* found = nullptr;         ///< allowed or broken
  const AuditFound* known_defect = nullptr;  ///< found beside it, counted apart
};
/// What is known of an anomaly with at most so many faults. `impossible` is said only after the whole enumeration, and of what it enumerates.
AuditCell cell_of(const AuditPart& all, Anomaly anomaly, std::int32_t faults);

/// The question about a record to which an anomaly is the answer.
Question question_of(Anomaly anomaly);

/// A setting, what it is, its default included, and what it would have to be.
struct SettingChange {
  std::string setting;  ///< `acks`
  std::string from;
  std::string to;
};
/// Changes of settings that were really run: one setting, or several that Java wants together. Empty: none of those that settings_against() names helps.
struct AuditRemedy {
  /// The likeliest after which this plan no longer shows the anomaly: the setting that is responsible.
  std::vector<SettingChange> of_plan;
  /// The likeliest after which nothing that is enumerated with as many faults shows it either.
  std::vector<SettingChange> of_all;
};
/// `plan` shows what was found. `stop` ends the search with what there is.
AuditRemedy remedy_of(const AuditQuestion& question, const AuditFound& found, const Scenario& plan, const std::function<bool()>& stop);

/// Whether this run shows the anomaly with this standing.
bool shows(const RunResult& result, Anomaly anomaly, Standing standing, const std::string& source, Duration latency_bound);

}  // namespace linger::scenarios

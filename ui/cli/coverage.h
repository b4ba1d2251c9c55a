#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "scenarios/runner.h"

namespace linger::cli {

/// What many runs met, as sums: its size does not grow with their number.
struct Coverage {
  struct Faults {
    std::int64_t planned = 0;
    std::int64_t hit = 0;
  };
  std::int64_t runs = 0;
  std::int64_t with_election = 0;  ///< before the final phase, in which every replica leads once anyway
  std::int64_t with_retry = 0;
  std::int64_t with_transactions = 0;
  std::int64_t transactions = 0;  ///< that were begun
  std::int64_t committed = 0;     ///< of those, as their applications were told
  std::int64_t aborted = 0;
  std::int64_t failing = 0;
  std::uint64_t events = 0;
  std::uint64_t frames = 0;
  scenarios::Counts records;
  Faults faults;
  std::map<std::string, Faults> by_kind;           ///< kind of fault -> how often
  std::map<std::string, std::int64_t> forged;      ///< "PRODUCE NOT_LEADER_OR_FOLLOWER before the append" -> how often
  std::map<std::string, std::int64_t> situations;  ///< "crash | retrying | ISR shrunk": fault, producer, cluster -> how often
  std::map<std::string, std::int64_t> defects;     ///< known defect -> runs that met it
  std::map<std::string, std::int64_t> violations;  ///< "acked-lost (O1)" -> how often

  /// With `random_plans` every kind of fault and every forged answer that they draw is there from the beginning, so that
  /// one which never came shows as zero.
  explicit Coverage(bool random_plans);
  void add(const scenarios::Run& run);
  /// Adds what other runs met.
  void add(const Coverage& other);
};

/// Members "records", "coverage", "known_defects" and "violations" of a report.
nlohmann::ordered_json coverage_to_json(const Coverage& coverage);
/// Reads them back. Throws nlohmann::json::exception when something is missing. `runs` and `failing` stand elsewhere in a report.
Coverage coverage_from_json(const nlohmann::ordered_json& json);

/// Two tables and a few sums, for people.
std::string coverage_in_words(const Coverage& coverage);

}  // namespace linger::cli

#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/result.h"

namespace linger::scenarios {

/// How something that a run showed is to be taken.
enum class Standing : std::uint8_t {
  broken,        ///< a guarantee of the configuration is broken
  known_defect,  ///< broken by a rule that Kafka is known to get wrong
  allowed,       ///< the configuration, or what the faults destroyed, permits it
};
/// "broken", "known defect", "allowed".
std::string_view standing_name(Standing standing);

/// One kind of thing that a run showed: what searching, shrinking and merging compare. Two runs that show the same finding fail in the same way.
struct Finding {
  Standing standing = Standing::allowed;
  std::string name;    ///< `acked-lost`, `duplicated`, … : a violation's name, or the row or flag of the ledger
  std::string source;  ///< broken: the oracle (O1 …); known defect: the issue (KAFKA-14034); allowed: empty
  friend auto operator<=>(const Finding&, const Finding&) = default;
};

/// `duplicated (O2)`, `duplicated (KAFKA-14034)`, `duplicated, allowed`.
std::string describe(const Finding& finding);

/// Everything that a run showed, each kind once, what is broken first. A row or flag of the ledger counts as allowed where no violation
/// and no known defect has its name.
std::vector<Finding> findings_of(const RunResult& result);
bool shows(const RunResult& result, const Finding& finding);

/// The names that a finding which is allowed can have: rows and flags of the ledger that an application would rather not see.
const std::vector<std::string_view>& ledger_findings();

}  // namespace linger::scenarios

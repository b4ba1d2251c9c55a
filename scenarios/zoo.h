#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/finding.h"
#include "scenarios/result.h"
#include "scenarios/scenario.h"

namespace linger::scenarios {

/// A bug that Kafka, or a client of it, has had: the rule behind it, a plan that shows it, and who must report it.
struct ZooBug {
  std::string_view id;          ///< the catalogue's: P01, R03, …
  std::string_view issue;       ///< KAFKA-3197
  std::string_view title;       ///< half a sentence: what goes wrong
  std::string_view behaviour;   ///< the switch, as a file or `--behaviour` names it
  std::string_view historical;  ///< its value with the bug
  std::string_view corrected;   ///< and without
  std::string_view oracle;      ///< the checker that must report it: O1 … O11
  std::string_view violation;   ///< and under which name
  std::string_view file;        ///< of its own scenario, in scenarios/zoo
  /// What its own scenario comes to without the bug: counts of the result, or JSON Pointers into it.
  std::vector<std::pair<std::string_view, std::int64_t>> without;
};

/// All of them, in the catalogue's order.
std::span<const ZooBug> zoo();
const ZooBug* find_zoo_bug(std::string_view id);

/// The text of a file in scenarios/zoo, as it was when the program was built; empty if there is none.
std::string_view zoo_file(std::string_view name);
/// Its own scenario, with the bug; it carries the numbers that are expected of it.
Scenario zoo_scenario(const ZooBug& bug);
/// The plan with the bug's switch at one of its two values, for the cluster or for every producer.
Scenario with_bug(Scenario plan, const ZooBug& bug);
Scenario without_bug(Scenario plan, const ZooBug& bug);
/// Whether 4.3.1 has the bug, so that it counts as a known defect there.
bool in_4_3_1(const ZooBug& bug);

/// What a run shows of the bug: the finding of its oracle, as a broken guarantee or, for a bug that 4.3.1 still has, as
/// a known defect.
std::optional<Finding> reported(const RunResult& result, const ZooBug& bug);

/// What is wrong with the bug's own scenario, a sentence each: it must report the bug's violation and nothing else and
/// meet its numbers; without the bug it must report nothing and come to `without`; and every fault must strike.
std::vector<std::string> own_scenario_mistakes(const ZooBug& bug);

/// Whether random_plan(seed) finds the bug: with the switch at its historical value its oracle reports, and with the
/// corrected value it does not.
bool found_in_random_plan(const ZooBug& bug, std::uint64_t seed);

/// Whether random_plan(seed) reports anything although the bug is not there. Known defects are not counted.
bool reports_without_bug(const ZooBug& bug, std::uint64_t seed);

}  // namespace linger::scenarios

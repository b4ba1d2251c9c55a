#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/api_key.h"
#include "protocol/error_code.h"
#include "scenarios/scenario.h"

namespace linger::scenarios {

/// An answer that a fault may forge, and when: only pairs that a real broker can produce.
struct ForgedPair {
  /// Who is told this by a real broker: only producers with transactions, or only those whose cluster has version 1 or 2
  /// of them, or who send offsets.
  enum class To : std::uint8_t { anybody, transactional, version_1, version_2, offsets, offsets_version_1 };
  std::string_view api;
  ErrorCode error;
  bool after_append;
  To to = To::anybody;
};
/// Every pair that random plans forge. One table, so that coverage can be counted against it.
const std::vector<ForgedPair>& forging_table();

/// The kinds of fault that random plans draw from, by their name in a plan ("lose", "crash", "cut", …), for coverage.
const std::vector<std::string_view>& fault_kinds();
/// The name of this action's kind, as in fault_kinds().
std::string_view kind_of(const Action& action);

/// A whole plan from a seed: cluster, workload, settings and faults, with whole features switched off at random (swarm testing, Groce and others,
/// ISSTA 2012). The run reads only the plan, so an old failure survives a change of this function.
/// Some faults are aimed at situations that a pilot has seldom met (docs/decisions/steering-random-plans.md).
Scenario random_plan(std::uint64_t seed);
/// The same, but nothing is preferred: what the pilot runs, and what steering is measured against.
Scenario unsteered_plan(std::uint64_t seed);

/// The scenario with other timing and other fates of messages: another seed, shifted faults, and up to two more faults on messages.
Scenario vary(const Scenario& scenario, std::uint64_t seed);

}  // namespace linger::scenarios

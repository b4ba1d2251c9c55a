#pragma once

#include <vector>

#include "scenarios/evidence.h"
#include "scenarios/ghost_state.h"
#include "scenarios/ledger.h"
#include "scenarios/result.h"

namespace linger::scenarios {

/// Whether what was read arrived where it was to go, exactly once: a read_committed reader finds one output for each
/// input, in the order of the inputs of each partition, and the group's committed offset stands just behind the inputs
/// that have one. Counts are given for every transfer; violations only where it promises this
/// (TransferEvidence::exactly_once) and nothing that it rests on was destroyed.
struct TransferJudgement {
  std::vector<TransferResult> results;
  std::vector<Violation> violations;  ///< `transferred-twice`, `not-transferred`, `transfer-reordered`, `offset-behind`
};
TransferJudgement judge_transfers(const Ledger& ledger, const GhostState& ghost, const Evidence& evidence);

}  // namespace linger::scenarios

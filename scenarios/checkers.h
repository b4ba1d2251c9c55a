#pragma once

#include <string>
#include <vector>

#include "scenarios/evidence.h"
#include "scenarios/ghost_state.h"
#include "scenarios/ledger.h"
#include "scenarios/result.h"

namespace linger::scenarios {

/// What the checkers found: one fate a record, the counts, and every broken guarantee.
struct Judgement {
  std::vector<RecordFate> fates;
  Counts counts;
  std::vector<Violation> violations;
  std::vector<TransferResult> transfers;
};

/// Matches the ledger with the logs and applies the catalogue's oracles:
/// O1 acked record absent, or absent from the log of a leader that began after the acknowledgement, O2 written twice,
/// O3 order per producer and partition, and nothing overtakes what never arrives, O4 a record that nobody sent there, O5 replicas differ, O6 seen by a consumer
/// and later gone or replaced, O7 a transaction is committed as a whole or not at all, and what an application
/// transfers arrives exactly once (transfer_judge.h), O8 a commit, a flush or an acknowledgement says what is so, O9 stuck or hanging, O10 buffer memory not given back, O11
/// reported as certainly not written, and yet in the log. What is allowed follows from the producer's promises and from
/// what the faults destroyed (GhostState::excused).
Judgement judge(const Ledger& ledger, const GhostState& ghost, const Evidence& evidence);

}  // namespace linger::scenarios

#pragma once

#include "scenarios/evidence.h"
#include "scenarios/result.h"
#include "scenarios/world.h"

namespace linger::scenarios {

/// Reads out of a world that has come to its end what the checkers need. `healed`: the final phase took place.
Evidence collect_evidence(const World& world, bool healed);

/// Everything in a result that is not judgement: producers, partitions, faults, times.
RunResult summarise(const World& world, const Evidence& evidence);

/// Transactions that are open, or of which not all markers are written, as the coordinators know them that lead.
std::vector<UndecidedEvidence> undecided_transactions(const World& world);
/// Whether every coordinator that leads has read its log, and has decided all that is in it.
bool coordinators_at_rest(const World& world);

}  // namespace linger::scenarios

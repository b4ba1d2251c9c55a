#pragma once

#include "scenarios/random_dice.h"
#include "scenarios/scenario.h"

namespace linger::scenarios {

/// How the faults of a random plan lie in time, beside single ones at drawn moments. Each changes a whole plan, whose
/// traffic lasts about `span`, and draws nothing that another one draws.

/// One style for all crashes of the plan. Many short ones: hosts are back before anybody has noticed, again and again.
/// Few long ones: sessions end, ISRs shrink, and who comes back has much to catch up on.
void add_crashes(Scenario& plan, const Dice& dice, Duration span);

/// Hosts cut off from the rest one after another in a random order, and joined again in another random order: for a
/// while nearly every subset of them can talk to each other (the swizzle of FoundationDB's simulation: Zhou and others,
/// SIGMOD 2021).
void add_swizzle(Scenario& plan, const Dice& dice, Duration span);

/// Divides the plan in two acts with a quiet period between them, in which every fault of the first act is over and
/// none of the second has begun. Producers do again in the second act what they did in the first. A producer of its own
/// writes towards the end of the quiet period and expects to be answered within it: that is what having settled means.
/// Requires a plan to which nothing is added any more.
void add_quiet_period(Scenario& plan, const Dice& dice, Duration span);

/// Brokers that a failing disk halts come back some seconds later, most of them: the disk was changed, or only shaky.
void add_repairs(Scenario& plan, const Dice& dice);

}  // namespace linger::scenarios

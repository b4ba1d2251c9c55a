#pragma once

#include "scenarios/random_dice.h"
#include "scenarios/scenario.h"

namespace linger::scenarios {

/// Gives some of the plan's producers a transactional.id and, instead of what they did, transactions to carry out:
/// sends and offsets between begin and commit or abort, within about `span`. Sets what coordinators need. Requires a
/// plan with topics and at least one producer.
void add_transactions(Scenario& plan, const Dice& dice, Duration span);

/// A send of this plan's kind, drawn; `share`: the time over which its records are spread, if they are.
SendStep draw_send(const Dice& dice, const ClusterSpec& cluster, Duration share);

}  // namespace linger::scenarios

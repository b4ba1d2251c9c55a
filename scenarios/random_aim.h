#pragma once

#include <cstdint>

#include "scenarios/random_dice.h"
#include "scenarios/scenario.h"
#include "scenarios/situation.h"

namespace linger::scenarios {

/// Where a fault is meant to strike. The fault's number is its place in kinds_of_fault().
struct Aim {
  std::uint32_t kind = 0;
  ProducerSituation producer = ProducerSituation::idle;
  ClusterSituation cluster = ClusterSituation::healthy;
};

/// How often random plans have struck there, in bits of the number: 0 never, 1 once, 2 two or three times, … A fixed
/// table that a pilot of unsteered plans has filled, so that whoever draws a plan by its seed draws the same one.
int times_met(const Aim& aim);

/// How late an aim's turn comes: those that the pilot has met one to three times first, then those that it has never met,
/// of which many cannot be, then the others by times_met().
int rank(const Aim& aim);

/// Of so many situations drawn for this plan the one of the least rank, the first of those that are equal.
/// Requires candidates >= 1; with 1 nothing is preferred.
Aim draw_aim(const Scenario& plan, const Dice& dice, std::int64_t candidates);

/// Adds a fault that is to strike in such a situation, after what brings the cluster there, within about `span`. It may
/// miss: nobody knows before the run what the run will be about. Requires a plan with topics and producers.
void add_aimed_fault(Scenario& plan, const Aim& aim, const Dice& dice, Duration span);

}  // namespace linger::scenarios

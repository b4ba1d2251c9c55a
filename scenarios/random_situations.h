#pragma once

#include "scenarios/random_dice.h"
#include "scenarios/scenario.h"

namespace linger::scenarios {

/// Situations that are known to be hard and that single faults seldom make: mishaps that belong together, with a topic
/// and a producer of their own. Each is added to a whole plan.

/// A producer without sequences whose retried request lies in its own memory, since the socket buffer is small
/// and full, while the batch expires and another partition's traffic takes buffers from the pool. Every batch holds one
/// record and all have one size, so that nothing but the rule about when a buffer is free decides what the request
/// carries when it leaves at last.
void add_stuck_writer(Scenario& plan, const Dice& dice);

/// A batch whose time runs out while the answer to it is under way. What the producer sends next meets the late answer
/// and, where brokers are short of replicas or have lost the leadership, refusals of its own.
void add_given_up_batch(Scenario& plan, const Dice& dice);

/// A partition whose leader moves again and again before replication has caught up: stalls of what replicas or the
/// producer are told, and elections or deaths in between, each on a message right after the mishap before it.
void add_handover(Scenario& plan, const Dice& dice);

/// A replica that fell behind while others went on without it comes back under a new leader, which may not know yet how far
/// its own log is committed, and is about to lead before it has caught up. Adds nothing where there are fewer than three
/// brokers.
void add_comeback(Scenario& plan, const Dice& dice);

}  // namespace linger::scenarios

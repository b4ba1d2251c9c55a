#pragma once

#include <cstdint>
#include <optional>

#include "scenarios/world.h"

namespace linger::scenarios {

/// A hash of what decides how a run can go on, without what does not: the virtual time, the numbers of events and connections, when timers are due. Of every replica its log and high
/// watermark; of every partition leader, epoch, ISR and ELR; of every producer its identity, sequences, what is unanswered and how much of delivery.timeout.ms that has left; what every application was
/// told; which faults last or still wait; and what the ghost state holds against a loss. Two worlds of one plan with the same hash are taken for the same state.
///
/// Nothing while requests of producers are under way, but for `arriving`, which the next event brings, or records on their way to a follower: then the network holds a part of the state.
std::optional<std::uint64_t> protocol_state(const World& world, const World::NextMessage* arriving);

}  // namespace linger::scenarios

#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "scenarios/scenario.h"
#include "scenarios/world.h"

namespace linger::scenarios {

/// One thing that can happen to a request or an answer instead of its delivery, as faults that a plan can hold.
struct Fate {
  std::string_view name;       ///< `lose`, `reset`, …
  std::vector<Fault> faults;   ///< the first waits for this very message; others follow from it
  bool changes_leader = false; ///< an orderly change of leader, not a failure: counted apart
};

/// Every fate but delivery of the message that is about to arrive, in a fixed order.
///
/// A request can be lost; its connection can be reset, so that only what went before it in the pipeline arrives; it can arrive after its client has given up (request.timeout.ms), on the
/// connection or behind its end; it can be refused with an error that is retried and with one that is not; it can be
/// carried out and answered with an error; the leader can die with it, before it is replicated and after it was appended, as a process or with the
/// machine's memory; the leader can be cut off from the other brokers; it can meet a new leader. An answer can be lost, reset, come after request.timeout.ms, or come
/// from a leader that dies or is replaced behind it.
///
/// `nth`: the message's number among those of its API, direction, sender and receiver, from 1. `suffix` makes the faults' names unique. Requires a Produce or another request of a producer, or
/// its answer.
std::vector<Fate> fates_of(const World& world, const World::NextMessage& message, std::int64_t nth, std::string_view suffix);

/// The names of all fates that a request or an answer of a Produce can have, for docs and counts; fates_of may give fewer (without a second replica nobody else
/// can lead).
const std::vector<std::string_view>& request_fates();
const std::vector<std::string_view>& answer_fates();

}  // namespace linger::scenarios

#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "scenarios/scenario.h"
#include "sim/ids.h"
#include "sim/time.h"
#include "ui/gui/model/branches.h"
#include "ui/gui/model/session.h"

namespace linger::gui {

struct State;

/// A place of the window where something can be made to happen.
struct Target {
  enum class Kind : std::uint8_t { host, link, message, fault } kind = Kind::host;
  sim::HostId host = sim::no_host;
  sim::HostId other = sim::no_host;  ///< of a link: its other end
  std::size_t index = 0;             ///< of the run's messages, or of the plan's faults
  friend bool operator==(const Target&, const Target&) = default;
};

/// Something that the pointer can make happen: a plan of its own, beside the one that ran.
struct Act {
  Change change;
  std::optional<scenarios::Fault> fault;  ///< what comes to the plan
  std::optional<std::size_t> without;     ///< index of the planned fault that leaves it
  sim::SimTime from;                      ///< until here the run stays what it is
};

/// The menu of what can be done at a place, open beside it.
struct ActMenu {
  Change name;  ///< of the place
  std::vector<Act> acts;
  std::optional<sim::SimTime> at;  ///< when it would happen; nothing where the place itself says when
  double x = 0, y = 0;             ///< where the pointer asked for it, logical pixels
};

/// What can be done at a place of the window, at the moment of the cursor: to a host or a link from the next nanosecond
/// on, to a message where it is judged, to a planned fault that it does not come. Nothing where nothing can be done: a
/// message that never arrived cannot be lost once more.
std::vector<Act> acts_on(const Target& target, Session& session, const State& state);

/// What the place is called: "b1", "p1 – b2", "PRODUCE, p1 → b1".
Change name_of(const Target& target, const Session& session);

/// The plan with the act in it.
scenarios::Scenario plan_with(const scenarios::Scenario& plan, const Act& act);

}  // namespace linger::gui

#pragma once

#include <optional>

#include "sim/ids.h"
#include "ui/gui/model/session.h"

namespace linger::gui {

/// The nearest event that led to this one and that the diagram shows something of; nothing if there is none.
std::optional<sim::EventNumber> cause_of(const Session& session, sim::EventNumber event);

/// The first event that this one led to and that the diagram shows something of; nothing if there is none.
std::optional<sim::EventNumber> effect_of(const Session& session, sim::EventNumber event);

}  // namespace linger::gui

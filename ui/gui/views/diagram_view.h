#pragma once

#include "ui/gui/views/view.h"

namespace linger::gui {

/// The main page: the time-space diagram, strips and ledger under it, panels beside it.
Page diagram_page();

/// Pixels of the diagram's names of lanes, left of its axis.
inline constexpr double lane_names = 124;

}  // namespace linger::gui

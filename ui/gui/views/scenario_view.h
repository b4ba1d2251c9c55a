#pragma once

#include "ui/gui/views/view.h"

namespace linger::gui {

/// The plan of a run in forms: what is changed in them can be run as a branch.
Page scenario_page();

}  // namespace linger::gui

#pragma once

#include "ui/gui/model/callouts.h"
#include "ui/gui/views/view.h"

namespace linger::gui {

/// The row of callouts over the diagram, with a cross that puts them away.
void draw_callouts(Frame& frame, const std::vector<Callout>& callouts);

/// Their numbers beside what they are about.
void draw_callout_numbers(Frame& frame, const report::Scene& scene, Point at);

}  // namespace linger::gui

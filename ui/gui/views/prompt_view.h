#pragma once

#include "ui/gui/views/view.h"

namespace linger::gui {

/// The line of text that is asked for, over everything, where one is.
void draw_prompt(State& state, const Canvas& canvas, std::vector<Request>& requests, double width, double height);

}  // namespace linger::gui

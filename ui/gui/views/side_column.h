#pragma once

#include "ui/gui/views/view.h"

namespace linger::gui {

/// The panels beside the diagram: a column, or a drawer over the right half of a narrow window.
void draw_side_column(Frame& frame);

}  // namespace linger::gui

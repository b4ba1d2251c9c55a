#pragma once

#include <optional>

#include "ui/gui/views/view.h"

namespace linger::gui {

/// Where the cursor's time stands on the axis at this height; nothing while the cursor is out of sight.
std::optional<Box> cursor_tag(const Frame& frame, double top);

/// The cursor: a line down from its tag, and its time on it.
void draw_cursor(const Frame& frame, const Box& tag, double bottom);

}  // namespace linger::gui

#pragma once

#include "ui/gui/views/view.h"

namespace linger::gui {

/// The menu of acts, over everything, where there is one. A click beside it closes it.
void draw_act_menu(Frame& frame, double width, double height);

/// Opens it beside the pointer.
void open_act_menu(Frame& frame, const Target& target);

}  // namespace linger::gui

#pragma once

#include <string>

#include "ui/gui/model/picture.h"
#include "ui/gui/views/view.h"

namespace linger::gui {

/// Paints a picture at the upper left corner of a box, and answers the pointer: hints, clicks. `id` names it in the
/// window.
void draw_picture(Frame& frame, const PanelPicture& picture, const Box& box, const std::string& id);

/// The same, and the wheel moves what is higher than the box.
void draw_scrolled(Frame& frame, const PanelPicture& picture, const Box& box, const std::string& id);

/// The small picture of a panel, made anew only where what it shows has changed.
const PanelPicture& kept_picture(const Frame& frame, const char* panel, double width,
                                 PanelPicture (*make)(const Frame& frame, double width));

/// Whether a panel has a page for itself rather than a place in the side column.
bool is_large(const Frame& frame);

/// The panel that the viewer wants large, in the place of the page; false if there is none.
bool draw_large_panel(Frame& frame);

}  // namespace linger::gui

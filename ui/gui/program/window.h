#pragma once

#include <string>

#include "ui/gui/model/preferences.h"
#include "ui/gui/views/app.h"

namespace linger::gui {

/// Opens a window of the wanted size and runs until it is closed, or for so many frames if `frames` is not 0. The size
/// that the viewer left it in is in `layout` then. Empty, or the sentence that says why there is no window.
std::string run_window(App& app, Preferences& layout, int frames);

}  // namespace linger::gui

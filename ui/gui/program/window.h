#pragma once

#include <string>

#include "ui/gui/views/app.h"

namespace linger::gui {

/// Opens a window and runs until it is closed, or for so many frames if `frames` is not 0. Empty, or the sentence that
/// says why there is no window.
std::string run_window(App& app, int width, int height, int frames);

}  // namespace linger::gui

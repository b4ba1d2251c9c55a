#pragma once

#include <optional>
#include <string>

#include "ui/gui/program/png.h"
#include "ui/gui/views/app.h"

namespace linger::gui {

/// The window's picture without a window and without a display: EGL's surfaceless platform and a software renderer.
/// Nothing, and a sentence in `why`, where that cannot be had. The same session and state give the same pixels.
std::optional<Picture> picture_of(App& app, int width, int height, std::string& why);

}  // namespace linger::gui

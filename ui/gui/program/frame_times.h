#pragma once

#include <string>

#include "ui/gui/views/app.h"

namespace linger::gui {

/// What a frame of 1280x720 takes in this process up to the list that a renderer gets, as one line of JSON: the run's
/// events, and the median CPU time in ns of a frame in which nothing changed (`still`), of one while the run plays at
/// the first speed (`playing`), of one in which the cursor jumped by a hundredth of the run (`scrubbing`), and of one in
/// which the diagram moved at forty times the zoom (`panning`). Requires a session.
std::string frame_times(App& app);

}  // namespace linger::gui

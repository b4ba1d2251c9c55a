#pragma once

#include <optional>

#include "ui/gui/model/commands.h"

namespace linger::gui {

/// The index of a key in ImGui's io.KeysDown: the number that GLFW gives it. A test presses the same numbers.
int key_code(Key key);

/// What the keys that went down in this frame ask for.
std::optional<Command> pressed_command();

}  // namespace linger::gui

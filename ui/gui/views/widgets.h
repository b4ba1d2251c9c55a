#pragma once

#include <string>
#include <string_view>

#include "ui/gui/views/canvas.h"

namespace linger::gui {

/// How a button looks: off and on, or greyed because it can do nothing now.
enum class Look : std::uint8_t { plain, on, grey };

/// A button with a text. True when it was clicked. `id` is unique in the window.
bool button(Canvas& canvas, const char* id, const Box& box, std::string_view label, Look look = Look::plain,
            std::string_view key = {});

/// An area that can be clicked, without a look of its own.
struct Touch {
  bool hovered = false, clicked = false, held = false;
};
Touch touch(const char* id, const Box& box);

/// A box beside the pointer, with a first line in bold.
void tooltip(Canvas& canvas, const std::vector<std::string>& lines);

}  // namespace linger::gui

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

/// A line of text that can be edited. `take_focus`: the keys go to it from now on. `hint` stands in an empty one. True
/// when Enter ended it.
bool text_field(Canvas& canvas, const char* id, const Box& box, std::string& words, bool take_focus = false,
                const char* hint = "");

/// What is drawn between its making and its end lies over the window and gets the pointer first.
class Overlay {
 public:
  /// `in_front`: it takes the keys, and lies over overlays without.
  Overlay(const char* id, const Box& box, bool in_front = true);
  ~Overlay();
  Overlay(const Overlay&) = delete;
  Overlay& operator=(const Overlay&) = delete;
  /// Paints within the overlay as `canvas` does in the window.
  Canvas canvas(const Canvas& canvas) const;
};

/// The wheel over a box moves what it shows of something this high, from `top` on; a bar at its right says where one
/// is.
void scroll(Canvas& canvas, const Box& box, double height, double& top);

/// A box beside the pointer, with a first line in bold.
void tooltip(Canvas& canvas, const std::vector<std::string>& lines);

}  // namespace linger::gui

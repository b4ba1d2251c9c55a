#pragma once

#include "ui/report/drawing.h"

namespace linger::gui {

using report::Box;
using report::Point;

/// Where the parts of a window go, in logical pixels. A part that falls away at this size has no height or width.
struct Screen {
  bool too_small = false;  ///< under 640x400: one sentence instead of everything
  bool compact = false;    ///< under 1100 wide: short labels, no keys in the bar
  bool drawer = false;     ///< the side column lies over the rest
  Box header, transport, callouts, diagram, strips, ledger, side, status;
};

struct ScreenWishes {
  bool side_column = true;
  bool drawer = false;  ///< instead of the column in a compact window
  bool callouts = true;
  std::size_t ledger_rows = 2;
  std::size_t strips = 0;  ///< plots under the diagram
};

Screen lay_out_screen(double width, double height, const ScreenWishes& wishes);

inline bool contains(const Box& box, Point point) {
  return point.x >= box.x && point.x < box.x + box.width && point.y >= box.y && point.y < box.y + box.height;
}

}  // namespace linger::gui

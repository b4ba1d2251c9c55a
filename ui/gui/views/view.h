#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ui/gui/model/branches.h"
#include "ui/gui/model/callouts.h"
#include "ui/gui/model/commands.h"
#include "ui/gui/model/requests.h"
#include "ui/gui/model/screen.h"
#include "ui/gui/model/session.h"
#include "ui/gui/model/state.h"
#include "ui/gui/views/canvas.h"
#include "ui/gui/views/picture_cache.h"

namespace linger::gui {

/// What a view gets for one frame. It draws on `canvas` within its box, reads `session`, changes `state` where the
/// viewer asks for it, and puts what it cannot do itself into `asked`.
struct Frame {
  Branches& branches;
  Session& session;  ///< of the branch that is shown
  State& state;
  Canvas& canvas;
  const Screen& screen;
  const report::Axis& axis;  ///< the time axis that the diagram and everything under it share
  double axis_left = 0;      ///< where the axis begins on the screen
  double axis_width = 0;     ///< what of it is seen
  std::vector<Command>& asked;
  std::vector<Request>& requests;
  const std::vector<Callout>& callouts;  ///< none where there is nothing to point at
  PictureCache& pictures;                ///< of panels

  std::string_view say(Str string) const { return text(state.language, string); }
  std::string say(Str string, std::initializer_list<std::string> values) const {
    return text(state.language, string, values);
  }
  /// Where a moment is on the screen; left of axis_left or right of its end if it is out of sight.
  double x(sim::SimTime at) const { return axis_left + axis.x(at) - state.axis.left; }
};

/// What fills the window under header and transport.
struct Page {
  std::string_view id;  ///< for --view
  Str title;            ///< of its tab
  void (*draw)(Frame& frame);
};

/// A box of the side column: the state of something at the cursor. `--view ID` shows it alone, large.
struct Panel {
  std::string_view id;
  Str title;
  /// The pixels that it wants in a column of this width; 0: nothing to show in this run.
  double (*height)(const Frame& frame, double width);
  void (*draw)(Frame& frame, const Box& box);
};

/// A plot under the diagram, on its axis.
struct Strip {
  std::string_view id;
  Str title;
  void (*draw)(Frame& frame, const Box& box);
};

/// All of them in the order in which they appear.
std::span<const Page> pages();
std::span<const Panel> panels();
std::span<const Strip> strips();

}  // namespace linger::gui

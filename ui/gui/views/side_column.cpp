#include "ui/gui/views/side_column.h"

#include <algorithm>

#include "ui/gui/views/widgets.h"

namespace linger::gui {
namespace {

void draw_panels(Frame& frame) {
  const Box& side = frame.screen.side;
  Canvas& canvas = frame.canvas;
  canvas.line({side.x, side.y}, {side.x, side.y + side.height}, canvas.colour(Paint::rule));
  double top = side.y + 8;
  for (const Panel& panel : panels()) {
    const double wanted = panel.height(frame, side.width - 16);
    const double left = side.y + side.height - 8 - top;
    if (wanted <= 0 || left < 60) continue;
    const Box box{side.x + 8, top, side.width - 16, std::min(wanted, left)};
    canvas.fill(box, canvas.colour(Extra::panel));
    canvas.frame(box, canvas.colour(Paint::rule));
    canvas.push_clip(box);
    panel.draw(frame, box);
    canvas.pop_clip();
    // Behind the panel's own places to touch, which come first.
    constexpr double title = 30;
    const Touch head = touch(("##enlarge " + std::string(panel.id)).c_str(), {box.x, box.y, box.width, title});
    if (head.hovered) {
      canvas.frame(box, canvas.colour(Paint::ink));
      tooltip(canvas, {std::string(frame.say(Str::panel_enlarge))});
    }
    if (head.clicked) frame.state.panel = panel.id;
    top += box.height + 8;
  }
}

}  // namespace

void draw_side_column(Frame& frame) {
  if (frame.screen.side.width <= 0) return;
  if (!frame.screen.drawer) return draw_panels(frame);
  // A prompt or a menu that is open has the keys.
  const bool in_front = !frame.state.prompt && !frame.state.menu;
  const Overlay overlay{"##drawer", frame.screen.side, in_front};
  Canvas canvas = overlay.canvas(frame.canvas);
  canvas.fill(frame.screen.side, canvas.colour(Paint::ground));
  Frame within{frame.branches,  frame.session,    frame.state, canvas,         frame.screen,   frame.axis,
               frame.axis_left, frame.axis_width, frame.asked, frame.requests, frame.callouts, frame.pictures};
  draw_panels(within);
}

}  // namespace linger::gui

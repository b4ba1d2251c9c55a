#include "ui/gui/views/cursor_view.h"

#include <algorithm>

#include "ui/report/words.h"

namespace linger::gui {
namespace {

std::string time_of(const Frame& frame) {
  return report::milliseconds(frame.state.cursor.at.ns());
}

}  // namespace

std::optional<Box> cursor_tag(const Frame& frame, double top) {
  const double x = frame.x(frame.state.cursor.at);
  if (x < frame.axis_left || x > frame.axis_left + frame.axis_width) return std::nullopt;
  const double wide = frame.canvas.width(time_of(frame), 12, Face::mono_bold) + 14;
  const double left = std::clamp(x - wide / 2, frame.axis_left - 20, frame.axis_left + frame.axis_width - wide - 4);
  return Box{left, top, wide, 20};
}

void draw_cursor(const Frame& frame, const Box& tag, double bottom) {
  const double x = frame.x(frame.state.cursor.at);
  Canvas& canvas = frame.canvas;
  canvas.line({x, tag.y}, {x, bottom}, canvas.colour(Extra::cursor), 1.5);
  canvas.fill(tag, canvas.colour(Extra::cursor), 3);
  canvas.text({tag.x + 7, tag.y + 14}, time_of(frame), canvas.colour(Extra::cursor_text), 12, Face::mono_bold);
}

}  // namespace linger::gui

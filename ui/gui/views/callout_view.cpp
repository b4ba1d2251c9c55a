#include "ui/gui/views/callout_view.h"

#include "ui/gui/views/widgets.h"

namespace linger::gui {
namespace {

void number(Canvas& canvas, std::size_t value, Point at) {
  canvas.disc(at, 11, canvas.colour(Paint::ink));
  canvas.text_centred({at.x, at.y + 5}, std::to_string(value), canvas.colour(Paint::ground), 13, Face::semibold);
}

}  // namespace

void draw_callouts(Frame& frame, const std::vector<Callout>& callouts) {
  const Box& box = frame.screen.callouts;
  if (box.height <= 0 || callouts.empty()) return;
  Canvas& canvas = frame.canvas;
  const double each = (box.width - 16) / static_cast<double>(callouts.size());
  for (std::size_t i = 0; i < callouts.size(); ++i) {
    const Box one{box.x + 8 + each * static_cast<double>(i), box.y + 6, each - 8, box.height - 6};
    canvas.fill(one, canvas.colour(Extra::panel));
    canvas.fill({one.x, one.y, 3, one.height}, canvas.colour(Paint::ink));
    number(canvas, i + 1, {one.x + 20, one.y + 15});
    const bool last = i + 1 == callouts.size();
    canvas.text_within({one.x + 38, one.y + 20}, callouts[i].title, one.width - 44 - (last ? 20 : 0), Paint::ink, 13,
                       Face::semibold);
    double y = one.y + 38;
    for (const std::string& line : canvas.wrapped(callouts[i].text, one.width - 24, 12)) {
      if (y + 4 > one.y + one.height) break;
      canvas.text({one.x + 16, y}, line, Paint::dim, 12);
      y += 16;
    }
  }
  const Box cross{box.x + box.width - 34, box.y + 8, 24, 24};
  if (touch("##callouts away", cross).clicked) frame.state.callouts = false;
  const Point middle{cross.x + 12, cross.y + 10};
  canvas.line({middle.x - 4, middle.y - 4}, {middle.x + 4, middle.y + 4}, canvas.colour(Paint::dim), 1.5);
  canvas.line({middle.x - 4, middle.y + 4}, {middle.x + 4, middle.y - 4}, canvas.colour(Paint::dim), 1.5);
}

void draw_callout_numbers(Frame& frame, const report::Scene& scene, Point at) {
  for (const report::Scene::Number& one : scene.numbers)
    number(frame.canvas, one.number, {one.at.x + at.x, one.at.y + at.y});
}

}  // namespace linger::gui

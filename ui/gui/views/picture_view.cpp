#include "ui/gui/views/picture_view.h"

#include <algorithm>

#include "ui/gui/views/menu_view.h"
#include "ui/gui/views/widgets.h"

namespace linger::gui {
namespace {

void paint_text(Canvas& canvas, const PictureText& text, Point at) {
  const Point where{at.x + text.at.x, at.y + text.at.y};
  const double wide = canvas.width(text.words, text.size, text.face);
  if (text.align == Align::left || wide > text.room) {
    canvas.text_within(where, text.words, text.room, text.paint, text.size, text.face);
    return;
  }
  const double spare = text.room - wide;
  canvas.text({where.x + (text.align == Align::right ? spare : spare / 2), where.y}, text.words, text.paint, text.size,
              text.face);
}

void answer(Frame& frame, const PictureTouch& place, Point at, const Box& clip, const std::string& id) {
  const Box box{place.box.x + at.x, place.box.y + at.y, place.box.width, place.box.height};
  if (!box.overlaps(clip)) return;
  const Touch state = touch(id.c_str(), box);
  if (state.hovered) {
    frame.canvas.frame(box, frame.canvas.colour(Paint::ink));
    if (!place.hint.empty()) tooltip(frame.canvas, place.hint);
  }
  if (state.hovered && place.acts && ImGui::IsMouseClicked(1)) open_act_menu(frame, *place.acts);
  if (!state.clicked) return;
  if (place.selects) frame.state.selection = *place.selects;
  if (place.goes) {
    frame.state.playing = false;
    move_to(frame.session.behind(*place.goes), frame.session, frame.state, frame.axis_width);
  }
}

}  // namespace

void draw_picture(Frame& frame, const PanelPicture& picture, const Box& box, const std::string& id) {
  Canvas& canvas = frame.canvas;
  const Point at{box.x, box.y};
  for (const Box& mark : picture.marked)
    canvas.fill({mark.x + at.x, mark.y + at.y, mark.width, mark.height}, canvas.colour(Extra::highlight, 0.3), 3);
  for (const report::Shape& shape : picture.shapes) canvas.paint(shape, at, box);
  for (const PictureText& text : picture.texts) {
    if (text.at.y + at.y > box.y - 20 && text.at.y + at.y < box.y + box.height + 20) paint_text(canvas, text, at);
  }
  for (std::size_t i = 0; i < picture.touches.size(); ++i)
    answer(frame, picture.touches[i], at, box, "##" + id + std::to_string(i));
}

void draw_scrolled(Frame& frame, const PanelPicture& picture, const Box& box, const std::string& id) {
  float* kept = ImGui::GetStateStorage()->GetFloatRef(ImGui::GetID(id.c_str()), 0);
  auto top = static_cast<double>(*kept);
  scroll(frame.canvas, box, picture.height, top);
  *kept = static_cast<float>(top);
  frame.canvas.push_clip(box);
  draw_picture(frame, picture, {box.x, box.y - top, box.width, std::max(picture.height, box.height)}, id);
  frame.canvas.pop_clip();
}

const PanelPicture& kept_picture(const Frame& frame, const char* panel, double width,
                                 PanelPicture (*make)(const Frame& frame, double width)) {
  const PictureCache::Shown shown{&frame.session, frame.state.cursor, frame.state.selection, frame.state.language,
                                  width};
  return frame.pictures.of(panel, shown, [&] { return make(frame, width); });
}

bool is_large(const Frame& frame) {
  return !frame.state.panel.empty();
}

bool draw_large_panel(Frame& frame) {
  for (const Panel& panel : panels()) {
    if (panel.id != frame.state.panel) continue;
    const double top = frame.screen.transport.y + frame.screen.transport.height;
    panel.draw(frame, {0, top, frame.screen.status.width, frame.screen.status.y - top});
    return true;
  }
  return false;
}

}  // namespace linger::gui

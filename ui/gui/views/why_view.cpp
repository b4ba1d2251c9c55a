#include "ui/gui/views/why_view.h"

#include "ui/gui/model/why.h"
#include "ui/gui/views/picture_view.h"

namespace linger::gui {
namespace {

PanelPicture make(const Frame& frame, double width) {
  const Selection& selection = frame.state.selection;
  return why_panel(why_of(frame.session, selection, frame.state.language), selection, frame.state.language, width);
}

const PanelPicture& chain(const Frame& frame, double width) {
  return kept_picture(frame, "why", width, make);
}

double chain_height(const Frame& frame, double width) {
  return chain(frame, width).height;
}

void draw_chain(Frame& frame, const Box& box) {
  draw_scrolled(frame, chain(frame, is_large(frame) ? std::min(box.width - 8, 640.0) : box.width), box, "why");
}

}  // namespace

Panel why_view() {
  return {"why", Str::y_title, chain_height, draw_chain};
}

}  // namespace linger::gui

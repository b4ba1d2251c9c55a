#include "ui/gui/views/producer_view.h"

#include "ui/gui/model/cluster_facts.h"
#include "ui/gui/model/producer_panel.h"
#include "ui/gui/views/picture_view.h"
#include "ui/report/words.h"

namespace linger::gui {
namespace {

std::string moment(const Frame& frame) {
  return report::milliseconds(frame.state.cursor.at.ns()) + " ms";
}

PanelPicture make(const Frame& frame, double width) {
  const auto focus = focus_of(frame.session, frame.state.selection);
  if (!focus) return {};
  const std::int32_t leader = leader_of(frame.session, frame.state.cursor, *focus);
  const ProducerFacts facts =
      producer_facts(frame.session, frame.state.cursor, focus->producer, frame.state.selection.record);
  return producer_panel(facts, *focus, leader, moment(frame), frame.state.language, width);
}

const PanelPicture& small(const Frame& frame, double width) {
  return kept_picture(frame, "producer", width, make);
}

double height(const Frame& frame, double width) {
  return small(frame, width).height;
}

void draw(Frame& frame, const Box& box) {
  if (!is_large(frame)) return draw_picture(frame, small(frame, box.width), box, "producer");
  const auto focus = focus_of(frame.session, frame.state.selection);
  if (!focus) return;
  const ProducerFacts facts =
      producer_facts(frame.session, frame.state.cursor, focus->producer, frame.state.selection.record);
  const auto metrics = producer_metrics(frame.session, frame.state.cursor, focus->producer);
  draw_scrolled(frame, producer_page(facts, metrics, moment(frame), frame.state.language, box.width - 8), box,
                "producer");
}

}  // namespace

Panel producer_view() {
  return {"producer", Str::p_panel, height, draw};
}

}  // namespace linger::gui

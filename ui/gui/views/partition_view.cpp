#include "ui/gui/views/partition_view.h"

#include "scenarios/runner.h"
#include "ui/gui/model/partition_panel.h"
#include "ui/gui/views/picture_view.h"

namespace linger::gui {
namespace {

PanelPicture make(const Frame& frame, double width) {
  const auto focus = focus_of(frame.session, frame.state.selection);
  if (!focus) return {};
  const Cursor& cursor = frame.state.cursor;
  const auto facts =
      partition_facts(frame.session, cursor, frame.session.run().setup->topics[focus->topic], focus->partition);
  if (!facts) return {};
  const ProducerFacts producer = producer_facts(frame.session, cursor, focus->producer);
  return partition_panel(*facts, writer_facts(producer, facts->name), frame.state.language, width);
}

const PanelPicture& small(const Frame& frame, double width) {
  return kept_picture(frame, "partition", width, make);
}

double height(const Frame& frame, double width) {
  return small(frame, width).height;
}

void draw(Frame& frame, const Box& box) {
  if (!is_large(frame)) return draw_picture(frame, small(frame, box.width), box, "partition");
  const Cursor& cursor = frame.state.cursor;
  const auto focus = focus_of(frame.session, frame.state.selection);
  std::optional<ProducerFacts> producer;
  if (focus) producer = producer_facts(frame.session, cursor, focus->producer);
  const PanelPicture page = cluster_page(all_partitions(frame.session, cursor), producer ? &*producer : nullptr,
                                         network_facts(frame.session, cursor), frame.state.language, box.width - 8);
  draw_scrolled(frame, page, box, "partition");
}

}  // namespace

Panel partition_view() {
  return {"partition", Str::c_panel, height, draw};
}

}  // namespace linger::gui

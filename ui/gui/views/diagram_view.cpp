#include "ui/gui/views/diagram_view.h"

#include <algorithm>
#include <optional>

#include "scenarios/runner.h"
#include "ui/gui/views/callout_view.h"
#include "ui/gui/views/cursor_view.h"
#include "ui/gui/views/ledger_view.h"
#include "ui/gui/views/menu_view.h"
#include "ui/gui/views/scene_view.h"
#include "ui/gui/views/side_column.h"
#include "ui/gui/views/widgets.h"
#include "ui/report/words.h"

namespace linger::gui {
namespace {

using report::Hit;
using report::Scene;

/// A closer look at what is drawn as one: all of it where it is narrow, else what is around the pixel `at` of the axis.
/// False where there is none: what happened at one moment never comes apart.
bool look_closer(Frame& frame, const SceneView& view, const Hit& crowd, double at) {
  const auto [from, until] = stretch_of(view.diagram, crowd);
  if (until <= from) return false;
  AxisState& axis = frame.state.axis;
  const AxisState before = axis;
  if (frame.axis.x(until) - frame.axis.x(from) < frame.axis_width / 4)
    show_stretch(from, until, frame.session, axis, frame.axis_width);
  else
    zoom_about(4, at, frame.session, axis, frame.axis_width);
  if (axis.zoom > before.zoom) return true;
  axis = before;
  return false;
}

/// A click; `at` is its pixel of the axis.
void choose(Frame& frame, const SceneView& view, const Hit& hit, double at) {
  if (hit.kind == Hit::Kind::fold)
    toggle_fold(frame.state.axis, frame.axis.pieces[hit.index]);
  else if (hit.count == 1 || !look_closer(frame, view, hit, at))
    frame.state.selection = selection_of(view, hit);
}

void navigate(const Frame& frame, const Box& axis, const Touch& area) {
  const ImGuiIO& io = ImGui::GetIO();
  AxisState& state = frame.state.axis;
  const double at = static_cast<double>(io.MousePos.x) - frame.axis_left;
  if (area.hovered && io.MouseWheel != 0 && at >= 0) {
    if (io.KeyShift) {
      state.left -= static_cast<double>(io.MouseWheel) * 60;
      clamp_view(frame.session, state, frame.axis_width);
    } else {
      zoom_about(io.MouseWheel > 0 ? 1.25 : 1 / 1.25, at, frame.session, state, frame.axis_width);
    }
  }
  if (area.held && ImGui::IsMouseDragging(0, 4)) {
    // Near the axis a drag moves the cursor, elsewhere the picture.
    const ImVec2 began = io.MouseClickedPos[0];
    if (contains(axis, {static_cast<double>(began.x), static_cast<double>(began.y)})) {
      const auto moment = std::clamp(frame.axis.at(state.left + at), sim::SimTime{}, frame.session.end());
      frame.state.cursor = frame.session.at(moment);
    } else {
      state.left -= static_cast<double>(io.MouseDelta.x);
      clamp_view(frame.session, state, frame.axis_width);
    }
  }
}

/// The planned fault that a mark or a bar of the lane of faults stands for.
std::optional<std::size_t> fault_at(const Frame& frame, const Hit* hit) {
  const report::Diagram& diagram = frame.session.diagram();
  if (hit == nullptr) return std::nullopt;
  if (hit->kind == Hit::Kind::bar && diagram.bars[hit->index].fault >= 0)
    return static_cast<std::size_t>(diagram.bars[hit->index].fault);
  if (hit->kind != Hit::Kind::mark) return std::nullopt;
  const report::Mark& mark = diagram.marks[hit->index];
  if (diagram.lanes[mark.lane].kind != report::LaneKind::faults) return std::nullopt;
  return static_cast<std::size_t>(frame.session.run().trace.at(mark.record).args[0]);
}

/// A right click: on an arrow its message, on a planned fault that, on any other place of a lane its host.
void act_on(Frame& frame, const Scene& scene, Point pointer, const Hit* under) {
  const report::Diagram& diagram = frame.session.diagram();
  if (under != nullptr && under->kind == Hit::Kind::arrow) {
    frame.state.selection = {std::nullopt, diagram.arrows[under->index].message, diagram.arrows[under->index].event};
    Target target;
    target.kind = Target::Kind::message;
    target.index = diagram.arrows[under->index].message;
    return open_act_menu(frame, target);
  }
  if (const auto fault = fault_at(frame, under)) {
    Target target;
    target.kind = Target::Kind::fault;
    target.index = *fault;
    return open_act_menu(frame, target);
  }
  for (std::size_t lane = 0; lane < scene.rows.size(); ++lane) {
    const Scene::Row& row = scene.rows[lane];
    if (pointer.y < row.top || pointer.y >= row.top + row.height) continue;
    if (diagram.lanes[lane].host == sim::no_host) return;
    Target target;
    target.host = diagram.lanes[lane].host;
    return open_act_menu(frame, target);
  }
}

void draw_diagram(Frame& frame, const Box& box) {
  Canvas& canvas = frame.canvas;
  report::WindowFrame window;
  window.width = box.width;
  window.height = box.height;
  window.left = frame.state.axis.left;
  if (frame.state.callouts) {
    for (const Callout& callout : frame.callouts) window.pointed.push_back({callout.kind, callout.index});
  }
  window.translate = translator(frame.state.language);
  const auto kept = frame.session.scene(axis_window(frame.state.axis, frame.axis_width), window);
  const Scene& scene = *kept;
  const Point at{box.x, box.y};
  const Touch area = touch("##diagram", box);
  const ImGuiIO& io = ImGui::GetIO();
  const Point pointer{static_cast<double>(io.MousePos.x) - box.x, static_cast<double>(io.MousePos.y) - box.y};
  const Hit* under = area.hovered && pointer.x >= scene.gutter ? scene.at(pointer) : nullptr;

  const SceneView view{frame.session, frame.session.diagram(), frame.axis, frame.state};
  const std::optional<Box> tag = cursor_tag(frame, box.y);
  paint_scene(canvas, view, scene, box, under, tag);

  if (frame.session.diagram().arrows.empty() && frame.session.diagram().marks.empty())
    canvas.text_centred({box.x + box.width / 2, box.y + box.height / 2}, frame.say(Str::diagram_empty),
                        canvas.colour(Paint::dim));
  const Box axis{box.x, box.y, box.width, scene.lanes_top};
  navigate(frame, axis, area);
  if (area.clicked && io.MouseDragMaxDistanceSqr[0] < 16) {
    if (pointer.y < scene.lanes_top - 8 && pointer.x >= scene.gutter) {
      const auto moment = frame.axis.at(frame.state.axis.left + pointer.x - scene.gutter);
      frame.state.cursor = frame.session.at(std::clamp(moment, sim::SimTime{}, frame.session.end()));
    } else if (under != nullptr) {
      choose(frame, view, *under, pointer.x - scene.gutter);
    } else {
      frame.state.selection = {};
    }
  }
  if (area.hovered && ImGui::IsMouseClicked(1)) act_on(frame, scene, pointer, under);
  draw_callout_numbers(frame, scene, at);
  if (tag) draw_cursor(frame, *tag, frame.screen.strips.y + frame.screen.strips.height);
  const bool moved = io.MouseDelta.x != 0 || io.MouseDelta.y != 0;
  const bool rests = frame.state.rest.shows(under != nullptr && !area.held, moved, static_cast<double>(io.DeltaTime));
  if (rests) tooltip(canvas, words_of(view, *under));
}

void draw_strips(Frame& frame) {
  const Box& all = frame.screen.strips;
  const std::size_t count = strips().size();
  if (count == 0 || all.height <= 0) return;
  // A low window shows only those that fit.
  const std::size_t shown = frame.screen.compact ? std::min<std::size_t>(count, 2) : count;
  const double height = all.height / static_cast<double>(shown);
  for (std::size_t i = 0; i < shown; ++i)
    strips()[i].draw(frame, {all.x, all.y + height * static_cast<double>(i), all.width, height});
}

void draw_page(Frame& frame) {
  draw_callouts(frame, frame.callouts);
  draw_strips(frame);
  draw_diagram(frame, frame.screen.diagram);
  draw_ledger(frame, frame.screen.ledger);
  draw_side_column(frame);
}

}  // namespace

Page diagram_page() {
  return {"diagram", Str::tab_story, draw_page};
}

}  // namespace linger::gui

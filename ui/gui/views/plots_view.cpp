#include "ui/gui/views/plots_view.h"

#include <algorithm>
#include <cmath>

#include "ui/gui/model/plots.h"
#include "ui/gui/model/step_path.h"
#include "ui/gui/model/translate.h"
#include "ui/gui/views/cursor_view.h"
#include "ui/gui/views/diagram_view.h"
#include "ui/gui/views/widgets.h"
#include "ui/report/words.h"

namespace linger::gui {
namespace {

bool shows(const Frame& frame, double x) {
  return x >= frame.axis_left && x <= frame.axis_left + frame.axis_width;
}

/// The folds of the diagram go on through everything that hangs on its axis.
void draw_folds(Frame& frame, const Box& box) {
  constexpr double tooth = 5;
  for (const report::Piece& piece : frame.axis.pieces) {
    if (!piece.folded) continue;
    const double left = frame.axis_left + piece.left - frame.state.axis.left;
    const double right = frame.axis_left + piece.right - frame.state.axis.left;
    if (right < frame.axis_left || left > frame.axis_left + frame.axis_width) continue;
    report::Shape band;
    band.kind = report::Shape::Kind::polygon;
    band.fill = Paint::well;
    band.stroke = Paint::rule;
    std::vector<Point> edge;
    bool out = false;
    for (double y = box.y - tooth; y < box.y + box.height + 2 * tooth; y += 2 * tooth, out = !out)
      edge.push_back({out ? tooth : 0, y});
    for (const Point& p : edge) band.points.push_back({left + p.x, p.y});
    for (auto p = edge.rbegin(); p != edge.rend(); ++p) band.points.push_back({right + p->x, p->y});
    frame.canvas.paint(band, {0, 0}, box);
  }
}

void draw_lines(Frame& frame, const Plot& plot, const Box& area, double thickness) {
  const RunSeries& series = frame.session.series();
  const StepFrame where{area, frame.state.axis.left, scale_of(plot, series)};
  // The first line of a plot is the one that is read first: it is painted last.
  for (auto line = plot.lines.rbegin(); line != plot.lines.rend(); ++line) {
    const StepSeries& one = series.of(line->kind);
    if (plot.lines.size() > 1 && line != std::prev(plot.lines.rend()) && one.steps().empty()) continue;
    const ImU32 colour = frame.canvas.colour(line->paint);
    const StepPath path = lay_out_steps(one, frame.axis, where);
    for (const Box& bar : path.merged)
      frame.canvas.fill({bar.x, bar.y - thickness / 2, bar.width, bar.height + thickness}, colour);
    for (const StepPath::Line& step : path.lines) {
      // Boxes meet at their corners without gaps, and without the cost of smooth edges.
      const double half = thickness / 2;
      const double top = std::min(step.from.y, step.to.y) - half;
      const double height = std::abs(step.to.y - step.from.y) + thickness;
      frame.canvas.fill({step.from.x - half, top, step.to.x - step.from.x + thickness, height}, colour);
    }
  }
}

/// What the lines have at the cursor, beside it. Requires: the cursor is in sight.
void draw_values(Frame& frame, const Plot& plot, const Box& box) {
  Canvas& canvas = frame.canvas;
  const double x = frame.x(frame.state.cursor.at);
  const std::vector<std::string> values = values_at(plot, frame.session.series(), frame.state.cursor.at);
  constexpr double gap = 10;
  double wide = -gap;
  for (const std::string& value : values) wide += canvas.width(value, 12, Face::mono) + gap;
  // All on one side, whichever their width: they are read as a column.
  constexpr double widest = 190;
  const bool right = x + 8 + widest <= frame.axis_left + frame.axis_width;
  double at = right ? x + 8 : x - 8 - wide;
  if (at < frame.axis_left) return;
  const double middle = box.y + box.height / 2;
  canvas.fill({at - 3, middle - 8, wide + 6, 16}, canvas.colour(Paint::ground), 2);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool some = frame.session.series().of(plot.lines[i].kind).at(frame.state.cursor.at) > 0;
    canvas.text({at, middle + 4}, values[i], some ? plot.lines[i].text : Paint::dim, 12, Face::mono);
    at += canvas.width(values[i], 12, Face::mono) + gap;
  }
}

/// A click or a drag puts the cursor there; a pointer that rests is told the values.
void touch_plot(Frame& frame, const Plot& plot, const Box& box, const char* kind) {
  const std::string id = std::string(kind) + std::string(plot.id);
  const Touch state = touch(id.c_str(), box);
  const ImGuiIO& io = ImGui::GetIO();
  const double x = static_cast<double>(io.MousePos.x);
  if (!state.hovered && !state.held) return;
  const auto moment =
      std::clamp(frame.axis.at(frame.state.axis.left + x - frame.axis_left), sim::SimTime{}, frame.session.end());
  if (state.held && x >= frame.axis_left) {
    frame.state.cursor = frame.session.at(moment);
    frame.state.playing = false;
    return;
  }
  std::vector<std::string> lines{std::string(frame.say(plot.title)), std::string(frame.say(plot.meaning))};
  if (shows(frame, x)) {
    lines.push_back(report::milliseconds(moment.ns()) + " ms");
    for (const std::string& value : values_at(plot, frame.session.series(), moment)) lines.push_back(value);
  }
  tooltip(frame.canvas, lines);
}

void draw_strip(Frame& frame, const Box& box, std::string_view id) {
  const Plot& one = plot(id);
  Canvas& canvas = frame.canvas;
  canvas.push_clip(box);
  canvas.push_clip({frame.axis_left, box.y, box.x + box.width - frame.axis_left, box.height});
  draw_folds(frame, box);
  canvas.line({frame.axis_left, box.y + 0.5}, {box.x + box.width, box.y + 0.5}, canvas.colour(Paint::rule));
  draw_lines(frame, one, {frame.axis_left, box.y + 5, frame.axis_width, box.height - 9}, 2);
  if (shows(frame, frame.x(frame.state.cursor.at))) draw_values(frame, one, box);
  canvas.pop_clip();
  canvas.line({box.x, box.y + 0.5}, {frame.axis_left, box.y + 0.5}, canvas.colour(Paint::rule));
  canvas.text_within({box.x + 16, box.y + box.height / 2 + 5}, frame.say(one.title), lane_names - 24, Paint::ink);
  canvas.pop_clip();
  touch_plot(frame, one, box, "##strip ");
}

// A low window has room for two: those that say most.
void draw_batch_bytes(Frame& frame, const Box& box) {
  draw_strip(frame, box, frame.screen.compact ? "in-flight" : "batch-bytes");
}
void draw_in_flight(Frame& frame, const Box& box) {
  draw_strip(frame, box, frame.screen.compact ? "outcomes" : "in-flight");
}
void draw_retries(Frame& frame, const Box& box) {
  draw_strip(frame, box, "retries");
}
void draw_outcomes(Frame& frame, const Box& box) {
  draw_strip(frame, box, "outcomes");
}

std::string in_chinese(const std::string& english) {
  return translate(Language::zh, english);
}

/// The diagram's own row of times and folds, without times that the cursor's tag would cut. Returns its height.
double draw_axis(Frame& frame, const Box& box, const std::optional<Box>& tag) {
  report::WindowFrame window;
  window.width = frame.screen.diagram.width;
  window.height = frame.screen.diagram.height;
  window.left = frame.state.axis.left;
  if (frame.state.language == Language::zh) window.translate = in_chinese;
  const auto scene = frame.session.scene(axis_window(frame.state.axis, frame.axis_width), window);
  const Box row{box.x, box.y, frame.axis_left + frame.axis_width - box.x, scene->lanes_top};
  frame.canvas.push_clip(row);
  for (const report::Shape& shape : scene->drawing.shapes) {
    if (shape.fill != Paint::lane) frame.canvas.paint(shape, {box.x, box.y}, row);
  }
  for (const report::Text& text : scene->drawing.texts) {
    const Box own = text.box();
    const bool cut = tag && tag->overlaps({own.x + box.x, own.y + box.y, own.width, own.height});
    if (text.at.y < scene->lanes_top && !cut) frame.canvas.paint(text, {box.x, box.y});
  }
  frame.canvas.pop_clip();
  return row.height;
}

void draw_row(Frame& frame, const Plot& plot, const Box& box) {
  Canvas& canvas = frame.canvas;
  const Box on_axis{frame.axis_left, box.y, frame.axis_width, box.height};
  canvas.push_clip(on_axis);
  draw_folds(frame, box);
  const Box area{frame.axis_left, box.y + 10, frame.axis_width, box.height - 18};
  canvas.line({area.x, area.y}, {area.x + area.width, area.y}, canvas.colour(Paint::well));
  draw_lines(frame, plot, area, 2);
  if (shows(frame, frame.x(frame.state.cursor.at))) draw_values(frame, plot, box);
  canvas.pop_clip();
  canvas.line({box.x, box.y + 0.5}, {box.x + box.width, box.y + 0.5}, canvas.colour(Paint::rule));
  double y = box.y + 21;
  for (const std::string& line : canvas.wrapped(frame.say(plot.title), lane_names - 24)) {
    canvas.text({box.x + 16, y}, line, Paint::ink, 13, Face::semibold);
    y += 16;
  }
  const std::string top = in_words(scale_of(plot, frame.session.series()), plot.unit);
  canvas.text({box.x + 16, y + 1}, frame.say(Str::plot_scale_top, {top}), Paint::dim, 12);
  // Beside the axis, where the diagram has its side column, there is room to say what is plotted.
  const double left = frame.axis_left + frame.axis_width + 16;
  const double room = box.x + box.width - left - 24;
  if (room > 160) {
    double below = box.y + 21;
    for (const std::string& line : canvas.wrapped(frame.say(plot.meaning), room)) {
      canvas.text({left, below}, line, Paint::dim);
      below += 17;
    }
  }
  touch_plot(frame, plot, box, "##plot ");
}

void draw_page(Frame& frame) {
  Canvas& canvas = frame.canvas;
  const double top = frame.screen.transport.y + frame.screen.transport.height;
  const Box page{0, top, frame.screen.status.width, frame.screen.status.y - top};
  canvas.push_clip(page);
  constexpr double above = 6;
  const std::optional<Box> tag = cursor_tag(frame, page.y);
  const double axis = above + draw_axis(frame, {page.x, page.y + above, page.width, page.height}, tag);
  const Box area{page.x, page.y + axis, page.width, page.height - axis};
  const ImGuiIO& io = ImGui::GetIO();
  if (contains(page, {static_cast<double>(io.MousePos.x), static_cast<double>(io.MousePos.y)}))
    frame.state.page_top -= static_cast<double>(io.MouseWheel) * 40;
  const double row = frame.screen.compact ? 60 : 72;
  const PlotRows rows = visible_rows(plots().size(), row, area.height, frame.state.page_top);
  frame.state.page_top = std::clamp(frame.state.page_top, 0.0, rows.most);
  canvas.push_clip(area);
  double y = area.y + rows.top;
  for (std::size_t i = rows.first; i < rows.last; ++i, y += row)
    draw_row(frame, plots()[i], {area.x, y, area.width, row});
  canvas.pop_clip();
  if (rows.most > 0) {
    const double length = std::max(20.0, area.height * area.height / (area.height + rows.most));
    canvas.fill({area.width - 6, area.y + (area.height - length) * (frame.state.page_top / rows.most), 4, length},
                canvas.colour(Paint::mid), 2);
  }
  if (tag) draw_cursor(frame, *tag, page.y + page.height);
  canvas.pop_clip();
}

}  // namespace

Page plots_page() {
  return {"plots", Str::tab_plots, draw_page};
}

std::vector<Strip> plot_strips() {
  return {{"batch-bytes", Str::plot_batch_bytes, draw_batch_bytes},
          {"in-flight", Str::plot_in_flight, draw_in_flight},
          {"retries", Str::plot_retries, draw_retries},
          {"outcomes", Str::plot_outcomes, draw_outcomes}};
}

}  // namespace linger::gui

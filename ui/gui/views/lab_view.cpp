#include "ui/gui/views/lab_view.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "ui/gui/model/lab_chart.h"
#include "ui/gui/views/widgets.h"
#include "ui/report/verdict_sign.h"

namespace linger::gui {
namespace {

/// What the setting is called: Kafka's own name, but for the network's loss.
std::string name_of(const Frame& frame, LabSetting setting) {
  return std::string(setting == LabSetting::loss_rate ? frame.say(Str::lab_loss_rate) : lab_name(setting));
}
std::string short_name(const Frame& frame, LabSetting setting) {
  return setting == LabSetting::max_in_flight ? "max.in.flight" : name_of(frame, setting);
}

void draw_box(Frame& frame, const Box& box, std::string_view title) {
  frame.canvas.fill(box, frame.canvas.colour(Extra::panel));
  frame.canvas.frame(box, frame.canvas.colour(Paint::rule));
  frame.canvas.text_within({box.x + 12, box.y + 22}, title, box.width - 24, Paint::ink, 13, Face::semibold);
}

/// A text over as many lines as it takes. Returns where the next one begins.
double paragraph(Canvas& canvas, double x, double y, double wide, std::string_view words, Paint paint = Paint::dim) {
  for (const std::string& line : canvas.wrapped(words, wide)) {
    canvas.text({x, y}, line, paint);
    y += 18;
  }
  return y;
}

Str setup_words(LabSetting setting) {
  switch (setting) {
    case LabSetting::retries:
      return Str::lab_setup_shares_retries;
    case LabSetting::loss_rate:
      return Str::lab_setup_shares_loss;
    case LabSetting::batch_size:
      return Str::lab_setup_batch;
    case LabSetting::max_in_flight:
      return Str::lab_setup_in_flight;
    case LabSetting::acks:
      return Str::lab_setup_acks;
    case LabSetting::linger_ms:
      return Str::lab_setup_linger;
  }
  return Str::lab_setup_batch;
}

std::vector<Str> left_out(LabSetting setting) {
  switch (setting) {
    case LabSetting::retries:
    case LabSetting::loss_rate:
      return {Str::lab_without_bursts, Str::lab_without_deadline, Str::lab_without_connections};
    case LabSetting::batch_size:
    case LabSetting::max_in_flight:
      return {Str::lab_without_start, Str::lab_without_queue};
    case LabSetting::acks:
      return {Str::lab_without_start, Str::lab_without_queue, Str::lab_without_fetch};
    case LabSetting::linger_ms:
      return {Str::lab_without_ticks, Str::lab_without_random};
  }
  return {};
}

void paint_sign(Canvas& canvas, char letter, Point at) {
  std::vector<report::Shape> shapes;
  report::draw_sign(letter, {0, 0}, 12, shapes);
  const Box everywhere{at.x - 20, at.y - 20, 40, 40};
  for (const report::Shape& shape : shapes) canvas.paint(shape, at, everywhere);
}

/// A value of the range with a button on either side. Returns by how much it is to change.
int stepper(Frame& frame, const char* id, double x, double y, double wide, const std::string& value, bool less,
            bool more) {
  Canvas& canvas = frame.canvas;
  const std::string down = std::string(id) + " less";
  const std::string up = std::string(id) + " more";
  int change = 0;
  if (button(canvas, down.c_str(), {x, y, 24, 26}, "–", less ? Look::plain : Look::grey)) change = -1;
  canvas.text_centred({x + wide / 2, y + 18}, value, canvas.colour(Paint::ink), 13, Face::mono);
  if (button(canvas, up.c_str(), {x + wide - 24, y, 24, 26}, "+", more ? Look::plain : Look::grey)) change = 1;
  return change;
}

/// Setting, range and progress. Returns the height that it took.
double draw_sweep(Frame& frame, const Box& column) {
  Canvas& canvas = frame.canvas;
  LabChoice& choice = frame.state.lab;
  const LabSweep& sweep = *frame.state.sweep;
  const double inner = column.width - 24;
  const std::vector<std::string> setup = canvas.wrapped(frame.say(setup_words(choice.setting)), inner);
  const double height = 36 + 3 * 32 + 36 + 18 * static_cast<double>(setup.size()) + 46;
  const Box box{column.x, column.y, column.width, height};
  draw_box(frame, box, frame.say(Str::lab_sweep));
  double y = box.y + 34;
  const double half = (inner - 6) / 2;
  for (std::size_t i = 0; i < lab_setting_count; ++i) {
    const auto setting = static_cast<LabSetting>(i);
    const Box at{box.x + 12 + (i % 2 == 1 ? half + 6 : 0), y + 32 * static_cast<double>(i / 2), half, 28};
    const std::string id = "##lab setting " + std::to_string(i);
    if (button(canvas, id.c_str(), at, short_name(frame, setting), choice.setting == setting ? Look::on : Look::plain))
      choice = whole_range(setting);
  }
  y += 3 * 32 + 4;
  const auto values = lab_values(choice.setting);
  const auto words = [&](std::size_t index) { return lab_value_words(choice.setting, values[index]); };
  canvas.text({box.x + 12, y + 18}, frame.say(Str::lab_range), Paint::dim);
  constexpr double wide = 106;
  const double right = box.x + box.width - 12;
  const double to = canvas.width(frame.say(Str::lab_to));
  const int last = stepper(frame, "##lab last", right - wide, y, wide, words(choice.last),
                           choice.last > choice.first + 1, choice.last + 1 < values.size());
  canvas.text_centred({right - wide - 7 - to / 2, y + 18}, frame.say(Str::lab_to), canvas.colour(Paint::dim));
  const int first = stepper(frame, "##lab first", right - 2 * wide - 14 - to, y, wide, words(choice.first),
                            choice.first > 0, choice.first + 1 < choice.last);
  choice.last = static_cast<std::size_t>(static_cast<int>(choice.last) + last);
  choice.first = static_cast<std::size_t>(static_cast<int>(choice.first) + first);
  y += 50;
  for (const std::string& line : setup) {
    canvas.text({box.x + 12, y}, line, Paint::dim);
    y += 18;
  }
  canvas.text({box.x + 12, y + 4}, frame.say(Str::lab_done), Paint::dim);
  canvas.text_right({right, y + 4},
                    frame.say(Str::lab_runs_of, {std::to_string(sweep.finished()), std::to_string(sweep.total())}));
  const double part =
      static_cast<double>(sweep.finished()) / static_cast<double>(std::max<std::size_t>(1, sweep.total()));
  canvas.fill({box.x + 12, y + 12, inner, 10}, canvas.colour(Paint::well));
  canvas.fill({box.x + 12, y + 12, inner * part, 10}, canvas.colour(Paint::green));
  return height;
}

double draw_theory(Frame& frame, const Box& column) {
  Canvas& canvas = frame.canvas;
  const LabSetting setting = frame.state.lab.setting;
  const double inner = column.width - 24;
  std::vector<std::pair<char, std::string>> formulas;
  Str before = Str::lab_formula_shares;
  std::vector<Str> after;
  switch (outcome_of(setting)) {
    case LabOutcome::shares:
      formulas = {{'F', "= p^n"}, {'P', "= (1-(1-p)^2)^n - p^n"}, {'D', "= 1 - P(0 copies) - P(1 copy)"}};
      after = {Str::lab_formula_idempotence};
      break;
    case LabOutcome::throughput:
      before = Str::lab_formula_throughput;
      formulas = {{0, "X = min(β/r, k·n / (2d + S/β + t0))"}, {0, "n = max(1, floor((S - 61) / 110))"}};
      if (setting == LabSetting::acks) after = {Str::lab_formula_all};
      break;
    case LabOutcome::records_per_request:
      before = Str::lab_formula_linger;
      formulas = {{0, "E[n] = min(1 + λ·L, 16)"}};
      break;
  }
  std::size_t lines = canvas.wrapped(frame.say(before), inner).size();
  for (const Str words : after) lines += canvas.wrapped(frame.say(words), inner).size();
  const double height = 44 + 18 * static_cast<double>(lines) + 22 * static_cast<double>(formulas.size()) + 4;
  draw_box(frame, {column.x, column.y, column.width, height}, frame.say(Str::lab_theory));
  double y = paragraph(canvas, column.x + 12, column.y + 44, inner, frame.say(before)) + 4;
  for (const auto& [sign, formula] : formulas) {
    double x = column.x + 12;
    if (sign != 0) {
      paint_sign(canvas, sign, {x + 8, y - 5});
      canvas.text({x + 22, y}, std::string(1, sign), report::sign_of(sign).text, 13, Face::mono_bold);
      x += 38;
    }
    canvas.text({x, y}, formula, Paint::ink, 12, Face::mono);
    y += 22;
  }
  for (const Str words : after) y = paragraph(canvas, column.x + 12, y, inner, frame.say(words), Paint::ink);
  return height;
}

double height_of_left_out(Frame& frame, double wide) {
  double height = 46;
  for (const Str words : left_out(frame.state.lab.setting))
    height += 18 * static_cast<double>(frame.canvas.wrapped(frame.say(words), wide - 40).size()) + 3;
  return height;
}

void draw_left_out(Frame& frame, const Box& column) {
  Canvas& canvas = frame.canvas;
  draw_box(frame, column, frame.say(Str::lab_leaves_out));
  canvas.push_clip(column);
  double y = column.y + 46;
  for (const Str words : left_out(frame.state.lab.setting)) {
    canvas.fill({column.x + 14, y - 8, 5, 5}, canvas.colour(Paint::mid));
    y = paragraph(canvas, column.x + 28, y, column.width - 40, frame.say(words)) + 3;
  }
  canvas.pop_clip();
}

Paint paint_of(const LabCurve& curve) {
  return curve.sign == 0 ? Paint::blue : report::sign_of(curve.sign).paint;
}
Paint text_of(const LabCurve& curve) {
  return curve.sign == 0 ? Paint::blue_text : report::sign_of(curve.sign).text;
}

void draw_axes(Frame& frame, const LabChart& chart) {
  Canvas& canvas = frame.canvas;
  const Box& area = chart.area;
  canvas.fill(area, canvas.colour(Paint::ground));
  for (const ChartScale::Tick& tick : chart.y.ticks) {
    if (tick.value > chart.y.high * 1.0001) continue;
    const double y = area.y + area.height * (1 - chart.y.place(tick.value));
    canvas.line({area.x, y}, {area.x + area.width, y}, canvas.colour(Paint::well));
    canvas.text_right({area.x - 8, y + 4}, tick.words, Paint::dim, 12, Face::mono);
  }
  canvas.line({area.x, area.y + area.height}, {area.x + area.width, area.y + area.height}, canvas.colour(Paint::ink));
  double taken = -1e9;
  for (const ChartScale::Tick& tick : chart.x.ticks) {
    const double x = area.x + area.width * chart.x.place(tick.value);
    canvas.line({x, area.y + area.height}, {x, area.y + area.height + 4}, canvas.colour(Paint::ink));
    const double half = canvas.width(tick.words, 12, Face::mono) / 2;
    if (x - half < taken + 6) continue;
    canvas.text_centred({x, area.y + area.height + 19}, tick.words, canvas.colour(Paint::dim), 12, Face::mono);
    taken = x + half;
  }
}

void draw_curves(Frame& frame, const LabChart& chart) {
  Canvas& canvas = frame.canvas;
  canvas.push_clip({chart.area.x - 8, chart.area.y - 8, chart.area.width + 16, chart.area.height + 16});
  for (const LabCurve& curve : chart.curves) {
    for (std::size_t i = 1; i < curve.band_low.size(); ++i) {
      canvas.polygon({curve.band_high[i - 1], curve.band_high[i], curve.band_low[i], curve.band_low[i - 1]},
                     canvas.colour(paint_of(curve), 0.18));
    }
  }
  canvas.push_clip(chart.area);
  for (const LabCurve& curve : chart.curves) {
    for (std::size_t i = 1; i < curve.theory.size(); ++i)
      canvas.line(curve.theory[i - 1], curve.theory[i], canvas.colour(curve.sign == 'F' ? Paint::dim : paint_of(curve)),
                  1.6);
  }
  canvas.pop_clip();
  for (const LabCurve& curve : chart.curves) {
    for (const LabCurve::Mark& mark : curve.marks) {
      if (mark.none) {
        canvas.line({mark.at.x, mark.at.y - 22}, {mark.at.x, mark.at.y - 4}, canvas.colour(text_of(curve)), 1.5);
        canvas.polygon({{mark.at.x - 4, mark.at.y - 8}, {mark.at.x + 4, mark.at.y - 8}, {mark.at.x, mark.at.y - 1}},
                       canvas.colour(text_of(curve)));
        continue;
      }
      canvas.disc(mark.at, 8, canvas.colour(Paint::ground));
      if (curve.sign == 0)
        canvas.disc(mark.at, 5, canvas.colour(Paint::blue));
      else
        paint_sign(canvas, curve.sign, mark.at);
    }
  }
  canvas.pop_clip();
}

/// What theory and simulation say at the value that is nearest to the pointer.
void draw_hover(Frame& frame, const LabChart& chart) {
  const Touch area = touch("##lab chart", chart.area);
  if (!area.hovered) return;
  const LabSweep& sweep = *frame.state.sweep;
  const double pointer = static_cast<double>(ImGui::GetIO().MousePos.x);
  const LabCurve::Mark* nearest = nullptr;
  for (const LabCurve& curve : chart.curves) {
    for (const LabCurve::Mark& mark : curve.marks) {
      if (nearest == nullptr || std::abs(mark.at.x - pointer) < std::abs(nearest->at.x - pointer)) nearest = &mark;
    }
  }
  if (nearest == nullptr) return;
  const double x = nearest->at.x;
  for (double y = chart.area.y; y < chart.area.y + chart.area.height; y += 8)
    frame.canvas.line({x, y}, {x, y + 4}, frame.canvas.colour(Paint::mid));
  const LabSetting setting = sweep.choice().setting;
  const LabOutcome outcome = outcome_of(setting);
  std::vector<std::string> lines{name_of(frame, setting) + " " +
                                 lab_value_words(setting, sweep.points()[nearest->point].value)};
  for (const LabCurve& curve : chart.curves) {
    for (const LabCurve::Mark& mark : curve.marks) {
      if (mark.point != nearest->point) continue;
      lines.push_back((curve.sign == 0 ? std::string() : std::string(1, curve.sign) + "   ") +
                      frame.say(Str::lab_tip_theory, {lab_outcome_words(outcome, mark.theory)}) + "   " +
                      frame.say(Str::lab_tip_simulated, {lab_outcome_words(outcome, mark.simulated)}));
    }
  }
  tooltip(frame.canvas, lines);
}

void draw_chart(Frame& frame, const Box& box) {
  Canvas& canvas = frame.canvas;
  const LabSweep& sweep = *frame.state.sweep;
  const LabSetting setting = sweep.choice().setting;
  const LabOutcome outcome = outcome_of(setting);
  const std::string name = name_of(frame, setting);
  constexpr std::array titles{Str::lab_shares_title, Str::lab_throughput_title, Str::lab_requests_title};
  constexpr std::array axes{Str::lab_shares_axis, Str::lab_throughput_axis, Str::lab_requests_axis};
  const std::string title = frame.say(titles[static_cast<std::size_t>(outcome)], {name});
  draw_box(frame, box, title);
  const std::string_view legend = frame.say(outcome == LabOutcome::shares ? Str::lab_legend_band : Str::lab_legend);
  const double legend_width = canvas.width(legend);
  const bool beside = canvas.width(title, 13, Face::semibold) + legend_width + 48 < box.width;
  double y = box.y + (beside ? 22 : 42);
  canvas.text_within({beside ? box.x + box.width - 12 - legend_width : box.x + 12, y}, legend, box.width - 24,
                     Paint::dim);
  y += 26;
  canvas.text({box.x + 12, y}, frame.say(axes[static_cast<std::size_t>(outcome)]), Paint::dim);
  const bool signs = outcome == LabOutcome::shares;
  const double names = signs ? 156 : 16;
  const Box area{box.x + 86, y + 18, box.width - 86 - names, box.y + box.height - 52 - (y + 18)};
  if (area.width < 80 || area.height < 60) return;
  const LabChart chart = lay_out_lab(sweep.choice(), sweep.points(), area);
  draw_axes(frame, chart);
  draw_curves(frame, chart);
  canvas.text_centred({area.x + area.width / 2, box.y + box.height - 12}, name, canvas.colour(Paint::ink));
  double below = -1e9;
  for (const LabCurve& curve : chart.curves) {
    if (!signs || curve.theory.empty()) continue;
    // The names stand where their lines end, one under the other where lines end together.
    double at = std::clamp(curve.theory.back().y + 4, area.y + 8, area.y + area.height - 4);
    at = std::max(at, below + 22);
    below = at;
    paint_sign(canvas, curve.sign, {area.x + area.width + 16, at - 5});
    canvas.text_within({area.x + area.width + 29, at},
                       std::string(1, curve.sign) + " " + std::string(frame.say(curve.name)), names - 34,
                       text_of(curve), 13, Face::semibold);
  }
  for (const LabCurve& curve : chart.curves) {
    const auto none = std::find_if(curve.marks.begin(), curve.marks.end(), [](const auto& mark) { return mark.none; });
    if (none == curve.marks.end()) continue;
    canvas.text_right({none->at.x - 8, none->at.y - 8}, frame.say(Str::lab_none_seen), Paint::dim);
    break;
  }
  draw_hover(frame, chart);
}

void draw_page(Frame& frame) {
  if (frame.state.sweep == nullptr || !(frame.state.sweep->choice() == frame.state.lab))
    frame.state.sweep = std::make_shared<LabSweep>(frame.state.lab);
  const double top = frame.screen.transport.y + frame.screen.transport.height + 8;
  const double bottom = frame.screen.status.y - 8;
  const double width = frame.screen.status.width;
  const double wide = std::clamp(width * 0.28, 300.0, 392.0);
  // A low window scrolls what stands beside the chart.
  const Box column{0, top - 8, wide + 12, bottom + 8 - (top - 8)};
  const ImGuiIO& io = ImGui::GetIO();
  if (contains(column, {static_cast<double>(io.MousePos.x), static_cast<double>(io.MousePos.y)}))
    frame.state.page_top -= static_cast<double>(io.MouseWheel) * 40;
  frame.canvas.push_clip(column);
  double y = top - frame.state.page_top;
  y += draw_sweep(frame, {8, y, wide, 0}) + 8;
  y += draw_theory(frame, {8, y, wide, 0}) + 8;
  const double rest = std::max(height_of_left_out(frame, wide), bottom - y);
  draw_left_out(frame, {8, y, wide, rest});
  frame.canvas.pop_clip();
  const double most = std::max(0.0, y + rest + frame.state.page_top - bottom);
  frame.state.page_top = std::clamp(frame.state.page_top, 0.0, most);
  if (most > 0) {
    const double all = column.height + most;
    frame.canvas.fill(
        {wide + 10, column.y + column.height * frame.state.page_top / all, 4, column.height * column.height / all},
        frame.canvas.colour(Paint::mid), 2);
  }
  draw_chart(frame, {wide + 16, top, width - wide - 24, bottom - top});
}

}  // namespace

Page lab_page() {
  return {"lab", Str::tab_lab, draw_page};
}

}  // namespace linger::gui

#include "ui/gui/views/compare_view.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "scenarios/runner.h"
#include "ui/gui/model/comparison.h"
#include "ui/gui/model/translate.h"
#include "ui/gui/views/diagram_view.h"
#include "ui/gui/views/ledger_view.h"
#include "ui/gui/views/scene_view.h"
#include "ui/gui/views/widgets.h"
#include "ui/report/words.h"

namespace linger::gui {
namespace {

constexpr double bar_height = 40;
constexpr double line_height = 24;
constexpr double run_head = 26;
constexpr double ledger_row = 24;
constexpr std::array letters{"A", "B"};

/// The two branches that are looked at, the older one first; nothing while there is only one.
std::optional<std::array<std::size_t, 2>> pair_of(const Frame& frame) {
  const Branches& branches = frame.branches;
  if (branches.size() < 2) return std::nullopt;
  const std::size_t shown = branches.shown();
  std::size_t other = shown == 0 ? branches.size() - 1 : branches[shown].parent.value_or(0);
  const auto& chosen = frame.state.compare_with;
  if (chosen && *chosen < branches.size() && *chosen != shown) other = *chosen;
  return std::array{std::min(shown, other), std::max(shown, other)};
}

const Comparison& comparison(Frame& frame, const std::array<std::size_t, 2>& sides) {
  const Session& one = *frame.branches[sides[0]].session;
  const Session& other = *frame.branches[sides[1]].session;
  auto& kept = frame.state.comparison;
  if (kept == nullptr || &kept->session(0) != &one || &kept->session(1) != &other)
    kept = std::make_shared<const Comparison>(one, other);
  return *kept;
}

/// Buttons with settings to try, and a field for any other.
void draw_changes(Frame& frame, std::size_t base, const Box& box) {
  Canvas& canvas = frame.canvas;
  double x = box.x + 16;
  canvas.text({x, box.y + 21}, frame.say(Str::compare_change), Paint::dim);
  x += canvas.width(frame.say(Str::compare_change)) + 10;
  constexpr double field = 220;
  for (const auto& [key, value] : settings_to_try(*frame.branches[base].session)) {
    const std::string words = key + "=" + value;
    const double wide = canvas.width(words) + 20;
    if (x + wide + field + 24 > box.x + box.width) continue;
    if (button(canvas, ("##try " + words).c_str(), {x, box.y + 2, wide, 28}, words))
      ask_to_compare(base, key, value, frame.branches, frame.state, frame.requests);
    x += wide + 6;
  }
  const Box place{box.x + box.width - field - 16, box.y + 2, field, 28};
  if (!text_field(canvas, "##any setting", place, frame.state.compare_change, false, "key=value")) return;
  const std::string words = frame.state.compare_change;
  const std::size_t equals = words.find('=');
  if (equals == 0 || equals == std::string::npos) {
    frame.state.notice = frame.say(Str::compare_setting_form);
    return;
  }
  frame.state.compare_change.clear();
  ask_to_compare(base, words.substr(0, equals), words.substr(equals + 1), frame.branches, frame.state, frame.requests);
}

/// "A main   B b1": a click on a letter shows the next branch there.
double draw_sides(Frame& frame, const std::array<std::size_t, 2>& sides, const Box& box) {
  Canvas& canvas = frame.canvas;
  double x = box.x + 16;
  for (std::size_t side = 0; side < 2; ++side) {
    const Branch& branch = frame.branches[sides[side]];
    const std::string words = branch.name + "  " + branch.change.say(frame.state.language);
    const double wide = std::min(canvas.width(words), box.width * 0.26) + 44;
    const Box at{x, box.y + 6, wide, 28};
    const Touch state = touch(("##side" + std::to_string(side)).c_str(), at);
    canvas.fill(at, canvas.colour(state.hovered ? Paint::well : Paint::ground), 4);
    canvas.frame(at, canvas.colour(sides[side] == frame.branches.shown() ? Paint::ink : Paint::mid), 4);
    canvas.fill({at.x, at.y, 26, 28}, canvas.colour(Paint::ink), 4);
    canvas.text_centred({at.x + 13, at.y + 19}, letters[side], canvas.colour(Paint::ground), 13, Face::semibold);
    canvas.text_within({at.x + 34, at.y + 19}, words, wide - 42);
    const bool others = frame.branches.size() > 2;
    if (state.hovered) tooltip(canvas, {std::string(frame.say(others ? Str::compare_other_hint : Str::compare_show))});
    if (state.clicked && !others) {
      frame.requests.push_back(ShowBranch{sides[side]});
    } else if (state.clicked) {
      // The other side stays; of the rest the next one takes this place.
      const std::size_t keep = sides[1 - side];
      std::size_t next = (sides[side] + 1) % frame.branches.size();
      while (next == keep) next = (next + 1) % frame.branches.size();
      frame.state.compare_with = keep;
      frame.requests.push_back(ShowBranch{next});
    }
    x += wide + 10;
  }
  return x;
}

void draw_differences(Frame& frame, const Comparison& both, double x, const Box& box) {
  Canvas& canvas = frame.canvas;
  std::string words;
  for (std::size_t i = 0; i < both.differences().size() && i < 2; ++i) {
    const PlanDifference& one = both.differences()[i];
    if (i > 0) words += " · ";
    if (one.one.empty())
      words += frame.say(Str::compare_only_other, {one.pointer, one.other});
    else if (one.other.empty())
      words += frame.say(Str::compare_only_one, {one.pointer, one.one});
    else
      words += frame.say(Str::compare_differs, {one.pointer, one.one, one.other});
  }
  if (both.differences().size() > 2)
    words += " · " + frame.say(Str::compare_more, {std::to_string(both.differences().size() - 2)});
  if (words.empty()) words = frame.say(Str::compare_same_plan);
  canvas.text_within({x + 6, box.y + 25}, words, box.x + box.width - x - 22, Paint::dim, 12, Face::mono);
}

/// A line: its name on a mark, when, and what each side did.
void draw_parting(Frame& frame, Str name, bool strong, const std::optional<report::Divergence>& parting,
                  const std::array<std::string, 2>& did, double y) {
  Canvas& canvas = frame.canvas;
  const std::string_view title = frame.say(name);
  const double wide = canvas.width(title, 13, strong ? Face::semibold : Face::regular) + 16;
  if (strong) canvas.fill({16, y + 2, wide, 20}, canvas.colour(Extra::highlight, 0.6), 3);
  canvas.text({24, y + 17}, title, strong ? Paint::ink : Paint::dim, 13, strong ? Face::semibold : Face::regular);
  if (!parting) return;
  std::string words = frame.say(Str::compare_at, {report::milliseconds(parting->at().ns())});
  for (std::size_t side = 0; side < 2; ++side)
    words += std::string("    ") + letters[side] + "  " +
             (did[side].empty() ? std::string(frame.say(Str::compare_nothing_more)) : did[side]);
  canvas.text_within({16 + wide + 12, y + 17}, words, frame.screen.status.width - wide - 44,
                     strong ? Paint::ink : Paint::dim);
}

void draw_partings_in_words(Frame& frame, const Comparison& both, double y) {
  std::array<std::string, 2> did;
  for (std::size_t side = 0; side < 2; ++side) {
    const Comparison::Words& words = both.outcome_words(side);
    did[side] = words.who + (words.who.empty() ? "" : " ") + translate(frame.state.language, words.what);
  }
  draw_parting(frame, both.outcome() ? Str::compare_outcome : Str::compare_no_outcome, true, both.outcome(), did, y);
  if (both.message()) did = {both.message()->one.what, both.message()->other.what};
  draw_parting(frame, Str::compare_message, false, both.message(), did, y + line_height);
}

struct Lanes {
  report::AxisWindow window;
  std::shared_ptr<const report::Axis> axis;
  double width = 0;
};

/// The wheel zooms both, a drag moves both.
void navigate(Frame& frame, const Comparison& both, Lanes& lanes, const Touch& area) {
  const ImGuiIO& io = ImGui::GetIO();
  AxisState& state = frame.state.compare_axis;
  const double at = static_cast<double>(io.MousePos.x) - lane_names;
  if (area.hovered && io.MouseWheel != 0 && at >= 0) {
    const sim::SimTime moment = lanes.axis->at(state.left + at);
    state.zoom = std::clamp(state.zoom * (io.MouseWheel > 0 ? 1.25 : 0.8), 1.0, 1e7);
    lanes.window.zoom = state.zoom;
    lanes.axis = both.axis(lanes.window);
    state.left = lanes.axis->x(moment) - at;
  }
  if (area.held && ImGui::IsMouseDragging(0, 4)) state.left -= static_cast<double>(io.MouseDelta.x);
  state.left = std::clamp(state.left, 0.0, std::max(0.0, lanes.axis->width - lanes.width));
}

/// Where the runs part, through a diagram: a band for the outcome, a dashed line for the message.
void draw_partings(Frame& frame, const Comparison& both, const Lanes& lanes, const Box& box, double top) {
  Canvas& canvas = frame.canvas;
  canvas.push_clip({box.x + lane_names, box.y, box.width - lane_names, box.height});
  const auto x = [&](sim::SimTime at) {
    return box.x + lane_names + lanes.axis->x(at) - frame.state.compare_axis.left;
  };
  if (both.message()) {
    for (double y = box.y + top; y < box.y + box.height; y += 7)
      canvas.line({x(both.message()->at()), y}, {x(both.message()->at()), y + 3}, canvas.colour(Paint::dim));
  }
  if (both.outcome()) {
    const double at = x(both.outcome()->at());
    canvas.fill({at - 5, box.y + top, 10, box.height - top}, canvas.colour(Extra::highlight, 0.4));
  }
  const double cursor = x(frame.state.cursor.at);
  canvas.line({cursor, box.y + top}, {cursor, box.y + box.height}, canvas.colour(Extra::cursor));
  canvas.pop_clip();
}

void draw_run(Frame& frame, const Comparison& both, std::size_t side, std::size_t branch, Lanes& lanes,
              const Box& box) {
  Canvas& canvas = frame.canvas;
  const Session& session = both.session(side);
  canvas.fill({box.x, box.y, box.width, run_head}, canvas.colour(Extra::panel));
  canvas.fill({box.x + 16, box.y + 3, 20, 20}, canvas.colour(Paint::ink), 3);
  canvas.text_centred({box.x + 26, box.y + 18}, letters[side], canvas.colour(Paint::ground), 13, Face::semibold);
  const Branch& of = frame.branches[branch];
  std::string ends;
  for (const scenarios::PartitionResult& partition : session.run().result.partitions) {
    if (!partition.name.starts_with("__"))
      ends += "   " + partition.name + " " + frame.say(Str::compare_log_end, {std::to_string(partition.log_end)});
  }
  canvas.text({box.x + 46, box.y + 18}, of.name, Paint::ink, 13, Face::semibold);
  const double name = canvas.width(of.name, 13, Face::semibold);
  canvas.text_within({box.x + 58 + name, box.y + 18}, of.change.say(frame.state.language) + ends,
                     box.width * 0.6 - name, Paint::dim);
  draw_counts(frame, session.run().result, {box.x + box.width - 16, box.y + 3});

  const Box lower{box.x, box.y + run_head, box.width, box.height - run_head};
  const Touch area = touch(side == 0 ? "##run A" : "##run B", lower);
  navigate(frame, both, lanes, area);
  report::WindowFrame window;
  window.width = lower.width;
  window.height = lower.height;
  window.left = frame.state.compare_axis.left;
  window.translate = translator(frame.state.language);
  const auto scene = both.scene(side, lanes.window, window);
  const ImGuiIO& io = ImGui::GetIO();
  const Point pointer{static_cast<double>(io.MousePos.x) - lower.x, static_cast<double>(io.MousePos.y) - lower.y};
  const report::Hit* under = area.hovered && pointer.x >= scene->gutter ? scene->at(pointer) : nullptr;
  const SceneView view{session, both.diagram(side), *lanes.axis, frame.state};
  paint_scene(canvas, view, *scene, lower, under);
  draw_partings(frame, both, lanes, lower, scene->lanes_top);
  if (area.clicked && under != nullptr && io.MouseDragMaxDistanceSqr[0] < 16) {
    if (under->kind == report::Hit::Kind::fold)
      toggle_fold(frame.state.compare_axis, lanes.axis->pieces[under->index]);
    else if (&session == &frame.session)
      frame.state.selection = selection_of(view, *under);
  }
  if (under != nullptr && !area.held) tooltip(canvas, words_of(view, *under));
}

/// Both ledgers side by side; a record that fares otherwise is marked.
void draw_ledgers(Frame& frame, const Comparison& both, const Box& box) {
  Canvas& canvas = frame.canvas;
  canvas.line({box.x, box.y + 0.5}, {box.x + box.width, box.y + 0.5}, canvas.colour(Paint::rule));
  const std::vector<scenarios::RecordIndex>& order = both.records();
  canvas.text({box.x + 16, box.y + 19}, frame.say(Str::ledger_title), Paint::ink, 13, Face::semibold);
  canvas.text({box.x + 16 + canvas.width(frame.say(Str::ledger_title), 13, Face::semibold) + 12, box.y + 19},
              frame.say(Str::compare_records_differ, {std::to_string(both.differing()), std::to_string(order.size())}),
              Paint::dim);
  const double top = box.y + line_height + 2;
  const auto visible = static_cast<std::size_t>(std::max(0.0, std::floor((box.y + box.height - top) / ledger_row)));
  const ImGuiIO& io = ImGui::GetIO();
  if (contains(box, {static_cast<double>(io.MousePos.x), static_cast<double>(io.MousePos.y)}))
    frame.state.ledger_top -= static_cast<double>(io.MouseWheel);
  const double most = order.size() > visible ? static_cast<double>(order.size() - visible) : 0;
  frame.state.ledger_top = std::clamp(frame.state.ledger_top, 0.0, most);
  const auto first = static_cast<std::size_t>(frame.state.ledger_top);
  const double half = box.width / 2;
  for (std::size_t i = first; i < std::min(order.size(), first + visible); ++i) {
    const double y = top + ledger_row * static_cast<double>(i - first);
    const Box whole{box.x + 4, y, box.width - 8, ledger_row - 1};
    if (both.fares_otherwise(order[i])) canvas.fill(whole, canvas.colour(Extra::highlight, 0.25));
    if (touch(("##compared" + std::to_string(order[i])).c_str(), whole).clicked)
      frame.state.selection = {order[i], std::nullopt, std::nullopt};
    for (std::size_t side = 0; side < 2; ++side) {
      const scenarios::Run& run = both.session(side).run();
      if (order[i] >= run.result.fates.size()) continue;
      const double x = box.x + half * static_cast<double>(side);
      for (const LedgerRow& row : ledger_rows(run, {order[i]}, 0, 1, frame.state.language)) {
        canvas.text({x + 16, y + 17}, row.name, Paint::ink, 13, Face::semibold);
        canvas.text_within({x + 70, y + 17}, row.told, half * 0.3 - 10);
        canvas.text_within({x + 70 + half * 0.3, y + 17}, row.truth, half * 0.18 - 10);
        draw_verdict(frame, row, {x + 70 + half * 0.48, y, half * 0.52 - 74, ledger_row - 1});
      }
    }
  }
  canvas.line({box.x + half, top}, {box.x + half, box.y + box.height}, canvas.colour(Paint::rule));
}

void draw(Frame& frame) {
  const double top = frame.screen.transport.y + frame.screen.transport.height;
  const double width = frame.screen.status.width;
  const double bottom = frame.screen.status.y;
  const auto sides = pair_of(frame);
  if (!sides) {
    draw_changes(frame, frame.branches.shown(), {0, top + 8, width, 32});
    double y = top + 80;
    for (const std::string& line : frame.canvas.wrapped(frame.say(Str::compare_nothing), width - 48, 15)) {
      frame.canvas.text({24, y}, line, Paint::ink, 15);
      y += 24;
    }
    return;
  }
  const Comparison& both = comparison(frame, *sides);
  const double after = draw_sides(frame, *sides, {0, top, width, bar_height});
  draw_differences(frame, both, after, {0, top, width, bar_height});
  double y = top + bar_height;
  draw_changes(frame, (*sides)[0], {0, y, width, 32});
  y += 36;
  draw_partings_in_words(frame, both, y);
  y += 2 * line_height + 2;
  const std::size_t records =
      std::max(both.session(0).run().result.fates.size(), both.session(1).run().result.fates.size());
  const double rows = std::min(std::max(1.0, static_cast<double>(records)),
                               std::clamp(std::floor((bottom - y) * 0.24 / ledger_row), 1.0, 8.0));
  const double ledger = line_height + rows * ledger_row + 6;
  Lanes lanes;
  lanes.width = width - lane_names;
  AxisState on = frame.state.compare_axis;
  on.kind = frame.state.axis.kind;
  lanes.window = axis_window(on, lanes.width);
  lanes.axis = both.axis(lanes.window);
  const double each = (bottom - ledger - y) / 2;
  // Where there is no room for two pictures, the one of the run that is shown.
  constexpr double least = 170;
  const bool both_fit = each >= least;
  double place = y;
  for (std::size_t side = 0; side < 2; ++side) {
    if (!both_fit && (*sides)[side] != frame.branches.shown()) continue;
    draw_run(frame, both, side, (*sides)[side], lanes, {0, place, width, both_fit ? each : 2 * each});
    place += each;
  }
  draw_ledgers(frame, both, {0, bottom - ledger, width, ledger});
}

}  // namespace

Page compare_page() {
  return {"compare", Str::tab_compare, draw};
}

}  // namespace linger::gui

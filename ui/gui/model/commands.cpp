#include "ui/gui/model/commands.h"

#include <algorithm>
#include <array>

#include "ui/gui/model/causes.h"

namespace linger::gui {
namespace {

constexpr std::array bindings{
    KeyBinding{Key::space, false, false, Command::play},
    KeyBinding{Key::comma, false, false, Command::slower},
    KeyBinding{Key::period, false, false, Command::faster},
    KeyBinding{Key::left, false, false, Command::step_back},
    KeyBinding{Key::right, false, false, Command::step},
    KeyBinding{Key::left, true, false, Command::ms_back},
    KeyBinding{Key::right, true, false, Command::ms},
    KeyBinding{Key::home, false, false, Command::home},
    KeyBinding{Key::end, false, false, Command::end},
    KeyBinding{Key::r, false, false, Command::next_retry},
    KeyBinding{Key::e, false, false, Command::next_election},
    KeyBinding{Key::i, false, false, Command::next_isr},
    KeyBinding{Key::x, false, false, Command::next_error},
    KeyBinding{Key::v, false, false, Command::next_verdict},
    KeyBinding{Key::r, true, false, Command::previous_retry},
    KeyBinding{Key::e, true, false, Command::previous_election},
    KeyBinding{Key::i, true, false, Command::previous_isr},
    KeyBinding{Key::x, true, false, Command::previous_error},
    KeyBinding{Key::v, true, false, Command::previous_verdict},
    KeyBinding{Key::left, false, true, Command::cause},
    KeyBinding{Key::right, false, true, Command::effect},
    KeyBinding{Key::digit_1, false, false, Command::axis_linear},
    KeyBinding{Key::digit_2, false, false, Command::axis_event},
    KeyBinding{Key::digit_3, false, false, Command::axis_folded},
    KeyBinding{Key::plus, false, false, Command::zoom_in},
    KeyBinding{Key::plus, true, false, Command::zoom_in},
    KeyBinding{Key::minus, false, false, Command::zoom_out},
    KeyBinding{Key::digit_0, false, false, Command::whole_run},
    KeyBinding{Key::f, false, false, Command::fit_selection},
    KeyBinding{Key::tab, false, false, Command::side_column},
    KeyBinding{Key::d, false, false, Command::theme},
    KeyBinding{Key::z, false, false, Command::language},
    KeyBinding{Key::plus, false, true, Command::larger},
    KeyBinding{Key::plus, true, true, Command::larger},
    KeyBinding{Key::minus, false, true, Command::smaller},
    KeyBinding{Key::escape, false, false, Command::escape},
    KeyBinding{Key::f1, false, false, Command::key_map},
    KeyBinding{Key::w, false, false, Command::why},
    KeyBinding{Key::l, false, false, Command::lab},
    KeyBinding{Key::c, false, false, Command::compare},
    KeyBinding{Key::b, false, false, Command::branches},
    KeyBinding{Key::n, false, false, Command::rename_branch},
    KeyBinding{Key::s, false, true, Command::save_branch},
    KeyBinding{Key::f, false, true, Command::find_record},
    KeyBinding{Key::o, false, true, Command::open_file},
};

constexpr std::array help{
    KeyHelp{"Space", Str::key_play},    KeyHelp{", .", Str::key_speed},       KeyHelp{"←", Str::key_step_back},
    KeyHelp{"→", Str::key_step},        KeyHelp{"Shift ←", Str::key_ms_back}, KeyHelp{"Shift →", Str::key_ms},
    KeyHelp{"Home", Str::key_home},     KeyHelp{"End", Str::key_end},         KeyHelp{"R", Str::key_retry},
    KeyHelp{"E", Str::key_election},    KeyHelp{"I", Str::key_isr},           KeyHelp{"X", Str::key_error},
    KeyHelp{"V", Str::key_verdict},     KeyHelp{"Ctrl ←", Str::key_cause},    KeyHelp{"Ctrl →", Str::key_effect},
    KeyHelp{"1 2 3", Str::key_axis},    KeyHelp{"+ – 0", Str::key_zoom},      KeyHelp{"F", Str::key_fit},
    KeyHelp{"Tab", Str::key_column},    KeyHelp{"D", Str::key_dark},          KeyHelp{"Z", Str::key_language},
    KeyHelp{"Ctrl + –", Str::key_font}, KeyHelp{"W", Str::key_why},           KeyHelp{"C", Str::key_compare},
    KeyHelp{"L", Str::key_lab},         KeyHelp{"B", Str::key_branches},      KeyHelp{"N", Str::key_name},
    KeyHelp{"Ctrl S", Str::key_save},   KeyHelp{"Ctrl F", Str::key_find},     KeyHelp{"Ctrl O", Str::key_open},
    KeyHelp{"Esc", Str::key_escape},    KeyHelp{"F1", Str::key_map_key},
};

constexpr double slowest = 1.0 / 16;
constexpr double fastest = 16;

void seek(Landmark what, int direction, const Session& session, State& state, double width) {
  if (const auto found = session.seek(state.cursor, what, direction); found && found->at <= session.end())
    move_to(*found, session, state, width);
}

void set_axis(report::AxisKind kind, const Session& session, State& state, double width) {
  if (state.axis.kind == kind) return;
  state.axis.kind = kind;
  state.axis.zoom = 1;
  state.axis.left = 0;
  clamp_view(session, state.axis, width);
}

void zoom_about_cursor(double factor, const Session& session, State& state, double width) {
  const double at = axis_of(session, state.axis, width)->x(state.cursor.at) - state.axis.left;
  zoom_about(factor, std::clamp(at, 0.0, width), session, state.axis, width);
}

void move_by_ms(std::int64_t ms, const Session& session, State& state, double width) {
  const auto to = std::clamp(state.cursor.at + sim::Duration::ms(ms), sim::SimTime{}, session.end());
  move_to(session.at(to), session, state, width);
}

/// The event that causes and effects are asked of: the selected one, else the last one before the cursor.
std::optional<sim::EventNumber> event_in_question(const Session& session, const State& state) {
  if (state.selection.event) return state.selection.event;
  return session.last_event(state.cursor);
}

template <class Step>
void follow(Step step, const Session& session, State& state, double width) {
  const auto from = event_in_question(session, state);
  if (!from) return;
  const auto to = step(session, *from);
  if (!to) return;
  state.selection = {std::nullopt, std::nullopt, to};
  move_to(session.behind(*to), session, state, width);
}

/// A page, or the time-space diagram if it is there already.
void toggle_page(State& state, const char* page) {
  state.page = state.page == page && state.panel.empty() ? "diagram" : page;
  state.panel.clear();
}
void toggle_panel(State& state, const char* panel) {
  state.panel = state.panel == panel ? "" : panel;
}

/// Zooms so that what is selected takes the middle half of the picture.
void fit_selection(const Session& session, State& state, double width) {
  std::optional<sim::SimTime> from, until;
  const auto take = [&](sim::SimTime begin, sim::SimTime end) {
    from = from ? std::min(*from, begin) : begin;
    until = until ? std::max(*until, end) : end;
  };
  for (const report::Arrow& arrow : session.diagram().arrows) {
    if (arrow.event == state.selection.event || arrow.message == state.selection.message)
      take(arrow.sent_at, arrow.ended_at);
  }
  for (const report::Mark& mark : session.diagram().marks) {
    if (mark.event == state.selection.event ||
        (state.selection.record && session.record_of(mark) == state.selection.record))
      take(mark.at, mark.at);
  }
  if (from) show_stretch(*from, *until, session, state.axis, width);
}

}  // namespace

void show_stretch(sim::SimTime from, sim::SimTime until, const Session& session, AxisState& state, double width) {
  state.zoom = 1;
  const auto axis = axis_of(session, state, width);
  const double wide = std::max(axis->x(until) - axis->x(from), 1.0);
  state.zoom = std::max(1.0, width / 2 / wide);
  clamp_view(session, state, width);
  const auto zoomed = axis_of(session, state, width);
  state.left = (zoomed->x(from) + zoomed->x(until)) / 2 - width / 2;
  clamp_view(session, state, width);
}

std::span<const KeyBinding> key_bindings() {
  return bindings;
}
std::span<const KeyHelp> key_help() {
  return help;
}

void toggle_fold(AxisState& state, const report::Piece& stretch) {
  const auto [found, was_folded] = state.unfolded.insert(stretch.from.ns());
  if (!was_folded) state.unfolded.erase(found);
}

report::AxisWindow axis_window(const AxisState& state, double width) {
  report::AxisWindow window;
  window.kind = state.kind;
  window.width = width;
  constexpr double most_after = 160;
  window.after = std::clamp(width / 5.2, window.margin, most_after);
  window.zoom = state.zoom;
  window.unfolded = state.unfolded;
  return window;
}

std::shared_ptr<const report::Axis> axis_of(const Session& session, const AxisState& state, double width) {
  return session.axis(axis_window(state, width));
}

void clamp_view(const Session& session, AxisState& state, double width) {
  constexpr double most_zoom = 1e7;
  state.zoom = std::clamp(state.zoom, 1.0, most_zoom);
  const double whole = axis_of(session, state, width)->width;
  state.left = std::clamp(state.left, 0.0, std::max(0.0, whole - width));
}

void zoom_about(double factor, double at, const Session& session, AxisState& state, double width) {
  const sim::SimTime moment = axis_of(session, state, width)->at(state.left + at);
  state.zoom *= factor;
  clamp_view(session, state, width);
  state.left = axis_of(session, state, width)->x(moment) - at;
  clamp_view(session, state, width);
}

void move_to(const Cursor& cursor, const Session& session, State& state, double width) {
  state.cursor = cursor;
  const double x = axis_of(session, state.axis, width)->x(cursor.at);
  const double margin = std::min(60.0, width / 4);
  if (x < state.axis.left + margin || x > state.axis.left + width - margin) state.axis.left = x - width / 2;
  clamp_view(session, state.axis, width);
}

bool apply_look(Command command, State& state) {
  constexpr double scale_step = 1.25;
  switch (command) {
    case Command::theme:
      state.theme = state.theme == Theme::light ? Theme::dark : Theme::light;
      return true;
    case Command::language:
      state.language = state.language == Language::en ? Language::zh : Language::en;
      return true;
    case Command::larger:
      state.scale = std::min(4.0, state.scale * scale_step);
      return true;
    case Command::smaller:
      state.scale = std::max(0.5, state.scale / scale_step);
      return true;
    default:
      return false;
  }
}

void apply(Command command, const Session& session, State& state, double width) {
  constexpr double zoom_step = 1.5;
  switch (command) {
    case Command::play:
      if (!state.playing && state.cursor.at >= session.end()) move_to(session.first(), session, state, width);
      state.playing = !state.playing;
      break;
    case Command::slower:
      state.speed = std::max(slowest, state.speed / 2);
      break;
    case Command::faster:
      state.speed = std::min(fastest, state.speed * 2);
      break;
    case Command::step_back:
      return move_to(session.step(state.cursor, -1), session, state, width);
    case Command::step:
      return move_to(session.step(state.cursor, 1), session, state, width);
    case Command::ms_back:
      return move_by_ms(-1, session, state, width);
    case Command::ms:
      return move_by_ms(1, session, state, width);
    case Command::home:
      return move_to(session.first(), session, state, width);
    case Command::end:
      return move_to(session.last(), session, state, width);
    case Command::next_retry:
      return seek(Landmark::retry, 1, session, state, width);
    case Command::next_election:
      return seek(Landmark::election, 1, session, state, width);
    case Command::next_isr:
      return seek(Landmark::isr_change, 1, session, state, width);
    case Command::next_error:
      return seek(Landmark::error, 1, session, state, width);
    case Command::next_verdict:
      return seek(Landmark::verdict, 1, session, state, width);
    case Command::previous_retry:
      return seek(Landmark::retry, -1, session, state, width);
    case Command::previous_election:
      return seek(Landmark::election, -1, session, state, width);
    case Command::previous_isr:
      return seek(Landmark::isr_change, -1, session, state, width);
    case Command::previous_error:
      return seek(Landmark::error, -1, session, state, width);
    case Command::previous_verdict:
      return seek(Landmark::verdict, -1, session, state, width);
    case Command::cause:
      return follow(cause_of, session, state, width);
    case Command::effect:
      return follow(effect_of, session, state, width);
    case Command::fit_selection:
      return fit_selection(session, state, width);
    case Command::axis_linear:
      return set_axis(report::AxisKind::linear, session, state, width);
    case Command::axis_event:
      return set_axis(report::AxisKind::events, session, state, width);
    case Command::axis_folded:
      return set_axis(report::AxisKind::folded, session, state, width);
    case Command::zoom_in:
      return zoom_about_cursor(zoom_step, session, state, width);
    case Command::zoom_out:
      return zoom_about_cursor(1 / zoom_step, session, state, width);
    case Command::whole_run:
      state.axis.zoom = 1;
      state.axis.left = 0;
      break;
    case Command::side_column:
      state.side_column = !state.side_column;
      break;
    case Command::theme:
    case Command::language:
    case Command::larger:
    case Command::smaller:
      apply_look(command, state);
      break;
    case Command::escape:
      if (state.menu)
        state.menu.reset();
      else if (state.key_map)
        state.key_map = false;
      else if (state.drawer)
        state.drawer = false;
      else if (!state.panel.empty())
        state.panel.clear();
      else
        state.selection = {};
      break;
    case Command::key_map:
      state.key_map = !state.key_map;
      if (state.key_map) state.callouts = true;
      break;
    case Command::why:
      return toggle_panel(state, "why");
    case Command::branches:
      return toggle_panel(state, "branches");
    case Command::lab:
      return toggle_page(state, "lab");
    case Command::compare:
      return toggle_page(state, "compare");
    case Command::rename_branch:
    case Command::save_branch:
    case Command::find_record:
    case Command::open_file:
      // Prompts: they begin with words of the branch, which is not known here.
      break;
  }
}

}  // namespace linger::gui

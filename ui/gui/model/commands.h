#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "ui/gui/model/session.h"
#include "ui/gui/model/state.h"
#include "ui/gui/model/strings.h"

namespace linger::gui {

/// Everything that a key or a button can ask for.
enum class Command : std::uint8_t {
  play,
  slower,
  faster,
  step_back,
  step,
  ms_back,
  ms,
  home,
  end,
  next_retry,
  next_election,
  next_isr,
  next_error,
  next_verdict,
  previous_retry,
  previous_election,
  previous_isr,
  previous_error,
  previous_verdict,
  cause,
  effect,
  axis_linear,
  axis_event,
  axis_folded,
  zoom_in,
  zoom_out,
  whole_run,
  fit_selection,
  side_column,
  theme,
  language,
  larger,
  smaller,
  escape,
  key_map,
  why,
  lab,
  compare,
  branches,
  rename_branch,
  save_branch,
  find_record,
  open_file,
};

/// Keys by their printed names, apart from any toolkit.
enum class Key : std::uint8_t {
  space,
  left,
  right,
  home,
  end,
  plus,
  minus,
  comma,
  period,
  escape,
  f1,
  tab,
  enter,
  digit_0,
  digit_1,
  digit_2,
  digit_3,
  b,
  c,
  d,
  e,
  f,
  i,
  l,
  n,
  o,
  r,
  s,
  v,
  w,
  x,
  z,
};

struct KeyBinding {
  Key key;
  bool shift = false, control = false;
  Command command;
};
std::span<const KeyBinding> key_bindings();

/// A line of the map under F1: keys as they are printed, and what they do.
struct KeyHelp {
  std::string_view keys;
  Str meaning;
};
std::span<const KeyHelp> key_help();

/// Carries out what needs no picture: time, axis, appearance. Zooming is about the cursor, in an axis of `width`
/// pixels.
void apply(Command command, const Session& session, State& state, double width);

/// Carries out what needs no run: theme, language, scale. False, and nothing is done, for any other command.
bool apply_look(Command command, State& state);

/// Moves the cursor and what is seen with it, so that it stays in the picture.
void move_to(const Cursor& cursor, const Session& session, State& state, double width);

/// Opens an idle stretch of the axis, or folds it again.
void toggle_fold(AxisState& state, const report::Piece& stretch);

/// The axis as the state wants it, in `width` pixels.
std::shared_ptr<const report::Axis> axis_of(const Session& session, const AxisState& state, double width);
report::AxisWindow axis_window(const AxisState& state, double width);

/// Zooms so that the moment at pixel `at` of the view stays where it is.
void zoom_about(double factor, double at, const Session& session, AxisState& state, double width);

/// Zooms and pans so that a stretch of time has the middle half of the view.
void show_stretch(sim::SimTime from, sim::SimTime until, const Session& session, AxisState& state, double width);

/// Keeps zoom and pan within what there is to see.
void clamp_view(const Session& session, AxisState& state, double width);

}  // namespace linger::gui

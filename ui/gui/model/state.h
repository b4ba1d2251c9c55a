#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "scenarios/ledger.h"
#include "sim/ids.h"
#include "ui/gui/model/acts.h"
#include "ui/gui/model/lab.h"
#include "ui/gui/model/palette.h"
#include "ui/gui/model/rest.h"
#include "ui/gui/model/session.h"
#include "ui/gui/model/strings.h"
#include "ui/report/axis.h"

namespace linger::gui {

class Comparison;
class ScenarioPage;

/// What the viewer has picked, everywhere at once. Kinds may be set together: a click on a request picks the event that
/// sent it as well.
struct Selection {
  std::optional<scenarios::RecordIndex> record;
  std::optional<std::size_t> message;  ///< index among the run's messages: a request or an answer
  std::optional<sim::EventNumber> event;
  bool empty() const { return !record && !message && !event; }
  friend bool operator==(const Selection&, const Selection&) = default;
};

/// A line of text that is asked for.
struct Prompt {
  enum class Kind : std::uint8_t { rename, save, find, open } kind = Kind::rename;
  std::string words;
  std::size_t branch = 0;  ///< that is renamed or saved
};

/// How the time axis is shown.
struct AxisState {
  report::AxisKind kind = report::AxisKind::folded;
  double zoom = 1;
  double left = 0;  ///< the pixel of the axis at the left edge
  std::set<std::int64_t> unfolded;
};

/// What the viewer chose: everything a window shows beyond the session. No pixel of a frame lives here.
struct State {
  Language language = Language::en;
  Theme theme = Theme::light;
  double scale = 1;              ///< physical pixels per logical one
  std::string page = "diagram";  ///< id of a page in the registry
  std::string panel;             ///< id of a panel that takes the page's place; empty: none
  Cursor cursor;
  bool playing = false;
  double speed = 1;  ///< of playing; at 1 the cursor moves 60 pixels of the axis in a second
  AxisState axis;
  Selection selection;
  std::optional<char> verdict_filter;  ///< the letter of a verdict sign
  double ledger_top = 0;               ///< first row that is seen
  double page_top = 0;                 ///< pixels that plots or lab are scrolled by
  LabChoice lab = whole_range(LabSetting::retries);
  std::shared_ptr<LabSweep> sweep;          ///< the one that was asked for last; goes on with every frame
  std::shared_ptr<ScenarioPage> scenario;   ///< the plan that is being edited; nothing before its page was first shown
  std::optional<std::size_t> compare_with;  ///< the branch beside the one that is shown; none: its parent
  AxisState compare_axis;
  std::shared_ptr<const Comparison> comparison;  ///< the one that was looked at last
  std::string compare_change;                    ///< a setting that is being typed
  Rest rest;                                     ///< of the pointer on the diagram
  bool side_column = true;
  bool drawer = false;  ///< the side column of a narrow window, over its right half
  bool callouts = true;
  bool key_map = false;
  std::optional<ActMenu> menu;
  std::optional<Prompt> prompt;
  std::vector<std::string> recent_files;  ///< absolute paths, the last one first
  std::string notice;  ///< the last thing that was done or could not be done, for the status line
};

}  // namespace linger::gui

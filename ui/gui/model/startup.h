#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "scenarios/overrides.h"
#include "ui/gui/model/lab.h"
#include "ui/gui/model/session.h"
#include "ui/gui/model/state.h"

namespace linger::gui {

/// Of a picture or a window.
struct PixelSize {
  int width = 1280, height = 720;
};

/// What the words behind `linger ui` ask for.
struct Startup {
  std::string file;  ///< empty: the scenario that the program carries
  scenarios::Overrides overrides;
  std::vector<std::string> changes;  ///< the words that changed the plan, as they were written
  std::string screenshot;            ///< a file for a picture instead of a window
  std::string view;                  ///< id of a page or panel
  std::optional<std::pair<std::string, std::string>> compare;  ///< a producer setting and its value in a second run
  std::optional<sim::SimTime> at;
  std::optional<report::AxisKind> axis;
  std::optional<LabChoice> sweep;
  std::optional<PixelSize> size;  ///< physical pixels
  std::optional<double> scale;
  std::optional<Language> language;
  std::optional<Theme> theme;
  std::optional<std::int64_t> record;  ///< chosen: the number that `producer` gave it
  std::string producer;                ///< its name; empty: the first one
  int frames = 0;                      ///< end after so many; 0: when the window is closed
  bool frame_times = false;            ///< print what frames take instead of opening a window
};

/// The words behind the program's name, or the sentence that says what is wrong with them.
std::variant<Startup, std::string> parse_startup(const std::vector<std::string>& words);

/// Puts what was asked for into the state of a window, and leaves the rest of it alone. `session` may be missing.
/// Empty, or the sentence that says that there is no such record.
std::string start_with(const Startup& startup, const Session* session, State& state);

}  // namespace linger::gui

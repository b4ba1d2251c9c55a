#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ui/gui/model/state.h"

namespace linger::gui {

/// What a window keeps from one start to the next: its layout, and which files were open.
struct Preferences {
  int width = 1280, height = 720;  ///< of the window, in the window system's pixels
  bool maximized = false;
  double scale = 1;
  Language language = Language::en;
  Theme theme = Theme::light;
  report::AxisKind axis = report::AxisKind::folded;
  bool side_column = true;
  bool callouts = true;
  std::string page = "diagram";
  std::vector<std::string> recent_files;  ///< absolute paths, the last one first
  friend bool operator==(const Preferences&, const Preferences&) = default;
};

/// Reads what `write_preferences` wrote, or says in one sentence what is wrong with it and where. Keys that are missing
/// keep their defaults, so that a file of an older Linger is read; a key that is unknown is a mistake.
std::variant<Preferences, std::string> read_preferences(std::string_view text);
/// As JSON, indented. A recent file whose name is no UTF-8 is left out.
std::string write_preferences(const Preferences& preferences);

/// What is kept of a window's state, and back. The window's size is not part of the state.
void keep(const State& state, Preferences& preferences);
void restore(const Preferences& preferences, State& state);

/// Preferences as a file has them, and what a viewer must be told of it.
struct LoadedPreferences {
  Preferences values;
  std::string complaint;  ///< empty: the file was read, or there is none yet
};
LoadedPreferences load_preferences(const std::string& file);
/// Writes them, with the folder they go into. What could not be read at the start is kept beside the file as
/// FILE.broken. The sentence that says why they could not be written, or nothing.
std::string save_preferences(const std::string& file, const Preferences& preferences, bool was_broken);

/// Where they are kept, from the environment's XDG_CONFIG_HOME and HOME (null: not set). Empty: nowhere.
std::string preferences_file(const char* config_home, const char* home);

/// Puts a file on top of the recent ones. At most ten are kept, none twice.
void remember_file(const std::string& file, std::vector<std::string>& recent);

}  // namespace linger::gui

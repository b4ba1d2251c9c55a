#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "ui/gui/model/fonts.h"
#include "ui/gui/model/preferences.h"
#include "ui/gui/model/startup.h"
#include "ui/gui/program/frame_times.h"
#include "ui/gui/program/headless.h"
#include "ui/gui/program/window.h"
#include "ui/gui/views/view.h"

namespace {

using linger::gui::App;
using linger::gui::Startup;

int complain(const std::string& sentence) {
  std::cerr << "linger: " << sentence << "\n";
  return 2;
}

/// Empty, or the sentence that says that there is no such view.
std::string choose_view(const Startup& startup, linger::gui::State& state) {
  std::string names;
  const auto is = [&](std::string_view id) {
    names += (names.empty() ? "" : ", ") + std::string(id);
    return startup.view == id;
  };
  for (const linger::gui::Page& page : linger::gui::pages()) {
    if (is(page.id)) return state.page = page.id, std::string();
  }
  for (const linger::gui::Panel& panel : linger::gui::panels()) {
    if (is(panel.id)) return state.panel = panel.id, std::string();
  }
  return startup.view.empty() ? std::string() : "--view \"" + startup.view + "\"; expected one of " + names;
}

/// Empty, or the sentences that say why the run with another setting cannot be compared with.
std::string compare(App& app, const std::pair<std::string, std::string>& setting) {
  std::vector<linger::gui::Request> requests;
  linger::gui::ask_to_compare(0, setting.first, setting.second, *app.branches(), app.state(), requests);
  for (linger::gui::Request& request : requests) {
    if (!carry_out(std::move(request), *app.branches(), app.state())) return app.state().notice;
  }
  return {};
}

int take_picture(App& app, const Startup& startup) {
  std::string why;
  const linger::gui::PixelSize size = startup.size.value_or(linger::gui::PixelSize{});
  const auto picture = linger::gui::picture_of(app, size.width, size.height, why);
  if (!picture) return complain("no picture: " + why);
  std::ofstream out(startup.screenshot, std::ios::binary);
  out << linger::gui::png_of(*picture);
  out.flush();
  if (!out) return complain(startup.screenshot + " cannot be written");
  return 0;
}

/// What the window was like when it was last closed. A picture is the same whoever takes it.
linger::gui::LoadedPreferences restore_last(const std::string& file, App& app) {
  linger::gui::LoadedPreferences last = linger::gui::load_preferences(file);
  linger::gui::State& state = app.state();
  std::vector<std::string> opened = std::move(state.recent_files);
  linger::gui::restore(last.values, state);
  for (const std::string& name : opened) linger::gui::remember_file(name, state.recent_files);
  const auto& pages = linger::gui::pages();
  const auto is_it = [&](const linger::gui::Page& page) { return page.id == state.page; };
  if (std::none_of(pages.begin(), pages.end(), is_it)) state.page = pages.front().id;
  if (!last.complaint.empty()) {
    std::cerr << "linger: " << last.complaint << "\n";
    state.notice = last.complaint;
  }
  return last;
}

int open_window(App& app, const Startup& startup, const std::string& file, linger::gui::LoadedPreferences last) {
  if (startup.size) {
    last.values.width = startup.size->width;
    last.values.height = startup.size->height;
    last.values.maximized = false;
  }
  const std::string why = linger::gui::run_window(app, last.values, startup.frames);
  if (!why.empty()) return complain(why);
  if (file.empty()) return 0;
  linger::gui::keep(app.state(), last.values);
  const std::string sentence = linger::gui::save_preferences(file, last.values, !last.complaint.empty());
  if (!sentence.empty()) std::cerr << "linger: the window's layout is not kept: " << sentence << "\n";
  return 0;
}

}  // namespace

int main(int count, char** words) {
  const auto parsed = linger::gui::parse_startup({words + (count > 0 ? 1 : 0), words + count});
  if (const auto* sentence = std::get_if<std::string>(&parsed)) return complain(*sentence);
  const Startup& startup = std::get<Startup>(parsed);
  for (const std::string& sentence : linger::gui::missing_fonts()) std::cerr << "linger: " << sentence << "\n";
  linger::gui::Opened opened = linger::gui::open_session(startup.file, startup.overrides, startup.changes);
  // A picture of a mistake helps nobody who waits for a file; a window shows it.
  if (const auto* mistakes = std::get_if<std::string>(&opened)) {
    std::cerr << *mistakes;
    if (!startup.screenshot.empty() || startup.frame_times) return 2;
  }
  App app{std::move(opened)};
  if (startup.frame_times) {
    std::cout << linger::gui::frame_times(app) << "\n";
    return 0;
  }
  const bool picture = !startup.screenshot.empty();
  const std::string file =
      picture ? "" : linger::gui::preferences_file(std::getenv("XDG_CONFIG_HOME"), std::getenv("HOME"));
  linger::gui::LoadedPreferences last = restore_last(file, app);
  if (const std::string sentence = choose_view(startup, app.state()); !sentence.empty()) return complain(sentence);
  if (startup.compare && app.session() != nullptr) {
    if (const std::string sentence = compare(app, *startup.compare); !sentence.empty()) return complain(sentence);
  }
  if (const std::string sentence = start_with(startup, app.session(), app.state()); !sentence.empty())
    return complain(sentence);
  return picture ? take_picture(app, startup) : open_window(app, startup, file, std::move(last));
}

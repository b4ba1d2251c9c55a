#include <cstdio>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "ui/gui/model/fonts.h"
#include "ui/gui/model/startup.h"
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

int take_picture(App& app, const Startup& startup) {
  std::string why;
  const auto picture = linger::gui::picture_of(app, startup.width, startup.height, why);
  if (!picture) return complain("no picture: " + why);
  std::ofstream out(startup.screenshot, std::ios::binary);
  out << linger::gui::png_of(*picture);
  out.flush();
  if (!out) return complain(startup.screenshot + " cannot be written");
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
    if (!startup.screenshot.empty()) return 2;
  }
  App app{std::move(opened)};
  if (const std::string sentence = choose_view(startup, app.state()); !sentence.empty()) return complain(sentence);
  linger::gui::start_with(startup, app.session(), app.state());
  if (!startup.screenshot.empty()) return take_picture(app, startup);
  const std::string why = linger::gui::run_window(app, startup.width, startup.height, startup.frames);
  return why.empty() ? 0 : complain(why);
}

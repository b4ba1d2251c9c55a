#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/unit/gui_sessions.h"
#include "ui/gui/model/preferences.h"
#include "ui/gui/model/screen.h"

using namespace linger;
using namespace linger::gui;

namespace {

/// A folder of its own, gone at the end.
struct Folder {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("linger-preferences-" + std::to_string(getpid()));
  Folder() { std::filesystem::create_directories(path); }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string file(const char* name) const { return (path / name).string(); }
};

std::string text_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string mistake_in(const std::string& text) {
  const auto read = read_preferences(text);
  const auto* sentence = std::get_if<std::string>(&read);
  return sentence == nullptr ? "" : *sentence;
}

Preferences unusual() {
  Preferences out;
  out.width = 1111;
  out.height = 666;
  out.maximized = true;
  out.scale = 1.1 * 1.1;
  out.language = Language::zh;
  out.theme = Theme::dark;
  out.axis = report::AxisKind::events;
  out.side_column = false;
  out.callouts = false;
  out.page = "plots";
  out.recent_files = {"/tmp/场景 \"一\".json", "/b.json"};
  return out;
}

}  // namespace

TEST_CASE("every preference is read back as it was written, and goes through a window's state") {
  const Preferences all = unusual();
  CHECK(std::get<Preferences>(read_preferences(write_preferences(all))) == all);
  State state;
  restore(all, state);
  Preferences kept;
  kept.width = all.width;
  kept.height = all.height;
  kept.maximized = all.maximized;
  keep(state, kept);
  CHECK(kept == all);
}

TEST_CASE("a recent file whose name is no UTF-8 does not break the layout file") {
  Preferences odd = unusual();
  odd.recent_files.insert(odd.recent_files.begin(), "/tmp/caf\xe9.json");
  CHECK(std::get<Preferences>(read_preferences(write_preferences(odd))) == unusual());
}

TEST_CASE("a layout file that says something wrong is told of with the place, and nothing of it holds") {
  CHECK(mistake_in("{}") == "");
  CHECK(mistake_in("") != "");
  CHECK(mistake_in("[]") == "expected an object");
  CHECK(mistake_in(R"({"width": 12})") == "/width: 12; expected a whole number from 16 to 16384");
  CHECK(mistake_in(R"({"width": "1280"})") == "/width: \"1280\"; expected a whole number from 16 to 16384");
  CHECK(mistake_in(R"({"scale": 1e300})").starts_with("/scale: "));
  CHECK(mistake_in(R"({"language": "fr"})") == "/language: \"fr\"; expected one of en, zh");
  CHECK(mistake_in(R"({"maximized": 1})") == "/maximized: 1; expected true or false");
  CHECK(mistake_in(R"({"recent_files": [1]})").starts_with("/recent_files: "));
  CHECK(mistake_in(R"({"colour": "red"})") == "/colour: there is no such setting");
  // Half a file, as a full disk leaves it.
  const std::string whole = write_preferences(unusual());
  for (std::size_t length = 0; length + 2 < whole.size(); ++length) {
    INFO(length);
    CHECK(mistake_in(whole.substr(0, length)) != "");
  }
}

TEST_CASE("a broken layout file is kept beside the new one, and a missing one is no mistake") {
  const Folder folder;
  const std::string file = folder.file("deep/er/window.json");
  CHECK(load_preferences(file).complaint == "");
  REQUIRE(save_preferences(file, unusual(), false) == "");
  CHECK(load_preferences(file).values == unusual());
  std::ofstream(file) << "{ half";
  const LoadedPreferences broken = load_preferences(file);
  CHECK(broken.complaint.find(file) != std::string::npos);
  CHECK(broken.values == Preferences{});
  REQUIRE(save_preferences(file, broken.values, true) == "");
  CHECK(load_preferences(file).complaint == "");
  CHECK(text_of(file + ".broken") == "{ half");
  // A folder in the place of the file can neither be read nor written.
  const std::string taken = folder.file("deep");
  CHECK(load_preferences(taken).complaint != "");
  CHECK(save_preferences(taken, unusual(), false) != "");
}

TEST_CASE("the place of the layout file follows the environment") {
  CHECK(preferences_file("/c", "/home/a") == "/c/linger/window.json");
  CHECK(preferences_file(nullptr, "/home/a") == "/home/a/.config/linger/window.json");
  CHECK(preferences_file("c", "/home/a") == "/home/a/.config/linger/window.json");
  CHECK(preferences_file(nullptr, nullptr) == "");
}

TEST_CASE("recent files are whole paths, the last one first, none twice, ten at most") {
  std::vector<std::string> recent;
  for (int i = 0; i < 12; ++i) remember_file("/a/" + std::to_string(i) + ".json", recent);
  CHECK(recent.size() == 10);
  CHECK(recent.front() == "/a/11.json");
  remember_file("/a/b/../5.json", recent);
  CHECK(recent.front() == "/a/5.json");
  CHECK(std::count(recent.begin(), recent.end(), "/a/5.json") == 1);
  remember_file("x.json", recent);
  CHECK(std::filesystem::path(recent.front()).is_absolute());
}

TEST_CASE("a narrow window has the side column as a drawer over its right half, when it is wanted") {
  ScreenWishes wishes;
  const Screen closed = lay_out_screen(960, 540, wishes);
  CHECK(closed.side.width == 0);
  CHECK_FALSE(closed.drawer);
  wishes.drawer = true;
  const Screen open = lay_out_screen(960, 540, wishes);
  CHECK(open.drawer);
  CHECK(open.side.x == 480);
  CHECK(open.side.x + open.side.width == 960);
  CHECK(open.diagram.width == closed.diagram.width);
  // A wide one has the column, and no drawer.
  const Screen wide = lay_out_screen(1280, 720, wishes);
  CHECK_FALSE(wide.drawer);
  CHECK(wide.diagram.width + wide.side.width == 1280);
}

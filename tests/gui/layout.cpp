#include <catch2/catch.hpp>
#include <string>

#include "tests/gui/rig.h"

using namespace linger;
using namespace linger::gui;

namespace {

const std::string lost_ack = std::string(LINGER_SOURCE_DIR) + "/scenarios/library/lost-ack.json";
const std::string failover = std::string(LINGER_SOURCE_DIR) + "/scenarios/library/failover-five-in-flight.json";

}  // namespace

TEST_CASE("Tab opens a drawer in a narrow window, which takes the pointer, and Esc closes it") {
  Rig rig{open_session(lost_ack), 960, 540};
  rig.frame();
  const bool column = rig.state().side_column;
  const int closed = rig.vertices();
  rig.press(Key::tab);
  CHECK(rig.state().drawer);
  CHECK(rig.state().side_column == column);
  CHECK(rig.vertices() > closed);
  // A click into the drawer does not reach the diagram under it, which would clear the selection.
  const Selection before = rig.state().selection;
  REQUIRE_FALSE(before.empty());
  rig.click(955, 500);
  rig.click(485, 110);
  CHECK(rig.state().selection == before);
  rig.press(Key::escape);
  CHECK_FALSE(rig.state().drawer);
  CHECK_FALSE(rig.state().selection.empty());
  // In a wide window the same key is about the column.
  rig.resize(1280, 720);
  rig.frame();
  rig.press(Key::tab);
  CHECK_FALSE(rig.state().drawer);
  CHECK(rig.state().side_column != column);
}

TEST_CASE("a click on a panel's title shows it large, Esc goes back") {
  Rig rig{open_session(lost_ack), 1280, 720};
  rig.frame();
  rig.click(1100, 96 + 8 + 15);
  CHECK_FALSE(rig.state().panel.empty());
  rig.press(Key::escape);
  CHECK(rig.state().panel.empty());
}

TEST_CASE("words can be typed into a prompt that lies over an open drawer") {
  Rig rig{open_session(lost_ack), 960, 540};
  rig.frame();
  rig.press(Key::tab);
  rig.press(Key::n);
  REQUIRE(rig.state().prompt);
  rig.frame();
  rig.type("x");
  rig.type("yz");
  CHECK(rig.state().prompt->words.find("xyz") != std::string::npos);
}

TEST_CASE("files that were opened are offered in the prompt, the last one first, and a click opens one") {
  Rig rig{open_session(lost_ack), 1280, 720};
  rig.frame();
  CHECK(rig.state().recent_files == std::vector<std::string>{lost_ack});
  rig.app().open(failover);
  CHECK(rig.state().recent_files == std::vector<std::string>{failover, lost_ack});
  rig.app().open(lost_ack + ".none");
  CHECK(rig.state().recent_files.size() == 2);
  rig.press(Key::o, false, true);
  REQUIRE(rig.state().prompt);
  rig.frame();
  // The second row under the field.
  rig.click(500, 720 * 0.22 + 104 + 24 + 26 * 1.5);
  CHECK_FALSE(rig.state().prompt);
  CHECK(rig.session().file() == lost_ack);
  CHECK(rig.state().recent_files.front() == lost_ack);
}

TEST_CASE("where no file could be opened another one can") {
  Rig rig{open_session(lost_ack + ".none"), 1280, 720};
  rig.frame();
  REQUIRE(rig.app().session() == nullptr);
  rig.press(Key::d);
  CHECK(rig.state().theme == Theme::dark);
  rig.press(Key::o, false, true);
  REQUIRE(rig.state().prompt);
  rig.type((lost_ack + ".nor").c_str());
  rig.press(Key::enter);
  CHECK(rig.app().session() == nullptr);
  rig.press(Key::o, false, true);
  rig.type(lost_ack.c_str());
  rig.press(Key::enter);
  REQUIRE(rig.app().session() != nullptr);
  CHECK(rig.session().file() == lost_ack);
}

TEST_CASE("the kind of time axis stays when another file is opened") {
  Rig rig{open_session(lost_ack), 1280, 720};
  rig.press(Key::digit_2);
  rig.app().open(failover);
  rig.frame();
  CHECK(rig.state().axis.kind == report::AxisKind::events);
  CHECK(rig.state().axis.zoom == 1);
}

#include <catch2/catch.hpp>
#include <string>

#include "scenarios/runner.h"
#include "tests/gui/rig.h"
#include "ui/gui/model/commands.h"

using namespace linger;
using namespace linger::gui;

namespace {

Opened library(const std::string& name) {
  return open_session(std::string(LINGER_SOURCE_DIR) + "/scenarios/library/" + name);
}

}  // namespace

TEST_CASE("a first start shows the end of a run that has a retry") {
  Rig rig{open_session(""), 1280, 720};
  rig.frame();
  CHECK(rig.state().cursor == rig.session().last());
  CHECK(rig.vertices() > 2000);
}

TEST_CASE("keys move the cursor: home, next retry, a step, a millisecond") {
  Rig rig{library("lost-ack.json"), 1280, 720};
  rig.press(Key::home);
  CHECK(rig.state().cursor.at == sim::SimTime{});
  rig.press(Key::r);
  CHECK(rig.state().cursor == rig.session().seek(rig.session().first(), Landmark::retry, 1));
  const Cursor retry = rig.state().cursor;
  rig.press(Key::right);
  CHECK(rig.state().cursor.steps > retry.steps);
  rig.press(Key::left);
  CHECK(rig.state().cursor.at == retry.at);
  rig.press(Key::right, true);
  CHECK(rig.state().cursor.at == retry.at + sim::Duration::ms(1));
  rig.press(Key::r, true);
  CHECK(rig.state().cursor.at == retry.at);
}

TEST_CASE("keys choose language, theme, axis and size of texts") {
  Rig rig{library("lost-ack.json"), 1280, 720};
  rig.press(Key::z);
  CHECK(rig.state().language == Language::zh);
  rig.press(Key::d);
  CHECK(rig.state().theme == Theme::dark);
  rig.press(Key::digit_1);
  CHECK(rig.state().axis.kind == report::AxisKind::linear);
  rig.press(Key::digit_2);
  CHECK(rig.state().axis.kind == report::AxisKind::events);
  rig.press(Key::plus, false, true);
  CHECK(rig.state().scale > 1);
}

TEST_CASE("a click on a row of the ledger picks the record and goes to where it was sent") {
  Rig rig{library("lost-ack.json"), 1280, 720};
  rig.frame();
  rig.state().selection = {};
  rig.click(60, 720 - 24 - 16);
  REQUIRE(rig.state().selection.record);
  const auto& record = rig.session().run().ledger.records[*rig.state().selection.record];
  CHECK(rig.state().cursor.at == record.sent_at);
}

TEST_CASE("the wheel zooms and a drag pans, within the run") {
  Rig rig{library("lost-ack.json"), 1280, 720};
  rig.wheel(600, 300, 3);
  CHECK(rig.state().axis.zoom > 1);
  const double left = rig.state().axis.left;
  rig.drag(600, 300, 580, 300);
  CHECK(rig.state().axis.left > left);
  rig.press(Key::digit_0);
  CHECK(rig.state().axis.zoom == 1);
}

TEST_CASE("twice the speed covers twice the distance, and there is a slowest and a fastest") {
  const auto played = [](Rig& rig) {
    rig.press(Key::home);
    rig.pace(0.1F);
    rig.press(Key::space);
    const double width = 1280 / 2;
    const auto x = [&] { return axis_of(rig.session(), rig.state().axis, width)->x(rig.state().cursor.at); };
    const double before = x();
    for (int i = 0; i < 5; ++i) rig.frame();
    const double after = x();
    rig.press(Key::space);
    return after - before;
  };
  Rig rig{library("lost-ack.json"), 1280, 720};
  rig.frame();
  const double once = played(rig);
  rig.press(Key::period);
  CHECK(rig.state().speed == 2);
  CHECK(played(rig) == Approx(2 * once).epsilon(0.05));
  for (int i = 0; i < 20; ++i) rig.press(Key::period);
  CHECK(rig.state().speed == 16);
  for (int i = 0; i < 20; ++i) rig.press(Key::comma);
  CHECK(rig.state().speed == 1.0 / 16);
  CHECK(played(rig) > 0);
  // The button beside play: a click doubles, a right click halves.
  rig.click(154, 72);
  CHECK(rig.state().speed == 1.0 / 8);
  rig.click(154, 72, 1);
  CHECK(rig.state().speed == 1.0 / 16);
}

TEST_CASE("playing reaches the end and stops there") {
  Rig rig{library("lost-ack.json"), 1280, 720};
  rig.press(Key::home);
  rig.pace(0.1F);
  rig.press(Key::space);
  CHECK(rig.state().playing);
  const Cursor early = rig.state().cursor;
  for (int i = 0; i < 1000 && rig.state().playing; ++i) rig.frame();
  CHECK_FALSE(rig.state().playing);
  CHECK(rig.state().cursor.at > early.at);
  CHECK(rig.state().cursor.at == rig.session().end());
}

TEST_CASE("a window of 400 by 300 says what to do, and one that grows again shows the run") {
  Rig rig{library("lost-ack.json"), 400, 300};
  rig.frame();
  const int small = rig.vertices();
  CHECK(small > 100);
  rig.resize(1280, 720);
  rig.frame();
  CHECK(rig.vertices() > small);
}

TEST_CASE("a scenario that cannot be read is a page of sentences") {
  Rig rig{library("no-such.json"), 1280, 720};
  rig.frame();
  CHECK(rig.vertices() > 100);
  rig.press(Key::right);
  rig.click(600, 300);
}

TEST_CASE("the map of keys opens with F1 and closes with Esc, in every size") {
  for (const auto& [width, height] : {std::pair{640.0, 400.0}, {1280.0, 720.0}}) {
    Rig rig{library("lost-ack.json"), width, height};
    rig.press(Key::f1);
    CHECK(rig.state().key_map);
    rig.press(Key::escape);
    CHECK_FALSE(rig.state().key_map);
  }
}

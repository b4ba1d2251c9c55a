#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "scenarios/runner.h"
#include "tests/gui/rig.h"
#include "ui/gui/model/commands.h"
#include "ui/gui/model/screen.h"

using namespace linger;
using namespace linger::gui;

namespace {

Opened lost_ack() {
  return open_session(std::string(LINGER_SOURCE_DIR) + "/scenarios/library/lost-ack.json");
}

/// The line of the open menu that says this; the middle of its row.
Point row_of(const ActMenu& menu, Str words) {
  const auto act =
      std::find_if(menu.acts.begin(), menu.acts.end(), [&](const Act& one) { return one.change.words == words; });
  REQUIRE(act != menu.acts.end());
  return {menu.x + 40, menu.y + 4 + 34 + 26 * (static_cast<double>(act - menu.acts.begin()) + 0.5)};
}

}  // namespace

TEST_CASE(
    "a right click on a broker's lane, a click on crash: a branch at the cursor, shown at once, the old run kept") {
  Rig rig{lost_ack(), 1280, 720};
  rig.press(Key::home);
  rig.press(Key::right, true);
  const sim::SimTime at = rig.state().cursor.at;
  rig.click(40, 340, 1);
  REQUIRE(rig.state().menu);
  CHECK(rig.state().menu->name.values.front() == "b1");
  const Point row = row_of(*rig.state().menu, Str::act_crash);
  rig.click(row.x, row.y);
  CHECK_FALSE(rig.state().menu);
  REQUIRE(rig.app().branches()->size() == 2);
  CHECK(rig.app().branches()->shown() == 1);
  CHECK((*rig.app().branches())[1].from == at);
  CHECK(rig.session().run().result.faults.back().hits == 1);
  CHECK(rig.state().notice.find("crash b1") != std::string::npos);
  // The tree is on top of the side column: a click on its first row goes back.
  rig.click(1100, 150);
  CHECK(rig.app().branches()->shown() == 0);
}

TEST_CASE("a right click on an arrow offers what can become of that message") {
  Rig rig{lost_ack(), 1280, 720};
  rig.frame();
  const report::Diagram& diagram = rig.session().diagram();
  const auto retry = std::find_if(diagram.arrows.begin(), diagram.arrows.end(), [](const report::Arrow& arrow) {
    return arrow.kind == report::ArrowKind::produce && arrow.attempt == 2 && !arrow.answer;
  });
  REQUIRE(retry != diagram.arrows.end());
  // Somewhere on its way between the two lanes.
  bool found = false;
  const double axis_left = 124;
  const auto axis = axis_of(rig.session(), rig.state().axis, 952 - axis_left);
  const double from = axis_left + axis->x(retry->sent_at);
  const double to = axis_left + axis->x(retry->ended_at);
  for (double y = 300; y < 345 && !found; y += 2) {
    for (double x = from; x <= to && !found; x += 2) {
      rig.click(x, y, 1);
      found = rig.state().menu && rig.state().menu->name.words == Str::target_request &&
              rig.state().selection.message == retry->message;
      if (!found) rig.press(Key::escape);
    }
  }
  REQUIRE(found);
  const Point row = row_of(*rig.state().menu, Str::act_lose);
  rig.click(row.x, row.y);
  REQUIRE(rig.app().branches()->shown() == 1);
  CHECK(rig.session().run().result.faults.back().id == "lose-request-2");
}

TEST_CASE("Esc and a click beside it close the menu, and nothing happens") {
  Rig rig{lost_ack(), 1280, 720};
  rig.click(40, 340, 1);
  REQUIRE(rig.state().menu);
  rig.press(Key::escape);
  CHECK_FALSE(rig.state().menu);
  rig.click(40, 340, 1);
  REQUIRE(rig.state().menu);
  rig.click(20, 690);
  CHECK_FALSE(rig.state().menu);
  CHECK(rig.app().branches()->size() == 1);
}

TEST_CASE("a name is typed behind N, and the keys of the window rest meanwhile") {
  Rig rig{lost_ack(), 1280, 720};
  rig.press(Key::n);
  REQUIRE(rig.state().prompt);
  rig.frame();
  rig.type("d-day");
  CHECK(rig.state().theme == Theme::light);
  rig.press(Key::enter);
  CHECK_FALSE(rig.state().prompt);
  CHECK((*rig.app().branches())[0].name == "d-day");
  rig.press(Key::n);
  rig.frame();
  rig.press(Key::escape);
  CHECK_FALSE(rig.state().prompt);
  CHECK((*rig.app().branches())[0].name == "d-day");
}

TEST_CASE("Ctrl F finds a record, and one that is not there leaves a sentence") {
  Rig rig{lost_ack(), 1280, 720};
  rig.press(Key::f, false, true);
  REQUIRE(rig.state().prompt);
  rig.frame();
  rig.type("r1");
  rig.press(Key::enter);
  CHECK(rig.state().selection.record == std::optional<scenarios::RecordIndex>(1));
  rig.press(Key::f, false, true);
  rig.frame();
  rig.type("r77");
  rig.press(Key::enter);
  CHECK(rig.state().notice.find("r77") != std::string::npos);
  CHECK(rig.state().selection.record == std::optional<scenarios::RecordIndex>(1));
}

TEST_CASE("opening a file that cannot be read keeps what is there, and says why") {
  Rig rig{lost_ack(), 1280, 720};
  rig.press(Key::o, false, true);
  rig.frame();
  rig.type("no-such.json");
  rig.press(Key::enter);
  CHECK(rig.state().notice.find("no-such.json") != std::string::npos);
  CHECK(rig.session().run().setup->scenario.title == "One lost acknowledgement");
}

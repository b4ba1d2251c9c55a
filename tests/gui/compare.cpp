#include <catch2/catch.hpp>
#include <string>

#include "scenarios/runner.h"
#include "tests/gui/rig.h"
#include "ui/gui/model/comparison.h"

using namespace linger;
using namespace linger::gui;

namespace {

Opened lost_ack() {
  return open_session(std::string(LINGER_SOURCE_DIR) + "/scenarios/library/lost-ack.json");
}

}  // namespace

TEST_CASE("key C, a click on a setting to try: both runs are there, and the changed one is shown") {
  Rig rig{lost_ack(), 1280, 720};
  rig.press(Key::c);
  CHECK(rig.state().page == "compare");
  rig.frame();
  // The first button: idempotence off.
  rig.click(210, 120);
  REQUIRE(rig.app().branches()->size() == 2);
  rig.frame();
  REQUIRE(rig.state().comparison);
  CHECK(rig.state().comparison->outcome());
  CHECK(rig.session().run().result.counts.duplicated == 2);
  // The chip of A shows the run as it was opened.
  rig.click(60, 116);
  CHECK(rig.app().branches()->shown() == 0);
  CHECK(rig.session().run().result.counts.duplicated == 0);
}

TEST_CASE("any setting can be typed; one that Java refuses leaves a sentence and no branch") {
  Rig rig{lost_ack(), 1280, 720};
  rig.press(Key::c);
  rig.frame();
  rig.click(1150, 120);
  rig.frame();
  rig.type("acks=abc");
  rig.press(Key::enter);
  CHECK(rig.app().branches()->size() == 1);
  CHECK(rig.state().notice.find("acks") != std::string::npos);
  rig.state().compare_change.clear();
  rig.frame();
  rig.click(1150, 120);
  rig.frame();
  rig.type("nonsense");
  rig.press(Key::enter);
  CHECK(rig.state().notice.find("key=value") != std::string::npos);
  CHECK(rig.app().branches()->size() == 1);
}

TEST_CASE("the wheel over one run zooms both, from a projector to a small window") {
  for (const auto& [width, height] : {std::pair{1920.0, 1080.0}, {1280.0, 720.0}, {960.0, 540.0}}) {
    Rig rig{lost_ack(), width, height};
    rig.press(Key::c);
    rig.frame();
    const auto plan = with_setting(rig.session().run().setup->scenario, "linger.ms", "0");
    REQUIRE(rig.app().branches()->add(plan, {Str::compare_change_word, {"linger.ms=0"}}, {}).empty());
    rig.frame();
    INFO(width);
    rig.wheel(width / 2, height / 2, 2);
    CHECK(rig.state().compare_axis.zoom > 1);
  }
}

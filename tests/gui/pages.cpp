#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "scenarios/runner.h"
#include "tests/gui/rig.h"
#include "ui/gui/model/commands.h"
#include "ui/gui/model/lab.h"
#include "ui/gui/views/picture_cache.h"

using namespace linger;
using namespace linger::gui;

namespace {

Opened library(const std::string& name, const scenarios::Overrides& overrides = {}) {
  return open_session(std::string(LINGER_SOURCE_DIR) + "/scenarios/library/" + name, overrides);
}

constexpr double axis_left = 124;
/// Where the axis of the story's page ends beside a side column.
constexpr double axis_right = 952;

}  // namespace

TEST_CASE("the lab: a click on another setting sweeps that, the range is made smaller, the pointer is told values") {
  Rig rig{library("lost-ack.json"), 1280, 720};
  rig.press(Key::l);
  REQUIRE(rig.state().page == "lab");
  REQUIRE(rig.state().sweep);
  const LabSetting before = rig.state().lab.setting;
  // The buttons stand in two columns under the title of the first box.
  bool changed = false;
  for (double y = 135; y < 240 && !changed; y += 8) {
    rig.click(300, y);
    changed = rig.state().lab.setting != before;
  }
  REQUIRE(changed);
  rig.frame();
  CHECK(rig.state().sweep->choice() == rig.state().lab);
  const std::size_t last = rig.state().lab.last;
  bool smaller = false;
  for (double y = 235; y < 275 && !smaller; y += 6) {
    for (double x = 240; x < 350 && !smaller; x += 8) {
      rig.click(x, y);
      smaller = rig.state().lab.last < last;
    }
  }
  CHECK(smaller);
  rig.frame();
  rig.app().finish_work();
  rig.frame();
  CHECK(rig.state().sweep->finished() == rig.state().sweep->total());
  const int quiet = rig.vertices();
  rig.point(900, 420);
  rig.frame();
  CHECK(rig.vertices() > quiet);
}

TEST_CASE("the page of plots: a click and a drag move the cursor, the wheel scrolls the plots") {
  Rig rig{library("failover-five-in-flight.json"), 1280, 720};
  rig.state().page = "plots";
  rig.frame();
  rig.click(axis_left + 300, 300);
  const sim::SimTime clicked = rig.state().cursor.at;
  CHECK(clicked < rig.session().end());
  rig.drag(axis_left + 300, 300, axis_left + 120, 300);
  CHECK(rig.state().cursor.at < clicked);
  const double top = rig.state().page_top;
  rig.wheel(600, 400, -3);
  CHECK(rig.state().page_top > top);
}

TEST_CASE("a strip under the diagram takes the cursor where it is clicked") {
  Rig rig{library("lost-ack.json"), 1280, 720};
  rig.frame();
  const auto axis = axis_of(rig.session(), rig.state().axis, axis_right - axis_left);
  rig.click(axis_left + 200, 530);
  CHECK(rig.state().cursor == rig.session().at(axis->at(200)));
}

TEST_CASE("a click on the tally shows the records of one kind, a second click all") {
  Rig rig{library("acks1-loss-on-leader-crash.json"), 1280, 720};
  rig.frame();
  // The buttons of the tally stand behind the ledger's title.
  const auto finds_lost = [&](Point& at) {
    for (at.y = 524; at.y < 640; at.y += 12) {
      for (at.x = 200; at.x < 420; at.x += 12) {
        rig.state().verdict_filter.reset();
        rig.click(at.x, at.y);
        if (rig.state().verdict_filter == 'L') return true;
      }
    }
    return false;
  };
  Point lost;
  REQUIRE(finds_lost(lost));
  CHECK(rig.session().records_with('L')->size() == 3);
  CHECK(rig.session().records_with(std::nullopt)->size() == rig.session().run().result.fates.size());
  // The first row is a lost record now.
  rig.state().selection = {};
  for (double y = lost.y + 30; y < 690 && !rig.state().selection.record; y += 10) rig.click(60, y);
  REQUIRE(rig.state().selection.record);
  CHECK(rig.session().run().result.fates[*rig.state().selection.record].verdict != scenarios::Verdict::acked_present);
  rig.click(lost.x, lost.y);
  CHECK_FALSE(rig.state().verdict_filter);
}

TEST_CASE("a line of the chain of causes is clicked: the cursor goes there") {
  Rig rig{library("lost-ack.json"), 1600, 1000};
  rig.press(Key::w);
  const Cursor before = rig.state().cursor;
  bool moved = false;
  for (double y = 130; y < 420 && !moved; y += 10) {
    rig.click(200, y);
    moved = !(rig.state().cursor == before);
  }
  CHECK(moved);
}

TEST_CASE("what panels show is made anew when anything of it changes, and only then") {
  PictureCache cache;
  int made = 0;
  const auto make = [&] {
    PanelPicture picture;
    picture.height = ++made;
    return picture;
  };
  PictureCache::Shown shown;
  const auto height = [&](const std::string& panel) { return cache.of(panel, shown, make).height; };
  CHECK(height("why") == 1);
  CHECK(height("why") == 1);
  CHECK(height("producer") == 2);
  shown.cursor.steps = 5;
  CHECK(height("why") == 3);
  shown.cursor.at = sim::SimTime::at_ns(7);
  CHECK(height("why") == 4);
  shown.selection.record = 3;
  CHECK(height("why") == 5);
  shown.language = Language::zh;
  CHECK(height("why") == 6);
  shown.width = 300;
  CHECK(height("why") == 7);
  CHECK(height("why") == 7);
  cache.clear();
  CHECK(height("why") == 8);
}

TEST_CASE("the side column follows record, cursor and language, and another run has its own") {
  Rig rig{library("lost-ack.json"), 1280, 720};
  const Box side{axis_right + 4, 100, 1280 - axis_right - 4, 590};
  const auto shown = [&] {
    rig.frame();
    return rig.drawn_in(side);
  };
  rig.frame();
  const std::string first = shown();
  rig.state().selection.record = 1;
  CHECK((shown() != first));
  rig.state().selection.record = 0;
  CHECK((shown() == first));
  const Cursor cursor = rig.state().cursor;
  rig.state().cursor = rig.session().first();
  CHECK((shown() != first));
  rig.state().cursor = cursor;
  CHECK((shown() == first));
  rig.state().language = Language::zh;
  CHECK((shown() != first));
  rig.state().language = Language::en;
  CHECK((shown() == first));
  rig.app().open(std::string(LINGER_SOURCE_DIR) + "/scenarios/library/not-enough-replicas.json");
  rig.frame();
  const std::string other = shown();
  CHECK((other != first));
  rig.app().open(std::string(LINGER_SOURCE_DIR) + "/scenarios/library/lost-ack.json");
  rig.frame();
  CHECK((shown() != other));
}

TEST_CASE("a click on a crowd comes closer, until its members can be picked") {
  scenarios::Overrides overrides;
  overrides.set = {
      {"/producers/0/workload/0/send/every", "2ms"}, {"/producers/0/workload/0/send/count", "8000"}, {"/expect", "{}"}};
  Rig rig{open_session(std::string(LINGER_SOURCE_DIR) + "/scenarios/perf/bulk.json", overrides), 1280, 720};
  rig.state().side_column = false;
  rig.state().callouts = false;
  rig.frame();
  double zoom = rig.state().axis.zoom;
  bool picked = false;
  const auto comes_closer = [&] {
    // Somewhere in the middle stand batches, requests and copies that are drawn as one.
    for (double y = 150; y < 420; y += 9) {
      rig.state().selection = {};
      rig.click(640, y);
      picked = picked || !rig.state().selection.empty();
      if (rig.state().axis.zoom > zoom) return true;
    }
    return false;
  };
  int times = 0;
  while (times < 30 && comes_closer()) {
    CHECK(rig.state().selection.empty());
    zoom = rig.state().axis.zoom;
    picked = false;
    ++times;
  }
  CHECK(times > 0);
  CHECK(times < 30);
  CHECK(zoom > 4);
  CHECK(picked);
}

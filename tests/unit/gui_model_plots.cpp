#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "ui/gui/model/plots.h"
#include "ui/gui/model/session.h"
#include "ui/gui/model/step_path.h"

using namespace linger;
using namespace linger::gui;

namespace {

sim::SimTime at_ms(std::int64_t ms) {
  return sim::SimTime::at(sim::Duration::ms(ms));
}

/// 0 to 10 ms at 10 pixels a millisecond, a fold of 20 pixels up to 1 s, and 10 ms more.
report::Axis folded_axis() {
  report::Axis axis;
  axis.pieces = {{at_ms(0), at_ms(10), 0, 100, false, {}},
                 {at_ms(10), at_ms(1000), 100, 120, true, {}},
                 {at_ms(1000), at_ms(1010), 120, 220, false, {}}};
  axis.per_ms = 10;
  axis.width = 220;
  return axis;
}

StepFrame frame_of(double width) {
  return {{50, 100, width, 20}, 0, 4};
}

}  // namespace

TEST_CASE("a plot has level and upright lines only, joined end to end, through folds as well") {
  StepSeries series;
  series.set(at_ms(2), 4);
  series.set(at_ms(500), 2);
  series.set(at_ms(1005), 0);
  const StepPath path = lay_out_steps(series, folded_axis(), frame_of(220));
  REQUIRE(path.merged.empty());
  REQUIRE(path.lines.size() == 7);
  for (const auto& line : path.lines) CHECK((line.from.x == line.to.x || line.from.y == line.to.y));
  for (std::size_t i = 1; i < path.lines.size(); ++i) {
    CHECK(path.lines[i].from.x == path.lines[i - 1].to.x);
    CHECK(path.lines[i].from.y == path.lines[i - 1].to.y);
  }
  CHECK(path.lines.front().from.x == 50);
  CHECK(path.lines.front().from.y == 120);
  CHECK(path.lines[1].from.x == Approx(70));
  CHECK(path.lines[1].to.y == 100);
  // The step that the fold hides stands inside of it.
  CHECK(path.lines[3].from.x > 150);
  CHECK(path.lines[3].from.x < 170);
  CHECK(path.lines.back().to.x == 270);
  CHECK(path.lines.back().to.y == 120);
}

TEST_CASE("many steps in one pixel become one bar from the lowest to the highest, and the last value goes on") {
  StepSeries series;
  for (int i = 0; i < 5000; ++i) series.set(sim::SimTime::at_ns(4'000'000 + i), i == 2500 ? 4 : 1 + i % 2);
  const StepPath path = lay_out_steps(series, folded_axis(), frame_of(220));
  REQUIRE(path.merged.size() == 1);
  CHECK(path.merged[0].x == 90);
  CHECK(path.merged[0].width == 1);
  CHECK(path.merged[0].y == 100);
  CHECK(path.merged[0].height == 20);
  REQUIRE(path.lines.size() == 2);
  CHECK(path.lines.back().from.y == 110);
}

TEST_CASE("what is drawn of a plot does not grow with the run") {
  StepSeries series;
  for (int i = 0; i < 100'000; ++i) series.set(sim::SimTime::at_ns(i * 10'000), i % 4);
  const StepPath path = lay_out_steps(series, folded_axis(), frame_of(220));
  CHECK(path.merged.size() + path.lines.size() < 500);
}

TEST_CASE("a view that begins in the middle of the axis starts with the value there") {
  StepSeries series;
  series.set(at_ms(2), 2);
  series.set(at_ms(1005), 4);
  StepFrame frame = frame_of(60);
  frame.left = 130;
  const StepPath path = lay_out_steps(series, folded_axis(), frame);
  REQUIRE_FALSE(path.lines.empty());
  CHECK(path.lines.front().from.x == 50);
  CHECK(path.lines.front().from.y == 110);
  CHECK(path.lines.back().to.x == 110);
  CHECK(path.lines.back().to.y == 100);
}

TEST_CASE("what happens in the last moment of a run is seen, and its value goes on to the end of the axis") {
  StepSeries series;
  series.set(at_ms(1009), 2);
  const StepPath path = lay_out_steps(series, folded_axis(), frame_of(400));
  REQUIRE(path.lines.size() == 3);
  CHECK(path.lines.back().to.x == 270);
  CHECK(path.lines.back().to.y == 110);
}

TEST_CASE("a scale ends at a round number, and a small count at itself") {
  CHECK(rounded_up(0.3) == 1);
  CHECK(rounded_up(16384) == 20000);
  CHECK(rounded_up(20000) == 20000);
  CHECK(rounded_up(20001) == 50000);
  CHECK(rounded_up(51) == 100);
}

TEST_CASE("values have their unit, and digits in groups") {
  CHECK(in_words(0, Unit::count) == "0");
  CHECK(in_words(279, Unit::bytes) == "279 B");
  CHECK(in_words(16384, Unit::bytes) == "16 384 B");
  CHECK(in_words(33554432, Unit::bytes) == "33 554 432 B");
  CHECK(in_words(1.94, Unit::milliseconds) == "1.9 ms");
  CHECK(in_words(30000, Unit::milliseconds) == "30 000 ms");
  CHECK(in_words(105.98, Unit::milliseconds) == "106 ms");
  CHECK(in_words(40, Unit::per_second) == "40 /s");
}

TEST_CASE("every series is in one plot, and every plot can be told apart") {
  std::set<SeriesKind> kinds;
  std::set<std::string> ids;
  for (const Plot& one : plots()) {
    CHECK(ids.insert(std::string(one.id)).second);
    for (const PlotLine& line : one.lines) CHECK(kinds.insert(line.kind).second);
  }
  CHECK(kinds.size() == series_count);
}

TEST_CASE("the values at the cursor are those of that moment, each with its sign") {
  Opened opened = open_session("");
  Session& session = *std::get<std::unique_ptr<Session>>(opened);
  CHECK(values_at(plot("outcomes"), session.series(), session.first().at) ==
        std::vector<std::string>{"A 0", "D 0", "L 0", "O 0"});
  CHECK(values_at(plot("outcomes"), session.series(), session.end()) ==
        std::vector<std::string>{"A 2", "D 0", "L 0", "O 0"});
  const auto retry = session.seek(session.first(), Landmark::retry, 1);
  REQUIRE(retry);
  CHECK(values_at(plot("batch-bytes"), session.series(), retry->at) == std::vector<std::string>{"279 B"});
}

TEST_CASE("a page of rows scrolls from its first to its last row and no further") {
  const PlotRows top = visible_rows(12, 70, 500, -40);
  CHECK(top.first == 0);
  CHECK(top.top == 0);
  CHECK(top.last == 8);
  CHECK(top.most == 340);
  const PlotRows end = visible_rows(12, 70, 500, 9999);
  CHECK(end.last == 12);
  CHECK(end.first == 4);
  CHECK(end.top == -60);
  CHECK(visible_rows(3, 70, 500, 50).most == 0);
}

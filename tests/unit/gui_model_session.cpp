#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <string>

#include "scenarios/event_graph.h"
#include "scenarios/runner.h"
#include "tests/unit/gui_sessions.h"
#include "ui/gui/model/callouts.h"
#include "ui/gui/model/causes.h"
#include "ui/gui/model/commands.h"
#include "ui/gui/model/screen.h"
#include "ui/gui/model/session.h"

using namespace linger;
using namespace linger::gui;

namespace {

/// The world after so many events, reached in one go.
std::uint64_t fingerprint_after(const Session& session, std::uint64_t events) {
  scenarios::Runner runner{session.run().setup, sim::Trace::Mode::off};
  while (runner.world().counters().events < events && runner.step()) {
  }
  return runner.world().fingerprint();
}

}  // namespace

TEST_CASE("the world at a moment is the one that a run up to there has, wherever the cursor was before") {
  const auto session = session_of("rolling-restart-under-load.json");
  const std::size_t steps = session->last().steps;
  REQUIRE(steps > 4000);
  for (const std::size_t part : {9U, 2U, 5U, 1U, 5U, 8U, 10U}) {
    const std::size_t step = steps * part / 10;
    const Cursor cursor{session->run().events[step - 1].at, step};
    const scenarios::World& world = session->world_at(cursor);
    CHECK(world.fingerprint() == fingerprint_after(*session, world.counters().events));
    CHECK(world.now() <= cursor.at);
    CHECK(world.next_time() >= cursor.at);
  }
}

TEST_CASE("stepping on from the beginning and back from the end passes the same moments") {
  const auto session = session_of("lost-ack.json");
  std::vector<std::size_t> there;
  for (Cursor at = session->first(); at.steps < session->last().steps; at = session->step(at, 1))
    there.push_back(at.steps);
  std::vector<std::size_t> back;
  for (Cursor at = session->last(); at.steps > session->first().steps;) {
    at = session->step(at, -1);
    back.insert(back.begin(), at.steps);
  }
  CHECK(there == back);
}

TEST_CASE("next retry of a lost acknowledgement is where the batch goes back into its queue") {
  const auto session = session_of("lost-ack.json");
  const auto retry = session->seek(session->first(), Landmark::retry, 1);
  REQUIRE(retry);
  const auto& bars = session->diagram().bars;
  const auto again = std::find_if(bars.begin(), bars.end(),
                                  [](const report::Bar& bar) { return bar.kind == report::BarKind::queued_again; });
  REQUIRE(again != bars.end());
  CHECK(retry->at == again->from);
  CHECK_FALSE(session->seek(*retry, Landmark::retry, 1));
  CHECK(session->seek(session->last(), Landmark::retry, -1) == retry);
  CHECK_FALSE(session->seek(session->first(), Landmark::election, 1));
}

TEST_CASE("a plan with mistakes gives sentences that name the file") {
  const Opened opened = open_session(std::string(LINGER_SOURCE_DIR) + "/scenarios/library/no-such.json");
  REQUIRE(std::holds_alternative<std::string>(opened));
  CHECK(std::get<std::string>(opened).find("no-such.json") != std::string::npos);
}

TEST_CASE("without a file there is a run to look at") {
  CHECK(std::holds_alternative<std::unique_ptr<Session>>(open_session("")));
}

TEST_CASE("zooming keeps the moment under the pointer, on each kind of axis") {
  const auto session = session_of("lost-ack.json");
  constexpr double width = 800;
  for (const auto kind : {report::AxisKind::folded, report::AxisKind::linear, report::AxisKind::events}) {
    State state;
    state.axis.kind = kind;
    const auto moment = axis_of(*session, state.axis, width)->at(300);
    zoom_about(3, 300, *session, state.axis, width);
    CHECK(state.axis.zoom == 3);
    CHECK(axis_of(*session, state.axis, width)->x(moment) - state.axis.left == Approx(300).margin(0.5));
    zoom_about(1e-9, 300, *session, state.axis, width);
    CHECK(state.axis.zoom == 1);
    CHECK(state.axis.left == 0);
  }
}

TEST_CASE("the cursor stays in the picture when a step takes it out of sight") {
  const auto session = session_of("lost-ack.json");
  constexpr double width = 800;
  State state;
  state.axis.kind = report::AxisKind::linear;
  state.cursor = session->first();
  zoom_about(100, 0, *session, state.axis, width);
  apply(Command::next_retry, *session, state, width);
  const double x = axis_of(*session, state.axis, width)->x(state.cursor.at) - state.axis.left;
  CHECK(x >= 0);
  CHECK(x <= width);
}

TEST_CASE("the parts of the window fill it and do not overlap, at every size") {
  for (const auto& [width, height] :
       {std::pair{640.0, 400.0}, {960.0, 540.0}, {1280.0, 720.0}, {1600.0, 1000.0}, {3840.0, 2160.0}}) {
    for (const bool side : {false, true}) {
      const Screen screen = lay_out_screen(width, height, {side, false, true, 40, 4});
      INFO(width << "x" << height);
      const std::array parts{screen.header, screen.transport, screen.callouts, screen.diagram,
                             screen.strips, screen.ledger,    screen.side,     screen.status};
      for (std::size_t i = 0; i < parts.size(); ++i) {
        CHECK(parts[i].x >= 0);
        CHECK(parts[i].x + parts[i].width <= width);
        CHECK(parts[i].y + parts[i].height <= height);
        for (std::size_t j = 0; j < i; ++j) CHECK_FALSE(parts[i].overlaps(parts[j]));
      }
      CHECK(screen.diagram.height >= 120);
    }
  }
  CHECK(lay_out_screen(400, 300, {}).too_small);
}

TEST_CASE("from the duplicate back along its causes: the second request, and at last the start of the run") {
  const auto session = session_of("lost-ack.json");
  const auto& marks = session->diagram().marks;
  const auto duplicate = std::find_if(
      marks.begin(), marks.end(), [](const report::Mark& mark) { return mark.kind == report::MarkKind::duplicate; });
  REQUIRE(duplicate != marks.end());
  const auto request = cause_of(*session, duplicate->event);
  REQUIRE(request);
  const auto& arrows = session->diagram().arrows;
  const auto arrow = std::find_if(arrows.begin(), arrows.end(),
                                  [&](const report::Arrow& one) { return one.event == *request && one.attempt == 2; });
  CHECK(arrow != arrows.end());
  CHECK(effect_of(*session, *request) == duplicate->event);
  std::optional<sim::EventNumber> at = duplicate->event;
  for (int steps = 0; at && steps < 1000; ++steps) at = cause_of(*session, *at);
  CHECK_FALSE(at);
}

TEST_CASE("the lost acknowledgement has four things to point at, a quiet run has none") {
  const auto session = session_of("lost-ack.json");
  const auto callouts = callouts_of(*session, Language::en);
  REQUIRE(callouts.size() == 4);
  CHECK(session->diagram().arrows[callouts[1].index].fate == report::Fate::lost);
  CHECK(session->diagram().arrows[callouts[2].index].attempt == 2);
  CHECK(session->diagram().marks[callouts[3].index].kind == report::MarkKind::duplicate);
  CHECK(callouts_of(*session_of("rolling-restart-under-load.json"), Language::en).empty());
}

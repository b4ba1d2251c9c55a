#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "tests/gui/rig.h"
#include "ui/gui/model/commands.h"
#include "ui/gui/model/screen.h"

using namespace linger;
using namespace linger::gui;

namespace {

Opened library(const std::string& name) {
  return open_session(std::string(LINGER_SOURCE_DIR) + "/scenarios/library/" + name);
}

/// The first folded stretch of the axis, in the width that the window has for it.
report::Piece first_fold(Rig& rig, double axis_width) {
  const auto axis = axis_of(rig.session(), rig.state().axis, axis_width);
  const auto fold = std::find_if(axis->pieces.begin(), axis->pieces.end(),
                                 [](const report::Piece& piece) { return piece.folded || piece.opened; });
  REQUIRE(fold != axis->pieces.end());
  return *fold;
}

}  // namespace

TEST_CASE("a click on a fold opens it, a second click on the same stretch folds it again") {
  Rig rig{library("lost-ack.json"), 1280, 720};
  rig.state().side_column = false;
  rig.state().callouts = false;
  rig.frame();
  const double axis_left = 124;
  const double axis_width = 1280 - axis_left;
  const double low = 330;
  const report::Piece folded = first_fold(rig, axis_width);
  REQUIRE(folded.folded);
  rig.click(axis_left + (folded.left + folded.right) / 2, low);
  REQUIRE(rig.state().axis.unfolded.contains(folded.from.ns()));
  const report::Piece open = first_fold(rig, axis_width);
  REQUIRE(open.opened);
  rig.click(axis_left + (open.left + open.right) / 2 - rig.state().axis.left, low);
  CHECK(rig.state().axis.unfolded.empty());
}

TEST_CASE("a tooltip waits for 150 ms of rest") {
  Rig rig{library("lost-ack.json"), 1280, 720};
  rig.state().side_column = false;
  rig.state().callouts = false;
  rig.frame();
  const report::Piece fold = first_fold(rig, 1280 - 124);
  rig.pace(0.02F);
  rig.point(124 + (fold.left + fold.right) / 2, 330);
  rig.frame();
  const int before = rig.vertices();
  for (int i = 0; i < 4; ++i) rig.frame();
  CHECK(rig.vertices() == before);
  for (int i = 0; i < 6; ++i) rig.frame();
  CHECK(rig.vertices() > before);
}

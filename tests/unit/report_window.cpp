// What a window shows of a diagram: axes, the visible part, what the pointer meets.
#include <algorithm>
#include <catch2/catch.hpp>

#include "support/run_file.h"
#include "ui/report/layout.h"

using namespace linger;
using namespace linger::report;
using linger::testing::library_names;
using linger::testing::run_of_library;

namespace {

struct Shown {
  Diagram diagram;
  Reach reach;
  AxisPlan plan;
  explicit Shown(const std::string& name)
      : diagram(build_diagram(run_of_library(name))), reach(reach_of(diagram)), plan(plan_axis(diagram)) {}
  Axis axis(AxisKind kind, double zoom = 1, double width = 800) const {
    AxisWindow window;
    window.kind = kind;
    window.zoom = zoom;
    window.width = width;
    return window_axis(plan, window);
  }
  Scene scene(const Axis& axis, double left = 0, double width = 924, double height = 500) const {
    WindowFrame frame;
    frame.width = width;
    frame.height = height;
    frame.left = left;
    return lay_out_window(diagram, reach, axis, frame);
  }
};

}  // namespace

TEST_CASE("each kind of axis shows the whole run at zoom 1, in the order of time") {
  for (const std::string& name : library_names()) {
    const Shown shown{name};
    for (const AxisKind kind : {AxisKind::folded, AxisKind::linear, AxisKind::events}) {
      const Axis axis = shown.axis(kind);
      INFO(name << " " << static_cast<int>(kind));
      CHECK(axis.width <= 801);
      double last = -1;
      for (const sim::SimTime moment : shown.plan.moments) {
        CHECK_FALSE(axis.in_fold(moment));
        const double x = axis.x(moment);
        CHECK(x >= last);
        last = x;
      }
    }
  }
}

TEST_CASE("the moment at a place and the place of a moment agree, at every zoom") {
  const Shown shown{"lost-ack"};
  for (const AxisKind kind : {AxisKind::folded, AxisKind::linear, AxisKind::events}) {
    for (const double zoom : {1.0, 7.0, 400.0}) {
      const Axis axis = shown.axis(kind, zoom);
      for (const double part : {0.05, 0.3, 0.5, 0.77, 0.99}) {
        const double x = axis.width * part;
        CHECK(axis.x(axis.at(x)) ==
              Approx(std::clamp(x, axis.pieces.front().left, axis.pieces.back().right)).margin(0.01));
      }
    }
  }
}

TEST_CASE("a millisecond is equally long in all open parts of a folded axis, and an opened fold is open") {
  const Shown shown{"lost-ack"};
  AxisWindow window;
  window.zoom = 3;
  const Axis axis = window_axis(shown.plan, window);
  std::size_t folds = 0;
  const Piece* longest = nullptr;
  for (const Piece& piece : axis.pieces) {
    if (piece.folded) {
      ++folds;
      if (longest == nullptr || piece.until - piece.from > longest->until - longest->from) longest = &piece;
      continue;
    }
    const double ms = static_cast<double>((piece.until - piece.from).ns()) / 1e6;
    CHECK(piece.right - piece.left == Approx(ms * axis.per_ms).margin(0.01));
  }
  REQUIRE(folds >= 2);
  window.unfolded.insert(longest->from.ns());
  const Axis opened = window_axis(shown.plan, window);
  CHECK(std::count_if(opened.pieces.begin(), opened.pieces.end(), [](const Piece& piece) { return piece.folded; }) ==
        static_cast<std::ptrdiff_t>(folds - 1));
  CHECK_FALSE(opened.in_fold(longest->from + (longest->until - longest->from) / 2));
}

TEST_CASE("what is out of sight is not laid out, and what reaches into the picture is") {
  const Shown shown{"lost-ack"};
  const Axis axis = shown.axis(AxisKind::linear, 4000);
  const Arrow* lost = nullptr;
  for (const Arrow& arrow : shown.diagram.arrows) {
    if (arrow.fate == Fate::lost) lost = &arrow;
  }
  REQUIRE(lost != nullptr);
  const auto index = static_cast<std::size_t>(lost - shown.diagram.arrows.data());
  const auto shows = [&](const Scene& scene, Hit::Kind kind, std::size_t what) {
    return std::any_of(scene.hits.begin(), scene.hits.end(),
                       [&](const Hit& hit) { return hit.kind == kind && hit.index == what; });
  };
  CHECK(shows(shown.scene(axis, axis.x(lost->sent_at) - 100), Hit::Kind::arrow, index));
  CHECK_FALSE(shows(shown.scene(axis, axis.x(lost->sent_at) + 5000), Hit::Kind::arrow, index));
  // A request that waits 30 s for its answer is a bar through every picture of that time.
  const auto waits = std::find_if(shown.diagram.bars.begin(), shown.diagram.bars.end(), [](const Bar& bar) {
    return bar.kind == BarKind::in_flight && bar.until - bar.from > sim::Duration::s(29);
  });
  REQUIRE(waits != shown.diagram.bars.end());
  CHECK(shows(shown.scene(axis, axis.x(waits->from + sim::Duration::s(12))), Hit::Kind::bar,
              static_cast<std::size_t>(waits - shown.diagram.bars.begin())));
}

TEST_CASE("the pointer meets the arrow that it stands on, and nothing beside it") {
  const Shown shown{"lost-ack"};
  const Scene scene = shown.scene(shown.axis(AxisKind::folded));
  const auto arrow = std::find_if(scene.hits.begin(), scene.hits.end(), [&](const Hit& hit) {
    return hit.kind == Hit::Kind::arrow && shown.diagram.arrows[hit.index].fate == Fate::lost;
  });
  REQUIRE(arrow != scene.hits.end());
  const Point middle{(arrow->from.x + arrow->to.x) / 2, (arrow->from.y + arrow->to.y) / 2};
  const Hit* met = scene.at(middle);
  REQUIRE(met != nullptr);
  CHECK(met->kind == Hit::Kind::arrow);
  CHECK(met->index == arrow->index);
  CHECK(scene.at({2, 2}) == nullptr);
}

TEST_CASE("lanes share the height of the window and no text covers another, in every scenario of the library") {
  for (const std::string& name : library_names()) {
    const Shown shown{name};
    for (const AxisKind kind : {AxisKind::folded, AxisKind::linear, AxisKind::events}) {
      const Scene scene = shown.scene(shown.axis(kind));
      INFO(name << " " << static_cast<int>(kind));
      for (std::size_t i = 1; i < scene.rows.size(); ++i)
        CHECK(scene.rows[i].top >= scene.rows[i - 1].top + scene.rows[i - 1].height - 0.01);
      std::vector<Box> boxes;
      for (const Text& text : scene.drawing.texts) {
        if (text.plate) boxes.push_back(text.box());
      }
      for (std::size_t i = 0; i < boxes.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) CHECK_FALSE(boxes[i].overlaps(boxes[j]));
      }
    }
  }
}

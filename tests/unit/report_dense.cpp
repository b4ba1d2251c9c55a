// Long runs in a window: what stands too close is drawn as one and counted, what went wrong by itself.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <set>

#include "support/run_file.h"
#include "ui/report/layout.h"

using namespace linger;
using namespace linger::report;
using linger::testing::library_names;
using linger::testing::run_of_library;
using sim::Duration;
using sim::SimTime;

namespace {

constexpr std::size_t application = 0, accumulator = 1, requests = 2, broker = 3, faults = 4;

/// Numbers that are the same in every run of the test.
class Numbers {
 public:
  std::int64_t below(std::int64_t end) {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::int64_t>((state_ >> 33) % static_cast<std::uint64_t>(end));
  }

 private:
  std::uint64_t state_ = 7;
};

/// So many rounds of a batch, its request, what the broker does with it, its answer and its record. Each 97th answer is
/// lost, each 500th record too.
Diagram dense(std::int64_t rounds) {
  Diagram out;
  out.lanes = {{LaneKind::application, sim::HostId{0}, "application", ""},
               {LaneKind::accumulator, sim::HostId{0}, "accumulator", ""},
               {LaneKind::requests, sim::HostId{0}, "requests", ""},
               {LaneKind::broker, sim::HostId{1}, "broker b1", ""},
               {LaneKind::faults, sim::no_host, "faults", ""}};
  Numbers numbers;
  const auto arrow = [&](std::size_t from, std::size_t to, bool answer, SimTime at) -> Arrow& {
    Arrow one;
    one.from = from;
    one.to = to;
    one.answer = answer;
    one.tone = answer ? Tone::good : Tone::produce;
    one.sent_at = at;
    one.ended_at = at + Duration::us(400 + numbers.below(500));
    one.text = answer ? "ok" : "PRODUCE";
    out.arrows.push_back(one);
    return out.arrows.back();
  };
  const auto mark = [&](std::size_t lane, MarkKind kind, Tone tone, SimTime at) -> Mark& {
    Mark one;
    one.lane = lane;
    one.kind = kind;
    one.tone = tone;
    one.at = at;
    out.marks.push_back(one);
    return out.marks.back();
  };
  for (std::int64_t i = 0; i < rounds; ++i) {
    const SimTime at = SimTime::at(Duration::us(2000 * i + numbers.below(300)));
    arrow(requests, broker, false, at);
    Arrow& answer = arrow(broker, requests, true, at + Duration::ms(1));
    if (i % 97 == 50) {
      answer.fate = Fate::lost;
      answer.tone = Tone::lost;
      answer.ended_at = answer.sent_at;
    }
    mark(application, MarkKind::sent, Tone::plain, at).number = i;
    mark(broker, MarkKind::appended, Tone::produce, at + Duration::us(900));
    if (i == rounds / 3) mark(broker, MarkKind::host, Tone::lost, at + Duration::us(910)).text = "crash";
    if (i == rounds / 2)
      mark(broker, MarkKind::elected, Tone::leadership, at + Duration::us(920)).text = "b1 is to lead";
    Mark& told = mark(application, MarkKind::acked, Tone::good, at + Duration::us(1900));
    told.number = i;
    told.offset = i;
    told.verdict = i % 500 == 123 ? scenarios::Verdict::acked_lost : scenarios::Verdict::acked_present;
    out.bars.push_back({accumulator, BarKind::batch, Tone::produce, at, at + Duration::us(300), "batch", {}, -1});
    out.bars.push_back(
        {requests, BarKind::in_flight, Tone::produce, at + Duration::us(300), at + Duration::ms(1), "", {}, -1});
  }
  // A few at one moment, away from all others: too few for a crowd, more than there are rows.
  for (int few = 0; few < 7; ++few) {
    const SimTime at = SimTime::at(Duration::ms(2 * rounds + 500));
    mark(broker, MarkKind::appended, Tone::produce, at);
    out.bars.push_back({accumulator, BarKind::batch, Tone::produce, at, at + Duration::us(300), "batch", {}, -1});
    out.bars.push_back({requests, BarKind::in_flight, Tone::produce, at, at, "", {}, -1});
  }
  out.until = SimTime::at(Duration::ms(2 * rounds + 510));
  out.bars.push_back({broker, BarKind::leads, Tone::leadership, SimTime{}, out.until, "leads", {}, -1});
  out.bars.push_back(
      {faults, BarKind::fault, Tone::lost, SimTime::at(Duration::ms(rounds)), out.until, "a cut", {}, 0});
  std::stable_sort(out.marks.begin(), out.marks.end(), [](const Mark& a, const Mark& b) { return a.at < b.at; });
  std::stable_sort(out.bars.begin(), out.bars.end(), [](const Bar& a, const Bar& b) { return a.from < b.from; });
  return out;
}

struct Shown {
  Diagram diagram;
  Reach reach = reach_of(diagram);
  AxisPlan plan = plan_axis(diagram);
  Axis axis(AxisKind kind, double zoom = 1) const {
    AxisWindow window;
    window.kind = kind;
    window.width = 1156;
    window.zoom = zoom;
    return window_axis(plan, window);
  }
  Scene scene(const Axis& axis, double left = 0, double height = 420) const {
    WindowFrame frame;
    frame.width = 1280;
    frame.height = height;
    frame.left = left;
    return lay_out_window(diagram, reach, axis, frame);
  }
};

constexpr std::array all_kinds{AxisKind::folded, AxisKind::linear, AxisKind::events};

/// How many things of one kind a scene shows, by themselves or in a number.
std::int64_t shown_as(const Scene& scene, Hit::Kind kind) {
  std::int64_t sum = 0;
  for (const Hit& hit : scene.hits) {
    if (hit.kind == kind) sum += hit.members.empty() ? hit.count : static_cast<std::int64_t>(hit.members.size());
  }
  return sum;
}

const Hit* hit_of(const Scene& scene, Hit::Kind kind, std::size_t index) {
  const auto found = std::find_if(scene.hits.begin(), scene.hits.end(),
                                  [&](const Hit& hit) { return hit.kind == kind && hit.index == index; });
  return found == scene.hits.end() ? nullptr : &*found;
}

}  // namespace

TEST_CASE(
    "in a dense run each lost answer, crash and election is drawn by itself, and crowds never cover an arrow in "
    "trouble") {
  const Shown shown{dense(4000)};
  for (const AxisKind kind : all_kinds) {
    INFO(static_cast<int>(kind));
    const Scene scene = shown.scene(shown.axis(kind));
    std::size_t lost = 0;
    for (std::size_t i = 0; i < shown.diagram.arrows.size(); ++i) {
      if (shown.diagram.arrows[i].fate != Fate::lost) continue;
      ++lost;
      const Hit* hit = hit_of(scene, Hit::Kind::arrow, i);
      REQUIRE(hit != nullptr);
      CHECK(hit->count == 1);
      const bool covered = std::any_of(scene.hits.begin() + (hit - scene.hits.data()), scene.hits.end(),
                                       [](const Hit& one) { return one.kind == Hit::Kind::arrow && one.count > 1; });
      CHECK_FALSE(covered);
    }
    CHECK(lost == 41);
    for (std::size_t i = 0; i < shown.diagram.marks.size(); ++i) {
      const Mark& mark = shown.diagram.marks[i];
      if (mark.kind != MarkKind::host && mark.kind != MarkKind::elected) continue;
      const Hit* hit = hit_of(scene, Hit::Kind::mark, i);
      REQUIRE(hit != nullptr);
      CHECK(hit->count == 1);
    }
  }
}

TEST_CASE("in a dense run a lost record is never one of a group with another verdict") {
  const Shown shown{dense(4000)};
  const Scene scene = shown.scene(shown.axis(AxisKind::linear));
  std::size_t lost = 0;
  for (const Hit& hit : scene.hits) {
    for (const std::size_t member : hit.members) {
      CHECK(shown.diagram.marks[member].verdict == shown.diagram.marks[hit.index].verdict);
      lost += shown.diagram.marks[member].verdict == scenarios::Verdict::acked_lost ? 1 : 0;
    }
  }
  CHECK(lost == 8);
}

TEST_CASE("the numbers of what is drawn as one add up to what there is, however dense") {
  const Shown shown{dense(4000)};
  for (const AxisKind kind : all_kinds) {
    for (const double zoom : {1.0, 3.0, 9.0, 40.0}) {
      INFO(static_cast<int>(kind) << " zoom " << zoom);
      const Axis axis = shown.axis(kind, zoom);
      WindowFrame frame;
      frame.width = axis.width + 200;
      frame.height = 420;
      const Scene scene = lay_out_window(shown.diagram, shown.reach, axis, frame);
      CHECK(shown_as(scene, Hit::Kind::arrow) == static_cast<std::int64_t>(shown.diagram.arrows.size()));
      CHECK(shown_as(scene, Hit::Kind::mark) == static_cast<std::int64_t>(shown.diagram.marks.size()));
      CHECK(shown_as(scene, Hit::Kind::bar) == static_cast<std::int64_t>(shown.diagram.bars.size()));
    }
  }
}

TEST_CASE("a whole dense run is few shapes, and the stretches say how much they are") {
  const Shown shown{dense(4000)};
  const Scene scene = shown.scene(shown.axis(AxisKind::linear), 0, 900);
  CHECK(scene.drawing.shapes.size() < 1000);
  std::set<std::string> words;
  for (const Text& text : scene.drawing.texts) words.insert(text.words);
  CHECK(words.contains("4,000 requests"));
  CHECK(words.contains("4,000 batches"));
  CHECK(words.contains("4,000 batches appended"));
}

TEST_CASE("what a stretch of time touches is what a look at everything finds, also behind a bar that lasts") {
  const Diagram diagram = dense(700);
  Spans spans;
  for (std::size_t i = 0; i < diagram.bars.size(); ++i) spans.add({diagram.bars[i].from, diagram.bars[i].until, i});
  Numbers numbers;
  for (int round = 0; round < 400; ++round) {
    const SimTime from = SimTime::at(Duration::us(numbers.below(1'500'000)));
    const SimTime until = from + Duration::us(numbers.below(round % 2 == 0 ? 2'000 : 400'000));
    std::vector<std::size_t> found, wanted;
    spans.touching(from, until, [&](std::size_t place) { found.push_back(spans[place].index); });
    for (std::size_t i = 0; i < diagram.bars.size(); ++i) {
      if (diagram.bars[i].from <= until && diagram.bars[i].until >= from) wanted.push_back(i);
    }
    REQUIRE(found == wanted);
  }
}

TEST_CASE("a picture of a part has each arrow that is seen there and none that is far away") {
  const Shown shown{dense(1500)};
  const Axis axis = shown.axis(AxisKind::linear, 300);
  Numbers numbers;
  for (int round = 0; round < 60; ++round) {
    const double left = static_cast<double>(numbers.below(static_cast<std::int64_t>(axis.width - 1156)));
    const Scene scene = shown.scene(axis, left);
    for (std::size_t i = 0; i < shown.diagram.arrows.size(); ++i) {
      const Arrow& arrow = shown.diagram.arrows[i];
      const double from = axis.x(arrow.sent_at) - left;
      const double to = axis.x(drawn_end(arrow, shown.reach.usual_trip)) - left;
      const bool drawn = hit_of(scene, Hit::Kind::arrow, i) != nullptr;
      if (to >= 0 && from <= 1156) CHECK(drawn);
      if (to < -100 || from > 1256) CHECK_FALSE(drawn);
    }
  }
}

TEST_CASE("panning moves no bar to another row") {
  const Shown shown{build_diagram(run_of_library("rolling-restart-under-load"))};
  const Axis axis = shown.axis(AxisKind::folded, 6);
  const Scene first = shown.scene(axis);
  for (double left = 100; left < axis.width - 1156; left += 331) {
    const Scene scene = shown.scene(axis, left);
    REQUIRE(scene.rows.size() == first.rows.size());
    for (std::size_t i = 0; i < scene.rows.size(); ++i) CHECK(scene.rows[i].top == first.rows[i].top);
    for (const Hit& hit : scene.hits) {
      const Hit* before =
          hit.kind == Hit::Kind::bar && hit.count == 1 ? hit_of(first, Hit::Kind::bar, hit.index) : nullptr;
      if (before != nullptr && before->count == 1) CHECK(hit.from.y == before->from.y);
    }
  }
}

TEST_CASE("a stretch that was opened is a place to close it, and closed it is the fold that it was") {
  const Shown shown{build_diagram(run_of_library("lost-ack"))};
  AxisWindow window;
  window.width = 1156;
  const Axis folded = window_axis(shown.plan, window);
  const auto fold =
      std::find_if(folded.pieces.begin(), folded.pieces.end(), [](const Piece& one) { return one.folded; });
  REQUIRE(fold != folded.pieces.end());
  window.unfolded.insert(fold->from.ns());
  const Axis open = window_axis(shown.plan, window);
  REQUIRE(open.pieces.size() == folded.pieces.size());
  const auto index = static_cast<std::size_t>(fold - folded.pieces.begin());
  CHECK(open.pieces[index].opened);
  CHECK_FALSE(open.pieces[index].folded);
  const Scene scene = shown.scene(open);
  const Hit* place = hit_of(scene, Hit::Kind::fold, index);
  REQUIRE(place != nullptr);
  CHECK(place->to.x - place->from.x > 0);
  window.unfolded.erase(fold->from.ns());
  const Axis again = window_axis(shown.plan, window);
  CHECK(again.width == folded.width);
  CHECK(again.pieces[index].folded);
}

TEST_CASE("each planned fault that struck has a flag where it did, hollow before and full from then on") {
  for (const char* name : {"lost-ack", "acks1-loss-on-leader-crash", "zombie-leader-one-way-cut"}) {
    INFO(name);
    const Shown shown{build_diagram(run_of_library(name))};
    const Axis axis = shown.axis(AxisKind::folded);
    const Scene scene = shown.scene(axis);
    REQUIRE_FALSE(scene.flags.empty());
    for (const Scene::Flag& flag : scene.flags) {
      CHECK(flag.foot.x == Approx(scene.gutter + axis.x(flag.at)));
      CHECK(std::any_of(scene.rows.begin(), scene.rows.end(),
                        [&](const Scene::Row& row) { return row.base == flag.foot.y; }));
      CHECK(flag.hollow_at(flag.at - Duration::ns(1)));
      CHECK_FALSE(flag.hollow_at(flag.at));
    }
    // One that strikes a message has no bar and no mark in the lane of faults.
    std::set<std::string> struck;
    for (const Arrow& arrow : shown.diagram.arrows) {
      if (!arrow.why.empty()) struck.insert(arrow.why);
    }
    for (const Bar& bar : shown.diagram.bars) {
      if (bar.kind == BarKind::fault) struck.insert("bar " + bar.text);
    }
    for (const Mark& mark : shown.diagram.marks) {
      if (shown.diagram.lanes[mark.lane].kind == LaneKind::faults && mark.tone == Tone::lost)
        struck.insert("mark " + std::to_string(mark.at.ns()) + mark.text);
    }
    CHECK(scene.flags.size() == struck.size());
  }
}

TEST_CASE("no text along the time axis covers another, in every scenario at every zoom") {
  std::size_t folds_named = 0;
  for (const std::string& name : library_names()) {
    const Shown shown{build_diagram(run_of_library(name))};
    for (const double zoom : {1.0, 1.6, 2.5, 4.0, 9.0, 40.0}) {
      INFO(name << " zoom " << zoom);
      const Scene scene = shown.scene(shown.axis(AxisKind::folded, zoom));
      std::vector<Box> boxes;
      for (const Text& text : scene.drawing.texts) {
        if (text.at.y >= scene.lanes_top - 6 || text.at.x < scene.gutter - 20) continue;
        boxes.push_back(text.box());
        folds_named += text.bold ? 1 : 0;
      }
      for (std::size_t i = 0; i < boxes.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) CHECK_FALSE(boxes[i].overlaps(boxes[j]));
      }
    }
  }
  CHECK(folds_named > 100);
}

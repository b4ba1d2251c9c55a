// The diagram, its layout, and what is written from it.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>

#include "support/run_file.h"
#include "ui/report/axis.h"
#include "ui/report/diagram.h"
#include "ui/report/formats.h"
#include "ui/report/labels.h"
#include "ui/report/layout.h"
#include "ui/report/mermaid.h"
#include "ui/report/perfetto.h"
#include "ui/report/svg.h"
#include "ui/report/verdict_sign.h"

using namespace linger;
using namespace linger::report;
using linger::testing::library_names;
using linger::testing::run_of_library;
using sim::SimTime;

namespace {

std::vector<const Mark*> marks_of(const Diagram& diagram, MarkKind kind) {
  std::vector<const Mark*> found;
  for (const Mark& mark : diagram.marks) {
    if (mark.kind == kind) found.push_back(&mark);
  }
  return found;
}

}  // namespace

TEST_CASE(
    "a lost acknowledgement as a diagram: the broken answer, the second attempt, the duplicate, what the application "
    "hears") {
  const scenarios::Run run = run_of_library("lost-ack");
  const Diagram diagram = build_diagram(run);
  std::vector<const Arrow*> produce;
  for (const Arrow& arrow : diagram.arrows) {
    if (arrow.kind == ArrowKind::produce) produce.push_back(&arrow);
  }
  REQUIRE(produce.size() == 4);
  CHECK(produce[0]->text == "PRODUCE seq 0..1");
  CHECK(produce[1]->text == "answer lost");
  CHECK(produce[1]->more == "ok, offset 0");
  CHECK(produce[1]->why == "fault lost-ack");
  CHECK(produce[2]->attempt == 2);
  CHECK(produce[3]->tone == Tone::good);
  REQUIRE(marks_of(diagram, MarkKind::appended).size() == 1);
  REQUIRE(marks_of(diagram, MarkKind::duplicate).size() == 1);
  CHECK(marks_of(diagram, MarkKind::duplicate)[0]->more == "already at 0..1");
  CHECK(marks_of(diagram, MarkKind::acked).size() == 2);
  CHECK(marks_of(diagram, MarkKind::gives_up).size() == 1);
  // The final phase is not part of the story.
  CHECK(marks_of(diagram, MarkKind::elected).empty());
  CHECK_FALSE(diagram.left_out.empty());
}

TEST_CASE("a part of a run: a stretch of time, some hosts, some events") {
  const scenarios::Run run = run_of_library("lost-ack");
  Subset late;
  late.from = SimTime::at(sim::Duration::s(30));
  const Diagram tail = build_diagram(run, late);
  CHECK(std::all_of(tail.arrows.begin(), tail.arrows.end(),
                    [&](const Arrow& arrow) { return arrow.sent_at >= *late.from; }));
  CHECK(marks_of(tail, MarkKind::duplicate).size() == 1);
  CHECK(marks_of(tail, MarkKind::appended).empty());

  Subset two;
  two.hosts = std::set{run.setup->producer_host(0), run.setup->broker_host(0)};
  const Diagram pair = build_diagram(run, two);
  for (const Lane& lane : pair.lanes) CHECK((lane.host == sim::no_host || two.hosts->contains(lane.host)));
  CHECK(std::none_of(pair.arrows.begin(), pair.arrows.end(),
                     [](const Arrow& arrow) { return arrow.kind == ArrowKind::replication; }));

  const Diagram whole = build_diagram(run);
  const Mark& duplicate = *marks_of(whole, MarkKind::duplicate)[0];
  Subset one;
  one.events = std::set{duplicate.event};
  const Diagram single = build_diagram(run, one);
  REQUIRE(single.marks.size() == 1);
  CHECK(single.marks[0].kind == MarkKind::duplicate);
}

TEST_CASE("a leader crashes: its host is down, another is elected, and leads") {
  const scenarios::Run run = run_of_library("failover-five-in-flight");
  const Diagram diagram = build_diagram(run);
  const auto bar = [&](BarKind kind) {
    return std::find_if(diagram.bars.begin(), diagram.bars.end(), [kind](const Bar& one) { return one.kind == kind; });
  };
  REQUIRE(bar(BarKind::down) != diagram.bars.end());
  CHECK(bar(BarKind::down)->text == "b1 down");
  REQUIRE(bar(BarKind::fault) != diagram.bars.end());
  CHECK(std::count_if(diagram.bars.begin(), diagram.bars.end(),
                      [](const Bar& one) { return one.kind == BarKind::queued_again; }) == 5);
  CHECK(std::count_if(diagram.bars.begin(), diagram.bars.end(),
                      [](const Bar& one) { return one.kind == BarKind::leads; }) == 2);
  REQUIRE_FALSE(marks_of(diagram, MarkKind::elected).empty());
  CHECK(marks_of(diagram, MarkKind::elected)[0]->text == "b2 is to lead");
}

TEST_CASE("a time axis: one scale wherever it is open, idle time folded, time never runs backwards") {
  const scenarios::Run run = run_of_library("lost-ack");
  Diagram diagram = build_diagram(run);
  const Axis axis = make_axis(diagram);
  REQUIRE(axis.pieces.size() >= 3);
  double last = -1;
  bool long_fold = false;
  for (const Piece& piece : axis.pieces) {
    CHECK(piece.left >= last);
    last = piece.right;
    const double ms = static_cast<double>((piece.until - piece.from).ns()) / 1e6;
    if (piece.folded) {
      long_fold = long_fold || ms > 29'000;
      CHECK(piece.right - piece.left < 140);
    } else {
      CHECK(piece.right - piece.left == Approx(ms * axis.per_ms).margin(0.01));
    }
  }
  CHECK(long_fold);
  for (const Arrow& arrow : diagram.arrows) {
    CHECK_FALSE(axis.in_fold(arrow.sent_at));
    CHECK(axis.x(arrow.sent_at) <= axis.x(arrow.ended_at));
  }
}

TEST_CASE("ordinary rounds of a long run are folded and counted, rounds with trouble are not") {
  const scenarios::Run run = run_of_library("rolling-restart-under-load");
  Diagram diagram = build_diagram(run);
  const auto refused_before = marks_of(diagram, MarkKind::turned_away).size();
  const auto acked_before = marks_of(diagram, MarkKind::acked).size();
  const Axis axis = make_axis(diagram);
  CHECK(marks_of(diagram, MarkKind::turned_away).size() == refused_before);
  CHECK(marks_of(diagram, MarkKind::acked).size() < acked_before);
  bool counted_records = false;
  for (const Piece& piece : axis.pieces) {
    for (const std::string& words : piece.words)
      counted_records = counted_records || words.find("records acked") != std::string::npos;
  }
  CHECK(counted_records);
}

TEST_CASE("in every picture of the library no text covers another or leaves the picture") {
  for (const std::string& name : library_names()) {
    INFO(name);
    const scenarios::Run run = run_of_library(name);
    const Drawing drawing = lay_out(build_diagram(run), run);
    CHECK(drawing.texts.size() > 10);
    for (std::size_t i = 0; i < drawing.texts.size(); ++i) {
      const Box one = drawing.texts[i].box();
      INFO(drawing.texts[i].words);
      CHECK(one.x >= 0);
      CHECK(one.x + one.width <= drawing.width + 1);
      CHECK(one.y + one.height <= drawing.height);
      for (std::size_t j = i + 1; j < drawing.texts.size(); ++j) {
        INFO(drawing.texts[j].words);
        CHECK_FALSE(one.overlaps(drawing.texts[j].box()));
      }
    }
  }
}

TEST_CASE("a label that finds no room loses its second line, then its text; who ranks first stands first") {
  Labels labels({0, 0, 200, 40});
  Label low{"below", "second", Paint::ink, 12, false, 5, {{{10, 15}, Label::Anchor::left}}};
  Label high = low;
  high.first = "above";
  high.rank = 0;
  labels.add(low);
  labels.add(high);
  const std::vector<Text> placed = labels.place();
  REQUIRE(placed.size() == 2);
  CHECK(placed[0].words == "above");
  CHECK(placed[1].words == "second");
  CHECK(labels.left_out() == 1);

  Labels narrow({0, 0, 200, 22});
  narrow.add(low);
  CHECK(narrow.place().size() == 1);

  // Of two free places the one that no line crosses.
  Labels crossed({0, 0, 300, 100});
  crossed.cross({0, 10}, {300, 10});
  Label choice = low;
  choice.places.push_back({{10, 60}, Label::Anchor::left});
  crossed.add(choice);
  CHECK(crossed.place().at(0).at.y == 60);
}

TEST_CASE("each verdict has a letter and a shape of its own") {
  std::set<char> letters;
  std::set<std::string> shapes;
  for (const VerdictSign& sign : verdict_signs) {
    letters.insert(sign.letter);
    Drawing drawing;
    draw_sign(sign.letter, {10, 10}, 14, drawing.shapes);
    std::string outline;
    for (const Shape& shape : drawing.shapes) {
      outline += std::to_string(static_cast<int>(shape.kind)) +
                 (shape.fill == Paint::ground || shape.fill == Paint::none ? "e" : "f");
      for (const Point& p : shape.points) outline += std::to_string(p.x) + "," + std::to_string(p.y) + " ";
    }
    shapes.insert(outline);
  }
  CHECK(letters.size() == verdict_signs.size());
  CHECK(shapes.size() == verdict_signs.size());
}

TEST_CASE("SVG: every element is closed, and what a title says stays text") {
  scenarios::Overrides overrides;
  overrides.set.emplace_back("/title", "\"<script>&\"");
  const scenarios::Run run = run_of_library("lost-ack", false, overrides);
  const std::string svg = export_svg(run, {});
  CHECK(svg == export_svg(run, {}));
  CHECK(svg.find("<script>") == std::string::npos);
  CHECK(svg.find("&lt;script&gt;&amp;") != std::string::npos);
  std::vector<std::string> open;
  for (std::size_t at = svg.find('<'); at != std::string::npos; at = svg.find('<', at + 1)) {
    if (svg[at + 1] == '?') continue;
    const std::size_t end = svg.find('>', at);
    const std::string tag = svg.substr(at + 1, svg.find_first_of(" >/", at + 2) - at - 1);
    if (svg[at + 1] == '/') {
      REQUIRE_FALSE(open.empty());
      REQUIRE("/" + open.back() == svg.substr(at + 1, end - at - 1));
      open.pop_back();
    } else if (svg[end - 1] != '/') {
      open.push_back(tag);
    }
  }
  CHECK(open.empty());
}

TEST_CASE("Mermaid: each line is a participant, a message or a note between known participants; a lost one ends in x") {
  for (const std::string& name : library_names()) {
    INFO(name);
    const scenarios::Run run = run_of_library(name);
    std::istringstream lines(export_mermaid(run, {}));
    std::set<std::string> known;
    bool begun = false;
    for (std::string line; std::getline(lines, line);) {
      INFO(line);
      if (line.starts_with("%%")) continue;
      if (line == "sequenceDiagram") {
        begun = true;
        continue;
      }
      REQUIRE(begun);
      REQUIRE(line.starts_with("  "));
      line = line.substr(2);
      if (line.starts_with("participant ")) {
        known.insert(line.substr(12, line.find(' ', 12) - 12));
        continue;
      }
      const std::size_t colon = line.find(": ");
      REQUIRE(colon != std::string::npos);
      const std::string words = line.substr(colon + 2);
      CHECK_FALSE(words.empty());
      CHECK(words.find('<') == std::string::npos);
      std::string head = line.substr(0, colon);
      if (head.starts_with("Note over ")) {
        head = head.substr(10);
        CHECK(known.contains(head.substr(0, head.find(','))));
        if (head.find(',') != std::string::npos) CHECK(known.contains(head.substr(head.find(',') + 1)));
        continue;
      }
      const std::size_t arrow = head.find('-');
      REQUIRE(arrow != std::string::npos);
      const std::size_t to = head.find('n', arrow);
      REQUIRE(to != std::string::npos);
      CHECK(known.contains(head.substr(0, arrow)));
      CHECK(known.contains(head.substr(to)));
      const std::string sign = head.substr(arrow, to - arrow);
      CHECK((sign == "->>" || sign == "-->>" || sign == "-x" || sign == "--x"));
    }
  }
  const std::string lost = export_mermaid(run_of_library("lost-ack"), {});
  CHECK(lost.find("--x") != std::string::npos);
  CHECK(mermaid_text("a;b#c<d\ne") == "a#59;b#35;c#lt;d e");
}

TEST_CASE("Perfetto: it is JSON, what begins ends, arrows lead forwards in time and begin within a slice") {
  for (const char* name : {"lost-ack", "failover-five-in-flight", "exactly-once-transfer"}) {
    INFO(name);
    const nlohmann::json all = nlohmann::json::parse(export_perfetto(run_of_library(name)));
    std::map<std::string, int> open;
    std::map<std::int64_t, double> flows;
    std::set<std::int64_t> ended;
    std::set<std::string> counters;
    double last = -1;
    for (const auto& event : all.at("traceEvents")) {
      const std::string phase = event.at("ph");
      if (phase == "M") continue;
      const double ts = event.at("ts");
      CHECK(ts >= last);
      last = ts;
      if (phase == "b" || phase == "e")
        open[std::string(event.at("cat")) + std::string(event.at("id"))] += phase == "b" ? 1 : -1;
      if (phase == "s") flows[event.at("id")] = ts;
      if (phase == "f") {
        REQUIRE(flows.contains(event.at("id")));
        CHECK(flows.at(event.at("id")) <= ts);
        ended.insert(event.at("id").get<std::int64_t>());
      }
      if (phase == "C") counters.insert(std::string(event.at("name")));
    }
    for (const auto& [id, balance] : open) CHECK(balance == 0);
    CHECK(ended.size() == flows.size());
    CHECK(counters.contains("produce requests in flight"));
    CHECK(counters.contains("buffer used"));
  }
}

TEST_CASE(
    "every format writes the same bytes twice; a page needs nothing from elsewhere; JSON lines begin with a header") {
  const scenarios::Run run = run_of_library("lost-ack", true);
  for (const Format& format : all_formats()) {
    INFO(format.name);
    const std::string bytes = format.write(run, {});
    CHECK(bytes.size() > 1000);
    CHECK(bytes == format.write(run, {}));
  }
  Wanted wanted;
  wanted.story = "what <happened>";
  const std::string page = find_format("html")->write(run, wanted);
  CHECK(page.find("what &lt;happened&gt;") != std::string::npos);
  for (const char* outside : {"src=", "href=", "@import", "<script"}) CHECK(page.find(outside) == std::string::npos);

  std::istringstream lines(find_format("jsonl")->write(run, {}));
  std::string line;
  std::uint64_t count = 0;
  while (std::getline(lines, line)) {
    const nlohmann::json one = nlohmann::json::parse(line);
    CHECK(one.at("trace") == 1);
    if (count == 0) CHECK(one.at("hash") == scenarios::hex64(run.result.fingerprint));
    ++count;
  }
  CHECK(count == run.trace.stored() + 1);
  CHECK(find_format("png") == nullptr);
}

// What the viewer does on the time-space diagram: resting on things, opening folds; and what is indexed for it.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "scenarios/runner.h"
#include "sim/trace_kinds.h"
#include "tests/unit/gui_sessions.h"
#include "ui/gui/model/callouts.h"
#include "ui/gui/model/commands.h"
#include "ui/gui/model/rest.h"
#include "ui/gui/model/state.h"
#include "ui/gui/model/traffic.h"
#include "ui/gui/model/translate.h"

using namespace linger;
using namespace linger::gui;

namespace {

constexpr double frame = 0.01;

/// The first of so many still frames on something in which the tooltip shows; -1: none.
int shows_after(Rest& rest, int frames) {
  for (int i = 1; i <= frames; ++i) {
    if (rest.shows(true, false, frame)) return i;
  }
  return -1;
}

}  // namespace

TEST_CASE("a tooltip shows after 150 ms of rest, not while the pointer passes") {
  Rest rest;
  for (int i = 0; i < 100; ++i) CHECK_FALSE(rest.shows(true, true, frame));
  CHECK(shows_after(rest, 30) == 15);
}

TEST_CASE("from one thing to its neighbour the tooltip stays, across a small gap too, and not across a large one") {
  Rest rest;
  REQUIRE(shows_after(rest, 30) == 15);
  CHECK(rest.shows(true, true, frame));
  CHECK_FALSE(rest.shows(false, true, frame));
  CHECK(rest.shows(true, true, frame));
  for (int i = 0; i < 20; ++i) CHECK_FALSE(rest.shows(false, true, frame));
  CHECK_FALSE(rest.shows(true, true, frame));
  CHECK(shows_after(rest, 30) == 15);
}

TEST_CASE("a click opens a fold and a second one closes it, others stay as they are") {
  const auto session = session_of("lost-ack.json");
  AxisState state;
  const auto folds = [&] {
    std::set<std::int64_t> out;
    for (const report::Piece& piece : axis_of(*session, state, 1000)->pieces) {
      if (piece.folded) out.insert(piece.from.ns());
    }
    return out;
  };
  const std::set<std::int64_t> all = folds();
  REQUIRE(all.size() >= 2);
  const auto stretch = [&](std::int64_t from) {
    const auto axis = axis_of(*session, state, 1000);
    for (const report::Piece& piece : axis->pieces) {
      if (piece.from.ns() == from && (piece.folded || piece.opened)) return piece;
    }
    FAIL("neither folded nor opened");
    return report::Piece{};
  };
  for (const std::int64_t from : all) {
    toggle_fold(state, stretch(from));
    std::set<std::int64_t> others = all;
    others.erase(from);
    CHECK(folds() == others);
    toggle_fold(state, stretch(from));
    CHECK(folds() == all);
  }
}

TEST_CASE("which links are cut is the same from the index as from a walk through the trace, at every change") {
  const auto session = session_of("zombie-leader-one-way-cut.json");
  const sim::Trace& trace = session->run().trace;
  std::map<std::pair<std::int64_t, std::int64_t>, int> walked;
  std::size_t changes = 0;
  for (std::uint64_t i = 0; i < trace.stored(); ++i) {
    const sim::TraceRecord& record = trace.at(i);
    const bool cut = record.kind == sim::trace_kind(sim::SimTrace::cut);
    if (!cut && record.kind != sim::trace_kind(sim::SimTrace::healed)) continue;
    CHECK(session->cuts().at(i) == walked);
    walked[{record.args[0], record.args[1]}] += cut ? 1 : -1;
    CHECK(session->cuts().at(i + 1) == walked);
    ++changes;
  }
  CHECK(changes > 0);
}

TEST_CASE("the messages of an API in one direction have the numbers 1, 2, … in the order in which they are judged") {
  const auto session = session_of("lost-ack.json");
  const Traffic& traffic = session->traffic();
  std::map<std::tuple<ApiKey, bool, sim::HostId, sim::HostId>, std::set<std::int64_t>> seen;
  for (std::size_t i = 0; i < traffic.messages().size(); ++i) {
    const report::Message& message = traffic.messages()[i];
    const auto number = traffic.number_of(i);
    CHECK(number.has_value() == (message.arrived_record.has_value() || message.fault.has_value()));
    if (number) CHECK(seen[{message.api, message.answer, message.from, message.to}].insert(*number).second);
  }
  for (const auto& [key, numbers] : seen) {
    CHECK(*numbers.begin() == 1);
    CHECK(*numbers.rbegin() == static_cast<std::int64_t>(numbers.size()));
  }
}

TEST_CASE("the words of crowds are there in Chinese") {
  for (const char* words :
       {"1,240 requests", "1,240 answers", "7 copies to a replica", "7 confirmations of a replica",
        "7 metadata updates", "12 set-up messages", "7 control messages", "7 reads", "7 batches appended",
        "7 batches copied", "7 moves of the HW", "7 marks", "7 requests in flight", "7 batches"}) {
    INFO(words);
    CHECK(translate(Language::zh, words) != words);
  }
}

TEST_CASE("the lost answer and the retry say what they are, beside their numbers, in every size and both languages") {
  const auto session = session_of("lost-ack.json");
  for (const auto& [width, height] : {std::pair{952.0, 417.0}, {1280.0, 480.0}, {1528.0, 700.0}, {960.0, 300.0}}) {
    for (const Language language : {Language::en, Language::zh}) {
      report::WindowFrame window;
      window.width = width;
      window.height = height;
      window.translate = language == Language::zh
                             ? [](const std::string& words) { return translate(Language::zh, words); }
                             : static_cast<std::string (*)(const std::string&)>(nullptr);
      for (const Callout& callout : callouts_of(*session, language))
        window.pointed.push_back({callout.kind, callout.index});
      const auto scene = session->scene(axis_window({}, width - 124), window);
      CHECK(scene->numbers.size() == 4);
      const std::string lost = translate(language, "answer lost");
      const auto says = [&](const auto& text) { return text.words == lost; };
      INFO(width << " " << lost);
      CHECK(std::any_of(scene->drawing.texts.begin(), scene->drawing.texts.end(), says));
      // What the first attempt carried, and that the retry carried the same.
      CHECK(std::count_if(scene->drawing.texts.begin(), scene->drawing.texts.end(),
                          [](const auto& text) { return text.words == "PRODUCE seq 0..1"; }) == 2);
      // Every lane is in sight.
      CHECK(scene->rows.back().top + scene->rows.back().height <= height + 0.5);
    }
  }
}

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "scenarios/runner.h"
#include "tests/unit/gui_sessions.h"
#include "ui/gui/model/branches.h"
#include "ui/gui/model/comparison.h"

using namespace linger;
using namespace linger::gui;

namespace {

/// The named scenario, and beside it the same with one setting of all producers changed.
Branches with_change(const char* name, const std::string& key, const std::string& value) {
  Branches branches{session_of(name)};
  REQUIRE(branches
              .add(with_setting(branches.session().run().setup->scenario, key, value),
                   {Str::compare_change_word, {key + "=" + value}}, sim::SimTime{})
              .empty());
  return branches;
}

}  // namespace

TEST_CASE(
    "a lost acknowledgement with idempotence and without: one setting differs, and the duplicate is where they part") {
  Branches branches = with_change("lost-ack.json", "enable.idempotence", "false");
  const Comparison both{branches.session(0), branches.session(1)};
  CHECK(both.differences() == std::vector<PlanDifference>{{"/producers/0/config/enable.idempotence", "true", "false"}});
  REQUIRE(both.outcome());
  CHECK(both.outcome_words(0).who == "b1");
  CHECK(both.outcome_words(0).what == "duplicate");
  CHECK(both.outcome_words(1).what == "appends 2..3");
  REQUIRE(both.message());
  // Set-up differs long before: without a producer id nobody is asked for one.
  CHECK(both.message()->at() < both.outcome()->at());
  CHECK(both.fares_otherwise(0));
  CHECK(both.fares_otherwise(1));
}

TEST_CASE("records that fare otherwise come first, each of both runs' records once") {
  Branches branches = with_change("acks1-loss-on-leader-crash.json", "acks", "all");
  const Comparison both{branches.session(0), branches.session(1)};
  const auto& records = both.records();
  const std::set<scenarios::RecordIndex> each(records.begin(), records.end());
  CHECK(each.size() == records.size());
  CHECK(records.size() == both.session(0).run().result.fates.size());
  CHECK(both.differing() > 0);
  CHECK(both.differing() < records.size());
  for (std::size_t i = 0; i < records.size(); ++i) CHECK(both.fares_otherwise(records[i]) == (i < both.differing()));
}

TEST_CASE("a run compared with itself: nothing differs anywhere") {
  const auto one = session_of("lost-ack.json");
  const auto other = session_of("lost-ack.json");
  const Comparison both{*one, *other};
  CHECK(both.differences().empty());
  CHECK_FALSE(both.outcome());
  CHECK_FALSE(both.message());
  CHECK_FALSE(both.fares_otherwise(0));
}

TEST_CASE(
    "both diagrams lie on one axis: a moment of either is at one place, and nothing that happens is folded away") {
  Branches branches = with_change("lost-ack.json", "linger.ms", "0");
  const Comparison both{branches.session(0), branches.session(1)};
  report::AxisWindow window;
  window.width = 1100;
  const auto axis = both.axis(window);
  for (const std::size_t side : {0U, 1U}) {
    for (const report::Mark& mark : both.diagram(side).marks) {
      INFO(side << " " << mark.text);
      CHECK_FALSE(axis->in_fold(mark.at));
    }
  }
  CHECK(std::any_of(axis->pieces.begin(), axis->pieces.end(), [](const report::Piece& piece) { return piece.folded; }));
  report::WindowFrame frame;
  frame.width = 1224;
  frame.height = 200;
  CHECK(both.scene(0, window, frame)->gutter == both.scene(1, window, frame)->gutter);
}

TEST_CASE("what differs between plans is named by the smallest place that holds it") {
  const auto one = session_of("lost-ack.json");
  scenarios::Scenario plan = one->run().setup->scenario;
  plan.seed = 8;
  plan.cluster.topics[0].config["min.insync.replicas"] = "1";
  plan.faults.clear();
  const auto found = plan_differences(one->run().setup->scenario, plan);
  std::vector<std::string> pointers;
  for (const PlanDifference& difference : found) pointers.push_back(difference.pointer);
  CHECK(std::find(pointers.begin(), pointers.end(), "/seed") != pointers.end());
  CHECK(std::find(pointers.begin(), pointers.end(), "/cluster/topics/0/config/min.insync.replicas") != pointers.end());
  CHECK(std::find(pointers.begin(), pointers.end(), "/faults/0") != pointers.end());
  CHECK(pointers.size() == 3);
}

TEST_CASE("an element that only one plan has is named by its place in that plan's list") {
  const auto one = session_of("failover-five-in-flight.json");
  scenarios::Scenario plan = one->run().setup->scenario;
  REQUIRE(plan.faults.size() >= 2);
  const auto pointers = [&] {
    std::vector<std::string> out;
    for (const PlanDifference& difference : plan_differences(one->run().setup->scenario, plan)) {
      CHECK(difference.one.empty() != difference.other.empty());
      out.push_back((difference.one.empty() ? "+" : "-") + difference.pointer);
    }
    return out;
  };
  plan.faults.push_back(plan.faults.front());
  CHECK(pointers() == std::vector<std::string>{"+/faults/" + std::to_string(plan.faults.size() - 1)});
  plan.faults.pop_back();
  plan.faults.erase(plan.faults.begin());
  CHECK(pointers() == std::vector<std::string>{"-/faults/0"});
}

TEST_CASE("each setting that is offered to be tried gives a plan that runs") {
  for (const char* name : {"lost-ack.json", "acks1-loss-on-leader-crash.json", "reorder-without-idempotence.json"}) {
    Branches branches{session_of(name)};
    const auto offered = settings_to_try(branches.session());
    CHECK(offered.size() >= 2);
    for (const auto& [key, value] : offered) {
      INFO(name << " " << key << "=" << value);
      branches.show(0);
      CHECK(branches.add(with_setting(branches.session().run().setup->scenario, key, value),
                         {Str::compare_change_word, {key}}, sim::SimTime{}) == "");
    }
  }
}

#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/explanation.h"
#include "scenarios/scenario_reader.h"
#include "scenarios/trace_kinds.h"
#include "sim/trace_kinds.h"

using namespace linger;
using namespace linger::scenarios;

namespace {

using BrokerKind = broker::Observation::Kind;

Run run_of(const std::string& name, const Overrides& overrides = {}) {
  ReadResult read =
      read_scenario_file(std::string(LINGER_SOURCE_DIR) + "/scenarios/library/" + name + ".json", overrides);
  REQUIRE(read.ok());
  return run_scenario(std::move(*read.scenario), options_to_explain());
}

Run lost_ack_without_idempotence() {
  Overrides overrides;
  overrides.producer_properties["enable.idempotence"] = "false";
  return run_of("lost-ack", overrides);
}

/// The kinds of the trace records that are told, by name.
std::vector<std::string> told(const Run& run, const Explanation& explanation) {
  std::vector<std::string> names;
  for (const Link& link : explanation.links)
    names.emplace_back(trace_kinds().info(run.trace.at(link.record).kind).name);
  return names;
}

std::vector<EdgeKind> kinds(const Explanation& explanation, const EventPath& path) {
  std::vector<EdgeKind> out;
  for (std::size_t i = 1; i < path.size(); ++i) out.push_back(*explanation.graph->edge(path[i - 1], path[i]));
  return out;
}

}  // namespace

TEST_CASE("Keeping events changes nothing about a run") {
  ReadResult read = read_scenario_file(std::string(LINGER_SOURCE_DIR) + "/scenarios/library/lost-ack.json");
  REQUIRE(read.ok());
  const Run plain = run_scenario(*read.scenario);
  const Run kept = run_scenario(*read.scenario, options_to_explain());
  CHECK(plain.events.empty());
  CHECK(kept.result.fingerprint == plain.result.fingerprint);
  CHECK(kept.events.size() >= kept.result.events);
  for (std::size_t i = 1; i < kept.events.size(); ++i)
    CHECK(kept.events[i - 1].first_record <= kept.events[i].first_record);
}

TEST_CASE("A duplicate's chain leads from the lost answer over the timeout and the retry to the second append") {
  const Run run = lost_ack_without_idempotence();
  const Explanation explanation = explain_record(run, 0);
  CHECK(explanation.question == Question::duplicated);
  CHECK(explanation.journey.requests.size() == 2);
  REQUIRE(explanation.journey.copies.size() == 2);
  CHECK(explanation.journey.copies[1].offset == 2);
  CHECK(told(run, explanation) == std::vector<std::string>{"app_send", "produce_sent", "appended", "fault_hits",
                                                           "close", "produce_sent", "appended"});
  CHECK(explanation.faults == std::vector<std::size_t>{0});
  // Lost answer -> who gives up: nobody sent anything, so it is a state; what the timer then does and the request's way
  // are causes.
  const std::vector<EdgeKind> edges = kinds(explanation, explanation.strands.back().path);
  REQUIRE(edges.size() == 3);
  CHECK(edges[0] == EdgeKind::state);
  CHECK(edges[2] == EdgeKind::cause);
}

TEST_CASE("A record is found in the requests and appends that carried it, and in no other") {
  const Run run = run_of("reorder-without-idempotence");
  const JourneyReader reader(run);
  for (RecordIndex record = 0; record < 6; ++record) {
    const RecordJourney journey = reader.journey_of(record);
    INFO("record " << record);
    CHECK(journey.requests.size() == (record == 1 ? 2U : 1U));
    REQUIRE(journey.copies.size() == 1);
    CHECK(journey.copies[0].offset == run.result.fates[record].offset);
  }
}

TEST_CASE("A process that sends its records again has journeys of its own") {
  const Run run = run_of("producer-restart-duplicates");
  const JourneyReader reader(run);
  const RecordJourney before = reader.journey_of(0);
  const RecordJourney after = reader.journey_of(3);
  REQUIRE(before.copies.size() == 1);
  REQUIRE(after.copies.size() == 1);
  CHECK(before.copies[0].offset == 0);
  CHECK(after.copies[0].offset == 3);
  CHECK(question_of(run, 3) == Question::sent_again);
  CHECK(question_of(run, 0) == Question::untold);
  CHECK(worst_record(run) == 3);
}

TEST_CASE("Settings come before faults, and more of a setting that helps is not told") {
  const Run run = run_of("acks1-loss-on-leader-crash");
  const Explanation explanation = explain_record(run, 2);
  CHECK(explanation.faults == std::vector<std::size_t>{0, 1});
  REQUIRE(explanation.preventions.size() == 3);
  REQUIRE(explanation.preventions[0].change.set.size() == 1);
  CHECK(explanation.preventions[0].change.set[0] ==
        std::pair<std::string, std::string>("/producers/0/config/acks", "all"));
  CHECK(explanation.preventions[0].before == 3);
  CHECK(explanation.preventions[0].counts_after.lost == 0);
  CHECK(explanation.preventions[1].change.without_fault == "followers-apart");
  CHECK(explanation.preventions[2].change.without_fault == "leader-dies");
}

TEST_CASE("A change that the reader would refuse changes nothing") {
  const Run run = run_of("acks1-loss-on-leader-crash");
  const Scenario& plan = run.setup->scenario;
  const Change wrong{{{"/producers/0/config/acks", "2"}}, {}};
  CHECK(changed(plan, wrong) == plan);
  const Change java_refuses{{{"/producers/0/config/enable.idempotence", "true"}}, {}};
  CHECK(changed(plan, java_refuses) == plan);
}

TEST_CASE("A record in its place has nothing to explain, unless something is asked") {
  const Run run = run_of("acks1-loss-on-leader-crash");
  CHECK(explain_record(run, 0).question == Question::nothing);
  CHECK(explain_record(run, 0).links.empty());
  ExplainOptions options;
  options.question = Question::late;
  const Explanation asked = explain_record(run, 0, options);
  CHECK(asked.question == Question::late);
  CHECK(!asked.links.empty());
}

#include <catch2/catch.hpp>
#include <functional>
#include <set>
#include <string>

#include "scenarios/runner.h"
#include "scenarios/scenario_reader.h"
#include "scenarios/zoo.h"

namespace linger::scenarios {
namespace {

/// A bug of the zoo in its own scenario, or in a variation of it.
struct Mutant {
  const char* oracle;
  const char* bug;
  const char* what;
  std::function<void(Scenario&)> change = {};
};

void send_at(Scenario& plan, std::size_t step, std::int64_t count) {
  std::get<SendStep>(plan.producers[0].threads[0].steps[step].what).count = count;
}

/// Nobody promises anything for acks=1; but what a reader has seen must stay.
void read_without_acks_all(Scenario& plan) {
  plan.producers[0].config["enable.idempotence"] = "false";
  plan.producers[0].config["acks"] = "1";
  ConsumerSpec reader;
  reader.name = "reader";
  reader.topics = {"orders"};
  plan.consumers.push_back(reader);
}

/// The batch that has lost its place in the books is refused once and cannot go back into its queue.
void nothing_else_under_way(Scenario& plan) {
  send_at(plan, 1, 1);
  plan.faults.pop_back();
}

std::set<std::string> reporting(Scenario plan) {
  plan.expect = Expectation{};
  RunOptions plain;
  plain.counterfactuals = false;
  std::set<std::string> oracles;
  for (const Violation& violation : run_scenario(std::move(plan), plain).result.violations)
    oracles.insert(violation.oracle);
  return oracles;
}

/// Two records without sequence numbers, the first with a timestamp that its topic does not take.
constexpr const char* refused_for_its_timestamp = R"({
  "linger": 1,
  "cluster": {"topics": [{"name": "orders", "config": {"message.timestamp.after.max.ms": 60000}}]},
  "producers": [{
    "name": "p1",
    "config": {"enable.idempotence": false, "max.in.flight.requests.per.connection": 1, "batch.size": 0, "linger.ms": 0},
    "workload": [
      {"at": "1s", "send": {"topic": "orders", "count": 1, "timestamp": 4102444800000, "value": {"bytes": 100}}},
      {"send": {"topic": "orders", "count": 1, "value": {"bytes": 100}}}
    ]
  }]
})";

}  // namespace

TEST_CASE("each checker is the only one to catch some mutant, and is silent when the mutant is put right") {
  const Mutant mutant = GENERATE(
      Mutant{"O1", "R01", "an acknowledged record is cut off"}, Mutant{"O2", "P02", "a batch is written twice"},
      Mutant{"O3", "P01", "a batch overtakes the one before it"},
      Mutant{"O4", "P12", "a topic holds what was sent to another"},
      Mutant{"O5", "R03", "replicas hold different batches"},
      Mutant{"O6", "R15", "a reader has seen what is gone", read_without_acks_all},
      Mutant{"O7", "T07", "an aborted record is visible"}, Mutant{"O8", "P13", "flush returns too early"},
      Mutant{"O9", "T06", "nobody will close a transaction"},
      Mutant{"O10", "P08", "a batch's memory is never given back", nothing_else_under_way});
  INFO(mutant.oracle << ": " << mutant.what);
  const ZooBug* bug = find_zoo_bug(mutant.bug);
  REQUIRE(bug != nullptr);
  Scenario plan = zoo_scenario(*bug);
  if (mutant.change) mutant.change(plan);
  CHECK(reporting(plan) == std::set<std::string>{mutant.oracle});
  CHECK(reporting(without_bug(plan, *bug)).empty());
}

TEST_CASE("a record that was written before it was refused is a false error and nothing else") {
  const ReadResult read = read_scenario(refused_for_its_timestamp);
  REQUIRE(read.ok());
  Scenario plan = *read.scenario;
  CHECK(reporting(plan).empty());
  plan.cluster.behaviour["broker.check_records"] = "after_append";
  CHECK(reporting(plan) == std::set<std::string>{"O11"});
}

}  // namespace linger::scenarios

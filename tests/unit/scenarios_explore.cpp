#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <string>

#include "scenarios/explore.h"
#include "scenarios/fates.h"
#include "scenarios/runner.h"
#include "scenarios/scenario_reader.h"

using namespace linger;
using namespace linger::scenarios;

namespace {

Scenario plan_of(const std::string& text) {
  ReadResult read = read_scenario(text);
  INFO(describe_mistakes("plan", read.mistakes));
  REQUIRE(read.ok());
  return *std::move(read.scenario);
}

/// One broker, one record, one attempt.
Scenario one_request() {
  return plan_of(R"({"linger":1,"cluster":{"brokers":1,"topics":[{"name":"orders","partitions":1,"replication.factor":1}]},
    "producers":[{"name":"p1","config":{"acks":1,"enable.idempotence":false,"retries":0},
                  "workload":[{"send":{"topic":"orders","count":1,"value":{"bytes":10}}}]}]})");
}

/// Two records in a request each, one behind the other.
Scenario two_requests(const std::string& config) {
  return plan_of(R"({"linger":1,"cluster":{"brokers":3,"topics":[{"name":"orders","partitions":1,"replication.factor":3,"config":{"min.insync.replicas":2}}]},
    "producers":[{"name":"p1","config":{"linger.ms":0)" + config + R"(},
                  "workload":[{"at":"1s","send":{"topic":"orders","count":1,"value":{"bytes":10}}},
                              {"at":"1200ms","send":{"topic":"orders","count":1,"value":{"bytes":10}}}]}]})");
}

Exploration explored(const Scenario& plan, std::int32_t faults, std::int32_t leader_changes, bool merge) {
  ExploreOptions options;
  options.faults = faults;
  options.leader_changes = leader_changes;
  options.merge = merge;
  return explore(plan, options);
}

/// What was found after how many faults, without how often.
std::map<std::string, std::int32_t> outcomes_of(const Exploration& all) {
  std::map<std::string, std::int32_t> outcomes;
  for (const ExploredOutcome& outcome : all.outcomes) {
    std::string key = outcome.fates;
    for (const Finding& finding : outcome.findings) key += "; " + describe(finding);
    outcomes[key] = outcome.faults;
  }
  return outcomes;
}

const ExploredOutcome* outcome_with(const Exploration& all, const std::string& name) {
  const auto found = std::find_if(all.outcomes.begin(), all.outcomes.end(), [&](const ExploredOutcome& outcome) {
    return std::any_of(outcome.findings.begin(), outcome.findings.end(), [&](const Finding& finding) { return finding.name == name; });
  });
  return found == all.outcomes.end() ? nullptr : &*found;
}

}  // namespace

TEST_CASE("for one request there are as many runs as the formula of docs/search.md says") {
  // Of the ten fates of this request (one broker: nobody to be cut off from, nobody else to lead) five bring an answer, and delivery does; an answer has five fates
  // and delivery.
  const Exploration none = explored(one_request(), 0, 1, false);
  CHECK(none.runs == 1);
  const Exploration one = explored(one_request(), 1, 1, false);
  CHECK(one.runs == 1 + 10 + 5);
  const Exploration two = explored(one_request(), 2, 1, false);
  CHECK(two.runs == (1 + 5) * (1 + 5) + 5);
  CHECK(two.complete);
  CHECK(two.covered == 1);
  CHECK(two.fates.size() == 15);
}

TEST_CASE("merging states changes how many runs are followed, not what is found nor after how many faults") {
  const std::string config = GENERATE(std::string(), std::string(R"(,"enable.idempotence":false)"), std::string(R"(,"acks":1,"enable.idempotence":false)"));
  const Scenario plan = two_requests(config);
  const Exploration merged = explored(plan, 1, 1, true);
  const Exploration all = explored(plan, 1, 1, false);
  CHECK(merged.merged > 0);
  CHECK(merged.judged < all.judged);
  CHECK(all.merged == 0);
  CHECK(all.judged == all.runs);
  CHECK(outcomes_of(merged) == outcomes_of(all));
}

TEST_CASE("every outcome has a plan that gives it again, with every fault hit") {
  const Exploration all = explored(two_requests(R"(,"acks":1,"enable.idempotence":false)"), 1, 1, true);
  CHECK(all.outcomes.size() > 5);
  for (const ExploredOutcome& outcome : all.outcomes) {
    INFO(outcome.fates);
    CHECK(check_scenario(outcome.plan).empty());
    const RunResult again = run_scenario(outcome.plan).result;
    CHECK(findings_of(again) == outcome.findings);
    CHECK_FALSE(again.faults_missed());
  }
}

TEST_CASE("acks=1 loses with one fault, acks=all with two in-sync replicas does not; without idempotence one fault duplicates") {
  const Exploration safe = explored(two_requests(""), 1, 1, true);
  CHECK(outcome_with(safe, "acked-lost") == nullptr);
  CHECK(outcome_with(safe, "duplicated") == nullptr);
  CHECK(outcome_with(safe, "reordered") == nullptr);
  const Scenario acks1 = two_requests(R"(,"acks":1,"enable.idempotence":false)");
  const Scenario plain = two_requests(R"(,"enable.idempotence":false)");
  for (const auto& [plan, name] : {std::pair{acks1, "acked-lost"}, std::pair{plain, "duplicated"}}) {
    INFO(name);
    CHECK(outcome_with(explored(plan, 0, 0, true), name) == nullptr);
    const Exploration one_fault = explored(plan, 1, 0, true);
    const ExploredOutcome* found = outcome_with(one_fault, name);
    REQUIRE(found != nullptr);
    CHECK(found->faults == 1);
    CHECK(found->findings.front().standing == Standing::allowed);
    // An orderly change of leader is enough as well.
    CHECK(outcome_with(explored(plan, 0, 1, true), name) != nullptr);
  }
}

TEST_CASE("a copy that goes on under a longer plan does what the longer plan does from the beginning") {
  const Scenario plan = two_requests("");
  for (std::int64_t nth = 1; nth <= 2; ++nth) {
    for (std::size_t which = 0; which < request_fates().size(); ++which) {
      Runner runner{prepare(plan)};
      std::int64_t met = 0;
      for (;;) {
        const auto message = runner.world().next_message();
        if (message && message->facts.api == ApiKey::produce && !message->facts.response && ++met == nth) {
          const std::vector<Fate> fates = fates_of(runner.world(), *message, nth, "-1");
          REQUIRE(which < fates.size());
          INFO(fates[which].name << " of request " << nth);
          CHECK(fates[which].name == request_fates()[which]);
          runner.add_faults(with_faults(runner.world().setup(), fates[which].faults), nth - 1);
          runner.run_to_end();
          const RunResult whole = run_scenario(runner.world().setup().scenario).result;
          CHECK(whole.fingerprint == runner.judge().fingerprint);
          CHECK_FALSE(whole.faults_missed());
          break;
        }
        REQUIRE(runner.step());
      }
    }
  }
}

TEST_CASE("events of one moment are tried in every order, and the order is kept in the plan") {
  // Everything takes exactly one millisecond, so that answers to two producers' requests and timers meet.
  Scenario plan = plan_of(R"({"linger":1,"network":{"latency":"1ms"},
    "cluster":{"brokers":1,"topics":[{"name":"orders","partitions":1,"replication.factor":1}]},
    "producers":[{"name":"p1","config":{"linger.ms":0},"workload":[{"at":"1s","send":{"topic":"orders","count":1,"value":{"bytes":10}}}]},
                 {"name":"p2","config":{"linger.ms":0},"workload":[{"at":"1s","send":{"topic":"orders","count":1,"value":{"bytes":10}}}]}]})");
  ExploreOptions options;
  options.faults = 0;
  options.leader_changes = 0;
  options.ties = 0;
  const Exploration fifo = explore(plan, options);
  CHECK(fifo.runs == 1);
  options.ties = 1;
  options.merge = false;
  const Exploration tied = explore(plan, options);
  CHECK(tied.runs == tied.choices + 1);
  CHECK(tied.choices >= 2);
  options.ties = 2;
  CHECK(explore(plan, options).runs > tied.runs);
}

TEST_CASE("a search that is stopped says how much it covered") {
  ExploreOptions options;
  std::int64_t asked = 0;
  options.stop = [&] { return ++asked > 60'000; };
  const Exploration all = explore(two_requests(""), options);
  CHECK_FALSE(all.complete);
  CHECK(all.covered > 0);
  CHECK(all.covered < 1);
  options.stop = nullptr;
  options.most_states = 20;
  CHECK_FALSE(explore(two_requests(""), options).complete);
}

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "scenarios/random_plan.h"
#include "scenarios/runner.h"
#include "scenarios/scenario_reader.h"
#include "scenarios/shrink.h"
#include "scenarios/simpler.h"

using namespace linger;
using namespace linger::scenarios;

namespace {

/// The first random plan that breaks this guarantee under this rule of the brokers.
Scenario failing_plan(const std::string& behaviour, const std::string& oracle) {
  for (std::uint64_t seed = 1; seed < 1000; ++seed) {
    Scenario plan = random_plan(seed);
    REQUIRE_FALSE(apply_behaviour(plan, behaviour));
    const RunResult result = run_scenario(plan).result;
    if (!result.violations.empty() && result.violations.front().oracle == oracle) return plan;
  }
  FAIL("no random plan shows " << behaviour);
  return {};
}

Finding worst(const RunResult& result) { return findings_of(result).at(0); }

Fault pause_of(std::string id, Duration at, std::string host) {
  Fault fault;
  fault.id = std::move(id);
  fault.at = at;
  fault.action = Pause{std::move(host)};
  fault.lasts = Duration::ms(10);
  return fault;
}

}  // namespace

TEST_CASE("simpler times are shorter or have fewer digits, and chains of them end") {
  for (const std::int64_t ns : {1LL, 999LL, 1'000'000LL, 1'234'567LL, 120'000'000'000LL, 86'399'999'999'999LL}) {
    Duration time = Duration::ns(ns);
    for (int links = 0;; ++links) {
      REQUIRE(links < 100);
      const std::vector<Duration> simpler = simpler_times(time);
      if (simpler.empty()) break;
      CHECK(std::find(simpler.begin(), simpler.end(), time) == simpler.end());
      time = simpler.back();
    }
    CHECK(time == Duration{});
  }
}

TEST_CASE("simpler counts begin with the least and end with one less") {
  CHECK(simpler_counts(10, 1) == std::vector<std::int64_t>{1, 6, 8, 9});
  CHECK(simpler_counts(1, 1).empty());
}

TEST_CASE("a large random plan becomes a small one in which the same checker reports the same class") {
  const auto [behaviour, oracle] = GENERATE(std::pair{"broker.deduplication=false", "O2"}, std::pair{"repl.ack_before_replication=true", "O1"},
                                            std::pair{"producer.on_delivery_timeout=renumber", "O1"});
  const Scenario plan = failing_plan(behaviour, oracle);
  const Finding finding = worst(run_scenario(plan).result);
  const Shrunk shrunk = shrink(plan, finding);
  INFO(behaviour << ": " << plan_steps(plan) << " to " << plan_steps(shrunk.plan) << " steps in " << shrunk.runs << " runs");
  CHECK(shrunk.at_fixed_point);
  CHECK(plan_steps(shrunk.plan) < plan_steps(plan));
  CHECK(plan_steps(shrunk.plan) <= 8);
  CHECK(check_scenario(shrunk.plan).empty());

  const RunResult again = run_scenario(shrunk.plan).result;
  CHECK(shows(again, finding));
  CHECK(again.fingerprint == shrunk.result.fingerprint);
  CHECK_FALSE(again.faults_missed());

  // A fixed point: nothing more can be left out alone.
  for (const Part& part : parts_of_plan()) {
    for (std::size_t i = 0; i < part.count(shrunk.plan); ++i) {
      Scenario less = shrunk.plan;
      part.erase(less, i, 1);
      CHECK((!check_scenario(less).empty() || !shows(run_scenario(less).result, finding)));
    }
  }
}

TEST_CASE("what is allowed can be kept as well: a duplicate without idempotence") {
  ReadResult read = read_scenario_file(std::string(LINGER_SOURCE_DIR) + "/scenarios/library/lost-ack.json");
  REQUIRE(read.ok());
  read.scenario->producers[0].config["enable.idempotence"] = "false";
  read.scenario->faults.push_back(pause_of("idle", Duration::s(1), "b2"));
  const Shrunk shrunk = shrink(*read.scenario, Finding{Standing::allowed, "duplicated", ""});
  CHECK(shrunk.plan.faults.size() == 1);
  CHECK(shrunk.result.counts.duplicated >= 1);
  CHECK(shrunk.plan.cluster.brokers == 1);
  CHECK(shrunk.plan.producers[0].config.at("enable.idempotence") == "false");
}

TEST_CASE("a search that may run few plans says so and gives what it has") {
  const Scenario plan = failing_plan("broker.deduplication=false", "O2");
  const Finding finding = worst(run_scenario(plan).result);
  ShrinkOptions options;
  options.most_runs = 5;
  std::int64_t told = 0;
  options.progress = [&](const ShrinkProgress& progress) { told = progress.runs; };
  const Shrunk shrunk = shrink(plan, finding, options);
  CHECK(shrunk.runs == 5);
  CHECK(told == 5);
  CHECK_FALSE(shrunk.at_fixed_point);
  CHECK(shows(run_scenario(shrunk.plan).result, finding));
}

TEST_CASE("faults that name a host which is no longer there go with it") {
  Scenario plan = failing_plan("broker.deduplication=false", "O2");
  plan.cluster.brokers = 5;
  plan.faults.push_back(pause_of("on the fifth", Duration::ms(1), "b5"));
  const RunResult result = run_scenario(plan).result;
  REQUIRE_FALSE(result.violations.empty());
  const Shrunk shrunk = shrink(plan, worst(result));
  CHECK(shrunk.plan.cluster.brokers < 5);
  for (const Fault& fault : shrunk.plan.faults) CHECK(fault.id != "on the fifth");
}

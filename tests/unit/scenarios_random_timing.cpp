#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/random_plan.h"
#include "scenarios/runner.h"

namespace linger::scenarios {
namespace {

constexpr std::uint64_t seeds = 600;

bool begins(const Fault& fault, std::string_view prefix) {
  return fault.id.starts_with(prefix);
}

std::vector<Fault> faults_named(const Scenario& plan, std::string_view prefix) {
  std::vector<Fault> found;
  std::copy_if(plan.faults.begin(), plan.faults.end(), std::back_inserter(found),
               [&](const Fault& fault) { return begins(fault, prefix); });
  return found;
}

bool has_quiet_period(const Scenario& plan) {
  return !plan.producers.empty() && plan.producers.back().name == "prober";
}

std::optional<Duration> down_for(const Fault& fault) {
  if (const auto* crash = std::get_if<Crash>(&fault.action)) return crash->restart_after;
  if (const auto* stop = std::get_if<Shutdown>(&fault.action)) return stop->restart_after;
  return std::nullopt;
}

/// The first plan, by its seed, of which this is true.
Scenario first_plan(const std::function<bool(const Scenario&)>& is_one) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    if (Scenario plan = random_plan(seed); is_one(plan)) return plan;
  }
  FAIL("no such plan");
  return {};
}

}  // namespace

TEST_CASE("each way in which faults lie in time is off in most random plans and on in some") {
  const std::pair<const char*, std::function<bool(const Scenario&)>> features[] = {
      {"many short crashes", [](const Scenario& plan) { return !faults_named(plan, "short-crash").empty(); }},
      {"few long crashes", [](const Scenario& plan) { return !faults_named(plan, "long-crash").empty(); }},
      {"swizzled cuts", [](const Scenario& plan) { return !faults_named(plan, "swizzle").empty(); }},
      {"a quiet period", has_quiet_period},
      {"a replica that comes back", [](const Scenario& plan) { return !faults_named(plan, "comeback").empty(); }},
      {"ties by priority", [](const Scenario& plan) { return plan.ties.kind == Ties::Kind::pct; }},
      {"ties from a seed", [](const Scenario& plan) { return plan.ties.kind == Ties::Kind::seeded; }}};
  for (const auto& [name, is_on] : features) {
    INFO(name);
    std::uint64_t on = 0;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) on += is_on(random_plan(seed)) ? 1 : 0;
    CHECK(on > seeds / 100);
    CHECK(on < seeds / 2);
  }
}

TEST_CASE("a plan with a crash style has no drawn crash of the other style") {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const Scenario plan = random_plan(seed);
    const bool many = !faults_named(plan, "short-crash").empty();
    const bool few = !faults_named(plan, "long-crash").empty();
    INFO(plan.title);
    CHECK_FALSE((many && few));
    if (!many && !few) continue;
    CHECK((many ? faults_named(plan, "short-crash").size() >= 5 : faults_named(plan, "long-crash").size() <= 2));
    for (const Fault& fault : plan.faults) {
      const auto down = down_for(fault);
      // What an aim needs is not a matter of style.
      if (!down || begins(fault, "aimed")) continue;
      CHECK((many ? *down <= Duration::ms(250) : *down >= Duration::ms(4000)));
    }
  }
}

TEST_CASE("swizzled hosts are all cut off at the same time, and joined in another order than they were cut off in") {
  std::uint64_t in_another_order = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const Scenario plan = random_plan(seed);
    const std::vector<Fault> cuts = faults_named(plan, "swizzle");
    if (cuts.empty() || has_quiet_period(plan)) continue;
    INFO(plan.title);
    REQUIRE(cuts.size() >= 2);
    Duration last_cut, first_heal = Duration::forever();
    std::vector<Duration> heals;
    for (const Fault& cut : cuts) {
      last_cut = std::max(last_cut, *cut.at);
      heals.push_back(*cut.at + *cut.lasts);
      first_heal = std::min(first_heal, heals.back());
    }
    CHECK(last_cut <= first_heal + Duration::ms(1));
    in_another_order += std::is_sorted(heals.begin(), heals.end()) ? 0 : 1;
  }
  CHECK(in_another_order > 0);
}

TEST_CASE("no fault begins, lasts or waits for a message while a plan's quiet period goes on") {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const Scenario plan = random_plan(seed);
    if (!has_quiet_period(plan)) continue;
    INFO(plan.title);
    const Duration probe = *plan.producers.back().threads[0].steps[0].at;
    for (const Fault& fault : plan.faults) {
      INFO(fault.id);
      if (fault.on) CHECK(*fault.on->after > probe);
      if (!fault.at) continue;
      const Duration end = *fault.at + fault.lasts.value_or(Duration{}) + down_for(fault).value_or(Duration{});
      // A broker's session and some backoffs lie between.
      CHECK((*fault.at > probe || end + Duration::s(4) < probe));
    }
  }
}

TEST_CASE("a plan with a quiet period fails where nothing settles in it, and only there") {
  Scenario plan = first_plan(has_quiet_period);
  RunOptions plain;
  plain.counterfactuals = false;
  CHECK(run_scenario(plan, plain).result.unmet.empty());
  Fault cut;
  cut.id = "never-settles";
  cut.at = *plan.producers.back().threads[0].steps[0].at - Duration::s(1);
  cut.lasts = Duration::s(30);
  std::vector<std::string> brokers;
  for (std::int32_t b = 1; b <= plan.cluster.brokers; ++b) brokers.push_back("b" + std::to_string(b));
  cut.action = Cut{{{"prober"}, brokers}, false};
  plan.faults.push_back(cut);
  CHECK_FALSE(run_scenario(plan, plain).result.unmet.empty());
}

}  // namespace linger::scenarios

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <string>

#include "scenarios/runner.h"
#include "support/transfer_plan.h"

namespace linger::scenarios {
namespace {

using namespace test;

bool reports(const RunResult& result, const std::string& violation) {
  return std::any_of(result.violations.begin(), result.violations.end(),
                     [&](const Violation& v) { return v.name == violation; });
}

/// Everything transferred, nothing broken.
void check_exactly_once(const RunResult& result, std::int64_t payments) {
  for (const Violation& violation : result.violations) FAIL_CHECK(violation.name + ": " + violation.detail);
  REQUIRE(result.transfers.size() == 1);
  const TransferResult& transfer = result.transfers.front();
  CHECK(transfer.exactly_once);
  CHECK(transfer.input == payments);
  CHECK(transfer.once == payments);
  CHECK(transfer.missing == 0);
  CHECK(transfer.twice == 0);
}

}  // namespace

TEST_CASE("whenever the processor of a transfer dies, each input has one output in the end") {
  // 2 s of work; 200 moments, none a multiple of the other's distance.
  constexpr std::int64_t payments = 12;
  int in_a_transaction = 0;
  for (std::int64_t moment = 0; moment < 200; ++moment) {
    Scenario plan = transfer_plan(static_cast<std::uint64_t>(moment), payments);
    plan.faults.push_back(processor_dies(Duration::us(150'000 + moment * 10'037)));
    INFO("seed " << moment << ", dies at " << plan.faults.front().at->us() << " us");
    const RunResult result = run_scenario(std::move(plan)).result;
    check_exactly_once(result, payments);
    in_a_transaction += result.counts.aborted > 0 ? 1 : 0;
  }
  // The moments are no good if they all fall between two transactions.
  CHECK(in_a_transaction > 20);
}

TEST_CASE("whenever the processor of a transfer and a broker die together, each input has one output in the end") {
  constexpr std::int64_t payments = 12;
  for (std::int64_t moment = 0; moment < 60; ++moment) {
    Scenario plan = transfer_plan(static_cast<std::uint64_t>(moment), payments);
    const Duration at = Duration::us(250'000 + moment * 33'013);
    plan.faults.push_back(processor_dies(at));
    plan.faults.push_back(broker_dies("b" + std::to_string(moment % 3 + 1), at + Duration::us(moment % 5 * 700)));
    INFO("seed " << moment << ", dies at " << at.us() << " us");
    check_exactly_once(run_scenario(std::move(plan)).result, payments);
  }
}

TEST_CASE("a rule of transfers that an application does not keep is reported by what it breaks, and not without it") {
  struct Planted {
    const char* name;
    const char* value;
    const char* violation;
  };
  const Planted planted = GENERATE(Planted{"application.transfer_offsets", "outside", "transferred-twice"},
                                   Planted{"application.transfer_after_abort", "go_on", "not-transferred"},
                                   Planted{"application.transfer_after_restart", "position", "not-transferred"});
  INFO(planted.name << "=" << planted.value);
  bool found = false;
  for (std::uint64_t seed = 0; seed < 200 && !found; ++seed) {
    Scenario plan = troubled_transfer_plan(seed);
    plan.producers[1].behaviour[planted.name] = planted.value;
    found = reports(run_scenario(std::move(plan)).result, planted.violation);
    if (found) CHECK_FALSE(reports(run_scenario(troubled_transfer_plan(seed)).result, planted.violation));
  }
  CHECK(found);
}

TEST_CASE("deaths, elections and refused batches together leave each input with one output") {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    INFO("seed " << seed);
    check_exactly_once(run_scenario(troubled_transfer_plan(seed)).result, 12);
  }
}

}  // namespace linger::scenarios

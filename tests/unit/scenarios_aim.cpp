#include <array>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "scenarios/random_aim.h"
#include "scenarios/random_faults.h"
#include "scenarios/random_plan.h"
#include "scenarios/runner.h"
#include "scenarios/situations_met.h"

namespace linger::scenarios {
namespace {

constexpr std::uint64_t pilot_seeds = 4'000;

using Table = std::vector<std::vector<std::int64_t>>;

/// How often plans without steering strike in each situation.
Table run_pilot() {
  Table table(kinds_of_fault().size(), std::vector<std::int64_t>(producer_situations * cluster_situations));
  RunOptions plain;
  plain.counterfactuals = false;
  for (std::uint64_t seed = 1; seed <= pilot_seeds; ++seed) {
    const Run run = run_scenario(unsteered_plan(seed), plain);
    for (const Situation& met : run.counters.situations) {
      const std::string_view kind = kind_of(run.setup->scenario.faults[met.fault].action);
      for (std::size_t k = 0; k < table.size(); ++k) {
        if (kinds_of_fault()[k].name != kind) continue;
        ++table[k][static_cast<std::size_t>(met.producer) * cluster_situations + static_cast<std::size_t>(met.cluster)];
      }
    }
  }
  return table;
}

char bits_of(std::int64_t count) {
  int bits = 0;
  for (; count > 0; count /= 2) ++bits;
  return "0123456789abcdefghijklmnopqrstuvwxyz"[bits];
}

}  // namespace

TEST_CASE("the table of situations has a place for each kind of fault and each situation") {
  REQUIRE(situations_met().size() == kinds_of_fault().size());
  for (const std::string_view row : situations_met()) {
    CHECK(row.size() == producer_situations * cluster_situations);
    CHECK(row.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz") == std::string_view::npos);
  }
}

TEST_CASE("of the aims that are drawn the one whose turn comes first is taken, and that is one that the pilot has seldom met") {
  const Scenario plan = unsteered_plan(1);
  std::int64_t steered = 0, unsteered = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const Dice dice{seed, sim::Name::of("aim")};
    int least = 99;
    for (std::int64_t n = 1; n <= 8; ++n) {
      const int turn = rank(draw_aim(plan, dice, n));
      CHECK(turn <= least);
      least = turn;
    }
    steered += least;
    unsteered += rank(draw_aim(plan, dice, 1));
  }
  CHECK(steered * 2 < unsteered);
}

TEST_CASE("a plan is steered by its seed alone") {
  std::uint64_t differ = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const Scenario plan = random_plan(seed);
    random_plan(seed + 1);
    CHECK(plan == random_plan(seed));
    differ += plan == unsteered_plan(seed) ? 0 : 1;
  }
  CHECK(differ > 10);
}

// Minutes: it runs the pilot and, where LINGER_REWRITE names a file, writes the rows there.
TEST_CASE("the pilot", "[.pilot]") {
  const Table table = run_pilot();
  const char* path = std::getenv("LINGER_REWRITE");
  REQUIRE(path != nullptr);
  std::ofstream out(path, std::ios::binary);
  for (const std::vector<std::int64_t>& row : table) {
    out << "      \"";
    for (const std::int64_t count : row) out << bits_of(count);
    out << "\",\n";
  }
  CHECK(out.good());
}

}  // namespace linger::scenarios

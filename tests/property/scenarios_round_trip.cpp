#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include "scenarios/random_plan.h"
#include "scenarios/scenario_reader.h"
#include "scenarios/scenario_writer.h"

using namespace linger::scenarios;

TEST_CASE("2,000 random plans: the reader finds nothing wrong, and what was written reads back as the same plan") {
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    const Scenario plan = random_plan(seed);
    const std::string written = write_scenario(plan);
    const ReadResult read = read_scenario(written);
    INFO("seed " << seed << "\n" << describe_mistakes("plan", read.mistakes) << written);
    REQUIRE(read.ok());
    REQUIRE(*read.scenario == plan);
  }
}

TEST_CASE("any bytes at all: the reader answers with a plan or with sentences") {
  const std::string good = write_scenario(random_plan(7));
  const bool held = rc::check([&good] {
    std::string text = good;
    const int changes = *rc::gen::inRange(1, 8);
    for (int i = 0; i < changes; ++i) {
      const auto at = static_cast<std::size_t>(*rc::gen::inRange(0, static_cast<int>(text.size())));
      const char byte =
          *rc::gen::oneOf(rc::gen::arbitrary<char>(), rc::gen::elementOf(std::string("{}[]\",:0123456789 ")));
      switch (*rc::gen::inRange(0, 3)) {
        case 0:
          text[at] = byte;
          break;
        case 1:
          text.insert(at, 1, byte);
          break;
        default:
          text.erase(at, 1);
      }
    }
    const ReadResult read = read_scenario(text);
    RC_ASSERT(read.ok() == read.mistakes.empty());
    if (read.ok()) RC_ASSERT(read_scenario(write_scenario(*read.scenario)).scenario == read.scenario);
  });
  CHECK(held);
}

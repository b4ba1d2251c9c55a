#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "broker_model/broker_behaviour.h"
#include "producer/producer_behaviour.h"
#include "scenarios/scenario_reader.h"
#include "scenarios/zoo.h"

namespace linger::scenarios {
namespace {

const std::filesystem::path root = LINGER_SOURCE_DIR;

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE(
    "each bug of the zoo is reported by its checker in its own scenario, with the numbers that it is known for, and "
    "not without it") {
  for (const ZooBug& bug : zoo()) {
    INFO(bug.id);
    for (const std::string& sentence : own_scenario_mistakes(bug)) FAIL_CHECK(sentence);
  }
}

TEST_CASE("the zoo and its folder hold the same scenarios, and in each of them one switch is at its historical value") {
  std::set<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(root / "scenarios" / "zoo"))
    files.insert(entry.path().filename().string());
  CHECK(files.size() == zoo().size());
  for (const ZooBug& bug : zoo()) {
    INFO(bug.id);
    CHECK(files.contains(std::string(bug.file)));
    CHECK(bug.file.starts_with(std::string(bug.id) + "-"));
    CHECK((zoo_file(bug.file) == text_of(root / "scenarios" / "zoo" / bug.file)));
    const ReadResult read = read_scenario(zoo_file(bug.file));
    REQUIRE(read.ok());
    CHECK(read.warnings.empty());
    const Scenario plan = *read.scenario;
    Behaviours switches = plan.cluster.behaviour;
    for (const ProducerSpec& producer : plan.producers)
      switches.insert(producer.behaviour.begin(), producer.behaviour.end());
    CHECK(switches == Behaviours{{std::string(bug.behaviour), std::string(bug.historical)}});
    CHECK(std::all_of(plan.faults.begin(), plan.faults.end(), [](const Fault& fault) { return fault.must_hit; }));
    CHECK(plan.final_phase);
    CHECK(!plan.until);
  }
}

TEST_CASE("no checker knows a switch") {
  std::vector<std::string> names;
  for (const broker::BehaviourField& field : broker::behaviour_fields()) names.emplace_back(field.name);
  for (const ProducerBehaviourField& field : producer_behaviours()) names.emplace_back(field.name);
  for (const char* file : {"checkers.h", "checkers.cpp", "transfer_judge.h", "transfer_judge.cpp", "evidence.h",
                           "ghost_state.h", "ghost_state.cpp", "collect_evidence.cpp", "collect_transfers.cpp"}) {
    const std::string text = text_of(root / "scenarios" / file);
    REQUIRE(!text.empty());
    INFO(file);
    CHECK(text.find("ehaviour") == std::string::npos);
    for (const std::string& name : names) {
      INFO(name);
      CHECK(text.find(name) == std::string::npos);
    }
  }
}

}  // namespace linger::scenarios

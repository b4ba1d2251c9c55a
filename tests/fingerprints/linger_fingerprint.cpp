// Prints the fingerprint of every scenario in the folders and files that it is given, of a few random plans, and of a copy of each world that was taken on
// the way. Small on purpose: it is built three times, by two compilers and at two levels of optimisation.
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "scenarios/random_plan.h"
#include "scenarios/runner.h"
#include "scenarios/scenario_reader.h"
#include "sim/draw.h"

namespace {

using namespace linger::scenarios;

std::uint64_t finish(Runner& runner) {
  runner.run_to_end();
  return runner.world().fingerprint();
}

bool print(const std::string& name, const Scenario& scenario) {
  const auto setup = prepare(scenario);
  Runner whole{setup};
  const std::uint64_t fingerprint = finish(whole);
  const std::uint64_t events = whole.world().counters().events;
  // A copy from a drawn moment must end as the original does.
  Runner original{setup};
  const auto moment = linger::sim::uniform(linger::sim::Name::of(name).value(), 1, static_cast<std::int64_t>(events));
  while (original.world().counters().events < static_cast<std::uint64_t>(moment) && original.step()) {
  }
  Runner copy = original;
  const bool same = finish(copy) == fingerprint && finish(original) == fingerprint;
  std::cout << hex64(fingerprint) << ' ' << events << ' ' << name << (same ? "" : "  THE COPY OR THE SECOND RUN DIFFERS") << '\n';
  return same;
}

}  // namespace

int main(int count, char** words) {
  std::vector<std::filesystem::path> files;
  for (int i = 1; i < count; ++i) {
    for (const auto& entry : std::filesystem::directory_iterator(words[i])) {
      if (entry.path().extension() == ".json") files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  bool all_same = !files.empty();
  for (const auto& file : files) {
    const ReadResult read = read_scenario_file(file);
    if (!read.scenario) {
      std::cerr << describe_mistakes(file.filename().string(), read.mistakes);
      return 2;
    }
    all_same = print(file.filename().string(), *read.scenario) && all_same;
  }
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    Scenario plan = random_plan(seed);
    // Compressed sizes depend on the codecs' versions, which are not what is compared here.
    for (ProducerSpec& producer : plan.producers) producer.config.erase("compression.type");
    all_same = print(plan.title, plan) && all_same;
  }
  return all_same ? 0 : 1;
}

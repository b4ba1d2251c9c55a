#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "scenarios/runner.h"
#include "scenarios/scenario_reader.h"
#include "scenarios/trace_kinds.h"
#include "sim/draw.h"

using namespace linger;
using namespace linger::scenarios;

namespace {

const std::filesystem::path library = std::filesystem::path(LINGER_SOURCE_DIR) / "scenarios" / "library";

/// A trace file holds so many lines; what comes after them is only counted.
constexpr std::size_t lines_in_full = 200;

std::vector<std::filesystem::path> library_files() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(library)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  REQUIRE(files.size() >= 23);
  return files;
}

Scenario load(const std::filesystem::path& file) {
  ReadResult read = read_scenario_file(file.string());
  INFO(describe_mistakes(file.string(), read.mistakes));
  REQUIRE(read.ok());
  CHECK(describe_mistakes(file.string(), read.warnings, "warning").find("1 warning") == std::string::npos);
  return *std::move(read.scenario);
}

Run run_traced(const Scenario& scenario) {
  RunOptions options;
  options.keep_trace = true;
  return run_scenario(scenario, options);
}

/// What a reader of the story wants to see: of the network only what a fault did, and no bookkeeping.
bool matters(const sim::TraceRecord& record) {
  static const std::set<std::string_view> of_the_network{"lost", "held",    "reset",      "late",    "cut",    "healed",
                                                         "crash", "restart", "power_lost", "paused", "resumed"};
  static const std::set<std::string_view> bookkeeping{"metadata_applied", "request_sent", "buffer_released", "partition_chosen",
                                                      "batch_created",    "batch_closed", "high_watermark",  "flushed"};
  const std::string_view name = trace_kinds().info(record.kind).name;
  if (trace_kinds().layer_of(record.kind) == "sim") return of_the_network.contains(name);
  return !bookkeeping.contains(name);
}

std::string story(const Run& run) {
  std::string text;
  std::size_t lines = 0;
  std::map<std::string_view, std::int64_t> more;
  for (std::uint64_t i = 0; i < run.trace.stored(); ++i) {
    const sim::TraceRecord& record = run.trace.at(i);
    if (!matters(record)) continue;
    if (++lines > lines_in_full) {
      ++more[trace_kinds().info(record.kind).name];
      continue;
    }
    text += trace_kinds().describe(record, run.trace, run.setup->hosts) + "\n";
  }
  if (!more.empty()) text += "and then:\n";
  for (const auto& [name, count] : more) text += std::to_string(count) + " " + std::string(name) + "\n";
  return text;
}

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// The first line in which two texts differ, for a message that can be read.
std::string first_difference(const std::string& expected, const std::string& found) {
  std::istringstream a(expected);
  std::istringstream b(found);
  std::string line_a;
  std::string line_b;
  for (int number = 1;; ++number) {
    const bool more_a = static_cast<bool>(std::getline(a, line_a));
    const bool more_b = static_cast<bool>(std::getline(b, line_b));
    if (!more_a && !more_b) return "no difference";
    if (more_a != more_b || line_a != line_b) {
      return "line " + std::to_string(number) + "\n  expected: " + (more_a ? line_a : "the end") + "\n  found:    " + (more_b ? line_b : "the end");
    }
  }
}

}  // namespace

TEST_CASE("each file of the library meets what it expects, and every fault in it strikes") {
  for (const auto& file : library_files()) {
    INFO(file.filename().string());
    const Scenario scenario = load(file);
    CHECK(!scenario.title.empty());
    CHECK(!scenario.teaches.empty());
    CHECK(scenario.final_phase);
    CHECK(!scenario.until);
    CHECK(!scenario.expect.counts.empty());
    REQUIRE(!scenario.faults.empty());
    const RunResult result = run_scenario(scenario).result;
    for (const std::string& sentence : result.unmet) FAIL_CHECK(sentence);
    for (const Violation& violation : result.violations) FAIL_CHECK(violation.name + ": " + violation.detail);
    REQUIRE(result.faults.size() == scenario.faults.size());
    for (const FaultResult& fault : result.faults) {
      INFO(fault.id);
      CHECK(fault.must_hit);
      CHECK(fault.hits > 0);
    }
    const bool known = file.stem() == "kafka-14034-known-defect";
    CHECK(result.known_defects.empty() == !known);
    for (const KnownDefect& defect : result.known_defects) CHECK(defect.issue == "KAFKA-14034");
  }
}

TEST_CASE("each file of the library goes as its recorded trace says") {
  const bool rewrite = std::getenv("LINGER_REWRITE") != nullptr;
  for (const auto& file : library_files()) {
    INFO(file.filename().string());
    const std::string found = story(run_traced(load(file)));
    std::filesystem::path golden = file;
    golden.replace_extension(".trace");
    if (rewrite) {
      std::ofstream(golden, std::ios::binary) << found;
      continue;
    }
    REQUIRE(std::filesystem::exists(golden));
    const std::string expected = text_of(golden);
    INFO(first_difference(expected, found));
    CHECK((expected == found));
  }
}

TEST_CASE("two runs in one process, and one without a trace, are the same run") {
  for (const auto& file : library_files()) {
    INFO(file.filename().string());
    const Scenario scenario = load(file);
    const Run first = run_traced(scenario);
    const Run second = run_traced(scenario);
    const Run plain = run_scenario(scenario);
    CHECK(first.result.fingerprint == second.result.fingerprint);
    CHECK(first.trace.hash() == second.trace.hash());
    CHECK(to_json(first.result, false) == to_json(second.result, false));
    CHECK(to_json(first.result, false) == to_json(plain.result, false));
  }
}

TEST_CASE("a copy of the world taken at a drawn moment ends as the original does") {
  for (const auto& file : library_files()) {
    INFO(file.filename().string());
    const auto setup = prepare(load(file));
    Runner whole{setup};
    std::uint64_t steps = 0;
    while (whole.step()) ++steps;
    const std::string json = to_json(whole.judge(), false);
    for (std::uint64_t copies = 0; copies < 3; ++copies) {
      const std::uint64_t drawn = sim::draw(sim::Seed{20260101}, sim::Stream::of("copy"), sim::Name::of(file.stem().string()), copies);
      const std::uint64_t moment = drawn % steps;
      INFO("copied after " << moment << " of " << steps << " steps");
      Runner original{setup, sim::Trace::Mode::on};
      for (std::uint64_t i = 0; i < moment; ++i) original.step();
      Runner copy = original;
      // Side by side: whatever the two shared by mistake would be moved twice.
      bool more_original = true;
      bool more_copy = true;
      while (more_original || more_copy) {
        if (more_original) more_original = original.step();
        if (more_copy) more_copy = copy.step();
      }
      CHECK(original.world().fingerprint() == whole.world().fingerprint());
      CHECK(copy.world().fingerprint() == whole.world().fingerprint());
      CHECK(copy.trace().hash() == original.trace().hash());
      CHECK(to_json(original.judge(), false) == json);
      CHECK(to_json(copy.judge(), false) == json);
    }
  }
}

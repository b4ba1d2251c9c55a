#include <cassert>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "perf_scenarios.h"
#include "scenarios/explore.h"
#include "scenarios/random_plan.h"
#include "scenarios/runner.h"
#include "scenarios/scenario_reader.h"
#include "ui/cli/perf_floors.h"
#include "ui/cli/perf_rows.h"

namespace linger::cli {
namespace {

using scenarios::Scenario;

/// What a frame of the floor program takes on the reference machine: the judged frame's goal over its ratio.
constexpr double reference_floor_frame_ns = 545.0 / 4;

std::string rounded(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.0f", value);
  return text;
}

Scenario lost_ack() {
  auto read = scenarios::read_scenario(perf_scenario_lost_ack);
  assert(read.ok());
  Scenario plan = *std::move(read.scenario);
  plan.expect = {};
  return plan;
}

/// The floor of a unit that takes so many frames: those of the floor program.
double floor_of_frames(double frames) {
  return frames * median_ns(floor_run(10, 10, 100), [] { keep(floor_run(10, 10, 100)); });
}

PerfRow row_of_runs(std::string name, double frames, double goal_ns) {
  PerfRow row{std::move(name), "run", 0, 0, goal_ns, goal_ns / (reference_floor_frame_ns * frames), {}};
  row.floor = floor_of_frames(frames);
  return row;
}

/// Plans with at most 200 records, drawn and run as a sweep does it.
void add_swarm_row(std::vector<PerfRow>& rows) {
  constexpr std::size_t plans = 40;
  constexpr std::int64_t most_records = 200;
  std::vector<std::uint64_t> seeds;
  std::uint64_t frames = 0, events = 0;
  for (std::uint64_t seed = 1; seeds.size() < plans; ++seed) {
    const scenarios::RunResult result = scenarios::run_scenario(scenarios::random_plan(seed)).result;
    if (result.counts.sent > most_records) continue;
    seeds.push_back(seed);
    frames += result.frames;
    events += result.events;
  }
  PerfRow row = row_of_runs("swarm: a random plan of at most 200 records, drawn and judged",
                            static_cast<double>(frames) / plans, 100'000);
  row.ours = median_ns(plans, [&] {
    for (const std::uint64_t seed : seeds)
      keep(scenarios::run_scenario(scenarios::random_plan(seed)).result.fingerprint);
  });
  row.remark = rounded(1e9 / row.ours) + " runs/s a core; " + std::to_string(frames / plans) + " frames and " +
               std::to_string(events / plans) + " events a run";
  rows.push_back(std::move(row));
}

/// Every fate of one fault in lost-ack.json without the fault that it has.
void add_explore_row(std::vector<PerfRow>& rows) {
  Scenario plan = lost_ack();
  plan.faults.clear();
  scenarios::ExploreOptions options;
  options.faults = 1;
  options.leader_changes = 0;
  options.ties = 0;
  const scenarios::Exploration once = scenarios::explore(plan, options);
  const double frames_a_run = static_cast<double>(scenarios::run_scenario(plan).result.frames);
  const double frames = frames_a_run * static_cast<double>(once.judged) / static_cast<double>(once.states);
  PerfRow row{"explore, library/lost-ack.json with any one fault", "state", 0, floor_of_frames(frames), 10'000,
              10'000 / (reference_floor_frame_ns * frames),        {}};
  row.ours = median_ns(static_cast<std::uint64_t>(once.states),
                       [&] { keep(static_cast<std::uint64_t>(scenarios::explore(plan, options).runs)); });
  row.remark = rounded(1e9 / row.ours) + " states/s; " + std::to_string(once.states) + " states, " +
               std::to_string(once.runs) + " runs, " + std::to_string(once.judged) + " of them judged";
  rows.push_back(std::move(row));
}

/// What shrinking does ten thousand times: a plan that is a little simpler is looked up and run.
void add_shrink_row(std::vector<PerfRow>& rows) {
  const Scenario plan = lost_ack();
  scenarios::RunOptions plain;
  plain.counterfactuals = false;
  const double frames = static_cast<double>(scenarios::run_scenario(plan, plain).result.frames);
  PerfRow row = row_of_runs("shrink: a plan like library/lost-ack.json looked up and run again", frames, 30'000);
  row.ours = median_ns(10, [&] {
    for (int n = 0; n < 10; ++n) keep(scenarios::run_scenario(plan, plain).result.fingerprint);
  });
  row.remark = "10,000 of them in " + rounded(row.ours * 1e4 / 1e6) + " ms";
  rows.push_back(std::move(row));
}

}  // namespace

void add_search_rows(std::vector<PerfRow>& rows) {
  add_swarm_row(rows);
  add_explore_row(rows);
  add_shrink_row(rows);
}

}  // namespace linger::cli

#pragma once

#include <cstdint>
#include <functional>

#include "scenarios/finding.h"
#include "scenarios/result.h"
#include "scenarios/scenario.h"

namespace linger::scenarios {

/// What somebody who reads a plan has to follow: its workload steps and its faults.
std::int64_t plan_steps(const Scenario& plan);

/// How far a search for a smaller plan is.
struct ShrinkProgress {
  std::int64_t runs = 0;
  std::int64_t steps = 0;  ///< of the smallest plan so far
};

struct ShrinkOptions {
  /// Plans that are run at most; the smallest so far is returned then.
  std::int64_t most_runs = 20'000;
  /// Settings, behaviours, brokers and replicas stay: for stories about a configuration.
  bool keep_settings = false;
  /// Told after each run.
  std::function<void(const ShrinkProgress&)> progress;
  /// Asked after each run; true ends the search with the smallest plan so far.
  bool (*interrupted)() = nullptr;
};

struct Shrunk {
  Scenario plan;
  RunResult result;             ///< of that plan
  std::int64_t runs = 0;
  std::int64_t smaller = 0;     ///< changes that were kept
  bool at_fixed_point = false;  ///< no single change makes it smaller; false: out of runs, or interrupted
};

/// Looks for the smallest plan that still shows `finding`: the same checker reports the same class. First faults, workload, producers, consumers,
/// topics and settings are left out, many at a time and then one by one (delta debugging, Zeller and Hildebrandt, TSE 2002), then what is left is made
/// simpler (fewer brokers, partitions and records, defaults for settings, one request in flight, shorter and rounder times), until no single change
/// is possible. Draws are keyed by name, so what stays keeps its luck. What the author expected of the plan is left out. Faults that remain are marked
/// must_hit. Requires a plan in which the reader finds no mistake and whose run shows `finding`.
Shrunk shrink(Scenario plan, const Finding& finding, const ShrinkOptions& options = {});

}  // namespace linger::scenarios

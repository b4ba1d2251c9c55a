#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "scenarios/scenario.h"

/// What can be left out of a plan and what can be said more simply: the steps of shrink.h. Nothing here runs a plan. A candidate may be illegal, or
/// equal to what it was made from: whoever tries it looks.
namespace linger::scenarios {

/// Things of one kind in a plan that can be left out, numbered through.
struct Part {
  std::size_t (*count)(const Scenario&);
  /// Requires first + n <= count.
  void (*erase)(Scenario&, std::size_t first, std::size_t n);
  bool settings = false;  ///< they are settings or behaviours
};
/// Faults, producers, threads, workload steps, consumers, topics, links, initial state, settings, behaviours; what takes most with it first.
const std::vector<Part>& parts_of_plan();

/// Simpler plans that differ in the place of this number, the simplest first. An empty list: there is no such place. Where there is nothing simpler, the list
/// holds the plan itself.
using Simplification = std::function<std::vector<Scenario>(const Scenario&, std::size_t place)>;
const std::vector<Simplification>& simplifications();

/// Shorter and rounder times than this one, the simplest first: whole powers of ten and fewer digits. Each is simpler than `time`, so that a chain of
/// them ends.
std::vector<Duration> simpler_times(Duration time);
/// The same for numbers of things of which there is at least `least`: least, then by halves.
std::vector<std::int64_t> simpler_counts(std::int64_t count, std::int64_t least);

}  // namespace linger::scenarios

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "scenarios/runner.h"

namespace linger::report {

/// What one run did at the place where two runs part.
struct Parting {
  bool there = false;  ///< false: nothing more came in this run
  sim::SimTime at;
  std::uint64_t record = 0;  ///< index in its trace
  std::string what;          ///< in the trace's words
  std::string why;
};

/// Where two runs part, told from both sides.
struct Divergence {
  Parting one;
  Parting other;
  sim::SimTime at() const { return one.there && (!other.there || one.at <= other.at) ? one.at : other.at; }
};

/// The first message that only one of the runs sends, or sends otherwise. Requires traces.
std::optional<Divergence> first_different_message(const scenarios::Run& one, const scenarios::Run& other);

/// The first outcome that differs before the final phase: what a log came to hold, what was recognised or refused, what
/// an application was told. Times and the cutting into batches do not count. Requires traces.
std::optional<Divergence> first_different_outcome(const scenarios::Run& one, const scenarios::Run& other);

}  // namespace linger::report

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "scenarios/runner.h"

namespace linger::cli {

/// What one run did at the place where two runs part.
struct Parting {
  bool there = false;  ///< false: nothing more came in this run
  sim::SimTime at;
  std::uint64_t record = 0;  ///< index in its trace
  std::string what;          ///< in words
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

/// Why that record fared so, for a parting that is about one which did not fare as it should: a sentence or two of
/// `linger explain`; else what the parting says itself. Requires a run made with options_to_explain.
std::string explained(const scenarios::Run& run, const Parting& parting);

/// The first outcome that differs before the final phase: what a log came to hold, what was recognised or refused, what
/// an application was told. Times and the cutting into batches do not count. Requires traces.
std::optional<Divergence> first_different_outcome(const scenarios::Run& one, const scenarios::Run& other);

}  // namespace linger::cli

#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/question.h"
#include "scenarios/runner.h"

namespace linger::scenarios {

/// A change to a plan: values at JSON Pointers, as `--set` takes them, or a fault that is left out.
struct Change {
  std::vector<std::pair<std::string, std::string>> set;
  std::string without_fault;  ///< its id; empty: none
};

/// A change after which the same run, with the same seed and the same plan for all the rest, was made once more and
/// showed nothing of the kind.
struct Prevention {
  Change change;
  std::int64_t before = 0;  ///< records concerned in the run as it is; after the change: none
  Counts counts_before;
  Counts counts_after;
  bool faults_missed = false;  ///< a fault that hit before finds nothing to hit any more
};

/// The plan with the change. Mistakes that the reader would find are not looked for.
Scenario changed(const Scenario& plan, const Change& change);

/// Settings that could prevent this, the likeliest first.
std::vector<Change> settings_against(const Setup& setup, Question question, std::uint32_t producer);
/// Changes that could prevent this, settings first, the likeliest first; of faults, those that struck anything.
std::vector<Change> candidates(const Run& run, Question question, std::uint32_t producer);

/// Runs the candidates, those that the reader accepts, until `most` of them have prevented it, at most `most_runs`
/// times.
class PreventionSearch {
 public:
  /// Requires that somebody in `run` is concerned by `question`. `run` must live as long as this.
  PreventionSearch(const Run& run, Question question, std::uint32_t producer);

  std::vector<Prevention> search(std::size_t most = 3, bool (*interrupted)() = nullptr);
  /// The faults without which nothing of the kind would have been: indices in the plan. Runs the plan once for each
  /// fault, the first `most_faults` that struck.
  std::vector<std::size_t> decisive_faults(bool (*interrupted)() = nullptr);

  static constexpr std::int64_t most_runs = 40;
  static constexpr std::size_t most_faults = 12;

 private:
  struct Outcome {
    bool valid = false;
    bool prevents = false;
    Prevention prevention;
  };
  const Outcome& outcome_of(const Change& change);

  const Run& run_;
  Question question_;
  std::uint32_t producer_;
  std::int64_t runs_ = 0;
  std::vector<std::pair<std::string, Outcome>> done_;
};

}  // namespace linger::scenarios

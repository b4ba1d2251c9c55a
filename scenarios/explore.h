#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "protocol/api_key.h"
#include "scenarios/finding.h"
#include "scenarios/scenario.h"
#include "sim/time.h"

namespace linger::scenarios {

/// How far a search goes and when it stops before its end.
struct ExploreOptions {
  std::int32_t faults = 2;          ///< fates other than delivery along one run
  std::int32_t leader_changes = 1;  ///< orderly ones along one run, beside the faults
  std::int32_t ties = 1;            ///< events of one moment at one host, one of them a message, in another order than that of their numbers, so often along one run
  sim::Duration from;               ///< messages that arrive before this moment are delivered
  std::vector<ApiKey> apis = {ApiKey::produce};  ///< whose requests and answers have fates
  bool leader_changes_are_faults = false;  ///< they count among the faults, and `leader_changes` says nothing
  /// Of the fates along the way without faults only every `parts`-th is followed, beginning with number `part` (from 0); all parts together are the whole. The way
  /// without faults itself belongs to part 0.
  std::uint32_t part = 0, parts = 1;
  bool merge = true;                ///< states that are equal are gone on with once (protocol_state.h)
  std::int64_t most_states = 1'000'000;  ///< remembered at most: the limit of memory
  /// Asked now and then; true ends the search with what there is.
  std::function<bool()> stop;
  std::function<void(std::int64_t runs, double covered)> progress;
};

/// One way in which runs can end, as far as anybody can tell: what became of every record, and what was broken.
struct ExploredOutcome {
  std::vector<Finding> findings;
  std::string fates;         ///< a word for each record: `acked-present`, `acked-lost x2`
  std::int32_t faults = 0;   ///< the least number of them after which a run ended so
  std::int64_t runs = 0;     ///< that ended so
  Scenario plan;             ///< one with so few: run again, it ends so
};

/// The longest that an acknowledgement took with so many faults.
struct SlowestAnswer {
  sim::Duration time;
  Scenario plan;
};

struct Exploration {
  std::int64_t choices = 0;        ///< moments at which a run could go on in more than one way
  std::int64_t runs = 0;           ///< ways through all choices that were followed to their end, or to a state that was followed before
  std::int64_t merged = 0;         ///< of these, those that met such a state
  std::int64_t states = 0;         ///< distinct ones
  std::int64_t judged = 0;         ///< runs that went through the final phase
  std::map<std::string, std::int64_t> fates;  ///< how often each fate was given to a message
  std::vector<ExploredOutcome> outcomes;      ///< in order of (faults, first met)
  std::vector<SlowestAnswer> slowest;         ///< by number of faults
  std::vector<std::int64_t> runs_by_faults;
  bool complete = false;
  double covered = 0;  ///< of all ways through the choices, each choice's ways weighing the same; 1 when complete
};

/// Follows every fate of every request and answer of the plan's producers up to the given number of faults, and every order of ties in which a message takes part. At each choice the world is copied; each
/// copy goes on under a plan with the faults of its fate, so that every end has a plan that gives it again. Requires a plan in which the reader found no mistake.
Exploration explore(const Scenario& plan, const ExploreOptions& options = {});

}  // namespace linger::scenarios

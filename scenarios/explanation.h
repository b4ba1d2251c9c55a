#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/event_graph.h"
#include "scenarios/prevention.h"
#include "scenarios/question.h"
#include "scenarios/record_journey.h"

namespace linger::scenarios {

/// One event of a chain, and the trace record that says what is to be told of it.
struct Link {
  EventIndex event = 0;
  std::uint64_t record = 0;  ///< index in the trace
};

/// A shortest path of the event graph from something that nobody caused (a fault, an election, the application) to an
/// event that made the fate.
struct Strand {
  EventPath path;
};

/// Why a record fared as it did.
struct Explanation {
  Question question = Question::nothing;
  RecordIndex record = no_record;
  RecordIndex other =
      no_record;  ///< reordered: the earlier record that was overtaken; sent again: the one that it repeats
  RecordJourney journey;
  RecordJourney other_journey;
  std::shared_ptr<EventGraph> graph;  ///< of the whole run
  std::vector<Strand> strands;        ///< the last one ends with the event that made the fate
  EventIndex fate = 0;
  std::optional<std::uint64_t> destroyed;  ///< lost: what took the last copy, index in the trace
  std::vector<Link> links;                 ///< of all strands, in the order of the run, what is worth telling
  std::vector<std::size_t> faults;         ///< without which the fate would have been another: indices in the plan
  std::vector<Prevention> preventions;
};

struct ExplainOptions {
  std::optional<Question> question;  ///< else what is most wrong with the record
  bool faults = true;                ///< run the same plan without each of its faults, to see which of them matter
  bool preventions = true;           ///< run the same plan with one change each
  bool (*interrupted)() = nullptr;
};

/// Requires a run that kept its frames and its events, and a record of its ledger.
Explanation explain_record(const Run& run, RecordIndex record, const ExplainOptions& options = {});

/// How a run must be made so that its records can be explained.
RunOptions options_to_explain();

/// At most so many links are told.
inline constexpr std::size_t links_at_most = 8;

}  // namespace linger::scenarios

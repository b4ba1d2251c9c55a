#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <vector>

#include "scenarios/explanation.h"
#include "scenarios/random_plan.h"
#include "scenarios/trace_kinds.h"
#include "sim/trace_kinds.h"

using namespace linger;
using namespace linger::scenarios;

namespace {

using BrokerKind = broker::Observation::Kind;

/// How many edges lead from one event to another at least, counted over the bare list of edges; -1: none do.
std::int64_t distance(const EventGraph& graph, EventIndex from, EventIndex to) {
  std::map<EventIndex, std::vector<EventIndex>> next;
  const auto [first, last] = boost::edges(graph.graph());
  for (auto edge = first; edge != last; ++edge)
    next[static_cast<EventIndex>(boost::source(*edge, graph.graph()))].push_back(
        static_cast<EventIndex>(boost::target(*edge, graph.graph())));
  std::map<EventIndex, std::int64_t> seen{{from, 0}};
  for (std::deque<EventIndex> open{from}; !open.empty(); open.pop_front()) {
    for (const EventIndex one : next[open.front()]) {
      if (seen.try_emplace(one, seen[open.front()] + 1).second) open.push_back(one);
    }
  }
  return seen.contains(to) ? seen[to] : -1;
}

bool holds(const Run& run, const EventGraph& graph, EventIndex event, auto agrees) {
  const EventGraph::Records records = graph.records_of(event);
  for (std::uint64_t r = records.first; r < records.end; ++r) {
    if (agrees(run.trace.at(r))) return true;
  }
  return false;
}

/// What may begin a chain: a fault, an election, the application, or the writing that another strand has told of.
bool is_root(const Run& run, const Explanation& explanation, EventIndex event) {
  const bool known = holds(run, *explanation.graph, event, [](const sim::TraceRecord& r) {
    return r.kind == trace_kind(AppTrace::fault_strikes) || r.kind == trace_kind(AppTrace::fault_hits) ||
           r.kind == trace_kind(AppTrace::app_send) || r.kind == trace_kind(AppTrace::app_restarted) ||
           r.kind == trace_kind(BrokerKind::leader_elected) || r.kind == trace_kind(BrokerKind::unclean_election);
  });
  if (known) return true;
  return std::any_of(explanation.strands.begin(), explanation.strands.end(),
                     [&](const Strand& s) { return s.path.back() == event && s.path.size() > 1; });
}

void check_chain(const Run& run, const Explanation& explanation) {
  const EventGraph& graph = *explanation.graph;
  REQUIRE(!explanation.strands.empty());
  CHECK(explanation.strands.back().path.back() == explanation.fate);
  for (const Strand& strand : explanation.strands) {
    for (std::size_t i = 1; i < strand.path.size(); ++i) {
      CHECK(graph.edge(strand.path[i - 1], strand.path[i]).has_value());
      CHECK(run.events[strand.path[i - 1]].at <= run.events[strand.path[i]].at);
    }
    CHECK(distance(graph, strand.path.front(), strand.path.back()) ==
          static_cast<std::int64_t>(strand.path.size()) - 1);
    CHECK(is_root(run, explanation, strand.path.front()));
  }
  REQUIRE(!explanation.links.empty());
  CHECK(explanation.links.back().event == explanation.fate);
  for (std::size_t i = 1; i < explanation.links.size(); ++i) {
    CHECK(run.trace.at(explanation.links[i - 1].record).at <= run.trace.at(explanation.links[i].record).at);
    CHECK(explanation.links[i - 1].record < explanation.links[i].record);
  }
}

}  // namespace

TEST_CASE("In random plans every chain is a shortest path from something that began it to the record's fate") {
  std::set<Question> met;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const Run run = run_scenario(random_plan(seed), options_to_explain());
    std::set<Question> here;
    for (RecordIndex record = 0; record < run.ledger.records.size(); ++record) {
      const Question question = question_of(run, record);
      if (question == Question::nothing || !here.insert(question).second) continue;
      INFO("seed " << seed << ", record " << record << ", " << question_name(question));
      ExplainOptions options;
      options.preventions = false;
      options.faults = here.size() == 1;  // one run a fault
      check_chain(run, explain_record(run, record, options));
      met.insert(question);
    }
  }
  CHECK(met.size() >= 6);
}

TEST_CASE("In random plans the copies that a journey finds are those that the log holds") {
  std::int64_t written_twice = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const Run run = run_scenario(random_plan(seed), options_to_explain());
    const JourneyReader reader(run);
    std::int64_t looked_at = 0;
    for (RecordIndex record = 0; record < run.ledger.records.size() && looked_at < 30; ++record) {
      const RecordFate& fate = run.result.fates[record];
      if (fate.offset < 0) continue;
      ++looked_at;
      const RecordJourney journey = reader.journey_of(record);
      INFO("seed " << seed << ", record " << record);
      const bool found = std::any_of(journey.copies.begin(), journey.copies.end(),
                                     [&](const RecordCopy& copy) { return copy.offset == fate.offset; });
      CHECK(found);
      CHECK(static_cast<std::int64_t>(journey.copies.size()) >= 1 + fate.extra_copies);
      written_twice += fate.extra_copies > 0 ? 1 : 0;
    }
  }
  CHECK(written_twice > 0);
}

TEST_CASE("A change that is said to prevent something does so when it is run once more") {
  std::int64_t checked = 0;
  for (std::uint64_t seed = 1; seed <= 60 && checked < 8; ++seed) {
    const Scenario plan = random_plan(seed);
    const Run run = run_scenario(plan, options_to_explain());
    const RecordIndex record = worst_record(run);
    if (record == no_record || question_of(run, record) > Question::failed) continue;
    const Explanation explanation = explain_record(run, record);
    CHECK(explanation.preventions.size() <= 3);
    for (const Prevention& prevention : explanation.preventions) {
      INFO("seed " << seed << ", record " << record << ", " << question_name(explanation.question));
      RunOptions options;
      options.counterfactuals = false;
      const Run other = run_scenario(changed(plan, prevention.change), options);
      CHECK(concerned(run, explanation.question) == prevention.before);
      CHECK(prevention.before > 0);
      CHECK(concerned(other, explanation.question) == 0);
      CHECK(other.result.counts.acked == prevention.counts_after.acked);
      CHECK(other.result.counts.failed == prevention.counts_after.failed);
      ++checked;
    }
  }
  CHECK(checked >= 4);
}

#pragma once

#include <boost/graph/adjacency_list.hpp>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "scenarios/runner.h"

namespace linger::scenarios {

/// How one event leads to another.
enum class EdgeKind : std::uint8_t {
  cause,  ///< it scheduled the other, or sent the message that the other brings, or decided what the other does
  order,  ///< deliveries on one connection in one direction: the later message was under way and had to wait for the
          ///< earlier one
  state,  ///< it left something (a log, a leader, a batch, a link, a process) as the other meets it
};
/// "cause", "order", "state".
std::string_view edge_kind_name(EdgeKind kind);

/// Index of an event in the order of the run.
using EventIndex = std::uint32_t;

/// From one event to the next, ending where it was asked to; at least one event.
using EventPath = std::vector<EventIndex>;

/// The events of a run and what led to what: a Boost graph whose vertices are the events in their order. Edges go
/// forward in that order alone, so it has no cycle. docs/explain.md says which states edges stand for.
class EventGraph {
 public:
  using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::bidirectionalS, boost::no_property, EdgeKind>;

  /// Requires a run that kept its events.
  explicit EventGraph(const Run& run);

  const Graph& graph() const { return graph_; }
  std::size_t size() const { return boost::num_vertices(graph_); }

  /// The event in which this trace record was written.
  EventIndex event_of(std::uint64_t record) const;
  /// The records of an event, by index in the trace: from first to behind the last.
  struct Records {
    std::uint64_t first = 0, end = 0;
  };
  Records records_of(EventIndex event) const;

  /// Notes that `from` left something as `to` meets it. Ignored unless `from` comes first.
  void add_state(EventIndex from, EventIndex to);

  /// How the one leads to the other, the first way where there are several; nothing if it does not.
  std::optional<EdgeKind> edge(EventIndex from, EventIndex to) const;

  /// The path with the fewest edges from any of `roots` to `target`; of several roots at the same distance the one that
  /// comes last. Nothing if none of them leads there.
  std::optional<EventPath> shortest_path(const std::set<EventIndex>& roots, EventIndex target) const;

 private:
  void add(EventIndex from, EventIndex to, EdgeKind kind);
  void add_causes(const Run& run);
  void add_order_of_messages(const Run& run);
  void add_states(const Run& run);

  Graph graph_;
  std::unordered_map<std::uint64_t, EventIndex> by_number_;  ///< looked up, never gone through
  std::vector<std::uint64_t> first_records_;  ///< by event, and behind the last one the number of records
};

}  // namespace linger::scenarios

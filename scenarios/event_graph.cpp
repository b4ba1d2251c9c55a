#include "scenarios/event_graph.h"

#include <algorithm>
#include <boost/graph/breadth_first_search.hpp>
#include <boost/graph/reverse_graph.hpp>
#include <cassert>
#include <map>
#include <utility>

#include "scenarios/event_states.h"
#include "scenarios/trace_kinds.h"
#include "sim/trace_kinds.h"

namespace linger::scenarios {
namespace {

constexpr EventIndex nowhere = 0xffff'ffffU;

/// Writes down how far each event is from where the search began, and by which event it was found.
class Search : public boost::default_bfs_visitor {
 public:
  Search(std::vector<std::uint32_t>& distances, std::vector<EventIndex>& next) : distances_(&distances), next_(&next) {}

  template <class Edge, class G>
  void tree_edge(const Edge& edge, const G& graph) const {
    const auto from = source(edge, graph);
    const auto to = target(edge, graph);
    (*distances_)[to] = (*distances_)[from] + 1;
    (*next_)[to] = static_cast<EventIndex>(from);
  }

 private:
  std::vector<std::uint32_t>* distances_;
  std::vector<EventIndex>* next_;
};

}  // namespace

std::string_view edge_kind_name(EdgeKind kind) {
  switch (kind) {
    case EdgeKind::cause:
      return "cause";
    case EdgeKind::order:
      return "order";
    case EdgeKind::state:
      return "state";
  }
  return "";
}

EventGraph::EventGraph(const Run& run) : graph_(run.events.size()) {
  assert(!run.events.empty());
  first_records_.reserve(run.events.size() + 1);
  for (const RunEvent& event : run.events) first_records_.push_back(event.first_record);
  first_records_.push_back(run.trace.stored());
  add_causes(run);
  add_order_of_messages(run);
  add_states(run);
}

EventIndex EventGraph::event_of(std::uint64_t record) const {
  // Events without records share their first record with the next one: the last of them wrote it.
  const auto behind = std::upper_bound(first_records_.begin(), first_records_.end() - 1, record);
  assert(behind != first_records_.begin());
  return static_cast<EventIndex>(behind - first_records_.begin() - 1);
}

EventGraph::Records EventGraph::records_of(EventIndex event) const {
  return {first_records_[event], first_records_[event + 1]};
}

void EventGraph::add(EventIndex from, EventIndex to, EdgeKind kind) {
  if (from < to) boost::add_edge(from, to, kind, graph_);
}

void EventGraph::add_state(EventIndex from, EventIndex to) {
  add(from, to, EdgeKind::state);
}

void EventGraph::add_causes(const Run& run) {
  by_number_.reserve(run.events.size());
  for (EventIndex i = 0; i < run.events.size(); ++i) {
    const RunEvent& event = run.events[i];
    const auto led = [&](sim::EventNumber number) {
      if (number == sim::no_event) return;
      const auto cause = by_number_.find(number.value());
      if (cause != by_number_.end()) add(cause->second, i, EdgeKind::cause);
    };
    led(event.cause);
    // What a host does when its turn comes was decided when the request arrived: its records say so.
    sim::EventNumber told = event.cause;
    for (std::uint64_t r = event.first_record; r < first_records_[i + 1]; ++r) {
      for (const sim::EventNumber number : {run.trace.at(r).event, run.trace.at(r).cause}) {
        if (number == event.number || number == told) continue;
        led(number);
        told = number;
      }
    }
    if (event.number != sim::no_event) by_number_.emplace(event.number.value(), i);
  }
}

void EventGraph::add_order_of_messages(const Run& run) {
  std::map<std::pair<std::int64_t, std::int64_t>, EventIndex> last;  // (connection, direction) -> last delivery
  for (EventIndex i = 0; i < run.events.size(); ++i) {
    for (std::uint64_t r = first_records_[i]; r < first_records_[i + 1]; ++r) {
      const sim::TraceRecord& record = run.trace.at(r);
      const bool held = record.kind == sim::trace_kind(sim::SimTrace::held);
      if (record.kind != sim::trace_kind(sim::SimTrace::delivered) && !held) continue;
      const auto [before, first] = last.try_emplace({record.args[0], record.args[1]}, i);
      if (first) continue;
      // Only a message that was under way already had to wait for the one before it.
      const auto sent = by_number_.find(record.cause.value());
      if (sent != by_number_.end() && sent->second < before->second) add(before->second, i, EdgeKind::order);
      before->second = i;
    }
  }
}

void EventGraph::add_states(const Run& run) {
  StateTracker tracker(run, *this);
  for (EventIndex i = 0; i < run.events.size(); ++i) tracker.look_at(i);
}

std::optional<EdgeKind> EventGraph::edge(EventIndex from, EventIndex to) const {
  const auto [found, is_there] = boost::edge(from, to, graph_);
  return is_there ? std::optional(graph_[found]) : std::nullopt;
}

std::optional<EventPath> EventGraph::shortest_path(const std::set<EventIndex>& roots, EventIndex target) const {
  if (roots.contains(target)) return EventPath{target};
  // Backwards from the target, so that one search reaches every root.
  std::vector<std::uint32_t> distances(size(), 0);
  std::vector<EventIndex> next(size(), nowhere);
  const auto backwards = boost::make_reverse_graph(graph_);
  boost::breadth_first_search(backwards, boost::vertex(target, backwards), boost::visitor(Search(distances, next)));
  EventIndex best = nowhere;
  for (const EventIndex root : roots) {
    if (next[root] == nowhere) continue;
    if (best == nowhere || distances[root] <= distances[best]) best = root;
  }
  if (best == nowhere) return std::nullopt;
  EventPath path{best};
  while (path.back() != target) path.push_back(next[path.back()]);
  return path;
}

}  // namespace linger::scenarios

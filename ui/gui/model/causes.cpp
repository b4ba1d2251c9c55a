#include "ui/gui/model/causes.h"

#include <set>

#include "scenarios/event_graph.h"
#include "scenarios/runner.h"

namespace linger::gui {
namespace {

using scenarios::EdgeKind;
using scenarios::EventIndex;

enum class Direction : std::uint8_t { back, on };

/// Goes along causes, nearest events first, to one that is drawn at another moment or in another event.
std::optional<sim::EventNumber> walk(const Session& session, sim::EventNumber event, Direction direction) {
  const auto start = session.step_of(event);
  if (!start) return std::nullopt;
  const auto& graph = session.graph().graph();
  std::set<EventIndex> waiting{static_cast<EventIndex>(*start)};
  std::set<EventIndex> seen = waiting;
  while (!waiting.empty()) {
    const auto next = direction == Direction::on ? waiting.begin() : std::prev(waiting.end());
    const EventIndex at = *next;
    waiting.erase(next);
    const sim::EventNumber number = session.run().events[at].number;
    if (at != *start && session.is_drawn(number)) return number;
    const auto add = [&](EventIndex other, EdgeKind kind) {
      if (kind == EdgeKind::cause && seen.insert(other).second) waiting.insert(other);
    };
    if (direction == Direction::on) {
      const auto [edge, end] = boost::out_edges(at, graph);
      for (auto one = edge; one != end; ++one) add(static_cast<EventIndex>(boost::target(*one, graph)), graph[*one]);
    } else {
      const auto [edge, end] = boost::in_edges(at, graph);
      for (auto one = edge; one != end; ++one) add(static_cast<EventIndex>(boost::source(*one, graph)), graph[*one]);
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<sim::EventNumber> cause_of(const Session& session, sim::EventNumber event) {
  return walk(session, event, Direction::back);
}
std::optional<sim::EventNumber> effect_of(const Session& session, sim::EventNumber event) {
  return walk(session, event, Direction::on);
}

}  // namespace linger::gui

#include "sim/event_queue.h"

#include <algorithm>
#include <cassert>

namespace linger::sim {

EventQueue::EventQueue(TiePolicy ties) : ties_(std::move(ties)) {}

std::vector<Event> EventQueue::pending() const {
  std::vector<Event> events;
  events_.for_each([&events](detail::EventKey key, const detail::EventLoad& load) {
    events.push_back(detail::event_of(key, load));
  });
  std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) { return a.before(b); });
  return events;
}

// An event shared its moment with another if that was popped just before it or is still waiting: only such events had a
// choice.
void EventQueue::record_tie(const Event& popped) {
  const bool after_another = last_.has_value() && popped.at == now_;
  const bool before_another = !empty() && next_time() == popped.at;
  if (after_another || before_another) choices_.push_back({popped.number, popped.tie_break});
  last_ = TieChoice{popped.number, popped.tie_break};
}

std::vector<TieChoice> EventQueue::choices() const {
  std::vector<TieChoice> sorted = choices_;
  std::sort(sorted.begin(), sorted.end(), [](const TieChoice& a, const TieChoice& b) { return a.number < b.number; });
  return sorted;
}

}  // namespace linger::sim

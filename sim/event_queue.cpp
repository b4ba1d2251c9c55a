#include "sim/event_queue.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace linger::sim {

EventQueue::EventQueue(TiePolicy ties) : ties_(std::move(ties)) {}

std::vector<Event> EventQueue::due_next() const {
  assert(!empty());
  const SimTime at = next_time();
  std::vector<Event> due;
  events_.for_each([&](detail::EventKey key, const detail::EventLoad& load) {
    if (detail::time_of(key) == at) due.push_back(detail::event_of(key, load));
  });
  std::sort(due.begin(), due.end(), [](const Event& a, const Event& b) { return a.before(b); });
  return due;
}

void EventQueue::postpone(std::size_t n, std::uint64_t tie_break) {
  assert(ties_.kind() != TiePolicy::Kind::fifo && n <= size() && tie_break < (std::uint64_t{1} << tie_break_bits));
  const SimTime at = next_time();
  std::vector<std::pair<Event, detail::EventLoad>> taken;
  for (; n > 0; --n) {
    const Event event = next();
    assert(event.at == at && event.tie_break < tie_break);
    taken.emplace_back(event, events_.top_load());
    events_.pop();
  }
  for (const auto& [event, load] : taken) events_.push(detail::key_of(at, tie_break, event.number.value()), load);
}

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

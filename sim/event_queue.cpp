#include "sim/event_queue.h"

#include <algorithm>
#include <cassert>

namespace linger::sim {

EventQueue::EventQueue(TiePolicy ties) : ties_(std::move(ties)) {}

EventNumber EventQueue::push(SimTime at, EventNumber cause, const EventBody& what) {
  assert(at >= now_);
  const EventNumber number{next_number_++};
  const Event event{at, ties_.tie_break(number, what), number, cause, what};
  heap_.push_back(event);
  std::size_t hole = size_++;
  while (hole > 0) {
    const std::size_t parent = (hole - 1) / 4;
    if (!event.before(heap_[parent])) break;
    heap_[hole] = heap_[parent];
    hole = parent;
  }
  heap_[hole] = event;
  return number;
}

Event EventQueue::pop() {
  assert(!empty());
  const Event first = heap_.front();
  const Event last = heap_.back();
  heap_.pop_back();
  --size_;
  if (size_ != 0) {
    std::size_t hole = 0;
    for (;;) {
      const std::size_t child = 4 * hole + 1;
      if (child >= size_) break;
      std::size_t best = child;
      for (std::size_t i = child + 1; i < std::min(child + 4, size_); ++i) {
        if (heap_[i].before(heap_[best])) best = i;
      }
      if (!heap_[best].before(last)) break;
      heap_[hole] = heap_[best];
      hole = best;
    }
    heap_[hole] = last;
  }
  if (ties_.kind() != TiePolicy::Kind::fifo) record_tie(first);
  now_ = first.at;
  return first;
}

SimTime EventQueue::next_time() const {
  return empty() ? SimTime::never() : heap_.front().at;
}

std::vector<Event> EventQueue::pending() const {
  std::vector<Event> events = heap_;
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

#include "sim/event_queue.h"

#include <algorithm>
#include <cassert>

namespace linger::sim {

namespace {

constexpr int number_bits = 64 - tie_break_bits;
constexpr std::uint64_t number_mask = (std::uint64_t{1} << number_bits) - 1;

detail::EventKey key_of(SimTime at, std::uint64_t tie_break, std::uint64_t number) {
  return (detail::EventKey{static_cast<std::uint64_t>(at.ns())} << 64) | (tie_break << number_bits) | number;
}

SimTime time_of(detail::EventKey key) {
  return SimTime::at_ns(static_cast<std::int64_t>(key >> 64));
}

Event event_of(detail::EventKey key, const detail::EventLoad& load) {
  const std::uint64_t order = static_cast<std::uint64_t>(key);
  return Event{time_of(key), order >> number_bits, EventNumber{order & number_mask}, load.cause, load.what};
}

}  // namespace

EventQueue::EventQueue(TiePolicy ties) : ties_(std::move(ties)) {}

EventNumber EventQueue::push(SimTime at, EventNumber cause, const EventBody& what) {
  assert(at >= now_);
  const std::uint64_t number = next_number_++;
  const std::uint64_t tie_break = ties_.tie_break(EventNumber{number}, what);
  assert(number <= number_mask && tie_break < (std::uint64_t{1} << tie_break_bits));
  heap_.push(key_of(at, tie_break, number), {cause, what});
  return EventNumber{number};
}

Event EventQueue::pop() {
  assert(!empty());
  const Event first = event_of(heap_.top_key(), heap_.top_load());
  heap_.pop();
  if (ties_.kind() != TiePolicy::Kind::fifo) record_tie(first);
  now_ = first.at;
  return first;
}

SimTime EventQueue::next_time() const {
  return empty() ? SimTime::never() : time_of(heap_.top_key());
}

std::vector<Event> EventQueue::pending() const {
  std::vector<Event> events;
  for (std::size_t i = 0; i < heap_.size(); ++i) events.push_back(event_of(heap_.key(i), heap_.load(i)));
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

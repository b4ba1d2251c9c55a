#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "sim/draw.h"
#include "sim/event.h"
#include "sim/event_wheel.h"

namespace linger::sim {

/// A tie-break is below 2^24 and an event's number below 2^40, so that both fit into one word of the key.
inline constexpr int tie_break_bits = 24;

namespace detail {

inline constexpr int event_number_bits = 64 - tie_break_bits;
inline constexpr std::uint64_t event_number_mask = (std::uint64_t{1} << event_number_bits) - 1;

inline EventKey key_of(SimTime at, std::uint64_t tie_break, std::uint64_t number) {
  return (EventKey{static_cast<std::uint64_t>(at.ns())} << 64) | (tie_break << event_number_bits) | number;
}
inline SimTime time_of(EventKey key) {
  return SimTime::at_ns(static_cast<std::int64_t>(key >> 64));
}
inline Event event_of(EventKey key, const EventLoad& load) {
  const std::uint64_t order = static_cast<std::uint64_t>(key);
  return Event{time_of(key), order >> event_number_bits, EventNumber{order & event_number_mask}, load.cause, load.what};
}

}  // namespace detail

/// What a plan names an event by: its number does not depend on how many others there are. Below 2^38.
inline constexpr std::uint64_t first_planned_number = std::uint64_t{1} << 38;

/// One decision about simultaneous events: the event with this number had this tie-break.
struct TieChoice {
  EventNumber number;
  std::uint64_t tie_break = 0;
  friend constexpr bool operator==(const TieChoice&, const TieChoice&) = default;
};

/// Who goes first when several events are due at the same nanosecond.
class TiePolicy {
 public:
  enum class Kind : std::uint8_t { fifo, seeded, pct, played };

  /// In the order in which they were scheduled.
  static TiePolicy fifo() { return TiePolicy{}; }
  /// In an order drawn from the seed.
  static TiePolicy seeded(Seed seed);
  /// Probabilistic concurrency testing (Burckhardt et al., ASPLOS 2010): every host has a drawn priority; at `depth` -
  /// 1 drawn moments among the first `expected_events` events, the host concerned falls behind all others. Requires
  /// depth >= 1, expected_events >= 1.
  static TiePolicy pct(Seed seed, std::uint32_t depth, std::uint64_t expected_events);
  /// As it was recorded by EventQueue::choices() of an earlier run. Events that are not named there go in the order of
  /// their numbers.
  static TiePolicy played(std::vector<TieChoice> choices);

  Kind kind() const { return kind_; }
  /// The tie-break of the event that gets this number, below 2^tie_break_bits.
  std::uint64_t tie_break(EventNumber number, const EventBody& what) {
    return kind_ == Kind::fifo ? 0 : choose(number, what);
  }

 private:
  std::uint64_t choose(EventNumber number, const EventBody& what);

  Kind kind_ = Kind::fifo;
  Seed seed_;
  std::vector<std::uint64_t> change_points_;  // pct: event numbers, ascending
  std::vector<std::uint64_t> priorities_;     // pct: by host
  std::shared_ptr<const std::vector<TieChoice>> played_;
};

/// What is going to happen, in order. A value: a copy goes on exactly as the original does. Nothing is ever taken out
/// but the first: an event that has become pointless is recognised by its receiver.
class EventQueue {
 public:
  explicit EventQueue(TiePolicy ties = TiePolicy::fifo());

  /// Schedules `what` at `at` and gives it the next number. Requires that `at` is not earlier than the last event
  /// popped.
  EventNumber push(SimTime at, EventNumber cause, const EventBody& what) {
    assert(at >= now_);
    const std::uint64_t number = next_number_++;
    const std::uint64_t tie_break = ties_.tie_break(EventNumber{number}, what);
    assert(number <= detail::event_number_mask && tie_break < (std::uint64_t{1} << tie_break_bits));
    events_.push(detail::key_of(at, tie_break, number), {cause, what});
    return EventNumber{number};
  }
  /// Schedules an event that the plan names: it gets the number first_planned_number + `which`, so that a queue to which it is added later is the one that had
  /// it from the beginning. Among events of one moment it comes last. Requires that no other event has this name.
  EventNumber push_planned(SimTime at, std::uint64_t which, const EventBody& what) {
    assert(at >= now_ && which < first_planned_number);
    const EventNumber number{first_planned_number + which};
    events_.push(detail::key_of(at, ties_.tie_break(number, what), number.value()), {no_event, what});
    return number;
  }
  /// Takes the first event out. Requires !empty().
  Event pop() {
    assert(!empty());
    const Event first = detail::event_of(events_.top_key(), events_.top_load());
    events_.pop();
    if (ties_.kind() != TiePolicy::Kind::fifo) record_tie(first);
    now_ = first.at;
    return first;
  }

  /// The event that pop() would take. Requires !empty().
  Event next() const {
    assert(!empty());
    return detail::event_of(events_.top_key(), events_.top_load());
  }
  /// Those that share the moment of the first one, in their order. Requires !empty().
  std::vector<Event> due_next() const;
  /// Gives the first `n` events the tie-break `tie_break`, so that those of the same moment with a smaller one come before them. Requires a policy that
  /// records choices, n <= size(), and that all `n` are due at the same moment with smaller tie-breaks.
  void postpone(std::size_t n, std::uint64_t tie_break);

  bool empty() const { return events_.empty(); }
  std::size_t size() const { return events_.size(); }
  /// When the first event is due; never() if there is none.
  SimTime next_time() const { return empty() ? SimTime::never() : detail::time_of(events_.top_key()); }
  /// The moment of the last event popped: 0 before the first.
  SimTime now() const { return now_; }
  /// The number that the next event scheduled will get.
  EventNumber next_number() const { return EventNumber{next_number_}; }
  /// Every event waiting, first one first. For showing and checking, not for running: it sorts a copy.
  std::vector<Event> pending() const;

  /// Decisions on simultaneous events so far (policies seeded, pct and played), ascending by number. Fed to
  /// TiePolicy::played, they give the same order.
  std::vector<TieChoice> choices() const;

 private:
  void record_tie(const Event& popped);

  detail::EventWheel events_;
  std::uint64_t next_number_ = 1;
  SimTime now_;
  TiePolicy ties_;
  std::vector<TieChoice> choices_;
  std::optional<TieChoice> last_;
};

}  // namespace linger::sim

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/event.h"

namespace linger::sim::detail {

__extension__ using EventKey = unsigned __int128;
inline constexpr EventKey no_key = ~EventKey{0};

/// What an event is besides its place in the order.
struct EventLoad {
  EventNumber cause;
  EventBody what;
};

/// A 4-ary heap of events by key, smallest first. Keys lie apart from loads, so that comparing four children reads 64
/// bytes; behind the last entry there are always four empty places with no_key, so that every node has four children to
/// compare and nothing need be asked.
class EventHeap {
 public:
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  EventKey top_key() const { return keys_[0]; }
  const EventLoad& top_load() const { return loads_[0]; }
  EventKey key(std::size_t i) const { return keys_[i]; }
  const EventLoad& load(std::size_t i) const { return loads_[i]; }

  void push(EventKey key, const EventLoad& load) {
    if (size_ + places > keys_.size()) grow();
    rise(size_++, key, load);
  }

  void pop() {
    --size_;
    const EventKey key = keys_[size_];
    keys_[size_] = no_key;
    if (size_ == 0) return;
    const EventLoad load = loads_[size_];
    // The hole sinks to the bottom along the smallest children, then the last entry rises into it: it came from the
    // bottom and seldom goes far.
    std::size_t hole = 0;
    for (std::size_t child = 1; child < size_; child = 4 * hole + 1) {
      const std::size_t low = child + (keys_[child + 1] < keys_[child] ? 1U : 0U);
      const std::size_t high = child + 2 + (keys_[child + 3] < keys_[child + 2] ? 1U : 0U);
      const std::size_t best = keys_[high] < keys_[low] ? high : low;
      keys_[hole] = keys_[best];
      loads_[hole] = loads_[best];
      hole = best;
    }
    rise(hole, key, load);
  }

  void clear() {
    for (std::size_t i = 0; i < size_; ++i) keys_[i] = no_key;
    size_ = 0;
  }

 private:
  static constexpr std::size_t places = 5;  // the new entry and four empty ones

  void grow() {
    const std::size_t wanted = size_ < 11 ? 16 : 2 * keys_.size();
    keys_.resize(wanted, no_key);
    loads_.resize(wanted);
  }

  void rise(std::size_t hole, EventKey key, const EventLoad& load) {
    while (hole > 0) {
      const std::size_t parent = (hole - 1) / 4;
      if (keys_[parent] < key) break;
      keys_[hole] = keys_[parent];
      loads_[hole] = loads_[parent];
      hole = parent;
    }
    keys_[hole] = key;
    loads_[hole] = load;
  }

  std::vector<EventKey> keys_;
  std::vector<EventLoad> loads_;
  std::size_t size_ = 0;
};

}  // namespace linger::sim::detail

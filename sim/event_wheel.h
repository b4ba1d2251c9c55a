#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/event_heap.h"

namespace linger::sim::detail {

/// Events by key, smallest first: a small heap of those that are due soon, a wheel of buckets for the time after, a
/// heap for what lies beyond the wheel. Below a few dozen events the small heap is all. Buckets are unsorted lists; the
/// next one is poured into the small heap when that runs dry, so that the order is exact whatever the width of a
/// bucket. The width follows the events. A value.
class EventWheel {
 public:
  std::size_t size() const { return near_.size() + in_wheel_ + far_.size(); }
  bool empty() const { return near_.empty(); }
  /// The smallest key and its load. Requires !empty().
  EventKey top_key() const { return near_.top_key(); }
  const EventLoad& top_load() const { return near_.top_load(); }

  /// Requires a key that is not smaller than any that was popped.
  void push(EventKey key, const EventLoad& load) {
    if (heads_.empty()) {
      near_.push(key, load);
      if (near_.size() > wheel_from) tune();
    } else {
      place(key, load);
      if (near_.empty()) advance();
      if (++since_tuned_ > next_check_) check();
    }
  }
  void pop() {
    near_.pop();
    if (near_.empty() && in_wheel_ + far_.size() != 0) advance();
  }

  /// Calls see(key, load) for each event, in no particular order.
  template <class See>
  void for_each(const See& see) const {
    for (std::size_t i = 0; i < near_.size(); ++i) see(near_.key(i), near_.load(i));
    for (std::size_t i = 0; i < far_.size(); ++i) see(far_.key(i), far_.load(i));
    for (const std::uint32_t head : heads_) {
      for (std::uint32_t i = head; i != none; i = nodes_[i].next) see(nodes_[i].key, nodes_[i].load);
    }
  }

 private:
  static constexpr std::uint32_t none = 0xffff'ffffU;
  static constexpr std::size_t wheel_from = 40;   // with fewer events the heap alone is faster
  static constexpr std::size_t wheel_until = 16;  // well below, so that it does not flutter

  struct Node {
    EventKey key = no_key;
    EventLoad load;
    std::uint32_t next = none;
  };

  std::uint64_t bucket_of(EventKey key) const { return static_cast<std::uint64_t>(key >> 64) >> shift_; }

  void place(EventKey key, const EventLoad& load) {
    const std::uint64_t bucket = bucket_of(key);
    if (bucket < cursor_) {
      near_.push(key, load);
    } else if (bucket - cursor_ < heads_.size()) {
      put(bucket, key, load);
    } else {
      far_.push(key, load);
    }
  }

  void put(std::uint64_t bucket, EventKey key, const EventLoad& load) {
    std::uint32_t index = free_node_;
    if (index == none) {
      index = static_cast<std::uint32_t>(nodes_.size());
      nodes_.emplace_back();
    } else {
      free_node_ = nodes_[index].next;
    }
    const std::size_t slot = bucket & (heads_.size() - 1);
    Node& node = nodes_[index];
    node.key = key;
    node.load = load;
    node.next = heads_[slot];
    heads_[slot] = index;
    occupied_[slot / 64] |= std::uint64_t{1} << (slot % 64);
    ++in_wheel_;
  }

  void advance();
  std::uint64_t next_occupied() const;
  void check();
  void tune();

  EventHeap near_;
  EventHeap far_;
  std::vector<std::uint32_t>
      heads_;  // first node of each bucket; a power of two of them, or none while there is no wheel
  std::vector<std::uint64_t> occupied_;  // a bit for each bucket
  std::vector<Node> nodes_;
  std::uint32_t free_node_ = none;
  std::size_t in_wheel_ = 0;
  std::uint64_t cursor_ = 0;  // the bucket at which the wheel begins: what lies before is in near_
  int shift_ = 0;             // a bucket is 2^shift_ ns wide
  std::uint64_t since_tuned_ = 0;
  std::uint64_t next_check_ = 0;
  std::uint64_t patience_ = 2;
};

}  // namespace linger::sim::detail

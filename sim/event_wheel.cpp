#include "sim/event_wheel.h"

#include <algorithm>
#include <bit>
#include <cassert>

namespace linger::sim::detail {

// The first bucket from the cursor on that holds something. Requires that one does.
std::uint64_t EventWheel::next_occupied() const {
  const std::size_t start = cursor_ & (heads_.size() - 1);
  std::size_t word = start / 64;
  std::uint64_t bits = occupied_[word] & (~std::uint64_t{0} << (start % 64));
  while (bits == 0) {
    word = (word + 1) & (occupied_.size() - 1);
    bits = occupied_[word];
  }
  const std::size_t slot = word * 64 + static_cast<std::size_t>(std::countr_zero(bits));
  return cursor_ + ((slot - start) & (heads_.size() - 1));
}

// The small heap has run dry: pours the next bucket into it, and what the wheel now reaches from beyond into the wheel.
void EventWheel::advance() {
  assert(near_.empty());
  const std::uint64_t bucket = in_wheel_ != 0 ? next_occupied() : bucket_of(far_.top_key());
  cursor_ = bucket + 1;
  const std::size_t slot = bucket & (heads_.size() - 1);
  std::uint32_t index = heads_[slot];
  heads_[slot] = none;
  occupied_[slot / 64] &= ~(std::uint64_t{1} << (slot % 64));
  while (index != none) {
    Node& node = nodes_[index];
    const std::uint32_t next = node.next;
    near_.push(node.key, node.load);
    node.next = free_node_;
    free_node_ = index;
    index = next;
    --in_wheel_;
  }
  while (!far_.empty() &&
         (bucket_of(far_.top_key()) < cursor_ || bucket_of(far_.top_key()) - cursor_ < heads_.size())) {
    place(far_.top_key(), far_.top_load());
    far_.pop();
  }
}

// Now and then: do the number of buckets and their width still suit the events?
void EventWheel::check() {
  const std::size_t count = size();
  const bool wrong_size =
      count > 2 * heads_.size() || count < wheel_until || (heads_.size() > 64 && count < heads_.size() / 8);
  const bool wrong_width = near_.size() > 32 || far_.size() > count / 2;
  since_tuned_ = 0;
  if (!wrong_size && !wrong_width) return;
  const int shift = shift_;
  const std::size_t buckets = heads_.size();
  tune();
  // If nothing better was found, look again ever more seldom: some mixtures of near and far events suit no width.
  patience_ = shift_ == shift && heads_.size() == buckets ? std::min<std::uint64_t>(2 * patience_, 1 << 20) : 2;
  next_check_ *= patience_;
}

// Takes everything out and starts again: about two events a bucket where the nearer half of them lies, or no wheel if
// they are few.
void EventWheel::tune() {
  std::vector<Node> all;
  all.reserve(size());
  for_each([&all](EventKey key, const EventLoad& load) { all.push_back(Node{key, load, none}); });
  near_.clear();
  far_.clear();
  nodes_.clear();
  free_node_ = none;
  in_wheel_ = 0;
  since_tuned_ = 0;
  next_check_ = std::max<std::uint64_t>(all.size(), 64);
  if (all.size() < wheel_until) {
    heads_.clear();
    occupied_.clear();
    for (const Node& node : all) near_.push(node.key, node.load);
    return;
  }
  const auto by_key = [](const Node& a, const Node& b) { return a.key < b.key; };
  const auto middle = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
  std::nth_element(all.begin(), middle, all.end(), by_key);
  const auto first = std::min_element(all.begin(), middle, by_key);
  const std::uint64_t start = static_cast<std::uint64_t>(first->key >> 64);
  const std::uint64_t nearer_half = static_cast<std::uint64_t>(middle->key >> 64) - start;
  const std::uint64_t width = nearer_half / all.size() * 4;
  shift_ = width == 0 ? 0 : static_cast<int>(std::bit_width(width)) - 1;
  const std::size_t buckets = std::max<std::size_t>(64, std::bit_ceil(all.size()));
  heads_.assign(buckets, none);
  occupied_.assign(buckets / 64, 0);
  cursor_ = start >> shift_;
  for (const Node& node : all) place(node.key, node.load);
  if (near_.empty()) advance();
}

}  // namespace linger::sim::detail

#include <algorithm>
#include <cassert>

#include "sim/event_queue.h"

namespace linger::sim {

namespace {
constexpr Stream tie_stream = Stream::of("sim.tie");
constexpr Stream priority_stream = Stream::of("sim.pct.priority");
constexpr Stream change_stream = Stream::of("sim.pct.change");
// Drawn priorities stay below this; a host that fell behind gets its bit and the number of the change point.
constexpr std::uint64_t behind_all = std::uint64_t{1} << (tie_break_bits - 1);
constexpr int drawn_bits_dropped = 64 - tie_break_bits;
}  // namespace

TiePolicy TiePolicy::seeded(Seed seed) {
  TiePolicy policy;
  policy.kind_ = Kind::seeded;
  policy.seed_ = seed;
  return policy;
}

TiePolicy TiePolicy::pct(Seed seed, std::uint32_t depth, std::uint64_t expected_events) {
  assert(depth >= 1 && depth < behind_all && expected_events >= 1);
  TiePolicy policy;
  policy.kind_ = Kind::pct;
  policy.seed_ = seed;
  for (std::uint32_t i = 0; i + 1 < depth; ++i) {
    policy.change_points_.push_back(1 + multiply_high(draw(seed, change_stream, Name{}, i), expected_events));
  }
  std::sort(policy.change_points_.begin(), policy.change_points_.end());
  return policy;
}

TiePolicy TiePolicy::played(std::vector<TieChoice> choices) {
  TiePolicy policy;
  policy.kind_ = Kind::played;
  std::sort(choices.begin(), choices.end(), [](const TieChoice& a, const TieChoice& b) { return a.number < b.number; });
  policy.played_ = std::make_shared<const std::vector<TieChoice>>(std::move(choices));
  return policy;
}

std::uint64_t TiePolicy::choose(EventNumber number, const EventBody& what) {
  switch (kind_) {
    case Kind::fifo:
      return 0;
    case Kind::seeded:
      return draw(seed_, tie_stream, Name{}, number.value()) >> drawn_bits_dropped;
    case Kind::played: {
      const auto found =
          std::lower_bound(played_->begin(), played_->end(), number,
                           [](const TieChoice& choice, EventNumber wanted) { return choice.number < wanted; });
      return found != played_->end() && found->number == number ? found->tie_break : 0;
    }
    case Kind::pct: {
      // Faults are an actor of their own, the first one.
      const HostId host = host_of(what);
      const std::size_t index = host == no_host ? 0 : std::size_t{host.value()} + 1;
      while (priorities_.size() <= index) {
        priorities_.push_back(draw(seed_, priority_stream, Name{}, priorities_.size()) >> (drawn_bits_dropped + 1));
      }
      const auto change = std::lower_bound(change_points_.begin(), change_points_.end(), number.value());
      if (change != change_points_.end() && *change == number.value()) {
        priorities_[index] = behind_all + static_cast<std::uint64_t>(change - change_points_.begin());
      }
      return priorities_[index];
    }
  }
  assert(false);
  return 0;
}

}  // namespace linger::sim

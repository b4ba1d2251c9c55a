#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "sim/draw.h"

namespace linger::scenarios {

/// Draws by name: what is drawn for one thing does not move when another thing is drawn or not.
class Dice {
 public:
  Dice(std::uint64_t seed, sim::Name name) : seed_{seed}, name_(name) {}
  Dice of(std::string_view word, std::uint64_t n = 0) const { return Dice{seed_.value, name_.with(word).with(n)}; }
  std::int64_t between(std::int64_t low, std::int64_t high) const { return sim::uniform(bits(), low, high); }
  bool chance(std::int64_t percent) const { return between(0, 99) < percent; }
  template <class T>
  T pick(std::initializer_list<T> from) const {
    return *(from.begin() + between(0, static_cast<std::int64_t>(from.size()) - 1));
  }
  template <class List>
  const typename List::value_type& one_of(const List& from) const {
    return from[static_cast<std::size_t>(between(0, static_cast<std::int64_t>(from.size()) - 1))];
  }
  std::string broker(std::int32_t brokers) const { return "b" + std::to_string(between(1, brokers)); }

 private:
  std::uint64_t bits() const { return sim::draw(seed_, stream, name_, 0); }
  static constexpr sim::Stream stream = sim::Stream::of("random plan");
  sim::Seed seed_;
  sim::Name name_;
};

}  // namespace linger::scenarios

#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/random_dice.h"
#include "scenarios/scenario.h"

namespace linger::scenarios {

/// What a fault of a random plan is drawn from: its dice, the plan so far, and the time in which there is traffic.
struct Draft {
  const Dice& dice;
  const Scenario& plan;
  Duration span;

  std::string broker() const { return dice.of("broker").broker(plan.cluster.brokers); }
  std::string producer() const { return dice.of("producer").one_of(plan.producers).name; }
  /// Producers with a transactional.id.
  std::vector<std::string> transactional() const;
  const TopicSpec& topic() const { return dice.of("topic").one_of(plan.cluster.topics); }
  std::string partition() const;
  Duration moment() const { return Duration::us(dice.of("at").between(0, span.us())); }
  Duration length(std::int64_t longest_ms) const { return Duration::ms(dice.of("length").between(20, longest_ms)); }
};

/// One kind of fault that random plans hold.
struct KindOfFault {
  std::string_view name;  ///< as kind_of names its action
  Fault (*make)(const Draft&);
};

/// All kinds, in a fixed order. The first five act on a message.
std::span<const KindOfFault> kinds_of_fault();

}  // namespace linger::scenarios

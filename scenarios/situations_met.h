#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "scenarios/situation.h"

namespace linger::scenarios {

inline constexpr std::size_t producer_situations = static_cast<std::size_t>(ProducerSituation::error) + 1;
inline constexpr std::size_t cluster_situations = static_cast<std::size_t>(ClusterSituation::no_controller) + 1;

/// A row for each kind of fault, in the order of kinds_of_fault(); in it a character for each situation of producers
/// and, within it, of clusters: in how many bits the number of strikes in the pilot can be written, 0 to 9 and a to z.
/// tests/unit/scenarios_aim.cpp makes it anew.
std::span<const std::string_view> situations_met();

}  // namespace linger::scenarios

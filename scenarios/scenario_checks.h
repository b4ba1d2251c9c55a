#pragma once

#include <string>
#include <vector>

#include "scenarios/json_tree.h"
#include "scenarios/reading.h"
#include "scenarios/scenario.h"

/// What must hold in a plan beyond its form: names exist, limits hold, settings are valid. Only the reader includes
/// this.
namespace linger::scenarios {

struct CheckOptions {
  Settings overriding;  ///< settings that came from the command line: remarks about them have no place in the file
  bool strict = false;
};

/// Looks every name up. Names of one kind are known from the plan itself.
void check_references(const Scenario& scenario, const std::vector<Reference>& references,
                      std::vector<Mistake>& mistakes);

/// Everything that is not a name.
void check_values(const Scenario& scenario, const CheckOptions& options, std::vector<Mistake>& mistakes,
                  std::vector<Mistake>& warnings);

/// The counts that `expect` may name: the members of the result's `records`.
std::vector<std::string> count_names();

}  // namespace linger::scenarios

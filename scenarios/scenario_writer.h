#pragma once

#include <string>

#include "scenarios/json_tree.h"
#include "scenarios/scenario.h"

namespace linger::scenarios {

/// The plan as a file that read_scenario reads back as an equal plan: keys in the order of the field lists, values
/// equal to their default left out, ending with a line end. Requires that the plan is one that the reader could have
/// made (settings without null, times of at most 292 years).
std::string write_scenario(const Scenario& scenario);
JsonNode scenario_to_json(const Scenario& scenario);

/// One fault as it stands in a file: for stories and for lists of what a plan does.
JsonNode fault_to_json(const Fault& fault);

}  // namespace linger::scenarios

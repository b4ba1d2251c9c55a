#pragma once

#include <string>

#include "scenarios/json_tree.h"

namespace linger::scenarios {

/// The JSON Schema (draft 7) of the format, from the field lists: what `linger schema` prints, for editors. It knows
/// the form; that a name exists or a setting's value is valid only the reader knows.
std::string scenario_schema();

/// docs/scenario.md, from the same lists.
std::string scenario_reference();

}  // namespace linger::scenarios

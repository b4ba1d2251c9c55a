#pragma once

#include <string>

#include "ui/report/axis.h"
#include "ui/report/diagram.h"
#include "ui/report/drawing.h"

namespace linger::report {

/// Where everything of a diagram goes: lanes from top to bottom, time from left to right, labels that do not cover each
/// other. The run gives the heading and the tally of the records.
Drawing lay_out(Diagram diagram, const scenarios::Run& run, const AxisLimits& limits = {});

/// "r0", "r0, r3", "r0..r4": numbers of records.
std::string records_named(std::vector<std::int64_t> numbers);

}  // namespace linger::report

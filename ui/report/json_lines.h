#pragma once

#include <string>

#include "scenarios/runner.h"

namespace linger::report {

/// A header, {"trace":1,"kind":"run","scenario":…,"seed":…,"hash":…,"virtual_ns":…,"hosts":[…]}, and then every trace
/// record as TraceKinds::json_line gives it, one a line. Requires a run that kept its trace.
std::string export_json_lines(const scenarios::Run& run);

}  // namespace linger::report

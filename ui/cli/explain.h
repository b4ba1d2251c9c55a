#pragma once

#include "ui/cli/exit_status.h"
#include "ui/cli/options.h"
#include "ui/cli/verbs.h"

namespace linger::cli {

/// `linger explain FILE`: why one record of a run fared as it did, and what would have prevented it.
ExitStatus explain_scenario_file(const Arguments& arguments, const Streams& streams);

}  // namespace linger::cli

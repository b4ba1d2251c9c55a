#pragma once

#include "ui/cli/verbs.h"

namespace linger::cli {

/// `linger explore FILE`: every fate of every request and answer up to a number of faults; counts, outcomes, and what that proves.
ExitStatus explore_scenario_file(const Arguments& arguments, const Streams& streams);

}  // namespace linger::cli

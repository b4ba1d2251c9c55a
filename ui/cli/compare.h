#pragma once

#include "ui/cli/verbs.h"

namespace linger::cli {

/// `linger compare FILE` with something changed: both runs, both ledgers, where they part and why. Expectations are
/// judged on the unchanged side only.
ExitStatus compare_scenario_file(const Arguments& arguments, const Streams& streams);

}  // namespace linger::cli

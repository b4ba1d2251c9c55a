#pragma once

#include "scenarios/runner.h"
#include "ui/cli/verbs.h"

namespace linger::cli {

/// `linger run FILE`: one run; the story, the ledger, the verdict.
ExitStatus run_scenario_file(const Arguments& arguments, const Streams& streams);

/// How a run counts: violations, faults that must hit and did not, expectations; with `strict` also known defects and
/// any fault that never hit.
ExitStatus status_of(const scenarios::Run& run, bool strict);

}  // namespace linger::cli

#pragma once

#include "ui/cli/verbs.h"

namespace linger::cli {

/// `linger shrink FILE`: the smallest plan that still shows what this one shows, written beside it or to `--output`.
ExitStatus shrink_scenario_file(const Arguments& arguments, const Streams& streams);

}  // namespace linger::cli

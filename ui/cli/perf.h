#pragma once

#include "ui/cli/exit_status.h"
#include "ui/cli/options.h"
#include "ui/cli/verbs.h"

namespace linger::cli {

/// `linger perf`: what Linger's parts cost, each beside a floor program measured in the same process. Figures are the median of five, in CPU
/// time; they never decide the exit status, since machines differ and are busy.
ExitStatus measure_performance(const Arguments& arguments, const Streams& streams);

}  // namespace linger::cli

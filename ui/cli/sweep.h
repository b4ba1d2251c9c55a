#pragma once

#include "ui/cli/verbs.h"

namespace linger::cli {

/// `linger sweep FILE` or `linger sweep --swarm`: many seeds, one run each. Every plan that breaks a guarantee is
/// saved; says what the runs covered. Keeps nothing of a run that went well, however many there are.
ExitStatus sweep(const Arguments& arguments, const Streams& streams);

/// `linger merge REPORT...`: the reports of a sweep's shards (--json) as one, equal to that of the whole sweep but for where plans were saved.
ExitStatus merge_reports(const Arguments& arguments, const Streams& streams);

}  // namespace linger::cli

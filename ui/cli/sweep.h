#pragma once

#include "ui/cli/verbs.h"

namespace linger::cli {

/// `linger sweep FILE` or `linger sweep --swarm`: many seeds, one run each. Every plan that breaks a guarantee is
/// saved; says what the runs covered. Keeps nothing of a run that went well, however many there are.
ExitStatus sweep(const Arguments& arguments, const Streams& streams);

}  // namespace linger::cli

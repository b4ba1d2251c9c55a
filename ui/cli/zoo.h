#pragma once

#include "ui/cli/verbs.h"

namespace linger::cli {

/// `linger zoo [ID,…]`: for each known bug whether its own scenario shows it, after how many random plans a search
/// finds it, to how many steps the plan that was found shrinks, and whether all is silent without it. Ends with
/// guarantee_broken when a bug is not found or not silent.
ExitStatus show_zoo(const Arguments& arguments, const Streams& streams);

}  // namespace linger::cli

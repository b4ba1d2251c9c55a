#pragma once

#include "ui/cli/exit_status.h"
#include "ui/cli/options.h"
#include "ui/cli/verbs.h"

namespace linger::cli {

/// `linger ui`: becomes the program linger-gui that lies beside this one. Comes back only where there is none.
ExitStatus open_window(const Arguments& arguments, const Streams& streams);

}  // namespace linger::cli

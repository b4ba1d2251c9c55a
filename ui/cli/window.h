#pragma once

#include <optional>
#include <string>

#include "ui/cli/exit_status.h"
#include "ui/cli/options.h"
#include "ui/cli/verbs.h"

namespace linger::cli {

/// Where linger-gui is to lie: beside this program.
std::string window_program();

/// What linger-gui says of its frames for a scenario's text (`frame_times`); nothing where there is no linger-gui.
std::optional<std::string> frame_times_of(const std::string& scenario);

/// `linger ui`: becomes the program linger-gui that lies beside this one. Comes back only where there is none.
ExitStatus open_window(const Arguments& arguments, const Streams& streams);

}  // namespace linger::cli

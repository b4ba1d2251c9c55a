#pragma once

#include <iosfwd>
#include <span>
#include <string>

#include "ui/cli/exit_status.h"

namespace linger::cli {

/// Where a verb writes: results to `out`, remarks and progress to `err`.
struct Streams {
  std::ostream& out;
  std::ostream& err;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
};

/// `linger VERB …`: parses the words behind the program's name, runs the verb, and says how it went.
ExitStatus run_command_line(std::span<const std::string> words, const Streams& streams);

}  // namespace linger::cli

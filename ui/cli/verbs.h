#pragma once

#include <cstddef>
#include <iosfwd>
#include <span>
#include <string>

#include "ui/cli/exit_status.h"
#include "ui/cli/options.h"
#include "ui/cli/story_layout.h"

namespace linger::cli {

/// Where a verb writes: results to `out`, remarks and progress to `err`.
struct Streams {
  std::ostream& out;
  std::ostream& err;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  std::size_t width = 0;  ///< columns of the terminal behind `out`; 0: no terminal
  bool no_colour = false; ///< the environment says NO_COLOR
};

/// How results are to look on these streams.
Look look_of(const Arguments& arguments, const Streams& streams);

/// `linger VERB …`: parses the words behind the program's name, runs the verb, and says how it went.
ExitStatus run_command_line(std::span<const std::string> words, const Streams& streams);

}  // namespace linger::cli

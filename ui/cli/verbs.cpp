#include "ui/cli/verbs.h"

#include <ostream>

namespace linger::cli {

ExitStatus run_command_line(std::span<const std::string> words, const Streams& streams) {
  if (words.empty()) streams.err << "linger: a verb is missing\n";
  return ExitStatus::bad_input;
}

}  // namespace linger::cli

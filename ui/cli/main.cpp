#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "ui/cli/interrupt.h"
#include "ui/cli/verbs.h"

namespace {

std::size_t terminal_width() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

}  // namespace

int main(int count, char** words) {
  linger::cli::report_own_defects();
  const std::vector<std::string> arguments(words + (count > 0 ? 1 : 0), words + count);
  linger::cli::Streams streams{std::cout, std::cerr, isatty(STDOUT_FILENO) == 1, isatty(STDERR_FILENO) == 1, 0, false};
  if (streams.out_is_terminal) streams.width = terminal_width();
  const char* no_colour = std::getenv("NO_COLOR");
  streams.no_colour = no_colour != nullptr && *no_colour != '\0';
  const linger::cli::ExitStatus status = linger::cli::run_command_line(arguments, streams);
  std::cout.flush();
  return static_cast<int>(status);
}

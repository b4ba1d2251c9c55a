#include <unistd.h>

#include <iostream>
#include <string>
#include <vector>

#include "ui/cli/verbs.h"

int main(int count, char** words) {
  const std::vector<std::string> arguments(words + 1, words + count);
  const linger::cli::Streams streams{std::cout, std::cerr, isatty(STDOUT_FILENO) == 1, isatty(STDERR_FILENO) == 1};
  return static_cast<int>(linger::cli::run_command_line(arguments, streams));
}

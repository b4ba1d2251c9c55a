#include "ui/cli/window.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <ostream>
#include <string>
#include <vector>

namespace linger::cli {

ExitStatus open_window(const Arguments& arguments, const Streams& streams) {
  std::error_code ignored;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", ignored);
  const std::string program = (self.parent_path() / "linger-gui").string();
  if (!std::filesystem::exists(program, ignored)) {
    streams.err << "linger: this build has no window: " << program
                << " is missing; cmake names the packages that it needs\n";
    return ExitStatus::bad_input;
  }
  // The words behind the verb, as they were given.
  std::vector<std::string> words(arguments.words.begin(), arguments.words.end());
  words.front() = program;
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  streams.out.flush();
  streams.err.flush();
  execv(program.c_str(), argv.data());
  streams.err << "linger: " << program << " cannot be started: " << std::strerror(errno) << "\n";
  return ExitStatus::bad_input;
}

}  // namespace linger::cli

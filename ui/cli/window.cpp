#include "ui/cli/window.h"

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <ostream>
#include <string>
#include <vector>

namespace linger::cli {

std::string window_program() {
  std::error_code ignored;
  return (std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path() / "linger-gui").string();
}

std::optional<std::string> frame_times_of(const std::string& scenario) {
  std::error_code ignored;
  const std::string program = window_program();
  // A name within quotation marks for the shell has none of its own.
  if (!std::filesystem::exists(program, ignored) || program.find('\'') != std::string::npos) return std::nullopt;
  // A file that lives only as long as this process and the one that reads it.
  const int file = memfd_create("scenario", 0);
  if (file < 0) return std::nullopt;
  std::string answer;
  if (write(file, scenario.data(), scenario.size()) == static_cast<ssize_t>(scenario.size())) {
    const std::string command = "'" + program + "' --frame-times /proc/self/fd/" + std::to_string(file);
    if (FILE* pipe = popen(command.c_str(), "r")) {
      std::array<char, 4096> bytes{};
      while (fgets(bytes.data(), bytes.size(), pipe) != nullptr) answer += bytes.data();
      if (pclose(pipe) != 0) answer.clear();
    }
  }
  close(file);
  return answer.empty() ? std::nullopt : std::optional(answer);
}

ExitStatus open_window(const Arguments& arguments, const Streams& streams) {
  std::error_code ignored;
  const std::string program = window_program();
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

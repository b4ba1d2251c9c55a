#include "ui/cli/sweep_journal.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace linger::cli {

std::optional<std::string> SweepJournal::open(const std::string& path, const std::string& question,
                                              const std::function<bool(const std::string& line)>& take) {
  path_ = path;
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return path + " cannot be used as a journal: it is a folder";
  std::uintmax_t whole = 0;
  if (std::filesystem::exists(path, error)) {
    std::ifstream stream(path, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    if (!stream) return path + " cannot be read";
    const std::string bytes = text.str();
    for (std::size_t at = 0, number = 0; at < bytes.size(); ++number) {
      const std::size_t end = bytes.find('\n', at);
      if (end == std::string::npos) break;
      const std::string line = bytes.substr(at, end - at);
      if (number == 0 && line != question) return path + " is the journal of another sweep; delete it, or give --journal another file";
      if (number > 0 && !take(line)) return path + " line " + std::to_string(number + 1) + " is no line of a journal";
      at = end + 1;
      whole = at;
    }
    std::filesystem::resize_file(path, whole, error);
    if (error) return path + " cannot be written: " + error.message();
  }
  errno = 0;
  file_.reset(std::fopen(path.c_str(), "ab"));
  if (file_ == nullptr) return path + " cannot be written: " + std::strerror(errno);
  return whole == 0 ? add(question) : std::nullopt;
}

std::optional<std::string> SweepJournal::add(const std::string& line) {
  const bool written = std::fwrite(line.data(), 1, line.size(), file_.get()) == line.size() && std::fputc('\n', file_.get()) != EOF &&
                       std::fflush(file_.get()) == 0 && fsync(fileno(file_.get())) == 0;
  return written ? std::nullopt : std::optional(path_ + " cannot be written: " + std::strerror(errno));
}

}  // namespace linger::cli

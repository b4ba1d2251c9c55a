#include "ui/cli/output_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace linger::cli {

std::optional<std::string> write_file(const std::string& path, std::string_view bytes) {
  const auto cannot = [&](const std::string& reason) { return path + " cannot be written: " + reason; };
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return cannot("it is a folder");
  // What is no plain file (/dev/stdout, a pipe) is written in place.
  const bool in_place = std::filesystem::exists(path, error) && !std::filesystem::is_regular_file(path, error);
  const std::string target = in_place ? path : path + ".part-" + std::to_string(getpid());
  errno = 0;
  std::ofstream stream(target, std::ios::binary);
  stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  stream.close();
  if (!stream) {
    const std::string reason = errno != 0 ? std::strerror(errno) : "the stream failed";
    if (!in_place) std::filesystem::remove(target, error);
    return cannot(reason);
  }
  if (in_place) return std::nullopt;
  std::filesystem::rename(target, path, error);
  if (!error) return std::nullopt;
  const std::string reason = error.message();
  std::filesystem::remove(target, error);
  return cannot(reason);
}

}  // namespace linger::cli

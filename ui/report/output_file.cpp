#include "ui/report/output_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace linger::report {

std::optional<std::string> write_file(const std::string& path, std::string_view bytes) {
  namespace fs = std::filesystem;
  const auto cannot = [&](const std::string& reason) { return path + " cannot be written: " + reason; };
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (fs::is_directory(status)) return cannot("it is a folder");
  const bool in_place = fs::exists(status) && !fs::is_regular_file(status);
  const bool link = !in_place && fs::is_symlink(fs::symlink_status(path, error));
  const std::string target = link ? fs::weakly_canonical(path, error).string() : path;
  const std::string beside = in_place ? path : target + ".part-" + std::to_string(getpid());
  errno = 0;
  std::ofstream stream(beside, std::ios::binary | std::ios::trunc);
  stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  stream.close();
  if (!stream) {
    const std::string reason = errno != 0 ? std::strerror(errno) : "the stream failed";
    if (!in_place) fs::remove(beside, error);
    return cannot(reason);
  }
  if (in_place) return std::nullopt;
  fs::rename(beside, target, error);
  if (!error) return std::nullopt;
  const std::string reason = error.message();
  fs::remove(beside, error);
  return cannot(reason);
}

}  // namespace linger::report

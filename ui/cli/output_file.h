#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace linger::cli {

/// Writes a file as a whole: what stood there before stays until the new one is complete. Returns the sentence that says why it could not be written; nothing is
/// left behind then.
std::optional<std::string> write_file(const std::string& path, std::string_view bytes);

}  // namespace linger::cli

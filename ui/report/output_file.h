#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace linger::report {

/// Writes a file as a whole: what stood there before stays until the new one is complete, and a link goes on pointing
/// to it. What is no ordinary file, as /dev/stdout, is written in place. The sentence that says why it could not be
/// written, and nothing is left behind then.
std::optional<std::string> write_file(const std::string& path, std::string_view bytes);

}  // namespace linger::report

#pragma once

#include <map>
#include <string>

namespace linger {

/// Reads the entries of a jar (a zip archive) whose path starts with `prefix` and ends with `suffix`: path to content.
/// Empty when the file is no such archive or has no such entry.
std::map<std::string, std::string> read_jar(const std::string& path, const std::string& prefix,
                                            const std::string& suffix);

}  // namespace linger

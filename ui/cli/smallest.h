#pragma once

#include <cstdint>
#include <functional>
#include <optional>

namespace linger::cli {

/// The smallest of the numbers first … first + count - 1 for which `is_one` says true, asked in that many processes;
/// the answer does not depend on how many. `is_one` must not rely on what an earlier call left behind. Throws
/// std::runtime_error when a process could not be had or has died.
std::optional<std::uint64_t> smallest(std::uint64_t first, std::uint64_t count, std::int64_t processes,
                                      const std::function<bool(std::uint64_t)>& is_one);

}  // namespace linger::cli

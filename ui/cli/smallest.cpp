#include "ui/cli/smallest.h"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "ui/cli/worker_pool.h"

namespace linger::cli {
namespace {

/// Numbers that a process asks about before it reports.
constexpr std::uint64_t numbers_a_piece = 16;

}  // namespace

std::optional<std::uint64_t> smallest(std::uint64_t first, std::uint64_t count, std::int64_t processes,
                                      const std::function<bool(std::uint64_t)>& is_one) {
  std::optional<std::uint64_t> found;
  PooledWork work;
  work.pieces = (count + numbers_a_piece - 1) / numbers_a_piece;
  work.work = [&](std::uint64_t piece) -> std::optional<std::string> {
    const std::uint64_t end = std::min(count, (piece + 1) * numbers_a_piece);
    for (std::uint64_t number = piece * numbers_a_piece; number < end; ++number) {
      if (is_one(first + number)) return std::to_string(first + number);
    }
    return std::string();
  };
  // Pieces are begun in order and those that were begun are finished: none with a smaller number is left out.
  work.take = [&](std::uint64_t, const std::string& number) {
    if (!number.empty()) found = std::min(found.value_or(std::stoull(number)), std::uint64_t{std::stoull(number)});
    return !found;
  };
  if (const auto sentence = work_in_processes(processes, work)) throw std::runtime_error(*sentence);
  return found;
}

}  // namespace linger::cli

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace linger::cli {

/// Processors that this process may use.
std::int64_t usable_processors();

/// One piece of work that many processes share in.
struct PooledWork {
  std::uint64_t pieces = 0;  ///< numbered from 0
  /// Which pieces need not be done. May be empty: none.
  std::function<bool(std::uint64_t piece)> is_done;
  /// Does one piece, in any of the processes: what it writes down is all that comes back. Nothing: the piece was broken off.
  std::function<std::optional<std::string>(std::uint64_t piece)> work;
  /// Takes what a piece gave, in this process, in the order in which pieces are finished: take() must not depend on it. False: no more pieces are begun.
  std::function<bool(std::uint64_t piece, const std::string& result)> take;
};

/// Does the pieces in so many processes, one after the other in each; with one, in this process alone. Returns the sentence that says why it could not be done: a process could not be
/// had, or it died, and then which piece it was at.
std::optional<std::string> work_in_processes(std::int64_t processes, const PooledWork& what);

}  // namespace linger::cli

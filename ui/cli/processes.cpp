#include "ui/cli/processes.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace linger::cli {
namespace {

constexpr std::uint64_t none = ~std::uint64_t{0};

struct Worker {
  pid_t process = -1;
  int answer = -1;
};

std::uint64_t first_of(std::uint64_t from, std::uint64_t end, std::uint64_t step,
                       const std::function<bool(std::uint64_t)>& is_one) {
  for (std::uint64_t number = from; number < end; number += step) {
    if (is_one(number)) return number;
  }
  return none;
}

Worker begin(std::uint64_t from, std::uint64_t end, std::uint64_t step,
             const std::function<bool(std::uint64_t)>& is_one) {
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("no pipe to another process can be had");
  const pid_t process = fork();
  if (process < 0) throw std::runtime_error("no further process can be had");
  if (process == 0) {
    close(ends[0]);
    const std::uint64_t found = first_of(from, end, step, is_one);
    const bool told = write(ends[1], &found, sizeof found) == static_cast<ssize_t>(sizeof found);
    _exit(told ? 0 : 1);
  }
  close(ends[1]);
  return {process, ends[0]};
}

std::uint64_t finish(const Worker& worker) {
  std::uint64_t found = none;
  const bool heard = read(worker.answer, &found, sizeof found) == static_cast<ssize_t>(sizeof found);
  close(worker.answer);
  int status = 0;
  waitpid(worker.process, &status, 0);
  if (!heard || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
    throw std::runtime_error("a process of the search has died");
  return found;
}

}  // namespace

int usable_processes() {
  return static_cast<int>(std::clamp<long>(sysconf(_SC_NPROCESSORS_ONLN), 1, 64));
}

std::optional<std::uint64_t> smallest(std::uint64_t first, std::uint64_t count, int processes,
                                      const std::function<bool(std::uint64_t)>& is_one) {
  const auto step = static_cast<std::uint64_t>(std::max(processes, 1));
  std::vector<Worker> workers;
  for (std::uint64_t w = 0; w < step; ++w) workers.push_back(begin(first + w, first + count, step, is_one));
  std::uint64_t found = none;
  bool died = false;
  for (const Worker& worker : workers) {
    try {
      found = std::min(found, finish(worker));
    } catch (const std::runtime_error&) {
      died = true;
    }
  }
  if (died) throw std::runtime_error("a process of the search has died");
  return found == none ? std::nullopt : std::optional(found);
}

}  // namespace linger::cli

#include "ui/cli/worker_pool.h"

#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <new>
#include <vector>

namespace linger::cli {
namespace {

/// What the processes share: the next piece to begin, and whether to begin any.
struct Board {
  std::atomic<std::uint64_t> next{0};
  std::atomic<bool> stop{false};
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free && std::atomic<bool>::is_always_lock_free, "shared between processes");

class SharedBoard {
 public:
  SharedBoard() {
    void* memory = mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory != MAP_FAILED) board_ = new (memory) Board;
  }
  ~SharedBoard() {
    if (board_ != nullptr) munmap(board_, sizeof(Board));
  }
  SharedBoard(const SharedBoard&) = delete;
  SharedBoard& operator=(const SharedBoard&) = delete;
  Board* operator->() const { return board_; }
  explicit operator bool() const { return board_ != nullptr; }

 private:
  Board* board_ = nullptr;
};

/// A message from a worker: the piece it begins, or what a piece gave.
struct Head {
  std::uint64_t piece = 0;
  std::uint64_t size = begins;
  static constexpr std::uint64_t begins = ~std::uint64_t{0};
};

bool write_all(int file, const void* data, std::size_t size) {
  const char* at = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t written = write(file, at, size);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    at += written;
    size -= static_cast<std::size_t>(written);
  }
  return true;
}

[[noreturn]] void work_and_exit(const PooledWork& what, const SharedBoard& board, int to_parent) {
  while (!board->stop) {
    const std::uint64_t piece = board->next++;
    if (piece >= what.pieces) break;
    if (what.is_done && what.is_done(piece)) continue;
    const Head begins{piece, Head::begins};
    if (!write_all(to_parent, &begins, sizeof begins)) break;
    const std::optional<std::string> result = what.work(piece);
    if (!result) break;
    const Head head{piece, result->size()};
    if (!write_all(to_parent, &head, sizeof head) || !write_all(to_parent, result->data(), result->size())) break;
  }
  _exit(0);
}

struct Worker {
  pid_t process = -1;
  int from = -1;
  std::string received;
  std::optional<std::uint64_t> at;
};

/// Takes the whole messages out of what has been received; false: the taker wants no more.
bool take_messages(Worker& worker, const PooledWork& what) {
  std::size_t used = 0;
  bool go_on = true;
  while (worker.received.size() - used >= sizeof(Head)) {
    Head head;
    std::memcpy(&head, worker.received.data() + used, sizeof head);
    if (head.size == Head::begins) {
      worker.at = head.piece;
      used += sizeof head;
      continue;
    }
    if (worker.received.size() - used - sizeof head < head.size) break;
    worker.at.reset();
    go_on = what.take(head.piece, worker.received.substr(used + sizeof head, head.size)) && go_on;
    used += sizeof head + head.size;
  }
  worker.received.erase(0, used);
  return go_on;
}

std::optional<std::string> end_of(Worker& worker) {
  close(worker.from);
  worker.from = -1;
  int status = 0;
  while (waitpid(worker.process, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return std::nullopt;
  return "a process of the search has died" + (worker.at ? " in piece " + std::to_string(*worker.at) : std::string());
}

std::optional<std::string> work_alone(const PooledWork& what) {
  for (std::uint64_t piece = 0; piece < what.pieces; ++piece) {
    if (what.is_done && what.is_done(piece)) continue;
    const std::optional<std::string> result = what.work(piece);
    if (!result || !what.take(piece, *result)) break;
  }
  return std::nullopt;
}

}  // namespace

std::int64_t usable_processors() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(CPU_COUNT(&set), 1);
  return std::max<std::int64_t>(sysconf(_SC_NPROCESSORS_ONLN), 1);
}

std::optional<std::string> work_in_processes(std::int64_t processes, const PooledWork& what) {
  if (processes <= 1 || what.pieces <= 1) return work_alone(what);
  const SharedBoard board;
  if (!board) return "no memory to share with other processes can be had";
  std::optional<std::string> failure;
  std::vector<Worker> workers;
  for (std::int64_t w = 0; w < processes && !failure; ++w) {
    int ends[2];
    const pid_t process = pipe(ends) == 0 ? fork() : -1;
    if (process < 0) {
      failure = std::string("no further process can be had: ") + std::strerror(errno);
      board->stop = true;
      break;
    }
    if (process == 0) {
      // Ends of the others: a worker must not keep their pipes open.
      for (const Worker& other : workers) close(other.from);
      close(ends[0]);
      work_and_exit(what, board, ends[1]);
    }
    close(ends[1]);
    workers.push_back({process, ends[0], {}, {}});
  }
  for (;;) {
    std::vector<pollfd> waiting;
    std::vector<std::size_t> whose;
    for (std::size_t w = 0; w < workers.size(); ++w) {
      if (workers[w].from < 0) continue;
      waiting.push_back({workers[w].from, POLLIN, 0});
      whose.push_back(w);
    }
    if (waiting.empty()) return failure;
    if (poll(waiting.data(), waiting.size(), -1) < 0) continue;
    for (std::size_t i = 0; i < waiting.size(); ++i) {
      if (waiting[i].revents == 0) continue;
      Worker& worker = workers[whose[i]];
      char bytes[65536];
      const ssize_t got = read(worker.from, bytes, sizeof bytes);
      if (got < 0 && errno == EINTR) continue;
      if (got > 0) {
        worker.received.append(bytes, static_cast<std::size_t>(got));
        if (!take_messages(worker, what)) board->stop = true;
        continue;
      }
      if (auto sentence = end_of(worker)) {
        failure = failure ? failure : sentence;
        board->stop = true;
      }
    }
  }
}

}  // namespace linger::cli

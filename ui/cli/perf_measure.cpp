#include "ui/cli/perf_measure.h"

#include <malloc.h>
#include <time.h>

namespace linger::cli {

double cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

std::size_t heap_bytes_in_use() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

void keep(std::uint64_t value) {
  asm volatile("" : : "r"(value));
}

}  // namespace linger::cli

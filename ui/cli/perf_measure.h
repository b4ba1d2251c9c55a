#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

namespace linger::cli {

/// CPU time that this process has used, in ns. Nothing that a run decides reads it.
double cpu_ns();

/// Bytes of heap in use, for the size of a world and for growth over many runs.
std::size_t heap_bytes_in_use();

/// Keeps the compiler from dropping work whose result nobody uses.
void keep(std::uint64_t value);

/// The median of five measurements of what one unit of `work` costs in CPU time, in ns. Each call of work does `units` units; a measurement
/// repeats it for at least 40 ms. One call before that is not counted: it warms caches and free lists.
template <class Work>
double median_ns(std::uint64_t units, Work work) {
  constexpr double least_ns = 40e6;
  work();
  std::array<double, 5> figures{};
  for (double& figure : figures) {
    const double began = cpu_ns();
    double spent = 0;
    std::uint64_t calls = 0;
    do {
      work();
      ++calls;
      spent = cpu_ns() - began;
    } while (spent < least_ns);
    figure = spent / static_cast<double>(calls * units);
  }
  std::sort(figures.begin(), figures.end());
  return figures[2];
}

/// One line of `linger perf`. Times are ns a unit.
struct PerfRow {
  std::string name;
  std::string unit;         ///< what one unit is: "frame", "record"
  double ours = 0;
  double floor = 0;         ///< the floor program, in this process
  double goal = 0;          ///< on the reference machine
  double goal_ratio = 0;    ///< the goal over the floor on the reference machine: what carries over to other machines
  std::string remark;       ///< further counts of the row

  double ratio() const { return ours / floor; }
  bool reached() const { return ratio() <= goal_ratio; }
};

}  // namespace linger::cli

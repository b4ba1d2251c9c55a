#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/time.h"
#include "ui/report/drawing.h"

namespace linger::report {

/// A place in a window's diagram that the pointer can meet.
struct Hit {
  enum class Kind : std::uint8_t { arrow, mark, bar, fold } kind = Kind::mark;
  std::size_t index = 0;             ///< into the diagram's arrows, marks or bars, or the axis' pieces
  std::vector<std::size_t> members;  ///< marks of records that are drawn as one; empty: only `index`
  Point from, to;                    ///< an arrow's line; otherwise two opposite corners
  std::int64_t count = 1;            ///< so many of one kind are drawn as one, a crowd
  std::size_t last = 0;              ///< of a crowd: the index of its last
};

/// Pixels of the flag of a planned fault.
inline constexpr double flag_height = 14, flag_width = 9;

/// A diagram as a window shows it: a part of it, to be painted, and where the pointer meets what.
struct Scene {
  Drawing drawing;
  std::vector<Hit> hits;  ///< in the order of painting
  struct Row {
    double top = 0, height = 0, base = 0;  ///< base: where arrows begin and end
  };
  std::vector<Row> rows;  ///< by lane
  struct Number {
    std::size_t number = 0;  ///< from 1
    Point at;                ///< middle of its disc
  };
  std::vector<Number> numbers;  ///< of what is pointed at and in sight
  /// A planned fault: hollow until a moment at which it has struck.
  struct Flag {
    sim::SimTime at;
    Point foot;
    bool hollow_at(sim::SimTime cursor) const { return cursor < at; }
  };
  std::vector<Flag> flags;  ///< of those in sight
  double lanes_top = 0, lanes_end = 0;
  double gutter = 0;  ///< where the time axis begins

  /// What is nearest to a point within a few pixels; null if nothing is. Marks before arrows before bars before folds.
  const Hit* at(Point point) const;
};

}  // namespace linger::report

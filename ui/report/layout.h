#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "ui/report/axis.h"
#include "ui/report/diagram.h"
#include "ui/report/drawing.h"

namespace linger::report {

/// Where everything of a diagram goes: lanes from top to bottom, time from left to right, labels that do not cover each
/// other. The run gives the heading and the tally of the records.
Drawing lay_out(Diagram diagram, const scenarios::Run& run, const AxisLimits& limits = {});

/// A place in a window's diagram that the pointer can meet.
struct Hit {
  enum class Kind : std::uint8_t { arrow, mark, bar, fold } kind = Kind::mark;
  std::size_t index = 0;             ///< into the diagram's arrows, marks or bars, or the axis' pieces
  std::vector<std::size_t> members;  ///< marks that are drawn as one; empty: only `index`
  Point from, to;                    ///< an arrow's line; otherwise two opposite corners
};

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
  double lanes_top = 0, lanes_end = 0;
  double gutter = 0;  ///< where the time axis begins

  /// What is nearest to a point within a few pixels; null if nothing is. Marks before arrows before bars before folds.
  const Hit* at(Point point) const;
};

/// Up to where in time the arrows and bars before an index reach: so that what is visible is found by a search.
struct Reach {
  std::vector<sim::SimTime> arrows, bars;
};
Reach reach_of(const Diagram& diagram);

/// Something in a diagram that a number is to stand beside.
struct Pointed {
  Hit::Kind kind = Hit::Kind::mark;
  std::size_t index = 0;
  friend bool operator==(const Pointed&, const Pointed&) = default;
};

struct WindowFrame {
  double width = 0, height = 0;  ///< pixels, with the names of the lanes
  double left = 0;               ///< the pixel of the axis at which the picture begins
  /// Gives texts in another language; null: as they are.
  std::string (*translate)(const std::string& english) = nullptr;
  std::vector<Pointed> pointed;  ///< what gets the numbers 1, 2, …
  int larger = 1;                ///< points that texts are larger than in a printed picture
  friend bool operator==(const WindowFrame&, const WindowFrame&) = default;
};

/// The part of a diagram that a window shows: lanes that share its height, no heading and no legend.
Scene lay_out_window(const Diagram& diagram, const Reach& reach, const Axis& axis, const WindowFrame& frame);

/// "r0", "r0, r3", "r0..r4": numbers of records.
std::string records_named(std::vector<std::int64_t> numbers);

}  // namespace linger::report

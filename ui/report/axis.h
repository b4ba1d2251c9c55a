#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "ui/report/diagram.h"

namespace linger::report {

/// A stretch of the time axis: drawn to scale, or folded to a fixed width.
struct Piece {
  sim::SimTime from, until;
  double left = 0, right = 0;  ///< pixels from the axis' beginning
  bool folded = false;
  std::vector<std::string> words;  ///< folded: what it hides
};

/// A time axis with idle stretches folded: one scale in all open pieces, so that a millisecond is equally long
/// everywhere.
struct Axis {
  std::vector<Piece> pieces;  ///< without gaps, in order
  double per_ms = 1;          ///< pixels
  double width = 0;
  /// Within a fold: proportionally.
  double x(sim::SimTime at) const;
  bool in_fold(sim::SimTime at) const;
};

struct AxisLimits {
  double wanted = 1180;    ///< pixels that the open pieces are stretched to, if the scale allows
  double fold = 84;        ///< pixels of a folded stretch
  double margin = 22;      ///< pixels around what happens in an open piece
  double most = 5200;      ///< pixels; what does not fit is left out
  std::size_t bursts = 9;  ///< more bursts than these: ordinary ones are folded too
};

/// The axis for a diagram. What does not fit is taken out of the diagram, and a sentence about it is put into left_out.
/// So is what is folded away as ordinary: rounds of requests in which nothing goes wrong, beyond the first and the
/// last.
Axis make_axis(Diagram& diagram, const AxisLimits& limits = {});

}  // namespace linger::report

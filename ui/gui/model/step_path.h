#pragma once

#include <vector>

#include "sim/time.h"
#include "ui/gui/model/screen.h"
#include "ui/gui/model/series.h"
#include "ui/report/axis.h"

namespace linger::gui {

/// A step function as it is painted: level lines and upright ones, never a slope. Where several steps share a pixel
/// there is one upright bar from the lowest to the highest of their values instead.
struct StepPath {
  struct Line {
    Point from, to;
  };
  std::vector<Line> lines;  ///< from left to right
  std::vector<Box> merged;  ///< one pixel wide
};

/// Where a path goes: `area` on the screen, the axis begins at its left edge with the axis' pixel `left`; 0 is the
/// area's lower edge and `top` its upper one. The last value goes on to the axis' end. Requires top > 0.
struct StepFrame {
  Box area;
  double left = 0;
  double top = 1;
};

StepPath lay_out_steps(const StepSeries& series, const report::Axis& axis, const StepFrame& frame);

/// The least of 1, 2 and 5 times a power of ten that is not below `value`; 1 for what is below 1.
double rounded_up(double value);

}  // namespace linger::gui

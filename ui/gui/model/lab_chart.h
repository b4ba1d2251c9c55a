#pragma once

#include <string>
#include <vector>

#include "ui/gui/model/lab.h"
#include "ui/gui/model/screen.h"
#include "ui/gui/model/strings.h"

namespace linger::gui {

/// Maps values to places from 0 to 1, evenly or by their logarithm.
struct ChartScale {
  bool logarithmic = false;
  double low = 0, high = 1;
  double place(double value) const;  ///< values outside are put at the nearer end
  /// The same without the ends: a line that leaves the picture goes on in its direction.
  double beyond(double value) const;
  struct Tick {
    double value = 0;
    std::string words;
  };
  std::vector<Tick> ticks;
};

/// One quantity of the chart: a line for what the theory says, marks for what the simulation gave.
struct LabCurve {
  char sign = 0;  ///< letter of a verdict; 0: a plain disc
  Str name = Str::count;
  std::vector<Point> theory;
  /// Where 95 of 100 sweeps like this one have their marks if the theory is right: between these two, left to right.
  std::vector<Point> band_low, band_high;
  struct Mark {
    Point at;
    double theory = 0, simulated = 0;
    bool none = false;  ///< nothing was seen: the mark stands at the lower edge
    std::size_t point = 0;
  };
  std::vector<Mark> marks;
};

struct LabChart {
  Box area;
  ChartScale x, y;
  std::vector<LabCurve> curves;
};

/// The chart of a sweep, as far as it has come, in this area. A theory that says 0 on a logarithmic scale has no line.
LabChart lay_out_lab(const LabChoice& choice, const std::vector<LabPoint>& points, const Box& area);

/// "3.87 %", "12 400 /s", "5.5": a value as its axis measures it.
std::string lab_outcome_words(LabOutcome outcome, double value);

}  // namespace linger::gui

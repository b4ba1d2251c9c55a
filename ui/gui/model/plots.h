#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ui/gui/model/series.h"
#include "ui/gui/model/strings.h"
#include "ui/report/drawing.h"

namespace linger::gui {

/// In what a plot measures.
enum class Unit : std::uint8_t { count, bytes, milliseconds, per_second };

/// A line of a plot.
struct PlotLine {
  SeriesKind kind = SeriesKind::in_flight;
  report::Paint paint = report::Paint::blue;
  report::Paint text = report::Paint::blue_text;
  std::string_view sign;  ///< what stands before its value; empty where there is one line only
};

/// Series that share a scale.
struct Plot {
  std::string_view id;
  Str title;
  Str meaning;
  Unit unit = Unit::count;
  std::vector<PlotLine> lines;
};

/// All plots in the order of the page; the strips under the diagram are among them.
std::span<const Plot> plots();
const Plot& plot(std::string_view id);

/// The upper end of a plot's scale.
double scale_of(const Plot& plot, const RunSeries& series);

/// "16 384 B", "1.9 ms", "40 /s": digits in groups of three, one digit behind the
/// point for less than 100 ms.
std::string in_words(double value, Unit unit);
/// "A 2", "D 0", …: what each line has at a moment.
std::vector<std::string> values_at(const Plot& plot, const RunSeries& series, sim::SimTime at);

/// A page of rows that scrolls: which rows are seen, and where.
struct PlotRows {
  std::size_t first = 0, last = 0;  ///< [first, last)
  double top = 0;                   ///< of the first one, from the upper edge of the area
  double most = 0;                  ///< how far it scrolls
};
PlotRows visible_rows(std::size_t count, double row, double height, double scrolled);

}  // namespace linger::gui

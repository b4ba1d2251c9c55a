#include "ui/gui/model/step_path.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace linger::gui {

StepPath lay_out_steps(const StepSeries& series, const report::Axis& axis, const StepFrame& frame) {
  assert(frame.top > 0);
  StepPath path;
  const Box& area = frame.area;
  const auto x_of = [&](sim::SimTime at) { return area.x + axis.x(at) - frame.left; };
  const auto y_of = [&](double value) { return area.y + area.height * (1 - std::clamp(value / frame.top, 0.0, 1.0)); };
  const double right = std::min(area.x + area.width, area.x + axis.width - frame.left);
  if (right <= area.x) return path;
  const std::vector<Step>& steps = series.steps();
  const auto first_behind = [&](double x) {
    const sim::SimTime at = axis.at(frame.left + x - area.x);
    return std::upper_bound(steps.begin(), steps.end(), at, [](sim::SimTime t, const Step& one) { return t < one.at; });
  };
  double x = area.x;
  auto next = frame.left <= 0 ? steps.begin() : first_behind(area.x);
  double value = next == steps.begin() ? 0 : std::prev(next)->value;
  const auto level_to = [&](double to) {
    if (to > x) path.lines.push_back({{x, y_of(value)}, {to, y_of(value)}});
    x = to;
  };
  while (next != steps.end()) {
    const double at = std::max(area.x, x_of(next->at));
    if (at >= right) break;
    const double column = std::floor(at);
    // Everything up to the right edge of this pixel, found by a search.
    auto last = std::max(std::next(next), first_behind(column + 1));
    if (last - next == 1) {
      level_to(at);
      path.lines.push_back({{at, y_of(value)}, {at, y_of(next->value)}});
    } else {
      double low = value;
      double high = value;
      for (auto one = next; one != last; ++one) {
        low = std::min(low, one->value);
        high = std::max(high, one->value);
      }
      level_to(std::max(x, column));
      path.merged.push_back({column, y_of(high), 1, y_of(low) - y_of(high)});
      x = std::max(x, column + 1);
    }
    value = std::prev(last)->value;
    next = last;
  }
  level_to(right);
  return path;
}

double rounded_up(double value) {
  if (value <= 1) return 1;
  const double power = std::pow(10.0, std::floor(std::log10(value)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= value) return factor * power;
  }
  return 10 * power;
}

}  // namespace linger::gui

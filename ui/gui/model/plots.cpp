#include "ui/gui/model/plots.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

#include "ui/gui/model/step_path.h"

namespace linger::gui {

using report::Paint;

std::span<const Plot> plots() {
  constexpr PlotLine blue{};
  const auto one = [](SeriesKind kind, PlotLine line) {
    return std::vector{PlotLine{kind, line.paint, line.text, {}}};
  };
  constexpr PlotLine orange{SeriesKind::retries, Paint::orange, Paint::orange_text, {}};
  constexpr PlotLine green{SeriesKind::acked, Paint::green, Paint::green_text, {}};
  constexpr PlotLine red{SeriesKind::errors, Paint::vermillion, Paint::vermillion_text, {}};
  constexpr PlotLine purple{SeriesKind::isr_size, Paint::purple, Paint::purple_text, {}};
  static const std::array all{
      Plot{"batch-bytes", Str::plot_batch_bytes, Str::plot_batch_bytes_means, Unit::bytes,
           one(SeriesKind::batch_bytes, blue)},
      Plot{"in-flight", Str::plot_in_flight, Str::plot_in_flight_means, Unit::count, one(SeriesKind::in_flight, blue)},
      Plot{"retries", Str::plot_retries, Str::plot_retries_means, Unit::count, one(SeriesKind::retries, orange)},
      Plot{"outcomes",
           Str::plot_outcomes,
           Str::plot_outcomes_means,
           Unit::count,
           {{SeriesKind::acked, Paint::green, Paint::green_text, "A"},
            {SeriesKind::duplicated, Paint::orange, Paint::orange_text, "D"},
            {SeriesKind::lost, Paint::vermillion, Paint::vermillion_text, "L"},
            {SeriesKind::reordered, Paint::blue, Paint::blue_text, "O"}}},
      Plot{"records-per-request", Str::plot_records, Str::plot_records_means, Unit::count,
           one(SeriesKind::records_per_request, blue)},
      Plot{"queue-time", Str::plot_queue_time, Str::plot_queue_time_means, Unit::milliseconds,
           one(SeriesKind::queue_time, blue)},
      Plot{"latency",
           Str::plot_latency,
           Str::plot_latency_means,
           Unit::milliseconds,
           {{SeriesKind::latency_p50, Paint::blue, Paint::blue_text, "p50"},
            {SeriesKind::latency_p99, Paint::purple, Paint::purple_text, "p99"}}},
      Plot{"errors", Str::plot_errors, Str::plot_errors_means, Unit::count, one(SeriesKind::errors, red)},
      Plot{"throughput", Str::plot_throughput, Str::plot_throughput_means, Unit::per_second,
           one(SeriesKind::throughput, green)},
      Plot{"buffer", Str::plot_buffer, Str::plot_buffer_means, Unit::bytes, one(SeriesKind::buffer_used, blue)},
      Plot{"isr-size", Str::plot_isr, Str::plot_isr_means, Unit::count, one(SeriesKind::isr_size, purple)},
      Plot{"hw-lag", Str::plot_hw_lag, Str::plot_hw_lag_means, Unit::count, one(SeriesKind::hw_lag, purple)},
  };
  return all;
}

const Plot& plot(std::string_view id) {
  const auto all = plots();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Plot& one) { return one.id == id; });
  assert(found != all.end());
  return *found;
}

double scale_of(const Plot& plot, const RunSeries& series) {
  double most = 0;
  for (const PlotLine& line : plot.lines) most = std::max(most, series.highest(line.kind));
  // A small count fills its plot: five in flight reach the top.
  return most <= 8 && plot.unit == Unit::count ? std::max(1.0, most) : rounded_up(most);
}

std::string in_words(double value, Unit unit) {
  const bool tenths = unit == Unit::milliseconds && value < 100;
  const auto rounded = static_cast<std::int64_t>(std::llround(tenths ? value * 10 : value));
  std::string digits = std::to_string(tenths ? rounded / 10 : rounded);
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, " ");
  if (tenths) digits += "." + std::to_string(rounded % 10);
  switch (unit) {
    case Unit::count:
      return digits;
    case Unit::bytes:
      return digits + " B";
    case Unit::milliseconds:
      return digits + " ms";
    case Unit::per_second:
      return digits + " /s";
  }
  return digits;
}

std::vector<std::string> values_at(const Plot& plot, const RunSeries& series, sim::SimTime at) {
  std::vector<std::string> out;
  for (const PlotLine& line : plot.lines) {
    const std::string value = in_words(series.of(line.kind).at(at), plot.unit);
    out.push_back(line.sign.empty() ? value : std::string(line.sign) + " " + value);
  }
  return out;
}

PlotRows visible_rows(std::size_t count, double row, double height, double scrolled) {
  PlotRows rows;
  rows.most = std::max(0.0, row * static_cast<double>(count) - height);
  const double from = std::clamp(scrolled, 0.0, rows.most);
  rows.first = static_cast<std::size_t>(from / row);
  rows.last = std::min(count, static_cast<std::size_t>(std::ceil((from + height) / row)));
  rows.top = static_cast<double>(rows.first) * row - from;
  return rows;
}

}  // namespace linger::gui

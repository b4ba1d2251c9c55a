#include "ui/gui/model/lab_chart.h"

#include <algorithm>
#include <cmath>

#include "ui/gui/model/plots.h"

namespace linger::gui {
namespace {

/// What a curve has at one value of the setting.
struct Quantity {
  char sign;
  Str name;
  double (*theory)(LabSetting, double);
  double (*simulated)(const LabPoint&);
};

Shares shares_at(LabSetting setting, double value) {
  const bool retries = setting == LabSetting::retries;
  return theory_of_loss(retries ? lab_loss : value, (retries ? static_cast<int>(value) : lab_retries) + 1);
}

std::vector<Quantity> quantities(LabOutcome outcome) {
  switch (outcome) {
    case LabOutcome::shares:
      return {{'D', Str::verdict_d, [](LabSetting s, double v) { return shares_at(s, v).duplicated; },
               [](const LabPoint& p) { return p.share(p.duplicated); }},
              {'P', Str::verdict_p, [](LabSetting s, double v) { return shares_at(s, v).failed_present; },
               [](const LabPoint& p) { return p.share(p.failed_present); }},
              {'F', Str::verdict_f, [](LabSetting s, double v) { return shares_at(s, v).failed_absent; },
               [](const LabPoint& p) { return p.share(p.failed_absent); }}};
    case LabOutcome::throughput:
      return {{0, Str::lab_throughput, [](LabSetting s, double v) { return theory_of_throughput(lab_pipe(s, v)); },
               [](const LabPoint& p) { return p.throughput(); }}};
    case LabOutcome::records_per_request:
      return {{0, Str::plot_records,
               [](LabSetting, double v) { return theory_of_linger(v, lab_linger_rate, lab_linger_records); },
               [](const LabPoint& p) { return p.records_per_request(); }}};
  }
  return {};
}

/// acks has no distances between its values: they stand side by side.
double position(const LabChoice& choice, double value) {
  if (choice.setting != LabSetting::acks) return value;
  const auto values = lab_values(choice.setting);
  return static_cast<double>(std::find(values.begin(), values.end(), value) - values.begin());
}

ChartScale scale_of_setting(const LabChoice& choice) {
  const auto values = lab_values(choice.setting).subspan(choice.first, choice.last - choice.first + 1);
  ChartScale scale;
  scale.logarithmic = choice.setting == LabSetting::batch_size;
  for (const double value : values)
    scale.ticks.push_back({position(choice, value), lab_value_words(choice.setting, value)});
  // Room at both ends, so that no mark lies on the frame.
  const double low = scale.ticks.front().value;
  const double high = scale.ticks.back().value;
  if (scale.logarithmic) {
    scale.low = low / 1.3;
    scale.high = high * 1.3;
  } else {
    const double spare = high > low ? (high - low) * 0.05 : 1;
    scale.low = low - spare;
    scale.high = high + spare;
  }
  return scale;
}

ChartScale scale_of_outcome(LabOutcome outcome, double most) {
  ChartScale scale;
  switch (outcome) {
    case LabOutcome::shares:
      scale.logarithmic = true;
      scale.low = 1e-4;
      scale.high = 1;
      scale.ticks = {{1e-4, "0.01 %"}, {1e-3, "0.1 %"}, {1e-2, "1 %"}, {1e-1, "10 %"}, {1, "100 %"}};
      break;
    case LabOutcome::throughput:
      scale.logarithmic = true;
      scale.low = 1e3;
      scale.high = std::max(2e5, most * 1.2);
      for (const double value : {1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5})
        scale.ticks.push_back({value, in_words(value, Unit::per_second)});
      break;
    case LabOutcome::records_per_request:
      scale.low = 0;
      scale.high = 20;
      for (const double value : {0.0, 4.0, 8.0, 12.0, 16.0, 20.0})
        scale.ticks.push_back({value, in_words(value, Unit::count)});
      break;
  }
  return scale;
}

/// Where the theory is asked: at the values, and between them where a setting has values in between.
std::vector<double> asked(const LabChoice& choice) {
  const auto values = lab_values(choice.setting).subspan(choice.first, choice.last - choice.first + 1);
  std::vector<double> out;
  constexpr int parts = 24;
  const bool whole = choice.setting == LabSetting::retries || choice.setting == LabSetting::acks ||
                     choice.setting == LabSetting::max_in_flight;
  for (std::size_t i = 0; i < values.size(); ++i) {
    out.push_back(values[i]);
    for (int part = 1; part < parts && !whole && i + 1 < values.size(); ++part)
      out.push_back(values[i] + (values[i + 1] - values[i]) * part / parts);
  }
  return out;
}

}  // namespace

double ChartScale::beyond(double value) const {
  // Far below everything, but finite.
  if (logarithmic) return value <= low * 1e-9 ? -3 : std::log(value / low) / std::log(high / low);
  return (value - low) / (high - low);
}

double ChartScale::place(double value) const {
  return std::clamp(beyond(value), 0.0, 1.0);
}

LabChart lay_out_lab(const LabChoice& choice, const std::vector<LabPoint>& points, const Box& area) {
  const LabOutcome outcome = outcome_of(choice.setting);
  const std::vector<Quantity> all = quantities(outcome);
  double most = 0;
  for (const Quantity& one : all) {
    for (const LabPoint& point : points)
      most = std::max({most, one.simulated(point), one.theory(choice.setting, point.value)});
  }
  LabChart chart;
  chart.area = area;
  chart.x = scale_of_setting(choice);
  chart.y = scale_of_outcome(outcome, most);
  const auto x_of = [&](double value) { return area.x + area.width * chart.x.place(position(choice, value)); };
  const auto y_of = [&](double value) { return area.y + area.height * (1 - chart.y.place(value)); };
  for (const Quantity& one : all) {
    LabCurve curve;
    curve.sign = one.sign;
    curve.name = one.name;
    for (const double value : asked(choice)) {
      const double theory = one.theory(choice.setting, value);
      // A probability of nought is below every logarithm.
      if (chart.y.logarithmic && theory <= 0) continue;
      // A batch holds whole records: the line of batch.size has steps.
      if (choice.setting == LabSetting::batch_size && !curve.theory.empty())
        curve.theory.push_back({x_of(value), curve.theory.back().y});
      curve.theory.push_back({x_of(value), area.y + area.height * (1 - chart.y.beyond(theory))});
    }
    for (std::size_t i = 0; i < points.size(); ++i) {
      const LabPoint& point = points[i];
      const double theory = one.theory(choice.setting, point.value);
      if (outcome == LabOutcome::shares && theory > 0 && point.records > 0) {
        const double spread = 1.96 * std::sqrt(theory * (1 - theory) / static_cast<double>(point.records));
        curve.band_low.push_back({x_of(point.value), y_of(theory - spread)});
        curve.band_high.push_back({x_of(point.value), y_of(theory + spread)});
      }
      if (point.runs == 0) continue;
      const double simulated = one.simulated(point);
      const bool none = chart.y.logarithmic && simulated <= 0;
      // Where the theory says never and nothing was seen there is nothing to show.
      if (none && theory <= 0) continue;
      curve.marks.push_back({{x_of(point.value), y_of(simulated)}, theory, simulated, none, i});
    }
    chart.curves.push_back(std::move(curve));
  }
  return chart;
}

std::string lab_outcome_words(LabOutcome outcome, double value) {
  const auto with_digits = [](double number, int digits) {
    const std::int64_t power = digits == 2 ? 100 : 10;
    const auto rounded = static_cast<std::int64_t>(std::llround(number * static_cast<double>(power)));
    std::string rest = std::to_string(rounded % power);
    if (digits == 2 && rest.size() < 2) rest.insert(0, "0");
    return std::to_string(rounded / power) + "." + rest;
  };
  switch (outcome) {
    case LabOutcome::shares:
      return with_digits(value * 100, 2) + " %";
    case LabOutcome::throughput:
      return in_words(value, Unit::per_second);
    case LabOutcome::records_per_request:
      return with_digits(value, 1);
  }
  return {};
}

}  // namespace linger::gui

#include "producer/metrics/metric.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <utility>

#include "producer/failure.h"

namespace linger {

namespace {

struct Decimal {
  std::string digits;  ///< without leading or trailing zeros
  int exponent = 0;    ///< of the first digit
};

/// Requires: finite and above 0.
Decimal shortest_decimal(double value) {
  char text[32];
  const char* const end = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific).ptr;
  const char* const mark = std::find(static_cast<const char*>(text), end, 'e');
  Decimal decimal;
  std::copy_if(static_cast<const char*>(text), mark, std::back_inserter(decimal.digits),
               [](char c) { return c != '.'; });
  decimal.digits.erase(decimal.digits.find_last_not_of('0') + 1);
  const char* const number = mark[1] == '+' ? mark + 2 : mark + 1;
  std::from_chars(number, end, decimal.exponent);
  return decimal;
}

template <class... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

}  // namespace

std::string java_double_text(double value) {
  constexpr int first_plain_exponent = -3;
  constexpr int last_plain_exponent = 6;
  if (std::isnan(value)) return "NaN";
  const std::string sign = std::signbit(value) ? "-" : "";
  if (std::isinf(value)) return sign + "Infinity";
  if (value == 0) return sign + "0.0";
  const auto [digits, exponent] = shortest_decimal(std::abs(value));
  if (exponent < first_plain_exponent || exponent > last_plain_exponent) {
    const std::string fraction = digits.size() > 1 ? digits.substr(1) : "0";
    return sign + digits.front() + "." + fraction + "E" + std::to_string(exponent);
  }
  if (exponent < 0) return sign + "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + digits;
  const std::size_t before_point = static_cast<std::size_t>(exponent) + 1;
  if (digits.size() <= before_point) return sign + digits + std::string(before_point - digits.size(), '0') + ".0";
  return sign + digits.substr(0, before_point) + "." + digits.substr(before_point);
}

std::string describe(const MetricValue& value) {
  return std::visit(Overloaded{
                        [](double number) { return java_double_text(number); },
                        [](std::int64_t number) { return std::to_string(number); },
                        [](const std::string& text) { return text; },
                        [](const MetricThrows& thrown) { return thrown.exception; },
                    },
                    value);
}

std::string Metric::full_name() const {
  return group + ":" + name + ":" + tags;
}

MetricList::MetricList(const MetricConfig& config, std::int64_t now_ms, std::string_view client_id)
    : config_(config), now_ms_(now_ms), client_tag_("client-id=" + std::string(client_id)) {}

void MetricList::add(std::string_view group, std::string_view name, MetricValue value, std::string_view more_tags) {
  std::string tags = client_tag_;
  if (!more_tags.empty()) tags += "," + std::string(more_tags);
  metrics_.push_back(Metric{std::string(group), std::string(name), std::move(tags), std::move(value)});
}

void MetricList::named_avg(std::string_view group, std::string_view name, SampledStat& stat,
                           std::string_view more_tags) {
  add(group, name, stat.avg(config_, now_ms_), more_tags);
}

void MetricList::avg(std::string_view group, const std::string& base, SampledStat& stat, std::string_view more_tags) {
  named_avg(group, base + "-avg", stat, more_tags);
}

void MetricList::avg_and_max(std::string_view group, const std::string& base, SampledStat& stat,
                             std::string_view more_tags) {
  avg(group, base, stat, more_tags);
  add(group, base + "-max", stat.max(config_, now_ms_), more_tags);
}

void MetricList::meter(std::string_view group, const std::string& base, Meter& meter, std::string_view more_tags) {
  this->meter(group, base + "-rate", base + "-total", meter, more_tags);
}

void MetricList::meter(std::string_view group, std::string_view rate_name, std::string_view total_name, Meter& meter,
                       std::string_view more_tags) {
  try {
    add(group, rate_name, meter.rate(config_, now_ms_), more_tags);
  } catch (const JavaThrow& thrown) {
    add(group, rate_name, MetricThrows{thrown.error().exception}, more_tags);
  }
  add(group, total_name, meter.total(), more_tags);
}

std::vector<Metric> MetricList::take() {
  add("kafka-metrics-count", "count", static_cast<double>(metrics_.size() + 1));
  std::sort(metrics_.begin(), metrics_.end(),
            [](const Metric& a, const Metric& b) { return a.full_name() < b.full_name(); });
  return std::exchange(metrics_, {});
}

}  // namespace linger

#include "ui/cli/perf.h"

#include <cstdio>
#include <nlohmann/json.hpp>
#include <ostream>
#include <vector>

#include "ui/cli/perf_rows.h"

namespace linger::cli {
namespace {

/// Three significant digits are more than the noise allows.
std::string figure(double value) {
  char text[32];
  std::snprintf(text, sizeof text, value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value);
  return text;
}

void print(const PerfRow& row, std::ostream& out) {
  out << row.name << "\n    " << figure(row.ours) << " ns a " << row.unit << "; floor " << figure(row.floor) << " ns; " << figure(row.ratio())
      << " times the floor; goal " << figure(row.goal_ratio) << " times (" << figure(row.goal) << " ns on the reference machine)"
      << (row.reached() ? "; reached" : "") << "\n";
  if (!row.remark.empty()) out << "    " << row.remark << "\n";
  out.flush();
}

std::string as_json(const std::vector<PerfRow>& rows) {
  nlohmann::ordered_json document{{"schema", 1}, {"verb", "perf"}, {"rows", nlohmann::ordered_json::array()}};
  for (const PerfRow& row : rows) {
    document["rows"].push_back({{"name", row.name}, {"unit", row.unit}, {"ns", row.ours}, {"floor_ns", row.floor}, {"ratio", row.ratio()},
                                {"goal_ns", row.goal}, {"goal_ratio", row.goal_ratio}, {"reached", row.reached()}, {"remark", row.remark}});
  }
  return document.dump(2);
}

}  // namespace

ExitStatus measure_performance(const Arguments& arguments, const Streams& streams) {
  const bool json = arguments.has("--json");
  std::vector<PerfRow> rows;
  std::size_t printed = 0;
  for (const auto add : {add_run_rows, add_search_rows, add_kernel_rows, add_byte_rows, add_window_rows}) {
    add(rows);
    for (; !json && printed < rows.size(); ++printed) print(rows[printed], streams.out);
  }
  if (json) streams.out << as_json(rows) << "\n";
  return ExitStatus::as_expected;
}

}  // namespace linger::cli

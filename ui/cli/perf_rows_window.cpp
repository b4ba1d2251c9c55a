#include <cassert>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "perf_scenarios.h"
#include "scenarios/runner.h"
#include "scenarios/scenario_reader.h"
#include "scenarios/scenario_writer.h"
#include "ui/cli/perf_floors.h"
#include "ui/cli/perf_rows.h"
#include "ui/cli/window.h"
#include "ui/report/axis.h"
#include "ui/report/diagram.h"
#include "ui/report/layout.h"

namespace linger::cli {
namespace {

/// Half a minute of records that come one by one: more than a hundred thousand events.
scenarios::Scenario long_scenario() {
  scenarios::Overrides overrides;
  overrides.set = {{"/producers/0/workload/0/send/every", "2ms"},
                   {"/producers/0/workload/0/send/count", "16000"},
                   {"/expect", "{}"}};
  auto read = scenarios::read_scenario(perf_scenario_bulk, overrides);
  assert(read.ok());
  return std::move(*read.scenario);
}
scenarios::Run run(scenarios::Scenario scenario) {
  scenarios::RunOptions options;
  options.keep_trace = true;
  return scenarios::run_scenario(std::move(scenario), options);
}

/// What the window lays out when nothing of the last frame can be kept: another zoom, another part of the run.
std::uint64_t lay_out(const report::Diagram& diagram, const report::Reach& reach, const report::AxisPlan& plan,
                      double zoom, double part) {
  report::AxisWindow window;
  window.kind = report::AxisKind::linear;
  window.width = 1156;
  window.zoom = zoom;
  const report::Axis axis = report::window_axis(plan, window);
  report::WindowFrame frame;
  frame.width = 1280;
  frame.height = 420;
  frame.left = (axis.width - window.width) * part;
  return report::lay_out_window(diagram, reach, axis, frame).drawing.shapes.size();
}

/// Whole frames of the window, as linger-gui takes their time. Left out where it was not built.
void add_frames(const std::string& scenario, std::size_t items, std::vector<PerfRow>& rows) {
  const auto answer = frame_times_of(scenario);
  if (!answer) return;
  const nlohmann::json times = nlohmann::json::parse(*answer);
  const double floor = median_ns(1, [&] { keep(floor_picture(items, 1156)); });
  const auto add = [&](const char* name, const char* key) {
    rows.push_back({name, "frame", times.at(key).get<double>(), floor, 4e6, 40,
                    "layout, views and draw list in linger-gui, " + times.at("events").dump() + " events"});
  };
  add("frame of the window with a whole long run", "still");
  add("the same while it plays", "playing");
  add("the same while the cursor is dragged, a hundredth of the run a frame", "scrubbing");
  add("the same while a fortieth of it moves", "panning");
}

}  // namespace

void add_window_rows(std::vector<PerfRow>& rows) {
  const scenarios::Scenario scenario = long_scenario();
  const scenarios::Run run = cli::run(scenario);
  const report::Diagram diagram = report::build_diagram(run);
  const report::Reach reach = report::reach_of(diagram);
  const report::AxisPlan plan = report::plan_axis(diagram);
  const std::size_t items = diagram.arrows.size() + diagram.marks.size() + diagram.bars.size();
  const std::string remark =
      std::to_string(run.result.events) + " events, " + std::to_string(items) + " arrows, marks and bars";
  for (const double zoom : {1.0, 40.0}) {
    PerfRow row{zoom == 1 ? "picture of a whole long run, 1280x720" : "picture of a fortieth of it",
                "picture",
                0,
                0,
                4e6,
                40,
                remark};
    row.ours = median_ns(1, [&] { keep(lay_out(diagram, reach, plan, zoom, 0.4)); });
    row.floor = median_ns(1, [&] { keep(floor_picture(items, 1156)); });
    rows.push_back(std::move(row));
  }
  add_frames(scenarios::write_scenario(scenario), items, rows);
}

}  // namespace linger::cli

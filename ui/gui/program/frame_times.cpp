#include "ui/gui/program/frame_times.h"

#include <time.h>

#include <algorithm>
#include <array>
#include <functional>
#include <nlohmann/json.hpp>

#include "scenarios/runner.h"
#include "ui/gui/views/view.h"

namespace linger::gui {
namespace {

double cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

/// The median of frames before each of which something is done to the window.
double median_frame(App& app, const std::function<void(int)>& before) {
  constexpr std::size_t frames = 61;
  std::array<double, frames> taken{};
  for (std::size_t i = 0; i < frames; ++i) {
    before(static_cast<int>(i));
    app.prepare(1280, 720);
    // No renderer: the atlas of fonts is a texture that nobody looks at.
    ImGui::GetIO().Fonts->SetTexID(&app);
    ImGui::GetIO().DeltaTime = 1.0F / 60;
    ImGui::NewFrame();
    const double began = cpu_ns();
    app.frame();
    ImGui::Render();
    taken[i] = cpu_ns() - began;
  }
  std::sort(taken.begin(), taken.end());
  return taken[frames / 2];
}

}  // namespace

std::string frame_times(App& app) {
  const Session& session = *app.session();
  State& state = app.state();
  nlohmann::ordered_json times{{"events", session.run().result.events}};
  ImGui::CreateContext();
  set_up_context();
  times["still"] = median_frame(app, [](int) {});
  const std::int64_t part = session.end().ns() / 100;
  state.cursor = session.at(sim::SimTime::at_ns(part * 20));
  times["playing"] = median_frame(app, [&](int) { state.playing = true; });
  state.playing = false;
  times["scrubbing"] =
      median_frame(app, [&](int i) { state.cursor = session.at(sim::SimTime::at_ns(part * (20 + i))); });
  constexpr double zoom = 40;
  constexpr double step = 50;
  times["panning"] = median_frame(app, [&](int i) {
    state.axis.zoom = zoom;
    state.axis.left = 15'000 + step * i;
  });
  ImGui::DestroyContext();
  return times.dump();
}

}  // namespace linger::gui

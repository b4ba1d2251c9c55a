#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ui/gui/model/session.h"
#include "ui/gui/model/state.h"
#include "ui/gui/views/canvas.h"
#include "ui/report/layout.h"

namespace linger::gui {

/// What a laid out diagram is about: whose run, which of its diagrams, on which axis.
struct SceneView {
  const Session& session;
  const report::Diagram& diagram;
  const report::Axis& axis;
  const State& state;
};

/// Paints it into a box, with what is selected and what the pointer is on (null: nothing). `tag` will be covered: times
/// of the axis that it would cut are left out.
void paint_scene(Canvas& canvas, const SceneView& view, const report::Scene& scene, const Box& box,
                 const report::Hit* under, const std::optional<Box>& tag = std::nullopt);

/// From the beginning of the first to that of the last that is drawn as one with it.
std::pair<sim::SimTime, sim::SimTime> stretch_of(const report::Diagram& diagram, const report::Hit& crowd);

/// What the tooltip says about something in a diagram.
std::vector<std::string> words_of(const SceneView& view, const report::Hit& hit);

/// What a click on it picks; nothing for a fold.
Selection selection_of(const SceneView& view, const report::Hit& hit);

/// What a window's layout translates its texts with; null where they stay.
std::string (*translator(Language language))(const std::string&);

}  // namespace linger::gui

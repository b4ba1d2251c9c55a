#include "ui/gui/views/menu_view.h"

#include <algorithm>

#include "scenarios/runner.h"
#include "ui/gui/model/acts.h"
#include "ui/gui/views/widgets.h"
#include "ui/report/words.h"

namespace linger::gui {

void open_act_menu(Frame& frame, const Target& target) {
  const ImVec2 pointer = ImGui::GetIO().MousePos;
  const bool now = target.kind == Target::Kind::host || target.kind == Target::Kind::link;
  frame.state.menu = ActMenu{name_of(target, frame.session), acts_on(target, frame.session, frame.state),
                             now ? std::optional(frame.state.cursor.at) : std::nullopt, static_cast<double>(pointer.x),
                             static_cast<double>(pointer.y)};
  frame.state.playing = false;
}

void draw_act_menu(Frame& frame, double width, double height) {
  if (!frame.state.menu) return;
  const ActMenu& menu = *frame.state.menu;
  const std::vector<Act>& acts = menu.acts;
  constexpr double row = 26;
  constexpr double head = 34;
  double wide = 200;
  for (const Act& act : acts) wide = std::max(wide, frame.canvas.width(act.change.say(frame.state.language)) + 28);
  wide = std::min(wide, width - 16);
  const std::size_t rows = std::max<std::size_t>(1, acts.size());
  const double tall = head + row * static_cast<double>(rows) + 8;
  const Box box{std::clamp(menu.x + 4, 8.0, std::max(8.0, width - wide - 8)),
                std::clamp(menu.y + 4, 8.0, std::max(8.0, height - tall - 8)), wide, std::min(tall, height - 16)};
  const Overlay overlay{"##acts", box};
  Canvas canvas = overlay.canvas(frame.canvas);
  canvas.fill(box, canvas.colour(Extra::panel), 4);
  canvas.frame(box, canvas.colour(Paint::ink), 4);
  canvas.text_within({box.x + 12, box.y + 22}, menu.name.say(frame.state.language), wide * 0.6, Paint::ink, 13,
                     Face::semibold);
  if (menu.at) {
    canvas.text_right({box.x + wide - 12, box.y + 22}, frame.say(Str::menu_at, {report::milliseconds(menu.at->ns())}),
                      Paint::dim, 12);
  }
  canvas.line({box.x + 8, box.y + head - 3}, {box.x + wide - 8, box.y + head - 3}, canvas.colour(Paint::rule));
  if (acts.empty()) canvas.text({box.x + 12, box.y + head + 18}, frame.say(Str::menu_nothing), Paint::dim);
  bool close = false;
  for (std::size_t i = 0; i < acts.size(); ++i) {
    const Box at{box.x + 4, box.y + head + row * static_cast<double>(i), wide - 8, row};
    const Touch state = touch(("##act" + std::to_string(i)).c_str(), at);
    if (state.hovered) canvas.fill(at, canvas.colour(Paint::well), 3);
    canvas.text_within({at.x + 10, at.y + 18}, acts[i].change.say(frame.state.language), wide - 20);
    if (!state.clicked) continue;
    frame.requests.push_back(
        NewBranch{plan_with(frame.session.run().setup->scenario, acts[i]), acts[i].change, acts[i].from});
    close = true;
  }
  const ImGuiIO& io = ImGui::GetIO();
  const Point pointer{static_cast<double>(io.MousePos.x), static_cast<double>(io.MousePos.y)};
  close = close || (ImGui::IsMouseClicked(0) && !contains(box, pointer));
  if (close) frame.state.menu.reset();
}

}  // namespace linger::gui

#include "ui/gui/views/app.h"

#include <algorithm>

#include "scenarios/runner.h"
#include "ui/gui/views/diagram_view.h"
#include "ui/gui/views/keyboard.h"
#include "ui/gui/views/picture_view.h"
#include "ui/gui/views/shell.h"
#include "ui/gui/views/view.h"

namespace linger::gui {

App::App(Opened opened) {
  if (auto* session = std::get_if<std::unique_ptr<Session>>(&opened)) {
    session_ = std::move(*session);
    callouts_ = callouts_of(*session_, callouts_language_);
    state_.cursor = session_->last();
    if (!session_->run().result.fates.empty()) state_.selection.record = 0;
  } else {
    mistake_ = std::get<std::string>(opened);
  }
}

void set_up_context() {
  ImGuiIO& io = ImGui::GetIO();
  io.IniFilename = nullptr;
  io.ConfigFlags &= ~ImGuiConfigFlags_NavEnableKeyboard;
  ImGuiStyle& style = ImGui::GetStyle();
  style.WindowPadding = {0, 0};
  style.WindowBorderSize = 0;
  style.WindowRounding = 0;
}

bool App::prepare(double physical_width, double physical_height) {
  ImGuiIO& io = ImGui::GetIO();
  io.DisplaySize = {static_cast<float>(physical_width / state_.scale),
                    static_cast<float>(physical_height / state_.scale)};
  io.DisplayFramebufferScale = {static_cast<float>(state_.scale), static_cast<float>(state_.scale)};
  std::string texts = mistake_;
  if (session_) texts += session_->run().setup->scenario.title;
  return fonts_.prepare(state_.scale, texts);
}

void App::play() {
  if (!state_.playing || !session_) return;
  const double width = std::max(1.0, static_cast<double>(ImGui::GetIO().DisplaySize.x) / 2);
  // Idle stretches pass at once: what is played is the picture, at an even pace.
  const auto axis = axis_of(*session_, state_.axis, width);
  const double seconds = std::min(0.1, static_cast<double>(ImGui::GetIO().DeltaTime));
  constexpr double pixels_per_second = 60;
  const double x = axis->x(state_.cursor.at) + seconds * pixels_per_second;
  sim::SimTime to = std::max(axis->at(x), state_.cursor.at + sim::Duration::us(1));
  if (to >= session_->end()) {
    to = session_->end();
    state_.playing = false;
  }
  move_to(session_->at(to), *session_, state_, width);
}

void App::draw_sentences(const std::string& title, const std::string& sentences) {
  Canvas canvas{*ImGui::GetWindowDrawList(), fonts_, state_.theme};
  const double width = static_cast<double>(ImGui::GetIO().DisplaySize.x);
  double y = 40;
  canvas.text({20, y}, title, Paint::ink, 18, Face::semibold);
  std::string rest = sentences;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    for (const std::string& line : canvas.wrapped(rest.substr(0, end), width - 40)) canvas.text({20, y += 22}, line);
    rest.erase(0, std::min(end + 1, rest.size()));
  }
}

void App::draw_session(const Screen& screen) {
  Canvas canvas{*ImGui::GetWindowDrawList(), fonts_, state_.theme};
  const double axis_width = screen.diagram.width - lane_names;
  std::vector<Command> asked;
  if (const auto command = pressed_command()) asked.push_back(*command);
  for (const Command command : asked) apply(command, *session_, state_, axis_width);
  asked.clear();
  clamp_view(*session_, state_.axis, axis_width);
  const auto axis = axis_of(*session_, state_.axis, axis_width);
  Frame frame{*session_, state_, canvas, screen, *axis, screen.diagram.x + lane_names, axis_width, asked, callouts_};
  if (!draw_large_panel(frame)) {
    for (const Page& page : pages()) {
      if (page.id == state_.page) page.draw(frame);
    }
  }
  draw_header(frame);
  draw_transport(frame);
  draw_status(frame);
  draw_key_map(frame, static_cast<double>(ImGui::GetIO().DisplaySize.x),
               static_cast<double>(ImGui::GetIO().DisplaySize.y));
  for (const Command command : asked) apply(command, *session_, state_, axis_width);
}

void App::finish_work() {
  if (state_.sweep) state_.sweep->finish();
}

void App::frame() {
  play();
  // So much that a frame stays a frame: some milliseconds of work.
  constexpr std::uint64_t events_a_frame = 2000;
  if (state_.sweep) state_.sweep->advance(events_a_frame);
  const ImVec2 size = ImGui::GetIO().DisplaySize;
  ImGui::SetNextWindowPos({0, 0});
  ImGui::SetNextWindowSize(size);
  const ImGuiWindowFlags flags = ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove |
                                 ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoBackground |
                                 ImGuiWindowFlags_NoScrollWithMouse | ImGuiWindowFlags_NoNav;
  ImGui::Begin("linger", nullptr, flags);
  ImDrawList* list = ImGui::GetWindowDrawList();
  // Smooth edges are one physical pixel wide, whatever the scale.
  list->_FringeScale = static_cast<float>(1 / state_.scale);
  Canvas canvas{*list, fonts_, state_.theme};
  canvas.fill({0, 0, static_cast<double>(size.x), static_cast<double>(size.y)}, canvas.colour(Paint::ground));
  if (session_ && callouts_language_ != state_.language) {
    callouts_language_ = state_.language;
    callouts_ = callouts_of(*session_, state_.language);
  }
  ScreenWishes wishes;
  wishes.side_column = state_.side_column && !panels().empty();
  wishes.callouts = state_.callouts && !callouts_.empty();
  wishes.strips = strips().size();
  wishes.ledger_rows = session_ ? session_->run().result.fates.size() : 1;
  const Screen screen = lay_out_screen(static_cast<double>(size.x), static_cast<double>(size.y), wishes);
  if (!session_)
    draw_sentences(std::string(text(state_.language, Str::cannot_open)), mistake_);
  else if (screen.too_small)
    draw_sentences("Linger",
                   std::string(text(state_.language, Str::window_too_small)) + "\nlinger run " + session_->file());
  else
    draw_session(screen);
  ImGui::End();
}

}  // namespace linger::gui

#include "ui/gui/views/app.h"

#include <algorithm>

#include "scenarios/runner.h"
#include "ui/gui/model/preferences.h"
#include "ui/gui/model/scenario_page.h"
#include "ui/gui/model/scenario_words.h"
#include "ui/gui/views/diagram_view.h"
#include "ui/gui/views/keyboard.h"
#include "ui/gui/views/menu_view.h"
#include "ui/gui/views/picture_view.h"
#include "ui/gui/views/prompt_view.h"
#include "ui/gui/views/shell.h"
#include "ui/gui/views/view.h"

namespace linger::gui {

App::App(Opened opened) {
  take(std::move(opened));
}

void App::take(Opened opened) {
  if (auto* session = std::get_if<std::unique_ptr<Session>>(&opened)) {
    callouts_session_ = nullptr;
    pictures_.clear();
    branches_ = std::make_unique<Branches>(std::move(*session));
    if (!branches_->session().file().empty()) remember_file(branches_->session().file(), state_.recent_files);
    state_.cursor = branches_->session().last();
    state_.selection = {};
    state_.axis.zoom = 1;
    state_.axis.left = 0;
    state_.axis.unfolded.clear();
    state_.sweep.reset();
    state_.comparison.reset();
    state_.compare_with.reset();
    state_.scenario.reset();
    state_.notice.clear();
    mistake_.clear();
    enter(branches_->session(), state_);
  } else if (branches_) {
    state_.notice = std::get<std::string>(opened);
  } else {
    mistake_ = std::get<std::string>(opened);
  }
}

void App::open(const std::string& file) {
  take(open_session(file));
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
  std::string texts = mistake_ + state_.notice;
  if (state_.prompt) texts += state_.prompt->words;
  for (const std::string& file : state_.recent_files) texts += file;
  if (state_.scenario) texts += state_.scenario->signs();
  if (branches_) {
    for (std::size_t i = 0; i < branches_->size(); ++i)
      texts += (*branches_)[i].name + (*branches_)[i].session->run().setup->scenario.title;
  }
  // Plain letters are always there; a new atlas for each of them would cost a frame.
  std::erase_if(texts, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  return fonts_.prepare(state_.scale, texts);
}

void App::play() {
  if (!state_.playing || !branches_) return;
  const Session& session = branches_->session();
  const double width = std::max(1.0, static_cast<double>(ImGui::GetIO().DisplaySize.x) / 2);
  // Idle stretches pass at once: what is played is the picture, at an even pace.
  const auto axis = axis_of(session, state_.axis, width);
  const double seconds = std::min(0.1, static_cast<double>(ImGui::GetIO().DeltaTime));
  constexpr double pixels_per_second = 60;
  const double x = axis->x(state_.cursor.at) + seconds * pixels_per_second * state_.speed;
  sim::SimTime to = std::max(axis->at(x), state_.cursor.at + sim::Duration::us(1));
  if (to >= session.end()) {
    to = session.end();
    state_.playing = false;
  }
  move_to(session.at(to), session, state_, width);
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

void App::draw_mistake() {
  if (const auto command = pressed_command(); command == Command::open_file)
    state_.prompt = Prompt{Prompt::Kind::open, {}};
  else if (command)
    apply_look(*command, state_);
  const std::string_view way = text(state_.language, Str::open_another);
  draw_sentences(std::string(text(state_.language, Str::cannot_open)),
                 mistakes_of_file_in(state_.language, mistake_) + "\n" + std::string(way));
  std::vector<Request> requests;
  const ImVec2 size = ImGui::GetIO().DisplaySize;
  Canvas canvas{*ImGui::GetWindowDrawList(), fonts_, state_.theme};
  draw_prompt(state_, canvas, requests, static_cast<double>(size.x), static_cast<double>(size.y));
  for (const Request& request : requests) {
    if (const auto* file = std::get_if<OpenFile>(&request)) open(file->file);
  }
}

void App::draw_session(const Screen& screen) {
  Canvas canvas{*ImGui::GetWindowDrawList(), fonts_, state_.theme};
  const double axis_width = screen.diagram.width - lane_names;
  std::vector<Command> asked;
  std::vector<Request> requests;
  if (const auto command = pressed_command()) asked.push_back(*command);
  carry_out_all(asked, requests, screen);
  asked.clear();
  Session& session = branches_->session();
  find_callouts();
  clamp_view(session, state_.axis, axis_width);
  const auto axis = axis_of(session, state_.axis, axis_width);
  Frame frame{*branches_, session, state_,   canvas,    screen,   *axis, screen.diagram.x + lane_names,
              axis_width, asked,   requests, callouts_, pictures_};
  if (!draw_large_panel(frame)) {
    for (const Page& page : pages()) {
      if (page.id == state_.page) page.draw(frame);
    }
  }
  draw_header(frame);
  draw_transport(frame);
  draw_status(frame);
  const double width = static_cast<double>(ImGui::GetIO().DisplaySize.x);
  const double height = static_cast<double>(ImGui::GetIO().DisplaySize.y);
  draw_key_map(frame, width, height);
  draw_act_menu(frame, width, height);
  draw_prompt(state_, canvas, requests, width, height);
  carry_out_all(asked, requests, screen);
}

void App::carry_out_all(const std::vector<Command>& asked, std::vector<Request>& requests, const Screen& screen) {
  for (const Command command : asked) {
    if (const auto kind = prompt_of(command)) {
      state_.notice.clear();
      state_.prompt = prompt_for(*kind, *branches_);
    } else if (command == Command::side_column && screen.compact) {
      state_.drawer = !state_.drawer;
    } else {
      apply(command, branches_->session(), state_, screen.diagram.width - lane_names);
    }
  }
  for (Request& request : requests) {
    if (const auto* file = std::get_if<OpenFile>(&request))
      open(file->file);
    else
      carry_out(std::move(request), *branches_, state_);
  }
  requests.clear();
}

void App::find_callouts() {
  const Session* session = &branches_->session();
  if (callouts_session_ == session && callouts_language_ == state_.language) return;
  callouts_session_ = session;
  callouts_language_ = state_.language;
  callouts_ = callouts_of(*session, state_.language);
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
  if (branches_) find_callouts();
  ScreenWishes wishes;
  wishes.side_column = state_.side_column && !panels().empty();
  wishes.drawer = state_.drawer && !panels().empty();
  wishes.callouts = state_.callouts && !callouts_.empty();
  wishes.strips = strips().size();
  wishes.ledger_rows = branches_ ? branches_->session().run().result.fates.size() : 1;
  // Many lanes need the room; the ledger can be scrolled.
  constexpr std::size_t many_lanes = 9;
  if (branches_ && branches_->session().diagram().lanes.size() > many_lanes)
    wishes.ledger_rows = std::min<std::size_t>(wishes.ledger_rows, 2);
  const Screen screen = lay_out_screen(static_cast<double>(size.x), static_cast<double>(size.y), wishes);
  // A wide window has a column for it, and Esc has something else to close.
  if (!screen.compact) state_.drawer = false;
  if (!branches_)
    draw_mistake();
  else if (screen.too_small)
    draw_sentences("Linger", std::string(text(state_.language, Str::window_too_small)) + "\nlinger run " +
                                 branches_->session().file());
  else
    draw_session(screen);
  ImGui::End();
}

}  // namespace linger::gui

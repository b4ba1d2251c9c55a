#include "ui/gui/views/prompt_view.h"

#include <algorithm>
#include <filesystem>

#include "ui/gui/views/keyboard.h"
#include "ui/gui/views/widgets.h"

namespace linger::gui {
namespace {

Str title_of(Prompt::Kind kind) {
  switch (kind) {
    case Prompt::Kind::rename:
      return Str::prompt_rename;
    case Prompt::Kind::save:
      return Str::prompt_save;
    case Prompt::Kind::find:
      return Str::prompt_find;
    case Prompt::Kind::open:
      break;
  }
  return Str::prompt_open;
}

constexpr double recent_row = 26;

/// The files that were open before, to be opened with a click. True when one was.
bool draw_recent_files(const State& state, Canvas& canvas, std::vector<Request>& requests, Point at, double wide,
                       std::size_t rows) {
  canvas.text({at.x, at.y + 16}, text(state.language, Str::prompt_recent), Paint::dim, 12);
  bool any = false;
  for (std::size_t i = 0; i < rows; ++i) {
    const std::filesystem::path file = state.recent_files[i];
    const Box box{at.x - 8, at.y + 24 + recent_row * static_cast<double>(i), wide + 16, recent_row};
    const Touch touched = touch(("##recent" + std::to_string(i)).c_str(), box);
    if (touched.hovered) canvas.fill(box, canvas.colour(Paint::well), 3);
    const std::string name = file.filename().string();
    canvas.text_within({at.x, box.y + 18}, name, wide, Paint::ink, 13, Face::semibold);
    const double after = canvas.width(name, 13, Face::semibold) + 12;
    if (after < wide - 40)
      canvas.text_within({at.x + after, box.y + 18}, file.parent_path().string(), wide - after, Paint::dim, 12);
    if (!touched.clicked) continue;
    requests.emplace_back(OpenFile{file.string()});
    any = true;
  }
  return any;
}

}  // namespace

void draw_prompt(State& state, const Canvas& window, std::vector<Request>& requests, double width, double height) {
  if (!state.prompt) return;
  Prompt& prompt = *state.prompt;
  const double wide = std::min(width - 32, 560.0);
  const double top = std::max(16.0, height * 0.22);
  const double room = std::max(0.0, (height - top - 112 - 48) / recent_row);
  const std::size_t rows =
      prompt.kind == Prompt::Kind::open ? std::min(state.recent_files.size(), static_cast<std::size_t>(room)) : 0;
  const double below = rows == 0 ? 0 : 32 + recent_row * static_cast<double>(rows);
  const Box box{(width - wide) / 2, top, wide, 112 + below};
  const Overlay overlay{"##prompt", box};
  Canvas canvas = overlay.canvas(window);
  canvas.fill(box, canvas.colour(Extra::panel), 6);
  canvas.frame(box, canvas.colour(Paint::ink), 6);
  canvas.text({box.x + 16, box.y + 26}, text(state.language, title_of(prompt.kind)), Paint::ink, 15, Face::semibold);
  // A field that has just come up takes the keys at once.
  const bool fresh = ImGui::IsWindowAppearing();
  const bool entered = text_field(canvas, "##words", {box.x + 16, box.y + 40, wide - 32, 32}, prompt.words, fresh);
  canvas.text({box.x + 16, box.y + 96}, text(state.language, Str::prompt_how), Paint::dim, 12);
  const bool picked =
      rows > 0 && draw_recent_files(state, canvas, requests, {box.x + 16, box.y + 104}, wide - 32, rows);
  if (entered) requests.push_back(request_of(prompt));
  if (entered || picked || ImGui::IsKeyPressed(key_code(Key::escape), false)) state.prompt.reset();
}

}  // namespace linger::gui

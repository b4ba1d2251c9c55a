#include "ui/gui/views/prompt_view.h"

#include <algorithm>

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

}  // namespace

void draw_prompt(Frame& frame, double width, double height) {
  if (!frame.state.prompt) return;
  Prompt& prompt = *frame.state.prompt;
  const double wide = std::min(width - 32, 560.0);
  const Box box{(width - wide) / 2, std::max(16.0, height * 0.22), wide, 112};
  const Overlay overlay{"##prompt", box};
  Canvas canvas = overlay.canvas(frame.canvas);
  canvas.fill(box, canvas.colour(Extra::panel), 6);
  canvas.frame(box, canvas.colour(Paint::ink), 6);
  canvas.text({box.x + 16, box.y + 26}, frame.say(title_of(prompt.kind)), Paint::ink, 15, Face::semibold);
  // A field that has just come up takes the keys at once.
  const bool fresh = ImGui::IsWindowAppearing();
  const bool entered = text_field(canvas, "##words", {box.x + 16, box.y + 40, wide - 32, 32}, prompt.words, fresh);
  canvas.text({box.x + 16, box.y + 96}, frame.say(Str::prompt_how), Paint::dim, 12);
  if (entered) {
    frame.requests.push_back(request_of(prompt, frame.branches));
    frame.state.prompt.reset();
  } else if (ImGui::IsKeyPressed(key_code(Key::escape), false)) {
    frame.state.prompt.reset();
  }
}

}  // namespace linger::gui

#include "ui/gui/views/keyboard.h"

#include <imgui.h>

namespace linger::gui {

int key_code(Key key) {
  switch (key) {
    case Key::space:
      return 32;
    case Key::minus:
      return 45;
    case Key::comma:
      return 44;
    case Key::period:
      return 46;
    case Key::digit_0:
      return 48;
    case Key::digit_1:
      return 49;
    case Key::digit_2:
      return 50;
    case Key::digit_3:
      return 51;
    case Key::plus:
      return 61;  // the key of "=", which has the plus on most keyboards
    case Key::b:
      return 'B';
    case Key::c:
      return 'C';
    case Key::d:
      return 'D';
    case Key::e:
      return 'E';
    case Key::f:
      return 'F';
    case Key::i:
      return 'I';
    case Key::l:
      return 'L';
    case Key::n:
      return 'N';
    case Key::o:
      return 'O';
    case Key::r:
      return 'R';
    case Key::s:
      return 'S';
    case Key::v:
      return 'V';
    case Key::w:
      return 'W';
    case Key::x:
      return 'X';
    case Key::z:
      return 'Z';
    case Key::escape:
      return 256;
    case Key::enter:
      return 257;
    case Key::tab:
      return 258;
    case Key::right:
      return 262;
    case Key::left:
      return 263;
    case Key::home:
      return 268;
    case Key::end:
      return 269;
    case Key::f1:
      return 290;
  }
  return 0;
}

std::optional<Command> pressed_command() {
  const ImGuiIO& io = ImGui::GetIO();
  if (io.WantTextInput) return std::nullopt;
  for (const KeyBinding& binding : key_bindings()) {
    if (binding.shift != io.KeyShift || binding.control != io.KeyCtrl) continue;
    const bool repeats = binding.key == Key::left || binding.key == Key::right;
    if (ImGui::IsKeyPressed(key_code(binding.key), repeats)) return binding.command;
  }
  // The plus of the number pad, and its minus.
  constexpr int pad_minus = 333;
  constexpr int pad_plus = 334;
  if (ImGui::IsKeyPressed(pad_plus, false)) return io.KeyCtrl ? Command::larger : Command::zoom_in;
  if (ImGui::IsKeyPressed(pad_minus, false)) return io.KeyCtrl ? Command::smaller : Command::zoom_out;
  return std::nullopt;
}

}  // namespace linger::gui

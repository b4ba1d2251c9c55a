#include "ui/gui/views/widgets.h"

#include <algorithm>
#include <array>

namespace linger::gui {

Touch touch(const char* id, const Box& box) {
  Touch out;
  if (box.width <= 0 || box.height <= 0) return out;
  ImGui::SetCursorScreenPos({static_cast<float>(box.x), static_cast<float>(box.y)});
  out.clicked = ImGui::InvisibleButton(id, {static_cast<float>(box.width), static_cast<float>(box.height)});
  out.hovered = ImGui::IsItemHovered();
  out.held = ImGui::IsItemActive();
  return out;
}

bool button(Canvas& canvas, const char* id, const Box& box, std::string_view label, Look look, std::string_view key) {
  const Touch state = touch(id, box);
  const bool on = look == Look::on;
  const bool warm = state.hovered && look != Look::grey;
  canvas.fill(box, canvas.colour(on ? Paint::ink : warm ? Paint::well : Paint::ground), 4);
  canvas.frame(box, canvas.colour(on ? Paint::ink : look == Look::grey ? Paint::rule : Paint::mid), 4);
  const Paint ink = on ? Paint::ground : look == Look::grey ? Paint::mid : Paint::ink;
  const double middle = box.y + box.height / 2 + 5;
  if (key.empty()) {
    canvas.text_centred({box.x + box.width / 2, middle}, label, canvas.colour(ink));
  } else {
    canvas.text({box.x + 9, middle}, label, ink);
    const double cap = canvas.width(key, 11, Face::mono) + 8;
    const Box plate{box.x + box.width - cap - 6, box.y + 6, cap, box.height - 12};
    canvas.frame(plate, canvas.colour(Paint::rule), 3);
    canvas.text({plate.x + 4, middle - 1}, key, Paint::dim, 11, Face::mono);
  }
  return state.clicked && look != Look::grey;
}

bool text_field(Canvas& canvas, const char* id, const Box& box, std::string& words, bool take_focus, const char* hint) {
  constexpr std::size_t most = 4096;
  std::array<char, most> buffer{};
  words.copy(buffer.data(), most - 1);
  ImGui::SetCursorScreenPos({static_cast<float>(box.x), static_cast<float>(box.y)});
  ImGui::PushFont(canvas.fonts().find(Face::mono, 13));
  ImGui::PushStyleColor(ImGuiCol_FrameBg, canvas.colour(Paint::ground));
  ImGui::PushStyleColor(ImGuiCol_Text, canvas.colour(Paint::ink));
  ImGui::PushStyleColor(ImGuiCol_TextDisabled, canvas.colour(Paint::mid));
  ImGui::PushStyleColor(ImGuiCol_TextSelectedBg, canvas.colour(Extra::highlight, 0.5));
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, {8, static_cast<float>((box.height - 15) / 2)});
  ImGui::SetNextItemWidth(static_cast<float>(box.width));
  if (take_focus) ImGui::SetKeyboardFocusHere();
  const bool entered = ImGui::InputTextWithHint(id, hint, buffer.data(), most, ImGuiInputTextFlags_EnterReturnsTrue);
  const bool active = ImGui::IsItemActive();
  ImGui::PopStyleVar();
  ImGui::PopStyleColor(4);
  ImGui::PopFont();
  words = buffer.data();
  canvas.frame(box, canvas.colour(active ? Paint::ink : Paint::mid), 3, active ? 1.5 : 1);
  return entered;
}

Overlay::Overlay(const char* id, const Box& box, bool in_front) {
  ImGui::SetNextWindowPos({static_cast<float>(box.x), static_cast<float>(box.y)});
  ImGui::SetNextWindowSize({static_cast<float>(box.width), static_cast<float>(box.height)});
  if (in_front) ImGui::SetNextWindowFocus();
  ImGui::Begin(id, nullptr,
               ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings |
                   ImGuiWindowFlags_NoBackground | ImGuiWindowFlags_NoNav);
}

Overlay::~Overlay() {
  ImGui::End();
}

Canvas Overlay::canvas(const Canvas& canvas) const {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list._FringeScale = canvas.fringe();
  return {list, canvas.fonts(), canvas.theme()};
}

void scroll(Canvas& canvas, const Box& box, double height, double& top) {
  const ImGuiIO& io = ImGui::GetIO();
  if (contains(box, {static_cast<double>(io.MousePos.x), static_cast<double>(io.MousePos.y)}))
    top -= static_cast<double>(io.MouseWheel) * 48;
  const double most = std::max(0.0, height - box.height);
  top = std::clamp(top, 0.0, most);
  if (most <= 0) return;
  const double length = std::max(24.0, box.height * box.height / height);
  canvas.fill({box.x + box.width - 6, box.y + (box.height - length) * top / most, 4, length}, canvas.colour(Paint::mid),
              2);
}

void tooltip(Canvas& canvas, const std::vector<std::string>& lines) {
  constexpr double line = 17;
  double wide = 0;
  for (std::size_t i = 0; i < lines.size(); ++i)
    wide = std::max(wide, canvas.width(lines[i], i == 0 ? 13 : 12, i == 0 ? Face::semibold : Face::regular));
  const ImGuiIO& io = ImGui::GetIO();
  Box box{static_cast<double>(io.MousePos.x) + 14, static_cast<double>(io.MousePos.y) + 16, wide + 20,
          static_cast<double>(lines.size()) * line + 12};
  box.x = std::max(4.0, std::min(box.x, static_cast<double>(io.DisplaySize.x) - box.width - 4));
  if (box.y + box.height > static_cast<double>(io.DisplaySize.y) - 4)
    box.y = static_cast<double>(io.MousePos.y) - box.height - 10;
  canvas.fill(box, canvas.colour(Extra::panel), 4);
  canvas.frame(box, canvas.colour(Paint::ink), 4);
  double y = box.y + 18;
  for (std::size_t i = 0; i < lines.size(); ++i, y += line)
    canvas.text({box.x + 10, y}, lines[i], i == 0 ? Paint::ink : Paint::dim, i == 0 ? 13 : 12,
                i == 0 ? Face::semibold : Face::regular);
}

}  // namespace linger::gui

#pragma once

#include <imgui.h>

#include <memory>
#include <string>

#include "ui/gui/model/screen.h"
#include "ui/gui/views/app.h"
#include "ui/gui/views/keyboard.h"

namespace linger::gui {

/// The window without a window: frames of ImGui that nobody renders, a pointer and keys that a test moves.
class Rig {
 public:
  Rig(Opened opened, double width, double height) : app_(std::move(opened)), width_(width), height_(height) {
    ImGui::CreateContext();
    set_up_context();
    // What a window system tells ImGui of its keys.
    ImGuiIO& io = ImGui::GetIO();
    io.KeyMap[ImGuiKey_Enter] = key_code(Key::enter);
    io.KeyMap[ImGuiKey_Escape] = key_code(Key::escape);
  }
  ~Rig() { ImGui::DestroyContext(); }
  Rig(const Rig&) = delete;
  Rig& operator=(const Rig&) = delete;

  App& app() { return app_; }
  State& state() { return app_.state(); }
  Session& session() { return *app_.session(); }
  void resize(double width, double height) {
    width_ = width;
    height_ = height;
  }

  /// How long a frame takes from now on.
  void pace(float seconds) { seconds_ = seconds; }
  void frame() {
    ImGuiIO& io = ImGui::GetIO();
    app_.prepare(width_, height_);
    io.Fonts->SetTexID(&app_);
    io.DeltaTime = seconds_;
    ImGui::NewFrame();
    app_.frame();
    ImGui::Render();
    io.MouseWheel = 0;
  }
  void press(Key key, bool shift = false, bool control = false) {
    ImGuiIO& io = ImGui::GetIO();
    io.KeyShift = shift;
    io.KeyCtrl = control;
    io.KeysDown[key_code(key)] = true;
    frame();
    io.KeysDown[key_code(key)] = false;
    io.KeyShift = io.KeyCtrl = false;
    frame();
  }
  void point(double x, double y) {
    ImGui::GetIO().MousePos = {static_cast<float>(x), static_cast<float>(y)};
    frame();
  }
  void click(double x, double y, int button = 0) {
    point(x, y);
    ImGui::GetIO().MouseDown[button] = true;
    frame();
    ImGui::GetIO().MouseDown[button] = false;
    frame();
  }
  void type(const char* words) {
    ImGui::GetIO().AddInputCharactersUTF8(words);
    frame();
  }
  void drag(double x, double y, double to_x, double to_y) {
    point(x, y);
    ImGui::GetIO().MouseDown[0] = true;
    frame();
    point(to_x, to_y);
    ImGui::GetIO().MouseDown[0] = false;
    frame();
  }
  void wheel(double x, double y, float turns) {
    point(x, y);
    ImGui::GetIO().MouseWheel = turns;
    frame();
  }
  /// What the last frame drew within a box: places, colours, signs.
  std::string drawn_in(const Box& box) const {
    std::string all;
    const ImDrawData& data = *ImGui::GetDrawData();
    for (int i = 0; i < data.CmdListsCount; ++i) {
      for (const ImDrawVert& one : data.CmdLists[i]->VtxBuffer) {
        if (!contains(box, {static_cast<double>(one.pos.x), static_cast<double>(one.pos.y)})) continue;
        all.append(reinterpret_cast<const char*>(&one), sizeof one);
      }
    }
    return all;
  }
  /// How much the last frame drew.
  int vertices() const { return ImGui::GetDrawData()->TotalVtxCount; }

 private:
  App app_;
  double width_, height_;
  float seconds_ = 1.0F / 60;
};

}  // namespace linger::gui

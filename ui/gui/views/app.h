#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ui/gui/model/callouts.h"
#include "ui/gui/model/session.h"
#include "ui/gui/model/state.h"
#include "ui/gui/views/fonts.h"

namespace linger::gui {

/// The window's contents, apart from any window: frames of ImGui for whoever has a context and shows what comes out.
class App {
 public:
  /// `opened`: a session, or the sentences that say why there is none.
  explicit App(Opened opened);

  State& state() { return state_; }
  const State& state() const { return state_; }
  Session* session() { return session_.get(); }

  /// Before ImGui::NewFrame. True: the font atlas is new, and its texture must be made again. Sets the display's size
  /// in logical pixels from the physical one.
  bool prepare(double physical_width, double physical_height);
  /// Between ImGui::NewFrame and ImGui::Render.
  void frame();
  /// Ends what frames carry on bit by bit, for a picture that cannot wait.
  void finish_work();

 private:
  void draw_session(const struct Screen& screen);
  void draw_sentences(const std::string& title, const std::string& sentences);
  void play();

  std::unique_ptr<Session> session_;
  std::string mistake_;
  std::vector<Callout> callouts_;
  Language callouts_language_ = Language::en;
  State state_;
  FontAtlas fonts_;
};

/// Sets up a context's style and keys. Once after ImGui::CreateContext.
void set_up_context();

}  // namespace linger::gui

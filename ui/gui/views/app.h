#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ui/gui/model/branches.h"
#include "ui/gui/model/callouts.h"
#include "ui/gui/model/requests.h"
#include "ui/gui/model/session.h"
#include "ui/gui/model/state.h"
#include "ui/gui/views/fonts.h"
#include "ui/gui/views/picture_cache.h"

namespace linger::gui {

/// The window's contents, apart from any window: frames of ImGui for whoever has a context and shows what comes out.
class App {
 public:
  /// `opened`: a session, or the sentences that say why there is none.
  explicit App(Opened opened);

  State& state() { return state_; }
  const State& state() const { return state_; }
  /// The run that is shown; null while there is none.
  Session* session() { return branches_ ? &branches_->session() : nullptr; }
  Branches* branches() { return branches_.get(); }
  /// A file takes the place of everything that is there. Where it cannot be read all stays, and the sentences that say
  /// why are in state().notice.
  void open(const std::string& file);

  /// Before ImGui::NewFrame. True: the font atlas is new, and its texture must be made again. Sets the display's size
  /// in logical pixels from the physical one.
  bool prepare(double physical_width, double physical_height);
  /// Between ImGui::NewFrame and ImGui::Render.
  void frame();
  /// Ends what frames carry on bit by bit, for a picture that cannot wait.
  void finish_work();

 private:
  void draw_session(const struct Screen& screen);
  /// Instead of a run: why there is none, and a way to one.
  void draw_mistake();
  void draw_sentences(const std::string& title, const std::string& sentences);
  void play();
  void take(Opened opened);
  /// Commands and requests of a frame, once nobody draws any more.
  void carry_out_all(const std::vector<Command>& asked, std::vector<Request>& requests, const struct Screen& screen);
  void find_callouts();

  std::unique_ptr<Branches> branches_;
  std::string mistake_;
  std::vector<Callout> callouts_;
  Language callouts_language_ = Language::en;
  const Session* callouts_session_ = nullptr;
  State state_;
  PictureCache pictures_;
  FontAtlas fonts_;
};

/// Sets up a context's style and keys. Once after ImGui::CreateContext.
void set_up_context();

}  // namespace linger::gui

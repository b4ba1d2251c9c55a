#pragma once

#include <functional>
#include <map>
#include <string>

#include "ui/gui/model/picture.h"
#include "ui/gui/model/state.h"

namespace linger::gui {

/// Pictures of panels, kept as long as what they show stays the same: most frames change nothing.
class PictureCache {
 public:
  /// All that a panel's picture depends on.
  struct Shown {
    const Session* session = nullptr;
    Cursor cursor;
    Selection selection;
    Language language = Language::en;
    double width = 0;
    friend bool operator==(const Shown&, const Shown&) = default;
  };

  /// The picture of a panel. It holds until the panel's next one is asked for.
  const PanelPicture& of(const std::string& panel, const Shown& shown, const std::function<PanelPicture()>& make);
  /// Before the sessions end: another may get the place of one in memory.
  void clear() { kept_.clear(); }

 private:
  struct Kept {
    Shown shown;
    PanelPicture picture;
  };
  std::map<std::string, Kept> kept_;
};

}  // namespace linger::gui

#pragma once

#include <imgui.h>

#include <map>
#include <string>
#include <utility>

#include "ui/gui/model/fonts.h"

namespace linger::gui {

/// The faces of the window in ImGui's atlas, at the sizes that are drawn.
class FontAtlas {
 public:
  /// Fills the atlas of the current context for this scale, with the signs of `texts` beside those of every language.
  /// True if it had to be filled anew: then the texture must be made again.
  bool prepare(double scale, const std::string& texts);
  /// The face at the nearest size that there is.
  ImFont* find(Face face, double size) const;

 private:
  double scale_ = 0;
  std::string texts_;
  ImVector<ImWchar> ranges_;  ///< the atlas points to it as long as it may be built again
  std::map<std::pair<Face, int>, ImFont*> fonts_;
};

}  // namespace linger::gui

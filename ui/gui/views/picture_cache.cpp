#include "ui/gui/views/picture_cache.h"

namespace linger::gui {

const PanelPicture& PictureCache::of(const std::string& panel, const Shown& shown,
                                     const std::function<PanelPicture()>& make) {
  const auto found = kept_.find(panel);
  if (found != kept_.end() && found->second.shown == shown) return found->second.picture;
  return kept_.insert_or_assign(panel, Kept{shown, make()}).first->second.picture;
}

}  // namespace linger::gui

#include "ui/gui/views/picture_cache.h"

namespace linger::gui {

const PanelPicture& PictureCache::of(const std::string& panel, const Shown& shown,
                                     const std::function<PanelPicture()>& make) {
  Kept& kept = kept_[panel];
  if (kept.shown == shown) return kept.picture;
  kept = {shown, make()};
  return kept.picture;
}

}  // namespace linger::gui

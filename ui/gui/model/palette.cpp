#include "ui/gui/model/palette.h"

#include <algorithm>
#include <cmath>

namespace linger::gui {
namespace {

constexpr Colour rgb(std::uint32_t hex) {
  return {static_cast<std::uint8_t>(hex >> 16 & 0xffU), static_cast<std::uint8_t>(hex >> 8 & 0xffU),
          static_cast<std::uint8_t>(hex & 0xffU)};
}

struct Pair {
  Colour light, dark;
  Colour of(Theme theme) const { return theme == Theme::dark ? dark : light; }
};

Pair pair_of(report::Paint paint) {
  using report::Paint;
  switch (paint) {
    case Paint::none:
    case Paint::ground:
      return {rgb(0xffffff), rgb(0x12171d)};
    case Paint::lane:
      return {rgb(0xf6f8fa), rgb(0x191f27)};
    case Paint::well:
      return {rgb(0xe9edf1), rgb(0x252e38)};
    case Paint::rule:
      return {rgb(0xcbd2da), rgb(0x3a4552)};
    case Paint::mid:
      return {rgb(0x8a94a1), rgb(0x7c8897)};
    case Paint::dim:
      return {rgb(0x505b68), rgb(0xa9b4c1)};
    case Paint::ink:
      return {rgb(0x161d26), rgb(0xeef2f6)};
    case Paint::blue:
      return {rgb(0x0072b2), rgb(0x56b4e9)};
    case Paint::green:
      return {rgb(0x009e73), rgb(0x2dbe95)};
    case Paint::vermillion:
      return {rgb(0xd55e00), rgb(0xf27a2e)};
    case Paint::orange:
      return {rgb(0xe69f00), rgb(0xe69f00)};
    case Paint::purple:
      return {rgb(0xcc79a7), rgb(0xdd97be)};
    case Paint::blue_text:
      return {rgb(0x005a8f), rgb(0x7cc6f0)};
    case Paint::green_text:
      return {rgb(0x006b4e), rgb(0x4fd3ac)};
    case Paint::vermillion_text:
      return {rgb(0xa63f00), rgb(0xff9a5c)};
    case Paint::orange_text:
      return {rgb(0x7a5200), rgb(0xf2b634)};
    case Paint::purple_text:
      return {rgb(0x8a3766), rgb(0xe9b3d0)};
  }
  return {};
}

double linear(std::uint8_t channel) {
  const double value = channel / 255.0;
  return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
}
double luminance(Colour c) {
  return 0.2126 * linear(c.red) + 0.7152 * linear(c.green) + 0.0722 * linear(c.blue);
}

}  // namespace

Colour colour(Theme theme, report::Paint paint) {
  return pair_of(paint).of(theme);
}

Colour colour(Theme theme, Extra paint) {
  switch (paint) {
    case Extra::panel:
      return Pair{rgb(0xf5f7f9), rgb(0x1a2129)}.of(theme);
    case Extra::highlight:
      return rgb(0xf0e442);
    case Extra::cursor:
      return Pair{rgb(0x161d26), rgb(0xf0e442)}.of(theme);
    case Extra::cursor_text:
      return Pair{rgb(0xffffff), rgb(0x12171d)}.of(theme);
  }
  return {};
}

double contrast(Colour a, Colour b) {
  const double one = luminance(a);
  const double other = luminance(b);
  return (std::max(one, other) + 0.05) / (std::min(one, other) + 0.05);
}

}  // namespace linger::gui

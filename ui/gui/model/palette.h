#pragma once

#include <array>
#include <cstdint>

#include "ui/report/drawing.h"

namespace linger::gui {

struct Colour {
  std::uint8_t red = 0, green = 0, blue = 0;
};

enum class Theme : std::uint8_t { light, dark };

/// Colours that only a window has, beside those of report::Paint.
enum class Extra : std::uint8_t { panel, highlight, cursor, cursor_text };

Colour colour(Theme theme, report::Paint paint);
Colour colour(Theme theme, Extra paint);

/// WCAG's contrast ratio of two colours, from 1 to 21.
double contrast(Colour a, Colour b);

}  // namespace linger::gui

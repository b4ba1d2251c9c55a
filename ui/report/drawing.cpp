#include "ui/report/drawing.h"

namespace linger::report {

double text_width(std::string_view words, int size, bool bold) {
  // Widths in hundredths of the size, a little above those of Inter and Helvetica.
  double sum = 0;
  for (const char c : words) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xc0U) == 0x80U) continue;
    if (byte >= 0xe3U)
      sum += 105;  // beyond the scripts of Europe: a full square
    else if (byte >= 0x80U)
      sum += 70;
    else if (std::string_view("iljI.,:;'|!").find(c) != std::string_view::npos)
      sum += 30;
    else if (std::string_view("frt()[]/- \"").find(c) != std::string_view::npos)
      sum += 40;
    else if (std::string_view("mwMW@%").find(c) != std::string_view::npos)
      sum += 94;
    else if (c >= 'A' && c <= 'Z')
      sum += 73;
    else if (c >= '0' && c <= '9')
      sum += 64;
    else if (c == '_' || c == '=' || c == '+')
      sum += 64;
    else
      sum += 60;
  }
  return sum * size / 100 * (bold ? 1.06 : 1.0);
}

Box Text::box() const {
  return {at.x, at.y - 0.8 * size, text_width(words, size, bold), 1.05 * size};
}

}  // namespace linger::report

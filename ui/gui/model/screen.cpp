#include "ui/gui/model/screen.h"

#include <algorithm>

namespace linger::gui {

Screen lay_out_screen(double width, double height, const ScreenWishes& wishes) {
  Screen screen;
  if (width < 640 || height < 400) {
    screen.too_small = true;
    return screen;
  }
  screen.compact = width < 1100;
  const bool roomy = width >= 1500 && height >= 900;
  constexpr double header = 48;
  constexpr double transport = 48;
  constexpr double status = 24;
  screen.header = {0, 0, width, header};
  screen.transport = {0, header, width, transport};
  screen.status = {0, height - status, width, status};
  const double top = header + transport;
  const double bottom = height - status;
  screen.drawer = screen.compact && wishes.drawer;
  const bool column = screen.compact ? screen.drawer : wishes.side_column;
  const double side = !column ? 0 : screen.drawer ? std::max(328.0, width / 2) : roomy ? 392 : 328;
  if (column) screen.side = {width - side, top, side, bottom - top};
  const double left_width = screen.compact ? width : width - side;
  const double row = roomy ? 30 : 27;
  const double ledger_head = 2 * row + 2;
  const auto rows = static_cast<double>(std::clamp<std::size_t>(wishes.ledger_rows, 1,
                                                                roomy            ? 6
                                                                : screen.compact ? 2
                                                                                 : 4));
  const double ledger = ledger_head + rows * row + 2;
  const double strip = roomy ? 38 : screen.compact ? 20 : 22;
  const double strips =
      strip * static_cast<double>(screen.compact ? std::min<std::size_t>(wishes.strips, 2) : wishes.strips);
  // A drawer has no room for texts above the diagram either.
  const double callouts = wishes.callouts && !screen.compact ? (roomy ? 76 : 68) : 0;
  screen.callouts = {0, top, left_width, callouts};
  screen.ledger = {0, bottom - ledger, left_width, ledger};
  screen.strips = {0, bottom - ledger - strips, left_width, strips};
  const double diagram_top = top + callouts + (callouts > 0 ? 8 : 0);
  screen.diagram = {0, diagram_top, left_width, screen.strips.y - diagram_top};
  return screen;
}

}  // namespace linger::gui

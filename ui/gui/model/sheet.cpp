#include "ui/gui/model/sheet.h"

#include <algorithm>

#include "ui/gui/model/wrapping.h"

namespace linger::gui {
namespace {

constexpr double line_height = 18;

}  // namespace

std::vector<std::string> wrapped_words(const std::string& words, double room, double size, Face face) {
  return wrapped(words, room, [&](const std::string& line) { return words_width(line, size, face); });
}

Sheet::Sheet(double width, double padding) : width_(width), padding_(padding), y_(padding) {
  picture_.width = width;
}

void Sheet::title(const std::string& words, const std::string& note) {
  const double wide = std::min(inner(), words_width(words, 13, Face::semibold));
  picture_.text({left(), y_ + 13}, wide, words, Paint::ink, Face::semibold);
  picture_.text({left() + wide + 8, y_ + 13}, inner() - wide - 8, note, Paint::dim, Face::regular, Align::right);
  y_ += 26;
}

void Sheet::heading(const std::string& words, const std::string& note, Paint paint) {
  const double wide = std::min(inner(), words_width(words, 13, Face::semibold));
  picture_.text({left(), y_ + 14}, wide, words, paint, Face::semibold);
  // A heading goes before its note.
  if (words_width(note) <= inner() - wide - 8)
    picture_.text({left() + wide + 8, y_ + 14}, inner() - wide - 8, note, Paint::dim, Face::regular, Align::right);
  y_ += 22;
}

void Sheet::words(const std::string& words, Paint paint) {
  for (const std::string& line : wrapped_words(words, inner())) {
    picture_.text({left(), y_ + 14}, inner(), line, paint);
    y_ += line_height;
  }
}

void Sheet::figures(const std::vector<Figure>& figures) {
  // A column is as wide as what stands in it needs; what is left is shared.
  std::vector<double> widths;
  double sum = 0;
  for (const Figure& figure : figures) {
    widths.push_back(std::max(words_width(figure.name), words_width(figure.value, 15, Face::mono)) + 4);
    sum += widths.back();
  }
  const double spare = std::max(0.0, inner() - sum) / static_cast<double>(std::max<std::size_t>(1, figures.size()));
  double x = left();
  for (std::size_t i = 0; i < figures.size(); ++i) {
    const double room = widths[i] + std::min(spare, 60.0) - 2;
    picture_.text({x, y_ + 13}, room, figures[i].name, Paint::dim);
    picture_.text({x, y_ + 32}, room, figures[i].value, Paint::ink, Face::mono, Align::left, 15);
    x += widths[i] + std::min(spare, 60.0);
  }
  y_ += 42;
}

void Sheet::meters(const std::vector<Meter>& meters) {
  double names = 56;
  double values = 100;
  for (const Meter& one : meters) {
    names = std::max(names, std::min(words_width(one.name), inner() * 0.4));
    values = std::max(values, words_width(one.amount, 13, Face::mono) + 2);
  }
  const double bar = std::max(0.0, inner() - names - values - 20);
  for (const Meter& one : meters) {
    picture_.text({left(), y_ + 14}, names, one.name, Paint::dim);
    if (bar >= 24) {
      const Box box{left() + names + 10, y_ + 4, bar, 12};
      picture_.fill(box, Paint::well);
      const double filled = std::clamp(one.part, 0.0, 1.0) * bar;
      // What there is a little of is seen.
      if (filled > 0) picture_.fill({box.x, box.y, std::max(filled, 1.5), box.height}, one.paint);
      picture_.frame(box, Paint::mid);
    }
    picture_.text({left() + inner() - values, y_ + 14}, values, one.amount, Paint::ink, Face::mono, Align::right);
    y_ += 22;
  }
}

void Sheet::pair(const std::string& name, const std::string& value, Paint paint) {
  const double names = std::min(words_width(name), inner());
  const double room = inner() - names - 10;
  if (words_width(value, 13, Face::mono) <= room) {
    picture_.text({left(), y_ + 14}, names, name, Paint::dim);
    picture_.text({left() + names + 10, y_ + 14}, room, value, paint, Face::mono, Align::right);
    y_ += line_height + 2;
    return;
  }
  picture_.text({left(), y_ + 14}, inner(), name, Paint::dim);
  y_ += line_height;
  for (const std::string& line : wrapped_words(value, inner(), 13, Face::mono)) {
    picture_.text({left(), y_ + 14}, inner(), line, paint, Face::mono, Align::right);
    y_ += line_height;
  }
  y_ += 2;
}

void Sheet::cells(const std::vector<Cell>& cells, std::size_t columns, double height) {
  if (cells.empty()) return;
  constexpr double between = 4;
  const double wide = (inner() - between * static_cast<double>(columns - 1)) / static_cast<double>(columns);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const auto column = static_cast<double>(i % columns);
    if (i > 0 && i % columns == 0) y_ += height + between;
    const Cell& cell = cells[i];
    const Box box{left() + column * (wide + between), y_ + 2, wide, height};
    const bool empty = cell.paint == Paint::none;
    picture_.fill(box, Paint::ground);
    if (!empty) picture_.fill(box, cell.paint, 0.28);
    picture_.frame(box, empty ? Paint::rule : cell.paint, cell.marked ? 3 : empty ? 1 : 2);
    const bool two = !cell.second.empty();
    const double middle = box.y + height / 2 + 5;
    const std::string longer = cell.unit.empty() ? cell.first : cell.unit + " " + cell.first;
    const std::string& first = words_width(longer, 12) <= wide - 4 ? longer : cell.first;
    picture_.text({box.x + 2, two ? middle - 8 : middle}, wide - 4, first, empty ? Paint::dim : cell.words,
                  Face::regular, Align::centre, 12);
    picture_.text({box.x + 2, middle + 9}, wide - 4, cell.second, cell.words, Face::semibold, Align::centre, 12);
    if (!cell.hint.empty() || cell.selects) picture_.touches.push_back({box, cell.hint, cell.selects, std::nullopt});
  }
  y_ += height + 8;
}

PanelPicture Sheet::done() && {
  picture_.height = y_ + padding_ - 4;
  return std::move(picture_);
}

}  // namespace linger::gui

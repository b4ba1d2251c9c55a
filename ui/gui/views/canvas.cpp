#include "ui/gui/views/canvas.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "ui/gui/model/wrapping.h"

namespace linger::gui {
namespace {

ImVec2 vec(Point point) {
  return {static_cast<float>(point.x), static_cast<float>(point.y)};
}

ImU32 pack(Colour c, double opacity) {
  return IM_COL32(c.red, c.green, c.blue, static_cast<int>(std::lround(opacity * 255)));
}

/// The part of a line within a box. Coordinates far outside would lose their digits in single precision.
std::optional<std::pair<Point, Point>> clipped(Point from, Point to, const Box& box) {
  double begin = 0;
  double end = 1;
  const auto cut = [&](double start, double step, double low, double high) {
    if (step == 0) return start >= low && start <= high;
    double enters = (low - start) / step;
    double leaves = (high - start) / step;
    if (enters > leaves) std::swap(enters, leaves);
    begin = std::max(begin, enters);
    end = std::min(end, leaves);
    return begin <= end;
  };
  const double dx = to.x - from.x;
  const double dy = to.y - from.y;
  if (!cut(from.x, dx, box.x, box.x + box.width) || !cut(from.y, dy, box.y, box.y + box.height)) return std::nullopt;
  return std::pair{Point{from.x + dx * begin, from.y + dy * begin}, Point{from.x + dx * end, from.y + dy * end}};
}

bool meets(const Box& box, Point low, Point high) {
  return high.x >= box.x && low.x <= box.x + box.width && high.y >= box.y && low.y <= box.y + box.height;
}

}  // namespace

ImU32 Canvas::colour(Paint paint, double opacity) const {
  return pack(gui::colour(theme_, paint), opacity);
}
ImU32 Canvas::colour(Extra paint, double opacity) const {
  return pack(gui::colour(theme_, paint), opacity);
}

void Canvas::text(Point at, std::string_view words, ImU32 colour, double size, Face face) {
  if (words.empty()) return;
  ImFont* font = fonts_.find(face, size);
  if (font == nullptr) return;
  const float scale = static_cast<float>(size) / font->FontSize;
  const ImVec2 top{static_cast<float>(at.x), static_cast<float>(at.y) - font->Ascent * scale};
  list_.AddText(font, static_cast<float>(size), top, colour, words.data(), words.data() + words.size());
}

double Canvas::width(std::string_view words, double size, Face face) const {
  ImFont* font = fonts_.find(face, size);
  if (font == nullptr || words.empty()) return 0;
  return static_cast<double>(
      font->CalcTextSizeA(static_cast<float>(size), 1e9F, 0, words.data(), words.data() + words.size()).x);
}

void Canvas::text_right(Point right, std::string_view words, Paint paint, double size, Face face) {
  text({right.x - width(words, size, face), right.y}, words, paint, size, face);
}

void Canvas::text_centred(Point middle, std::string_view words, ImU32 colour, double size, Face face) {
  text({middle.x - width(words, size, face) / 2, middle.y}, words, colour, size, face);
}

void Canvas::text_within(Point at, std::string_view words, double most, Paint paint, double size, Face face) {
  if (width(words, size, face) <= most) return text(at, words, paint, size, face);
  std::string shortened;
  for (std::size_t i = 0; i < words.size();) {
    const std::size_t length = length_of_sign(words[i]);
    const std::string longer = shortened + std::string(words.substr(i, length));
    if (width(longer + "…", size, face) > most) break;
    shortened = longer;
    i += length;
  }
  text(at, shortened + "…", paint, size, face);
}

std::vector<std::string> Canvas::wrapped(std::string_view words, double most, double size) const {
  return gui::wrapped(words, most, [&](const std::string& line) { return width(line, size); });
}

void Canvas::fill(const Box& box, ImU32 colour, double rounding) {
  list_.AddRectFilled(vec({box.x, box.y}), vec({box.x + box.width, box.y + box.height}), colour,
                      static_cast<float>(rounding));
}

void Canvas::frame(const Box& box, ImU32 colour, double rounding, double thickness) {
  list_.AddRect(vec({box.x, box.y}), vec({box.x + box.width, box.y + box.height}), colour, static_cast<float>(rounding),
                0, static_cast<float>(thickness));
}

void Canvas::line(Point from, Point to, ImU32 colour, double thickness) {
  list_.AddLine(vec(from), vec(to), colour, static_cast<float>(thickness));
}

void Canvas::polygon(const std::vector<Point>& points, ImU32 colour) {
  for (const Point& point : points) list_.PathLineTo(vec(point));
  list_.PathFillConvex(colour);
}

void Canvas::disc(Point centre, double radius, ImU32 colour) {
  list_.AddCircleFilled(vec(centre), static_cast<float>(radius), colour);
}

void Canvas::push_clip(const Box& box) {
  list_.PushClipRect(vec({box.x, box.y}), vec({box.x + box.width, box.y + box.height}), true);
}
void Canvas::pop_clip() {
  list_.PopClipRect();
}

void Canvas::hatch(const Box& box, ImU32 colour) {
  push_clip(box);
  constexpr double apart = 6;
  const double first = std::floor((box.x - box.height) / apart) * apart;
  for (double x = first; x < box.x + box.width; x += apart)
    line({x, box.y + box.height}, {x + box.height, box.y}, colour, 1);
  pop_clip();
}

void Canvas::paint_line(const report::Shape& shape, Point from, Point to, const Box& clip) {
  const Box room{clip.x - 8, clip.y - 8, clip.width + 16, clip.height + 16};
  const auto part = clipped(from, to, room);
  if (!part) return;
  const ImU32 ink = colour(shape.stroke);
  if (shape.dash <= 0) return line(part->first, part->second, ink, shape.width);
  const double dx = to.x - from.x;
  const double dy = to.y - from.y;
  const double length = std::hypot(dx, dy);
  if (length == 0) return;
  // Dashes keep their place on the whole line when a part of it moves out of sight.
  const auto along = [&](Point p) { return std::hypot(p.x - from.x, p.y - from.y); };
  const double begin = along(part->first);
  const double end = along(part->second);
  for (double at = std::floor(begin / (2 * shape.dash)) * 2 * shape.dash; at < end; at += 2 * shape.dash) {
    const double a = std::max(at, begin) / length;
    const double b = std::min(at + shape.dash, end) / length;
    if (b > a) line({from.x + dx * a, from.y + dy * a}, {from.x + dx * b, from.y + dy * b}, ink, shape.width);
  }
}

void Canvas::paint(const report::Shape& shape, Point at, const Box& clip) {
  std::vector<Point>& points = moved_;
  points.clear();
  for (const Point& p : shape.points) points.push_back({p.x + at.x, p.y + at.y});
  using Kind = report::Shape::Kind;
  switch (shape.kind) {
    case Kind::line:
      if (shape.stroke != Paint::none) paint_line(shape, points[0], points[1], clip);
      return;
    case Kind::polyline:
      for (std::size_t i = 1; i < points.size(); ++i) paint_line(shape, points[i - 1], points[i], clip);
      return;
    case Kind::box: {
      if (!meets(clip, points[0], points[1])) return;
      const double left = std::max(points[0].x, clip.x - 8);
      const double right = std::min(points[1].x, clip.x + clip.width + 8);
      const Box box{left, points[0].y, right - left, points[1].y - points[0].y};
      if (shape.fill != Paint::none) fill(box, colour(shape.fill, shape.opacity));
      if (shape.hatched) hatch(box, colour(shape.stroke));
      if (shape.stroke != Paint::none) frame(box, colour(shape.stroke), 0, shape.width);
      return;
    }
    case Kind::disc:
      if (!meets(clip, points[0], points[0])) return;
      if (shape.fill != Paint::none) disc(points[0], shape.points[1].x, colour(shape.fill, shape.opacity));
      if (shape.stroke != Paint::none)
        list_.AddCircle(vec(points[0]), static_cast<float>(shape.points[1].x), colour(shape.stroke), 0,
                        static_cast<float>(shape.width));
      return;
    case Kind::polygon: {
      const auto [left, right] =
          std::minmax_element(points.begin(), points.end(), [](Point a, Point b) { return a.x < b.x; });
      if (right->x < clip.x || left->x > clip.x + clip.width) return;
      if (shape.fill == Paint::well) {
        // A fold's zigzag is not convex: its teeth go between two straight halves.
        for (std::size_t i = 0; i + 1 < points.size() / 2; ++i) {
          const std::size_t other = points.size() - 1 - i;
          polygon({points[i], points[other], points[other - 1], points[i + 1]}, colour(shape.fill, shape.opacity));
        }
      } else if (shape.fill != Paint::none) {
        polygon(points, colour(shape.fill, shape.opacity));
      }
      if (shape.stroke != Paint::none) {
        for (std::size_t i = 0; i < points.size(); ++i)
          line(points[i], points[(i + 1) % points.size()], colour(shape.stroke), shape.width);
      }
      return;
    }
  }
}

void Canvas::paint(const report::Text& one, Point at) {
  const Face face = one.bold ? Face::semibold : Face::regular;
  const Point where{one.at.x + at.x, one.at.y + at.y};
  if (one.plate) {
    const double wide = width(one.words, one.size, face);
    fill({where.x - 2, where.y - 0.82 * one.size, wide + 4, 1.08 * one.size}, colour(Paint::ground, 0.85), 2);
  }
  text(where, one.words, one.paint, one.size, face);
}

}  // namespace linger::gui

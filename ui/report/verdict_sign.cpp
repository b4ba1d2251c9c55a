#include "ui/report/verdict_sign.h"

#include <algorithm>
#include <cassert>

namespace linger::report {

using scenarios::Verdict;

const VerdictSign& sign_of(char letter) {
  const auto found = std::find_if(verdict_signs.begin(), verdict_signs.end(),
                                  [letter](const VerdictSign& sign) { return sign.letter == letter; });
  assert(found != verdict_signs.end());
  return *found;
}

const VerdictSign& sign_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::acked_present:
    case Verdict::acked_deleted:
    case Verdict::acked_unavailable:
      return sign_of('A');
    case Verdict::acked_lost:
      return sign_of('L');
    case Verdict::failed_absent:
    case Verdict::untold_absent:
    case Verdict::aborted_absent:
      return sign_of('F');
    case Verdict::failed_present:
    case Verdict::untold_present:
    case Verdict::aborted_visible:
      return sign_of('P');
    case Verdict::refused:
      return sign_of('R');
    case Verdict::stuck:
      return sign_of('S');
  }
  assert(false);
  return verdict_signs.front();
}

void draw_sign(char letter, Point at, double size, std::vector<Shape>& out) {
  const double r = size / 2;
  const Paint paint = sign_of(letter).paint;
  const auto line = [&](double x1, double y1, double x2, double y2) {
    Shape shape;
    shape.points = {{at.x + x1 * r, at.y + y1 * r}, {at.x + x2 * r, at.y + y2 * r}};
    shape.stroke = paint;
    shape.width = size / 5;
    out.push_back(std::move(shape));
  };
  const auto closed = [&](std::vector<Point> corners, Paint fill) {
    Shape shape;
    shape.kind = Shape::Kind::polygon;
    for (const Point& corner : corners) shape.points.push_back({at.x + corner.x * r, at.y + corner.y * r});
    shape.fill = fill;
    shape.stroke = paint;
    shape.width = 1.4;
    out.push_back(std::move(shape));
  };
  const auto disc = [&](Paint fill) {
    Shape shape;
    shape.kind = Shape::Kind::disc;
    shape.points = {at, {r, 0}};
    shape.fill = fill;
    shape.stroke = paint;
    shape.width = size / 6;
    out.push_back(std::move(shape));
  };
  switch (letter) {
    case 'A':
      return disc(paint);
    case 'L':
      line(-1, -1, 1, 1);
      return line(-1, 1, 1, -1);
    case 'F':
      return disc(Paint::ground);
    case 'P':
      closed({{0, -1.1}, {1.1, 0}, {0, 1.1}, {-1.1, 0}}, Paint::ground);
      return closed({{-1.1, 0}, {1.1, 0}, {0, 1.1}}, paint);
    case 'R':
      closed({{-1, -1}, {1, -1}, {1, 1}, {-1, 1}}, Paint::ground);
      return line(-1, 0, 1, 0);
    case 'S':
      return closed({{-0.9, -1}, {0.9, -1}, {-0.9, 1}, {0.9, 1}}, paint);
    case 'D':
      closed({{-0.2, -0.2}, {1.1, -0.2}, {1.1, 1.1}, {-0.2, 1.1}}, Paint::ground);
      return closed({{-1.1, -1.1}, {0.3, -1.1}, {0.3, 0.3}, {-1.1, 0.3}}, paint);
    case 'O':
      line(-1, -0.5, 1, -0.5);
      line(0.4, -1, 1, -0.5);
      line(-1, 0.5, 1, 0.5);
      return line(-0.4, 1, -1, 0.5);
    case 'C':
      line(-1, 0.9, 0, -1);
      line(0, -1, 1, 0.9);
      line(-1, 0.9, -0.3, 0.9);
      return line(0.4, 0.9, 1, 0.9);
    default:
      closed({{-1.1, -0.9}, {0.5, -0.9}, {0.5, -0.2}, {-1.1, -0.2}}, paint);
      return closed({{-0.5, 0.2}, {1.1, 0.2}, {1.1, 0.9}, {-0.5, 0.9}}, paint);
  }
}

std::array<std::int64_t, 10> tally(const scenarios::RunResult& result) {
  std::array<std::int64_t, 10> counts{};
  const auto add = [&counts](char letter) {
    for (std::size_t i = 0; i < verdict_signs.size(); ++i) counts[i] += verdict_signs[i].letter == letter ? 1 : 0;
  };
  for (const scenarios::RecordFate& fate : result.fates) {
    add(sign_of(fate.verdict).letter);
    if (fate.extra_copies > 0) add('D');
    if (fate.reordered) add('O');
    if (fate.corrupted) add('C');
    if (fate.wrong_offset) add('W');
  }
  return counts;
}

}  // namespace linger::report

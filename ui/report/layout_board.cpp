#include "ui/report/layout_board.h"

#include <algorithm>
#include <utility>

namespace linger::report {

using sim::SimTime;

Paint paint_of(Tone tone) {
  switch (tone) {
    case Tone::plain:
      return Paint::ink;
    case Tone::quiet:
      return Paint::mid;
    case Tone::produce:
      return Paint::blue;
    case Tone::good:
      return Paint::green;
    case Tone::lost:
      return Paint::vermillion;
    case Tone::again:
      return Paint::orange;
    case Tone::leadership:
      return Paint::purple;
  }
  return Paint::ink;
}

Paint text_of(Tone tone) {
  switch (tone) {
    case Tone::plain:
      return Paint::ink;
    case Tone::quiet:
      return Paint::dim;
    case Tone::produce:
      return Paint::blue_text;
    case Tone::good:
      return Paint::green_text;
    case Tone::lost:
      return Paint::vermillion_text;
    case Tone::again:
      return Paint::orange_text;
    case Tone::leadership:
      return Paint::purple_text;
  }
  return Paint::ink;
}

Point between(Point a, Point b, double part) {
  return {a.x + (b.x - a.x) * part, a.y + (b.y - a.y) * part};
}

namespace {
/// How far beyond a window's edges things are still laid out, so that what reaches into it is there.
constexpr double beyond = 40;
}  // namespace

// A printed picture's axis and lanes begin below the heading, a window's at the upper edge.
Board::Board(const Diagram& diagram, const Reach& reach, const Axis& axis, const WindowFrame* window)
    : diagram(diagram),
      reach(reach),
      axis(axis),
      printed(window == nullptr),
      axis_top(printed ? 64 : 0),
      lanes_top(printed ? 106 : 42),
      from(SimTime{}),
      until(SimTime::at(sim::Duration::forever())),
      labels({gutter, axis_top, 0, 0}) {
  if (printed) return;
  pan_ = window->left;
  width_ = window->width;
  larger_ = window->larger;
  translate_ = window->translate;
  constexpr std::size_t in_a_dense_picture = 8192;
  out.shapes.reserve(in_a_dense_picture);
  hits.reserve(in_a_dense_picture / 2);
  from = axis.at(pan_ - beyond);
  until = axis.at(pan_ + width_ - gutter + beyond);
}

// ---- Places

/// Makes `piece_` the piece that holds a moment within the axis, the earlier one of two. It is near the last one: an
/// axis of equal steps has as many pieces as there are moments.
void Board::find_piece(SimTime at) const {
  const std::vector<Piece>& pieces = axis.pieces;
  std::size_t i = piece_;
  int steps = 32;
  for (; steps > 0 && i > 0 && pieces[i - 1].until >= at; --steps) --i;
  for (; steps > 0 && i < pieces.size() && pieces[i].until < at; --steps) ++i;
  piece_ = steps > 0 ? i : static_cast<std::size_t>(axis.piece(at) - pieces.data());
}

double Board::x(SimTime at) const {
  const std::vector<Piece>& pieces = axis.pieces;
  if (pieces.empty() || at <= pieces.front().from || at > pieces.back().until) return gutter + axis.x(at) - pan_;
  find_piece(at);
  const Piece& piece = pieces[piece_];
  if (piece.until == piece.from) return gutter + piece.left - pan_;
  const auto part = static_cast<double>((at - piece.from).ns()) / static_cast<double>((piece.until - piece.from).ns());
  return gutter + piece.left + (piece.right - piece.left) * part - pan_;
}

double Board::in_sight(double x) const {
  return printed ? x : std::clamp(x, gutter - beyond, width_ + beyond);
}

bool Board::is_in_sight(double left, double right) const {
  return printed || (right >= gutter - beyond && left <= width_ + beyond);
}

std::span<const Piece> Board::pieces_in_sight() const {
  const std::vector<Piece>& pieces = axis.pieces;
  if (printed) return pieces;
  const auto first = std::lower_bound(pieces.begin(), pieces.end(), pan_,
                                      [](const Piece& piece, double left) { return piece.right < left; });
  const auto behind = std::upper_bound(first, pieces.end(), pan_ + width_ - gutter,
                                       [](double right, const Piece& piece) { return right < piece.left; });
  return {first, behind};
}

// ---- Shapes

Shape& Board::box(double left, double top, double width, double height, Paint fill, Paint stroke) {
  Shape& shape = out.shapes.emplace_back();
  shape.kind = Shape::Kind::box;
  shape.points = {{left, top}, {left + width, top + height}};
  shape.fill = fill;
  shape.stroke = stroke;
  return shape;
}

void Board::line(Point from, Point to, Paint paint, double width, double dash) {
  Shape& shape = out.shapes.emplace_back();
  shape.points = {from, to};
  shape.stroke = paint;
  shape.width = width;
  shape.dash = dash;
}

void Board::polygon(Points points, Paint fill, Paint stroke) {
  Shape& shape = out.shapes.emplace_back();
  shape.kind = Shape::Kind::polygon;
  shape.points = std::move(points);
  shape.fill = fill;
  shape.stroke = stroke;
}

void Board::cross_out(Point middle, double arm, Paint paint, double width) {
  line({middle.x - arm, middle.y - arm}, {middle.x + arm, middle.y + arm}, paint, width);
  line({middle.x - arm, middle.y + arm}, {middle.x + arm, middle.y - arm}, paint, width);
}

void Board::head(Point from, Point to, Paint paint, double size, bool full, double width) {
  const double dx = to.x - from.x;
  const double dy = to.y - from.y;
  // Length by a few steps of Newton's iteration: the same bits everywhere.
  const double square = dx * dx + dy * dy;
  double length = std::max(dx, dy < 0 ? -dy : dy);
  for (int i = 0; i < 8; ++i) length = (length + square / length) / 2;
  const Point along{dx / length * size, dy / length * size};
  const Point left{to.x - along.x - along.y * 0.45, to.y - along.y + along.x * 0.45};
  const Point right{to.x - along.x + along.y * 0.45, to.y - along.y - along.x * 0.45};
  if (full) {
    polygon({to, left, right}, paint);
  } else {
    line(left, to, paint, width);
    line(right, to, paint, width);
  }
}

void Board::badge(Point at, std::int64_t attempt) {
  const std::string number = std::to_string(attempt);
  const double width = text_width(number, 11, true) + 8;
  box(at.x - width / 2, at.y - 8, width, 16, Paint::orange, Paint::ink);
  labels.take({at.x - width / 2, at.y - 8, width, 16});
  on_top.push_back({{at.x - width / 2 + 4, at.y + 4}, number, Paint::ink, 11, true, false});
}

void Board::hint(std::size_t first_shape, const std::string& words) {
  for (std::size_t i = first_shape; i < out.shapes.size(); ++i) out.shapes[i].hint = words;
}

// ---- Texts

void Board::text(Point at, const std::string& words, Paint paint, int size, bool bold) {
  out.texts.push_back({at, say(words), paint, size + larger_, bold, false});
}

std::string Board::say(const std::string& english) const {
  return translate_ == nullptr || english.empty() ? english : translate_(english);
}

bool Board::has_room_for(int rank) const {
  // Nobody reads more than this at once; trouble comes first.
  constexpr std::size_t many = 400;
  return printed || wanted_ < many || (wanted_ < 2 * many && rank <= 1);
}

void Board::want(Label label) {
  if (!has_room_for(label.rank)) return;
  ++wanted_;
  label.size += larger_;
  label.first = say(label.first);
  label.second = say(label.second);
  labels.add(std::move(label));
}

void Board::hit(Hit::Kind kind, std::size_t index, const Box& box) {
  hits.push_back({kind, index, {}, {box.x, box.y}, {box.x + box.width, box.y + box.height}, 1, index});
}

void Board::flag(SimTime at, Point foot) {
  if (printed) return;
  flags.push_back({at, foot});
  labels.take({foot.x, foot.y - flag_height, flag_width, flag_height});
}

std::optional<std::size_t> Board::requests_of(sim::HostId host) const {
  for (std::size_t i = 0; i < diagram.lanes.size(); ++i) {
    if (diagram.lanes[i].kind == LaneKind::requests && diagram.lanes[i].host == host) return i;
  }
  return std::nullopt;
}

}  // namespace linger::report

#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace linger::report {

struct Point {
  double x = 0, y = 0;
};
struct Box {
  double x = 0, y = 0, width = 0, height = 0;
  bool overlaps(const Box& other) const {
    return x < other.x + other.width && other.x < x + width && y < other.y + other.height && other.y < y + height;
  }
};

/// Colours by meaning (the palette of docs/export.md); what draws decides what they look like.
enum class Paint : std::uint8_t {
  none,
  ground,
  lane,
  well,
  rule,
  mid,
  dim,
  ink,
  blue,
  green,
  vermillion,
  orange,
  purple,
  blue_text,
  green_text,
  vermillion_text,
  orange_text,
  purple_text
};

/// Few corners, as most shapes have, lie in the shape itself: a dense picture has thousands of shapes a frame.
using Points = boost::container::small_vector<Point, 4>;

struct Shape {
  enum class Kind : std::uint8_t { line, box, polygon, polyline, disc } kind = Kind::line;
  Points points;  ///< box: two opposite corners; disc: centre, and the radius as the second point's x
  Paint fill = Paint::none, stroke = Paint::none;
  double width = 1;      ///< of the stroke
  double dash = 0;       ///< length of dashes and gaps; 0: solid
  double opacity = 1;    ///< of the fill
  bool hatched = false;  ///< a fill of oblique lines in the stroke's colour
  std::string hint;      ///< shown on hover, where there is a pointer
};

struct Text {
  Point at;  ///< left end of the base line
  std::string words;
  Paint paint = Paint::ink;
  int size = 12;
  bool bold = false;
  bool plate = false;  ///< on a ground that hides what runs behind it
  Box box() const;
};

/// What a picture is made of, in the order in which it is painted; texts last.
struct Drawing {
  double width = 0, height = 0;
  std::vector<Shape> shapes;
  std::vector<Text> texts;
  std::string title, description;
};

/// How wide a text is in a usual sans-serif face; on the safe side.
double text_width(std::string_view words, int size, bool bold);

}  // namespace linger::report

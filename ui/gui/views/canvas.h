#pragma once

#include <imgui.h>

#include <string>
#include <string_view>
#include <vector>

#include "ui/gui/model/palette.h"
#include "ui/gui/model/screen.h"
#include "ui/gui/views/fonts.h"
#include "ui/report/drawing.h"

namespace linger::gui {

using report::Paint;

/// Paints in logical pixels and by meaning: a draw list with the palette and the faces of the window.
class Canvas {
 public:
  Canvas(ImDrawList& list, const FontAtlas& fonts, Theme theme) : list_(list), fonts_(fonts), theme_(theme) {}

  ImU32 colour(Paint paint, double opacity = 1) const;
  ImU32 colour(Extra paint, double opacity = 1) const;
  Theme theme() const { return theme_; }
  const FontAtlas& fonts() const { return fonts_; }
  /// How wide the soft edge of a shape is: one physical pixel.
  float fringe() const { return list_._FringeScale; }

  /// A text from the left end of its base line.
  void text(Point at, std::string_view words, ImU32 colour, double size = 13, Face face = Face::regular);
  void text(Point at, std::string_view words, Paint paint = Paint::ink, double size = 13, Face face = Face::regular) {
    text(at, words, colour(paint), size, face);
  }
  /// Ends at `right`, or shortened with "…" when it is wider than `most`.
  void text_right(Point right, std::string_view words, Paint paint = Paint::ink, double size = 13,
                  Face face = Face::regular);
  void text_centred(Point middle, std::string_view words, ImU32 colour, double size = 13, Face face = Face::regular);
  /// Shortened with "…" when it is wider than `most`.
  void text_within(Point at, std::string_view words, double most, Paint paint = Paint::ink, double size = 13,
                   Face face = Face::regular);
  double width(std::string_view words, double size = 13, Face face = Face::regular) const;
  /// The lines that a text takes in this width; Chinese breaks between any two signs.
  std::vector<std::string> wrapped(std::string_view words, double most, double size = 13) const;

  void fill(const Box& box, ImU32 colour, double rounding = 0);
  void frame(const Box& box, ImU32 colour, double rounding = 0, double thickness = 1);
  void line(Point from, Point to, ImU32 colour, double thickness = 1);
  void polygon(const std::vector<Point>& points, ImU32 colour);
  void disc(Point centre, double radius, ImU32 colour);

  /// Paints a shape of a drawing whose upper left corner is at `at`. What lies outside of `clip` may be left out.
  void paint(const report::Shape& shape, Point at, const Box& clip);
  void paint(const report::Text& text, Point at);

  void push_clip(const Box& box);
  void pop_clip();

 private:
  void paint_line(const report::Shape& shape, Point from, Point to, const Box& clip);
  void hatch(const Box& box, ImU32 colour);

  ImDrawList& list_;
  std::vector<Point> moved_;  ///< of the shape that is painted: kept for its memory
  const FontAtlas& fonts_;
  Theme theme_;
};

}  // namespace linger::gui

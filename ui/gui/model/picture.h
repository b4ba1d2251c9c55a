#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/ids.h"
#include "ui/gui/model/fonts.h"
#include "ui/gui/model/state.h"
#include "ui/report/drawing.h"

namespace linger::gui {

using report::Box;
using report::Paint;
using report::Point;

enum class Align : unsigned char { left, centre, right };

/// Words in the room that they have: one line, cut off with "…" where a face is wider than it should be.
struct PictureText {
  Point at;         ///< left end of the base line of its room
  double room = 0;  ///< pixels
  std::string words;
  Paint paint = Paint::ink;
  Face face = Face::regular;
  double size = 13;
  Align align = Align::left;

  /// What the words cover, by an estimate that is on the safe side.
  Box box() const;
  /// Whether the words have room, by the same estimate.
  bool fits() const;
};

/// A place that explains itself under the pointer, and that may be clicked.
struct PictureTouch {
  Box box;
  std::vector<std::string> hint;         ///< lines of a tooltip
  std::optional<Selection> selects;      ///< what a click picks
  std::optional<sim::EventNumber> goes;  ///< a click puts the cursor behind this event
  std::optional<Target> acts = {};       ///< a right click asks what can be done to it
};

/// What a panel shows: no toolkit, no session. Coordinates are from its upper left corner.
struct PanelPicture {
  double width = 0, height = 0;
  std::vector<report::Shape> shapes;
  std::vector<Box> marked;  ///< under the shapes, in the colour of the selection
  std::vector<PictureText> texts;
  std::vector<PictureTouch> touches;

  void text(Point at, double room, std::string words, Paint paint = Paint::ink, Face face = Face::regular,
            Align align = Align::left, double size = 13);
  void fill(const Box& box, Paint paint, double opacity = 1);
  void frame(const Box& box, Paint paint, double width = 1);
  void line(Point from, Point to, Paint paint, double width = 1, double dash = 0);
  void hatch(const Box& box, Paint paint);
  /// All of another picture, moved.
  void add(const PanelPicture& other, Point at);
};

/// How wide these words are at most, in pixels.
double words_width(const std::string& words, double size = 13, Face face = Face::regular);

}  // namespace linger::gui

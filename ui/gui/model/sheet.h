#pragma once

#include <string>
#include <vector>

#include "ui/gui/model/picture.h"

namespace linger::gui {

/// A value under its name.
struct Figure {
  std::string name, value;
};

/// A name, how much of something there is (from 0 to 1), and the amount in words.
struct Meter {
  std::string name;
  double part = 0;
  Paint paint = Paint::blue;
  std::string amount;
};

/// A square of a row: a place in a window or in a list of a fixed length.
struct Cell {
  std::string first, second;  ///< two lines
  std::string unit;           ///< before the first line, where there is room for it
  Paint paint = Paint::none;  ///< none: empty
  Paint words = Paint::ink;
  bool marked = false;  ///< a thick frame
  std::vector<std::string> hint;
  std::optional<Selection> selects;
};

/// Fills a picture from top to bottom with rows of a panel.
class Sheet {
 public:
  /// `padding` pixels stay free on all sides.
  explicit Sheet(double width, double padding = 12);

  /// The name of the panel, and on the right what it is about.
  void title(const std::string& words, const std::string& note);
  void heading(const std::string& words, const std::string& note = {}, Paint paint = Paint::ink);
  /// One line, wrapped.
  void words(const std::string& words, Paint paint = Paint::dim);
  void figures(const std::vector<Figure>& figures);
  /// Bars of one length below each other.
  void meters(const std::vector<Meter>& meters);
  /// A name and a value.
  void pair(const std::string& name, const std::string& value, Paint paint = Paint::ink);
  /// Cells side by side, as many as stand in `columns` to a row.
  void cells(const std::vector<Cell>& cells, std::size_t columns = 5, double height = 42);
  void gap(double height) { y_ += height; }

  double inner() const { return width_ - 2 * padding_; }
  double left() const { return padding_; }
  double y() const { return y_; }
  void advance(double height) { y_ += height; }
  PanelPicture& picture() { return picture_; }
  /// The finished picture.
  PanelPicture done() &&;

 private:
  double width_, padding_;
  double y_;
  PanelPicture picture_;
};

/// The lines that words take in this room; Chinese breaks between any two signs.
std::vector<std::string> wrapped_words(const std::string& words, double room, double size = 13,
                                       Face face = Face::regular);

}  // namespace linger::gui

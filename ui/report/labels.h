#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "ui/report/drawing.h"

namespace linger::report {

/// A text that wants a place.
struct Label {
  std::string first, second;  ///< two lines; the second goes first when there is no room
  Paint paint = Paint::ink;
  int size = 12;
  bool bold = false;
  int rank = 0;  ///< who gets a place first: small numbers
  /// Where it may stand, best first: left end of the first base line for `left`, right end for `right`, middle for
  /// `centre`.
  enum class Anchor { left, right, centre };
  struct Place {
    Point at;
    Anchor anchor = Anchor::left;
  };
  std::vector<Place> places;
};

/// Puts labels where they cover neither each other nor what is taken, and where as few lines as possible run under
/// them. A label that finds no room loses its second line, then its text.
class Labels {
 public:
  explicit Labels(Box area);
  void take(const Box& box);
  void cross(Point from, Point to);
  /// The first of these points around which a disc covers nothing that is taken, or else the first; its place is taken.
  Point reserve(const std::vector<Point>& places, double radius);
  void add(Label label) { labels_.push_back(std::move(label)); }
  /// The texts of those that found a place.
  std::vector<Text> place();
  std::size_t left_out() const { return left_out_; }

 private:
  struct Line {
    Point from, to;
  };
  std::size_t column(double x) const;
  std::size_t row(double y) const;
  bool free(const Box& box) const;
  int crossings(const Box& box);
  bool try_place(const Label& label, bool with_second, std::vector<Text>& out);

  Box area_;
  std::vector<Box> taken_;
  std::vector<Line> lines_;
  // What lies in a part of the area, so that a label is compared with its neighbours and not with everything.
  std::size_t columns_ = 1, rows_ = 1;
  std::vector<std::vector<std::size_t>> boxes_in_;  ///< by row and column
  std::vector<std::vector<std::size_t>> lines_in_;  ///< by column
  std::vector<std::size_t> asked_;                  ///< by line: the last question in which it was counted
  std::size_t question_ = 0;
  std::vector<Label> labels_;
  std::size_t left_out_ = 0;
};

}  // namespace linger::report

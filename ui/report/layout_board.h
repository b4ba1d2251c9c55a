#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "ui/report/labels.h"
#include "ui/report/layout.h"

namespace linger::report {

/// Height of a bar's row.
inline constexpr double batch_row = 19;
inline constexpr double flight_row = 11;
/// Things of one kind that stand closer than this are too close to be told apart; pixels.
inline constexpr double crowded = 3;
/// From so many neighbours on marks and bars are drawn as one.
inline constexpr std::int64_t crowd_from = 8;

Paint paint_of(Tone tone);
Paint text_of(Tone tone);
Point between(Point a, Point b, double part);

/// A bar in the row of a lane that it shares with others, or a crowd of them.
struct StackedBar {
  std::size_t index = 0, last = 0;  ///< of the first and last bar
  std::int64_t count = 1;
  bool crowd = false;
  double left = 0, right = 0;
  std::size_t row = 0;
  const Spans* list = nullptr;                  ///< where a crowd's bars are
  std::size_t first_place = 0, last_place = 0;  ///< in it
};

/// All bars that share rows, in the order of the diagram, with their places before a window is panned.
struct Stacking {
  std::vector<StackedBar> bars;
  std::map<std::size_t, std::size_t> rows;  ///< by lane: how many it takes
};

/// What the parts of a layout share: the picture so far, where a moment is on it, what labels must not cover.
class Board {
 public:
  /// `window` is null for a printed picture.
  Board(const Diagram& diagram, const Reach& reach, const Axis& axis, const WindowFrame* window);

  const Diagram& diagram;
  const Reach& reach;
  const Axis& axis;
  const bool printed;
  static constexpr double gutter = 124;  ///< names of the lanes
  const double axis_top, lanes_top;
  double margin = 0;  ///< of a fold: what stays free at both of its sides
  double lanes_end = 0;
  double squeeze = 1;        ///< of the rows of bars, where lanes are lower than usual
  sim::SimTime from, until;  ///< what is in sight
  std::vector<Scene::Row> rows;
  std::vector<StackedBar> stacked;
  Drawing out;
  std::vector<Hit> hits;
  std::vector<Text> on_top;  ///< numbers on badges
  std::vector<Scene::Flag> flags;
  Labels labels;

  /// Where a moment is in the picture. What is drawn comes in the order of time: the place of the last moment is near.
  double x(sim::SimTime at) const;
  double pan() const { return pan_; }
  int larger() const { return larger_; }
  /// The same between the edges of a window; a little beyond, so that no end shows.
  double in_sight(double x) const;
  bool is_in_sight(double left, double right) const;
  /// The pieces of the axis of which something is seen.
  std::span<const Piece> pieces_in_sight() const;

  // Shapes
  Shape& box(double left, double top, double width, double height, Paint fill, Paint stroke = Paint::none);
  void line(Point from, Point to, Paint paint, double width = 1, double dash = 0);
  void polygon(Points points, Paint fill, Paint stroke = Paint::none);
  void cross_out(Point middle, double arm, Paint paint, double width);
  /// An arrow's head: full for requests, open for answers and for what never arrives.
  void head(Point from, Point to, Paint paint, double size, bool full, double width);
  void badge(Point at, std::int64_t attempt);
  /// What a printed picture shows on hover, for the shapes from this one on; a window has tooltips.
  void hint(std::size_t first_shape, const std::string& words);

  // Texts
  void text(Point at, const std::string& words, Paint paint, int size = 12, bool bold = false);
  std::string say(const std::string& english) const;
  void want(Label label);
  /// Whether a label of this rank would be looked at: a window that is full of them takes no more.
  bool has_room_for(int rank) const;

  void hit(Hit::Kind kind, std::size_t index, const Box& box);
  /// In a window: the flag of a planned fault, at the moment at which it strikes.
  void flag(sim::SimTime at, Point foot);
  /// The lane of requests of a host.
  std::optional<std::size_t> requests_of(sim::HostId host) const;

 private:
  void find_piece(sim::SimTime at) const;

  double pan_ = 0;
  double width_ = 0;  ///< of a window
  int larger_ = 0;
  std::string (*translate_)(const std::string&) = nullptr;
  std::size_t wanted_ = 0;         ///< labels so far
  mutable std::size_t piece_ = 0;  ///< of the axis, where the last moment was
};

}  // namespace linger::report

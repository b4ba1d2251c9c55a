#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "ui/report/diagram.h"

namespace linger::report {

/// A stretch of the time axis: drawn to scale, or folded to a fixed width.
struct Piece {
  sim::SimTime from, until;
  double left = 0, right = 0;  ///< pixels from the axis' beginning
  bool folded = false;
  std::vector<std::string> words;  ///< folded: what it hides
  bool opened = false;             ///< a fold that the viewer has opened: drawn to scale, and closed again by a click
};

/// A time axis with idle stretches folded: one scale in all open pieces, so that a millisecond is equally long
/// everywhere.
struct Axis {
  std::vector<Piece> pieces;  ///< without gaps, in order
  double per_ms = 1;          ///< pixels
  double width = 0;
  /// Within a fold: proportionally.
  double x(sim::SimTime at) const;
  /// The moment at a place: x() the other way round, to the nanosecond below; the nearest end outside of the axis.
  sim::SimTime at(double x) const;
  bool in_fold(sim::SimTime at) const;
  /// The piece that holds a moment, the earlier one of two; null if there is none.
  const Piece* piece(sim::SimTime at) const;
};

struct AxisLimits {
  double wanted = 1180;    ///< pixels that the open pieces are stretched to, if the scale allows
  double fold = 84;        ///< pixels of a folded stretch
  double margin = 22;      ///< pixels around what happens in an open piece
  double most = 5200;      ///< pixels; what does not fit is left out
  std::size_t bursts = 9;  ///< more bursts than these: ordinary ones are folded too
};

/// The axis for a diagram. What does not fit is taken out of the diagram, and a sentence about it is put into left_out.
/// So is what is folded away as ordinary: rounds of requests in which nothing goes wrong, beyond the first and the
/// last.
Axis make_axis(Diagram& diagram, const AxisLimits& limits = {});

/// How a window's axis measures time.
enum class AxisKind : std::uint8_t {
  folded,  ///< idle stretches have a fixed width, all other time one scale
  linear,  ///< one scale
  events,  ///< equal steps from each moment at which something happens to the next
};

/// The stretches of a run that are idle, and the moments at which something happens: what axes are made of, found once
/// a run.
struct AxisPlan {
  std::vector<sim::SimTime> moments;  ///< in order, each once
  struct Burst {
    sim::SimTime from, until;
  };
  std::vector<Burst> bursts;  ///< stretches in which something happens all the time; what is between them is idle
};
AxisPlan plan_axis(const Diagram& diagram);

struct AxisWindow {
  AxisKind kind = AxisKind::folded;
  double width = 800;               ///< pixels in which the whole run is seen at zoom 1
  double zoom = 1;                  ///< at least 1
  double margin = 22;               ///< pixels before the first moment
  double after = 22;                ///< pixels behind the last moment: room for the words about how it ends
  double fold = 84;                 ///< pixels of a fold where there is room; narrower where there are many
  std::set<std::int64_t> unfolded;  ///< beginnings in nanoseconds of folds that are to be drawn to scale
  friend bool operator==(const AxisWindow&, const AxisWindow&) = default;
};

/// The axis of a window: the whole run at zoom 1, nothing left out.
Axis window_axis(const AxisPlan& plan, const AxisWindow& window);

/// What a stretch hides, in words; takes a search, not a walk through the diagram.
std::vector<std::string> hidden_in(const Diagram& diagram, sim::SimTime from, sim::SimTime until);

}  // namespace linger::report

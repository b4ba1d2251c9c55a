#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ui/report/axis.h"
#include "ui/report/diagram.h"
#include "ui/report/drawing.h"
#include "ui/report/reach.h"
#include "ui/report/scene.h"

namespace linger::report {

struct Stacking;

/// Where everything of a diagram goes: lanes from top to bottom, time from left to right, labels that do not cover each
/// other. The run gives the heading and the tally of the records.
Drawing lay_out(Diagram diagram, const scenarios::Run& run, const AxisLimits& limits = {});

/// Something in a diagram that a number is to stand beside.
struct Pointed {
  Hit::Kind kind = Hit::Kind::mark;
  std::size_t index = 0;
  friend bool operator==(const Pointed&, const Pointed&) = default;
};

struct WindowFrame {
  double width = 0, height = 0;  ///< pixels, with the names of the lanes
  double left = 0;               ///< the pixel of the axis at which the picture begins
  /// Gives texts in another language; null: as they are.
  std::string (*translate)(const std::string& english) = nullptr;
  std::vector<Pointed> pointed;  ///< what gets the numbers 1, 2, …
  int larger = 1;                ///< points that texts are larger than in a printed picture
  friend bool operator==(const WindowFrame&, const WindowFrame&) = default;
};

/// The part of a diagram that a window shows: lanes that share its height, no heading and no legend. Where things stand
/// too close to be told apart, neighbours are drawn as one with their number; what went wrong is drawn by itself, on
/// top of them.
/// `stacking`: what stack_bars gave for these, kept from another frame; null: it is found anew.
Scene lay_out_window(const Diagram& diagram, const Reach& reach, const Axis& axis, const WindowFrame& frame,
                     const Stacking* stacking = nullptr);

/// Which bar goes into which row of its lane in a window. The same wherever the window is panned to.
std::shared_ptr<const Stacking> stack_bars(const Diagram& diagram, const Reach& reach, const Axis& axis);

/// "1,240 requests": what a crowd in a window's picture is made of.
std::string crowd_in_words(const Diagram& diagram, const Hit& hit);

/// "r0", "r0, r3", "r0..r4": numbers of records.
std::string records_named(std::vector<std::int64_t> numbers);

}  // namespace linger::report

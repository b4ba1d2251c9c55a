#pragma once

namespace linger::gui {

/// When the pointer has rested long enough on something for its tooltip to show.
class Rest {
 public:
  static constexpr double wait = 0.15;  ///< seconds

  /// A frame of so many seconds: whether the pointer is on something, and whether it has moved. True: the tooltip
  /// shows, after a rest or because that of a neighbour was there just now.
  bool shows(bool on_something, bool moved, double seconds) {
    if (on_something) {
      rested_ = moved ? 0 : rested_ + seconds;
      shown_ = shown_ || rested_ >= almost(wait);
      away_ = 0;
    } else {
      rested_ = 0;
      away_ += seconds;
      // Between neighbours there are a few pixels of nothing.
      shown_ = shown_ && away_ < almost(wait);
    }
    return shown_ && on_something;
  }

 private:
  /// Frames whose lengths add up to the wait but for a rounding are long enough.
  static constexpr double almost(double seconds) { return seconds - 1e-4; }

  double rested_ = 0, away_ = 0;
  bool shown_ = false;
};

}  // namespace linger::gui

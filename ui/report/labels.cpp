#include "ui/report/labels.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace linger::report {
namespace {

/// Whether a line runs through a box: what is left of it after cutting it at the four sides.
bool runs_through(Point from, Point to, const Box& box) {
  double begin = 0;
  double end = 1;
  const auto cut = [&](double start, double step, double low, double high) {
    if (step == 0) return start > low && start < high;
    double enters = (low - start) / step;
    double leaves = (high - start) / step;
    if (enters > leaves) std::swap(enters, leaves);
    begin = std::max(begin, enters);
    end = std::min(end, leaves);
    return begin < end;
  };
  return cut(from.x, to.x - from.x, box.x, box.x + box.width) && cut(from.y, to.y - from.y, box.y, box.y + box.height);
}

}  // namespace

bool Labels::free(const Box& box) const {
  if (box.x < area_.x || box.y < area_.y || box.x + box.width > area_.x + area_.width ||
      box.y + box.height > area_.y + area_.height)
    return false;
  return std::none_of(taken_.begin(), taken_.end(), [&](const Box& other) { return box.overlaps(other); });
}

int Labels::crossings(const Box& box) const {
  return static_cast<int>(std::count_if(lines_.begin(), lines_.end(),
                                        [&](const Line& line) { return runs_through(line.from, line.to, box); }));
}

bool Labels::try_place(const Label& label, bool with_second, std::vector<Text>& out) {
  constexpr double gap = 2;
  const double line = label.size * 1.22;
  const bool second = with_second && !label.second.empty();
  const double first_width = text_width(label.first, label.size, label.bold);
  const double second_width = second ? text_width(label.second, label.size - 1, false) : 0;
  const double width = std::max(first_width, second_width);
  const auto left_of = [&](const Label::Place& place, double own) {
    switch (place.anchor) {
      case Label::Anchor::left:
        return place.at.x;
      case Label::Anchor::right:
        return place.at.x - own;
      case Label::Anchor::centre:
        return place.at.x - own / 2;
    }
    return place.at.x;
  };
  std::optional<std::pair<int, const Label::Place*>> best;
  for (const Label::Place& place : label.places) {
    const Box box{left_of(place, width) - gap, place.at.y - 0.8 * label.size - gap, width + 2 * gap,
                  1.05 * label.size + (second ? line : 0) + 2 * gap};
    if (!free(box)) continue;
    const int crossed = crossings(box);
    if (!best || crossed < best->first) best = {crossed, &place};
    if (crossed == 0) break;
  }
  if (!best) return false;
  const Label::Place& place = *best->second;
  out.push_back({{left_of(place, first_width), place.at.y}, label.first, label.paint, label.size, label.bold, true});
  if (second)
    out.push_back(
        {{left_of(place, second_width), place.at.y + line}, label.second, label.paint, label.size - 1, false, true});
  const Box box{left_of(place, width) - gap, place.at.y - 0.8 * label.size - gap, width + 2 * gap,
                1.05 * label.size + (second ? line : 0) + 2 * gap};
  taken_.push_back(box);
  return true;
}

std::vector<Text> Labels::place() {
  std::stable_sort(labels_.begin(), labels_.end(), [](const Label& a, const Label& b) { return a.rank < b.rank; });
  std::vector<Text> out;
  for (const Label& label : labels_) {
    if (label.first.empty()) continue;
    if (!try_place(label, true, out) && (label.second.empty() || !try_place(label, false, out))) ++left_out_;
  }
  return out;
}

}  // namespace linger::report

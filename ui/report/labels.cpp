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

namespace {
constexpr double column_width = 64;
constexpr double row_height = 24;

std::size_t parts(double length, double part) {
  return static_cast<std::size_t>(std::max(0.0, length) / part) + 1;
}
/// The part that holds a place; the first or the last for what is outside.
std::size_t part_at(double place, double part, std::size_t count) {
  const double at = place / part;
  if (!(at > 0)) return 0;
  return at >= static_cast<double>(count) ? count - 1 : static_cast<std::size_t>(at);
}
}  // namespace

Labels::Labels(Box area)
    : area_(area),
      columns_(parts(area.width, column_width)),
      rows_(parts(area.height, row_height)),
      boxes_in_(columns_ * rows_),
      lines_in_(columns_) {}

std::size_t Labels::column(double x) const {
  return part_at(x - area_.x, column_width, columns_);
}
std::size_t Labels::row(double y) const {
  return part_at(y - area_.y, row_height, rows_);
}

void Labels::take(const Box& box) {
  const std::size_t last = column(box.x + box.width);
  const std::size_t lowest = row(box.y + box.height);
  for (std::size_t j = row(box.y); j <= lowest; ++j) {
    for (std::size_t i = column(box.x); i <= last; ++i) boxes_in_[j * columns_ + i].push_back(taken_.size());
  }
  taken_.push_back(box);
}

void Labels::cross(Point from, Point to) {
  const std::size_t last = column(std::max(from.x, to.x));
  for (std::size_t i = column(std::min(from.x, to.x)); i <= last; ++i) lines_in_[i].push_back(lines_.size());
  lines_.push_back({from, to});
  asked_.push_back(0);
}

bool Labels::free(const Box& box) const {
  if (box.x < area_.x || box.y < area_.y || box.x + box.width > area_.x + area_.width ||
      box.y + box.height > area_.y + area_.height)
    return false;
  const std::size_t last = column(box.x + box.width);
  const std::size_t lowest = row(box.y + box.height);
  for (std::size_t j = row(box.y); j <= lowest; ++j) {
    for (std::size_t i = column(box.x); i <= last; ++i) {
      for (const std::size_t other : boxes_in_[j * columns_ + i]) {
        if (box.overlaps(taken_[other])) return false;
      }
    }
  }
  return true;
}

Point Labels::reserve(const std::vector<Point>& places, double radius) {
  const auto around = [radius](Point p) { return Box{p.x - radius, p.y - radius, 2 * radius, 2 * radius}; };
  const auto found = std::find_if(places.begin(), places.end(), [&](Point p) { return free(around(p)); });
  const Point place = found == places.end() ? places.front() : *found;
  take(around(place));
  return place;
}

int Labels::crossings(const Box& box) {
  ++question_;
  int count = 0;
  const std::size_t last = column(box.x + box.width);
  for (std::size_t i = column(box.x); i <= last; ++i) {
    for (const std::size_t line : lines_in_[i]) {
      if (asked_[line] == question_) continue;
      asked_[line] = question_;
      count += runs_through(lines_[line].from, lines_[line].to, box) ? 1 : 0;
    }
  }
  return count;
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
  take(box);
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

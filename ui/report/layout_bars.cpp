// Bars: who leads, what is down, faults that last, batches, requests in flight.
#include <algorithm>
#include <map>

#include "ui/report/layout_parts.h"
#include "ui/report/words.h"

namespace linger::report {
namespace {

class Bars {
 public:
  explicit Bars(Board& board) : board_(board) {}

  void draw() {
    std::vector<StackedBar> all = board_.stacked;
    board_.reach.bars.touching(board_.from, board_.until, [&](std::size_t place) {
      const Spans::One& one = board_.reach.bars[place];
      all.push_back({one.index, one.index, 1, false, board_.x(one.from), board_.x(one.until), 0});
    });
    // Those that share rows are in order; the others are few.
    const auto by_index = [](const StackedBar& a, const StackedBar& b) { return a.index < b.index; };
    const auto others = all.begin() + static_cast<std::ptrdiff_t>(board_.stacked.size());
    std::sort(others, all.end(), by_index);
    std::inplace_merge(all.begin(), others, all.end(), by_index);
    for (const StackedBar& one : all) {
      if (one.crowd)
        crowd(one);
      else
        bar(one);
    }
  }

 private:
  void bar(const StackedBar& one) {
    const Bar& bar = board_.diagram.bars[one.index];
    const Scene::Row& row = board_.rows[bar.lane];
    const double width = std::max(1.5, one.right - one.left);
    if (!board_.printed && covered(bar, one, width)) return;
    const std::size_t first = board_.out.shapes.size();
    switch (bar.kind) {
      case BarKind::leads:
        board_.box(one.left, row.base - 2.5, width, 5, Paint::purple);
        break;
      case BarKind::down:
        board_.box(one.left, row.top + 12, width, row.height - 24, Paint::ground, Paint::vermillion).hatched = true;
        label(bar, one.left, width, row.base + 4, 1);
        break;
      case BarKind::fault: {
        const double top = row.top + (26 + batch_row * static_cast<double>(one.row)) * board_.squeeze;
        board_.box(one.left, top, width, batch_row - 4, Paint::ground, Paint::vermillion).hatched = true;
        board_.flag(bar.from, {one.left, row.base});
        label(bar, one.left, width, top + 11, 1);
        break;
      }
      case BarKind::batch:
      case BarKind::queued_again: {
        const double top = batch_top(bar.lane, one.row);
        const Paint paint = bar.kind == BarKind::batch ? Paint::blue : Paint::orange;
        board_.box(one.left, top, width, batch_row - 4, paint, paint).opacity = 0.28;
        if (const auto requests = lane_below(bar.lane))
          board_.line({one.left + width, top + batch_row - 4}, {one.left + width, board_.rows[*requests].base}, paint,
                      0.8);
        label(bar, one.left, width, top + 11.5, 5);
        break;
      }
      case BarKind::in_flight: {
        const double top = flight_top(bar.lane, one.row);
        board_.box(one.left, top, width, 5, Paint::blue);
        board_.labels.take({one.left, top, width, 5});
        break;
      }
    }
    if (board_.printed)
      board_.out.shapes[first].hint = (bar.kind == BarKind::in_flight ? "in flight: " : "") + bar.text;
    hit(one, first);
    if (!board_.printed && bar.kind != BarKind::leads && bar.kind != BarKind::in_flight) cross_middle();
  }

  /// Bars that are too close to be told apart: one, with their number.
  void crowd(const StackedBar& one) {
    const Bar& bar = board_.diagram.bars[one.index];
    const double left = board_.in_sight(one.left);
    const double width = std::max(1.5, board_.in_sight(one.right) - left);
    const std::size_t first = board_.out.shapes.size();
    if (bar.kind == BarKind::batch) {
      const double top = batch_top(bar.lane, one.row);
      board_.box(left, top, width, batch_row - 4, Paint::blue, Paint::blue).opacity = 0.28;
    } else {
      const double top = flight_top(bar.lane, one.row);
      board_.box(left, top, width, 5, Paint::blue);
      board_.labels.take({left, top, width, 5});
    }
    hit(one, first);
    board_.hits.back().count = one.count;
    board_.hits.back().last = one.last;
    if (bar.kind != BarKind::batch) return;
    cross_middle();
    Bar named = bar;
    named.text = crowd_in_words(board_.diagram, board_.hits.back());
    label(named, left, width, batch_top(bar.lane, one.row) + 11.5, 3);
  }

  double batch_top(std::size_t lane, std::size_t row) const {
    return board_.rows[lane].top + 9 * board_.squeeze + batch_row * board_.squeeze * static_cast<double>(row);
  }
  double flight_top(std::size_t lane, std::size_t row) const {
    return board_.rows[lane].base - 3 - flight_row * board_.squeeze * static_cast<double>(row);
  }

  /// Whether a bar lies within a pixel of the one that was drawn before it in its row: then that one stands for both.
  bool covered(const Bar& bar, const StackedBar& one, double width) {
    if (bar.kind != BarKind::batch && bar.kind != BarKind::in_flight) return false;
    const auto [found, is_new] = drawn_.try_emplace({bar.lane, one.row});
    Drawn& drawn = found->second;
    if (!is_new && one.left + width - drawn.right < 1) {
      ++board_.hits[drawn.hit].count;
      board_.hits[drawn.hit].last = one.index;
      return true;
    }
    drawn = {one.left + width, board_.hits.size()};
    return false;
  }

  /// The lane of requests below one of batches.
  std::optional<std::size_t> lane_below(std::size_t batches) const {
    const std::vector<Lane>& lanes = board_.diagram.lanes;
    const std::size_t next = batches + 1;
    return next < lanes.size() && lanes[next].kind == LaneKind::requests ? std::optional(next) : std::nullopt;
  }

  /// The name of a bar: inside, where that has room; else behind its end, or before its beginning.
  void label(const Bar& bar, double left, double width, double y, int rank) {
    Label label;
    label.first = bar.text;
    label.paint = bar.kind == BarKind::batch || bar.kind == BarKind::queued_again ? Paint::ink : Paint::vermillion_text;
    label.size = 11;
    label.rank = rank;
    const double own = text_width(bar.text, 11 + board_.larger(), false);
    if (own + 8 < width) {
      label.places.push_back({{left + 5, y}, Label::Anchor::left});
      label.places.push_back({{left + width / 2, y}, Label::Anchor::centre});
      // A long bar has room for its name in many places.
      for (double part = 0.1; !board_.printed && part < 1 && own * 4 < width; part += 0.1)
        label.places.push_back({{left + width * part, y}, Label::Anchor::centre});
    } else {
      label.places.push_back({{left + width + 5, y}, Label::Anchor::left});
      label.places.push_back({{left - 5, y}, Label::Anchor::right});
    }
    board_.want(std::move(label));
  }

  void hit(const StackedBar& one, std::size_t shape) {
    const Points& corners = board_.out.shapes[shape].points;
    board_.hit(Hit::Kind::bar, one.index,
               {corners[0].x, corners[0].y, corners[1].x - corners[0].x, corners[1].y - corners[0].y});
  }
  /// Labels run along the middle of a bar only where there is no better place.
  void cross_middle() {
    const Hit& drawn = board_.hits.back();
    const double middle = (drawn.from.y + drawn.to.y) / 2;
    board_.labels.cross({drawn.from.x, middle}, {drawn.to.x, middle});
  }

  Board& board_;
  struct Drawn {
    double right = 0;
    std::size_t hit = 0;
  };
  std::map<std::pair<std::size_t, std::size_t>, Drawn> drawn_;  ///< the last bar by lane and row
};

}  // namespace

void draw_bars(Board& board) {
  Bars{board}.draw();
}

}  // namespace linger::report

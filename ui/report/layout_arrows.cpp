// Arrows: messages by themselves, and crowds of them.
#include <algorithm>

#include "ui/report/layout_parts.h"
#include "ui/report/words.h"

namespace linger::report {
namespace {

using sim::SimTime;

/// Arrows of one kind between the same lanes, each closer to the one before it than can be told apart.
struct Crowd {
  std::size_t first = 0, last = 0;  ///< indexes of arrows
  std::int64_t count = 0;
  SimTime from, until;            ///< of the first
  SimTime last_from, last_until;  ///< when the last began, and the latest end
};

class Arrows {
 public:
  explicit Arrows(Board& board) : board_(board) {}

  void draw() {
    for (const Spans& way : board_.reach.ways) collect(way, true);
    const std::size_t ordinary = crowds_.size();
    collect(board_.reach.trouble, false);
    const auto behind_ordinary = crowds_.begin() + static_cast<std::ptrdiff_t>(ordinary);
    const auto by_time = [](const Crowd& a, const Crowd& b) { return a.first < b.first; };
    // On paper everything comes in the order of time; in a window no crowd covers what went wrong.
    std::sort(crowds_.begin(), board_.printed ? crowds_.end() : behind_ordinary, by_time);
    for (const Crowd& one : crowds_) {
      if (one.count == 1)
        arrow(one);
      else
        crowd(one);
    }
  }

 private:
  void collect(const Spans& list, bool may_crowd) {
    const bool alone = !may_crowd || board_.printed;
    const std::size_t first = crowds_.size();
    double last = 0;
    list.touching(board_.from, board_.until, [&](std::size_t place) {
      const Spans::One& one = list[place];
      const double at = alone ? 0 : board_.x(one.from);
      if (alone || crowds_.size() == first || at - last >= crowded) {
        crowds_.push_back({one.index, one.index, 1, one.from, one.until, one.from, one.until});
      } else {
        Crowd& crowd = crowds_.back();
        crowd.last = one.index;
        ++crowd.count;
        crowd.last_from = one.from;
        crowd.last_until = std::max(crowd.last_until, one.until);
      }
      last = at;
    });
  }

  struct Ends {
    Point from, to;
  };
  Ends ends(const Arrow& arrow, SimTime from, SimTime until) const {
    Ends out{{board_.x(from), board_.rows[arrow.from].base}, {board_.x(until), board_.rows[arrow.to].base}};
    // Arrows of one moment still lean a little.
    if (out.to.x - out.from.x < 2) out.to.x = out.from.x + 2;
    return out;
  }

  void arrow(const Crowd& one) {
    const Arrow& arrow = board_.diagram.arrows[one.first];
    const auto [from, to] = ends(arrow, one.from, one.until);
    draw(arrow, from, to);
    board_.labels.cross(from, to);
    board_.hits.push_back({Hit::Kind::arrow, one.first, {}, from, to, 1, one.first});
    const std::vector<std::size_t>& struck = board_.reach.struck;
    if (std::binary_search(struck.begin(), struck.end(), one.first)) board_.flag(arrow.sent_at, from);
    label(arrow, from, to);
  }

  void crowd(const Crowd& one) {
    const Arrow& arrow = board_.diagram.arrows[one.first];
    const Ends first = ends(arrow, one.from, one.until);
    const Ends last = ends(arrow, one.last_from, one.last_until);
    const Paint paint = paint_of(arrow.tone);
    board_.polygon({first.from, last.from, last.to, first.to}, paint);
    board_.out.shapes.back().opacity = 0.35;
    for (const Ends& edge : {first, last}) {
      board_.line(edge.from, edge.to, paint, 1);
      board_.labels.cross(edge.from, edge.to);
    }
    const Point from = between(first.from, last.from, 0.5);
    const Point to = between(first.to, last.to, 0.5);
    board_.hits.push_back({Hit::Kind::arrow, one.first, {}, from, to, one.count, one.last});
    label_crowd(arrow, first, last);
  }

  void label_crowd(const Arrow& arrow, const Ends& first, const Ends& last) {
    const double left = board_.in_sight(first.from.x);
    const double width = board_.in_sight(last.from.x) - left;
    if (width < 24) return;
    const Hit& hit = board_.hits.back();
    Label label;
    label.first = crowd_in_words(board_.diagram, hit);
    label.paint = text_of(arrow.tone);
    label.size = 11;
    label.rank = arrow.kind == ArrowKind::produce ? 3 : 4;
    // Where the words are wider than the crowd, the number alone.
    if (text_width(label.first, 11 + board_.larger(), false) > width) label.first = "×" + std::to_string(hit.count);
    const double lean = hit.to.x - hit.from.x;
    for (const double across : {0.5, 0.3, 0.7, 0.15, 0.85}) {
      for (const double down : {0.5, 0.35, 0.65, 0.2, 0.8}) {
        const double y = hit.from.y + (hit.to.y - hit.from.y) * down;
        label.places.push_back({{left + width * across + lean * down, y + 4}, Label::Anchor::centre});
      }
    }
    board_.want(std::move(label));
  }

  void draw(const Arrow& arrow, Point from, Point to) {
    const bool broken = is_broken(arrow);
    const bool thin = arrow.kind != ArrowKind::produce;
    const double width = thin ? 1 : 2;
    const Paint paint = paint_of(arrow.tone);
    const double dash = arrow.late ? 8 : arrow.kind == ArrowKind::setup || arrow.kind == ArrowKind::metadata ? 2 : 0;
    const std::size_t first = board_.out.shapes.size();
    if (broken) {
      const Point stop = between(from, to, 0.55);
      constexpr double arm = 5;
      board_.line(from, stop, paint, width);
      board_.line(stop, to, paint, width, 3);
      board_.cross_out(stop, arm, paint, 2.4);
      board_.labels.take({stop.x - arm, stop.y - arm, 2 * arm, 2 * arm});
    } else {
      board_.line(from, to, paint, width, dash);
    }
    board_.head(from, to, paint, thin ? 6 : 8, !arrow.answer && !broken, width);
    if (board_.printed)
      board_.hint(first, arrow.text + (arrow.more.empty() ? "" : ", " + arrow.more) +
                             (arrow.why.empty() ? "" : " (" + arrow.why + ")"));
    if (arrow.attempt > 1 && !arrow.answer) board_.badge(from, arrow.attempt);
  }

  static int rank(const Arrow& arrow) {
    if (is_broken(arrow)) return 0;
    if (arrow.attempt > 1) return 1;
    if (arrow.tone == Tone::lost) return 0;
    if (arrow.kind == ArrowKind::produce) return arrow.answer ? 4 : 3;
    return arrow.kind == ArrowKind::control ? 6 : 9;
  }

  void label(const Arrow& arrow, Point from, Point to) {
    if (arrow.text.empty() || !board_.has_room_for(rank(arrow))) return;
    Label label;
    label.first = arrow.text;
    label.second = arrow.more;
    label.paint = text_of(arrow.tone);
    label.bold = arrow.kind == ArrowKind::produce && (is_broken(arrow) || !arrow.answer);
    label.size = arrow.kind == ArrowKind::produce ? 12 : 10;
    label.rank = rank(arrow);
    label.places.reserve(28);
    for (const double part : {0.5, 0.35, 0.65, 0.22, 0.78}) {
      const Point p = between(from, to, part);
      label.places.push_back({{p.x - 8, p.y + 4}, Label::Anchor::right});
      label.places.push_back({{p.x + 9, p.y + 4}, Label::Anchor::left});
    }
    // What went wrong, and what was done about it, is told even where a number or a flag stands beside the arrow.
    if (!board_.printed && label.rank <= 1) {
      for (const double aside : {34.0, 62.0, 90.0}) {
        for (const double part : {0.5, 0.2, 0.8}) {
          const Point p = between(from, to, part);
          label.places.push_back({{p.x + aside, p.y + 4}, Label::Anchor::left});
          label.places.push_back({{p.x - aside, p.y + 4}, Label::Anchor::right});
        }
      }
    }
    board_.want(std::move(label));
  }

  Board& board_;
  std::vector<Crowd> crowds_;
};

}  // namespace

void draw_arrows(Board& board) {
  Arrows{board}.draw();
}

}  // namespace linger::report

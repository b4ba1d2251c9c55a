#include "ui/report/layout.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>
#include <utility>

#include "scenarios/runner.h"
#include "ui/report/labels.h"
#include "ui/report/verdict_sign.h"
#include "ui/report/words.h"

namespace linger::report {
namespace {

using sim::Duration;
using sim::SimTime;

constexpr double least_width = 860;  // the tally and the legend
constexpr double batch_row = 19;
constexpr double flight_row = 11;
constexpr std::size_t most_rows = 6;

using Row = Scene::Row;

constexpr double gutter = 124;  // names of the lanes
/// Where a picture's axis and lanes begin: below the heading, or at a window's upper edge.
struct Margins {
  double axis_top, lanes_top;
};
constexpr Margins page{.axis_top = 64, .lanes_top = 106};
constexpr Margins pane{.axis_top = 0, .lanes_top = 42};

Paint paint_of(Tone tone) {
  switch (tone) {
    case Tone::plain:
      return Paint::ink;
    case Tone::quiet:
      return Paint::mid;
    case Tone::produce:
      return Paint::blue;
    case Tone::good:
      return Paint::green;
    case Tone::lost:
      return Paint::vermillion;
    case Tone::again:
      return Paint::orange;
    case Tone::leadership:
      return Paint::purple;
  }
  return Paint::ink;
}
Paint text_of(Tone tone) {
  switch (tone) {
    case Tone::plain:
      return Paint::ink;
    case Tone::quiet:
      return Paint::dim;
    case Tone::produce:
      return Paint::blue_text;
    case Tone::good:
      return Paint::green_text;
    case Tone::lost:
      return Paint::vermillion_text;
    case Tone::again:
      return Paint::orange_text;
    case Tone::leadership:
      return Paint::purple_text;
  }
  return Paint::ink;
}

Point between(Point a, Point b, double part) {
  return {a.x + (b.x - a.x) * part, a.y + (b.y - a.y) * part};
}

class Layout {
 public:
  /// A printed picture.
  Layout(const Diagram& diagram, const Axis& axis, double margin, const scenarios::Run& run)
      : axis_(axis), d_(diagram), margin_(margin), run_(&run), labels_({gutter, axis_top_, 0, 0}) {
    last_arrow_ = d_.arrows.size();
    last_mark_ = d_.marks.size();
    last_bar_ = d_.bars.size();
  }
  /// What a window shows.
  Layout(const Diagram& diagram, const Reach& reach, const Axis& axis, const WindowFrame& frame)
      : axis_top_(pane.axis_top),
        lanes_top_(pane.lanes_top),
        axis_(axis),
        d_(diagram),
        margin_(0),
        pan_(frame.left),
        translate_(frame.translate),
        larger_(frame.larger),
        labels_({gutter, axis_top_, 0, 0}) {
    const SimTime from = axis_.at(pan_ - 40);
    const SimTime until = axis_.at(pan_ + frame.width - gutter + 40);
    const auto reaches = [&](const std::vector<SimTime>& ends) {
      return static_cast<std::size_t>(std::lower_bound(ends.begin(), ends.end(), from) - ends.begin());
    };
    const auto behind = [&](const auto& list, auto time_of) {
      return static_cast<std::size_t>(std::upper_bound(list.begin(), list.end(), until,
                                                       [&](SimTime at, const auto& one) { return at < time_of(one); }) -
                                      list.begin());
    };
    first_arrow_ = reaches(reach.arrows);
    last_arrow_ = std::max(first_arrow_, behind(d_.arrows, [](const Arrow& one) { return one.sent_at; }));
    first_bar_ = reaches(reach.bars);
    last_bar_ = std::max(first_bar_, behind(d_.bars, [](const Bar& one) { return one.from; }));
    first_mark_ = static_cast<std::size_t>(std::lower_bound(d_.marks.begin(), d_.marks.end(), from,
                                                            [](const Mark& one, SimTime at) { return one.at < at; }) -
                                           d_.marks.begin());
    last_mark_ = std::max(first_mark_, behind(d_.marks, [](const Mark& one) { return one.at; }));
  }

  Scene lay_out_window(const WindowFrame& frame) {
    rows();
    fit_rows(frame.height);
    out_.width = frame.width;
    out_.height = frame.height;
    labels_ = Labels({gutter, lanes_top_ - 4, out_.width - gutter - 4, lanes_end_ - lanes_top_ + 4});
    ground();
    bars();
    arrows();
    marks();
    time_axis();
    names();
    fold_words();
    numbers(frame.pointed);
    std::vector<Text> placed = labels_.place();
    out_.texts.insert(out_.texts.end(), placed.begin(), placed.end());
    out_.texts.insert(out_.texts.end(), on_top_.begin(), on_top_.end());
    return {std::move(out_), std::move(hits_), std::move(rows_), std::move(numbers_), lanes_top_, lanes_end_, gutter};
  }

  Drawing lay_out() {
    rows();
    out_.width = std::max(least_width, gutter + axis_.width + 12);
    labels_ = Labels({gutter, lanes_top_ - 4, out_.width - gutter - 4, lanes_end_ - lanes_top_ + 4});
    ground();
    bars();
    arrows();
    marks();
    const std::vector<Text> placed = labels_.place();
    heading();
    time_axis();
    names();
    const double below = folds_below(lanes_end_ + 8);
    out_.height = footer(below);
    out_.texts.insert(out_.texts.end(), placed.begin(), placed.end());
    Shape paper = box(0, 0, out_.width, out_.height, Paint::ground);
    out_.shapes.insert(out_.shapes.begin(), std::move(paper));
    return std::move(out_);
  }

 private:
  /// What is drawn comes in the order of time: the piece of the last moment, or the one behind it, mostly holds the
  /// next.
  double x(SimTime at) const {
    const std::vector<Piece>& pieces = axis_.pieces;
    const auto holds = [&](std::size_t i) {
      return i < pieces.size() && at <= pieces[i].until && (i == 0 ? at >= pieces[i].from : at > pieces[i].from);
    };
    if (!holds(piece_)) {
      if (holds(piece_ + 1))
        ++piece_;
      else if (const Piece* found = axis_.piece(at))
        piece_ = static_cast<std::size_t>(found - pieces.data());
    }
    if (!holds(piece_)) return gutter + axis_.x(at) - pan_;
    const Piece& piece = pieces[piece_];
    if (piece.until == piece.from) return gutter + piece.left - pan_;
    const auto part =
        static_cast<double>((at - piece.from).ns()) / static_cast<double>((piece.until - piece.from).ns());
    return gutter + piece.left + (piece.right - piece.left) * part - pan_;
  }

  // ---- Shapes

  static Shape box(double left, double top, double width, double height, Paint fill, Paint stroke = Paint::none) {
    Shape shape;
    shape.kind = Shape::Kind::box;
    shape.points = {{left, top}, {left + width, top + height}};
    shape.fill = fill;
    shape.stroke = stroke;
    return shape;
  }
  void line(Point from, Point to, Paint paint, double width = 1, double dash = 0) {
    Shape shape;
    shape.points = {from, to};
    shape.stroke = paint;
    shape.width = width;
    shape.dash = dash;
    out_.shapes.push_back(std::move(shape));
  }
  void polygon(std::vector<Point> points, Paint fill, Paint stroke = Paint::none) {
    Shape shape;
    shape.kind = Shape::Kind::polygon;
    shape.points = std::move(points);
    shape.fill = fill;
    shape.stroke = stroke;
    out_.shapes.push_back(std::move(shape));
  }
  void text(Point at, const std::string& words, Paint paint, int size = 12, bool bold = false) {
    out_.texts.push_back({at, say(words), paint, size + larger_, bold, false});
  }
  std::string say(const std::string& english) const {
    return translate_ == nullptr || english.empty() ? english : translate_(english);
  }
  void want(Label label) {
    // Nobody reads more than this at once; trouble comes first.
    constexpr std::size_t many = 400;
    if (run_ == nullptr && (wanted_ >= 2 * many || (wanted_ >= many && label.rank > 1))) return;
    ++wanted_;
    label.size += larger_;
    label.first = say(label.first);
    label.second = say(label.second);
    labels_.add(std::move(label));
  }

  // ---- Lanes

  /// Rows for bars that overlap, in the order of their beginning; those beyond the last row share it.
  std::map<std::size_t, std::size_t> stack(BarKind one, BarKind other, double apart,
                                           std::map<std::size_t, std::size_t>& rows_of_lane) {
    std::map<std::size_t, std::vector<double>> busy;
    std::map<std::size_t, std::size_t> row_of_bar;
    for (std::size_t i = first_bar_; i < last_bar_; ++i) {
      const Bar& bar = d_.bars[i];
      if (bar.kind != one && bar.kind != other) continue;
      std::vector<double>& rows = busy[bar.lane];
      const double from = x(bar.from);
      std::size_t row = 0;
      while (row < rows.size() && rows[row] > from - apart) ++row;
      if (row == rows.size() && rows.size() < most_rows) rows.push_back(0);
      row = std::min(row, rows.size() - 1);
      rows[row] = std::max(rows[row], x(bar.until));
      row_of_bar[i] = row;
      rows_of_lane[bar.lane] = std::max(rows_of_lane[bar.lane], row + 1);
    }
    return row_of_bar;
  }

  /// Gives the lanes the height that there is, within what is readable.
  void fit_rows(double height) {
    const double natural = lanes_end_ - lanes_top_;
    if (natural <= 0) return;
    const double factor = std::clamp((height - lanes_top_) / natural, 0.5, 1.35);
    for (Row& row : rows_) {
      row.top = lanes_top_ + (row.top - lanes_top_) * factor;
      row.base = lanes_top_ + (row.base - lanes_top_) * factor;
      row.height *= factor;
    }
    lanes_end_ = lanes_top_ + natural * factor;
    squeeze_ = std::min(1.0, factor);
  }

  void rows() {
    std::map<std::size_t, std::size_t> batch_rows, flight_rows, fault_rows;
    row_of_bar_ = stack(BarKind::batch, BarKind::queued_again, 2, batch_rows);
    row_of_bar_.merge(stack(BarKind::in_flight, BarKind::in_flight, 2, flight_rows));
    row_of_bar_.merge(stack(BarKind::fault, BarKind::fault, 2, fault_rows));
    double top = lanes_top_;
    for (std::size_t i = 0; i < d_.lanes.size(); ++i) {
      Row row;
      row.top = top;
      switch (d_.lanes[i].kind) {
        case LaneKind::faults:
          row.height = 30 + batch_row * static_cast<double>(fault_rows[i]);
          row.base = top + 15;
          break;
        case LaneKind::application:
          row.height = 62;
          row.base = top + 34;
          break;
        case LaneKind::accumulator:
          row.height = 26 + batch_row * static_cast<double>(std::max<std::size_t>(1, batch_rows[i]));
          row.base = top + row.height - 8;
          break;
        case LaneKind::requests:
          row.height = 54 + flight_row * static_cast<double>(std::max<std::size_t>(1, flight_rows[i]));
          row.base = top + row.height - 26;
          break;
        case LaneKind::broker:
          row.height = 74;
          row.base = top + 37;
          break;
        case LaneKind::controller:
        case LaneKind::consumer:
          row.height = 60;
          row.base = top + 30;
          break;
      }
      top += row.height;
      rows_.push_back(row);
    }
    lanes_end_ = top;
  }

  void ground() {
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (i % 2 == 1) out_.shapes.push_back(box(0, rows_[i].top, out_.width, rows_[i].height, Paint::lane));
    }
    for (const Piece& piece : axis_.pieces) {
      if (piece.folded && visible(piece)) fold(piece);
    }
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (d_.lanes[i].kind == LaneKind::faults || d_.lanes[i].kind == LaneKind::accumulator) continue;
      line({gutter, rows_[i].base}, {out_.width - 6, rows_[i].base}, Paint::rule);
      labels_.cross({gutter, rows_[i].base}, {out_.width - 6, rows_[i].base});
    }
  }

  bool visible(const Piece& piece) const {
    return run_ != nullptr || (piece.right >= pan_ && piece.left <= pan_ + out_.width - gutter);
  }

  /// A band with zigzag edges: time is left out here.
  void fold(const Piece& piece) {
    const double left = gutter + piece.left + margin_ - pan_;
    const double right = gutter + piece.right - margin_ - pan_;
    // Narrow folds have straight edges: teeth would be all that is seen of them.
    const double tooth = right - left < 30 ? 0 : 5;
    constexpr double step = 10;
    std::vector<Point> edge;
    bool out = false;
    for (double y = axis_top_ + 34; y < lanes_end_ + step / 2; y += step, out = !out)
      edge.push_back({out ? tooth : 0, std::min(y, lanes_end_)});
    std::vector<Point> around;
    for (const Point& p : edge) around.push_back({left + p.x, p.y});
    for (auto p = edge.rbegin(); p != edge.rend(); ++p) around.push_back({right + p->x, p->y});
    polygon(std::move(around), Paint::well, Paint::rule);
    hit(Hit::Kind::fold, static_cast<std::size_t>(&piece - axis_.pieces.data()),
        {left, axis_top_, right - left, lanes_end_ - axis_top_});
  }

  // ---- Bars

  void bars() {
    for (std::size_t i = first_bar_; i < last_bar_; ++i) {
      const Bar& bar = d_.bars[i];
      const Row& row = rows_[bar.lane];
      const double left = x(bar.from);
      const double width = std::max(1.5, x(bar.until) - left);
      if (run_ == nullptr && covered(bar, i, left, width)) continue;
      const std::size_t first_shape = out_.shapes.size();
      switch (bar.kind) {
        case BarKind::leads: {
          Shape shape = box(left, row.base - 2.5, width, 5, Paint::purple);
          shape.hint = bar.text;
          out_.shapes.push_back(std::move(shape));
          break;
        }
        case BarKind::down: {
          Shape shape = box(left, row.top + 12, width, row.height - 24, Paint::ground, Paint::vermillion);
          shape.hatched = true;
          shape.hint = bar.text;
          out_.shapes.push_back(std::move(shape));
          label_inside(bar, left, width, row.base + 4, 1);
          break;
        }
        case BarKind::fault: {
          const double top = row.top + 26 * squeeze_ + batch_row * squeeze_ * static_cast<double>(row_of_bar_.at(i));
          Shape shape = box(left, top, width, batch_row - 4, Paint::ground, Paint::vermillion);
          shape.hatched = true;
          shape.hint = bar.text;
          out_.shapes.push_back(std::move(shape));
          label_inside(bar, left, width, top + 11, 1);
          break;
        }
        case BarKind::batch:
        case BarKind::queued_again: {
          const double top = row.top + 9 * squeeze_ + batch_row * squeeze_ * static_cast<double>(row_of_bar_.at(i));
          const Paint paint = bar.kind == BarKind::batch ? Paint::blue : Paint::orange;
          Shape shape = box(left, top, width, batch_row - 4, paint, paint);
          shape.opacity = 0.28;
          shape.hint = bar.text;
          out_.shapes.push_back(std::move(shape));
          if (const auto requests = requests_lane(bar.lane))
            line({left + width, top + batch_row - 4}, {left + width, rows_[*requests].base}, paint, 0.8);
          label_inside(bar, left, width, top + 11.5, 5);
          break;
        }
        case BarKind::in_flight: {
          const double top = row.base - 3 - flight_row * squeeze_ * static_cast<double>(row_of_bar_.at(i));
          Shape shape = box(left, top, width, 5, Paint::blue);
          shape.hint = "in flight: " + bar.text;
          out_.shapes.push_back(std::move(shape));
          labels_.take({left, top, width, 5});
          break;
        }
      }
      hit_shape(Hit::Kind::bar, i, first_shape);
      if (run_ == nullptr && bar.kind != BarKind::leads && bar.kind != BarKind::in_flight) {
        const Hit& drawn = hits_.back();
        const double middle = (drawn.from.y + drawn.to.y) / 2;
        labels_.cross({drawn.from.x, middle}, {drawn.to.x, middle});
      }
    }
  }
  /// Whether a bar lies within a pixel of the one that was drawn before it in its row.
  bool covered(const Bar& bar, std::size_t index, double left, double width) {
    if (bar.kind != BarKind::batch && bar.kind != BarKind::in_flight) return false;
    const auto row = row_of_bar_.find(index);
    double& right =
        last_bar_end_.try_emplace({bar.lane, row == row_of_bar_.end() ? 0 : row->second}, -1e9).first->second;
    if (left + width - right < 1) return true;
    right = left + width;
    return false;
  }
  /// The lane of requests below one of batches.
  std::optional<std::size_t> requests_lane(std::size_t batches) const {
    const std::size_t next = batches + 1;
    return next < d_.lanes.size() && d_.lanes[next].kind == LaneKind::requests ? std::optional(next) : std::nullopt;
  }
  void label_inside(const Bar& bar, double left, double width, double y, int rank) {
    Label label;
    label.first = bar.text;
    label.paint = bar.kind == BarKind::batch || bar.kind == BarKind::queued_again ? Paint::ink : Paint::vermillion_text;
    label.size = 11;
    label.rank = rank;
    // Inside, where the bar is in the open; else behind its end, or before its beginning.
    const double own = text_width(bar.text, 11 + larger_, false);
    if (own + 8 < width) {
      label.places.push_back({{left + 5, y}, Label::Anchor::left});
      label.places.push_back({{left + width / 2, y}, Label::Anchor::centre});
    } else {
      label.places.push_back({{left + width + 5, y}, Label::Anchor::left});
      label.places.push_back({{left - 5, y}, Label::Anchor::right});
    }
    want(std::move(label));
  }

  void hit(Hit::Kind kind, std::size_t index, const Box& box) {
    hits_.push_back({kind, index, {}, {box.x, box.y}, {box.x + box.width, box.y + box.height}});
  }
  void hit_shape(Hit::Kind kind, std::size_t index, std::size_t shape) {
    const std::vector<Point>& corners = out_.shapes[shape].points;
    hit(kind, index, {corners[0].x, corners[0].y, corners[1].x - corners[0].x, corners[1].y - corners[0].y});
  }

  // ---- Arrows

  Duration usual_trip() const {
    std::vector<Duration> trips;
    for (std::size_t i = first_arrow_; i < last_arrow_; ++i) {
      const Arrow& arrow = d_.arrows[i];
      if (arrow.fate == Fate::arrived) trips.push_back(arrow.ended_at - arrow.sent_at);
    }
    if (trips.empty()) return Duration::ms(1);
    std::sort(trips.begin(), trips.end());
    return trips[trips.size() / 2];
  }

  void arrows() {
    const Duration usual = usual_trip();
    for (std::size_t i = first_arrow_; i < last_arrow_; ++i) {
      const Arrow& arrow = d_.arrows[i];
      const bool broken = arrow.fate == Fate::lost || arrow.fate == Fate::cut_off;
      SimTime end = arrow.ended_at;
      // What never arrived ends where it would have.
      if (broken && (end == arrow.sent_at || end - arrow.sent_at > usual * 4)) end = arrow.sent_at + usual;
      const Point from{x(arrow.sent_at), rows_[arrow.from].base};
      Point to{x(end), rows_[arrow.to].base};
      // Arrows of one moment still lean a little.
      if (to.x - from.x < 2) to.x = from.x + 2;
      if (run_ == nullptr && join_crowd(arrow, i, from, to)) continue;
      draw_arrow(arrow, from, to, broken);
      labels_.cross(from, to);
      hits_.push_back({Hit::Kind::arrow, i, {}, from, to});
      label_arrow(arrow, from, to, broken);
    }
    for (auto& [way, crowd] : crowds_) draw_crowd(crowd);
  }

  /// Ordinary arrows of one kind between the same lanes that stand closer than this are drawn as one.
  static constexpr double crowded = 3;
  struct Crowd {
    std::size_t first = 0;  ///< index of its first arrow
    std::int64_t count = 0;
    Point from, to;            ///< of the first
    Point last_from, last_to;  ///< of the last
  };

  /// Whether an arrow goes into the crowd before it, or begins one; what stands out never does.
  bool join_crowd(const Arrow& arrow, std::size_t index, Point from, Point to) {
    if (arrow.fate != Fate::arrived || arrow.attempt > 1 || arrow.late || !arrow.why.empty() ||
        arrow.tone == Tone::lost)
      return false;
    const auto way = std::tuple{arrow.from, arrow.to, arrow.kind, arrow.answer};
    auto [found, is_new] = crowds_.try_emplace(way);
    Crowd& crowd = found->second;
    if (!is_new && from.x - crowd.last_from.x < crowded) {
      crowd.last_from = from;
      crowd.last_to = to.x > crowd.last_to.x ? to : crowd.last_to;
      ++crowd.count;
      return true;
    }
    if (!is_new) draw_crowd(crowd);
    crowd = {index, 1, from, to, from, to};
    return true;
  }

  void draw_crowd(const Crowd& crowd) {
    const Arrow& arrow = d_.arrows[crowd.first];
    if (crowd.count == 1) {
      draw_arrow(arrow, crowd.from, crowd.to, false);
      labels_.cross(crowd.from, crowd.to);
      hits_.push_back({Hit::Kind::arrow, crowd.first, {}, crowd.from, crowd.to});
      label_arrow(arrow, crowd.from, crowd.to, false);
      return;
    }
    Shape quad;
    quad.kind = Shape::Kind::polygon;
    quad.points = {crowd.from, crowd.last_from, crowd.last_to, crowd.to};
    quad.fill = paint_of(arrow.tone);
    quad.opacity = 0.35;
    out_.shapes.push_back(std::move(quad));
    line(crowd.from, crowd.to, paint_of(arrow.tone), 1);
    line(crowd.last_from, crowd.last_to, paint_of(arrow.tone), 1);
    labels_.cross(crowd.from, crowd.to);
    labels_.cross(crowd.last_from, crowd.last_to);
    hits_.push_back({Hit::Kind::arrow,
                     crowd.first,
                     {},
                     between(crowd.from, crowd.last_from, 0.5),
                     between(crowd.to, crowd.last_to, 0.5)});
    if (crowd.last_from.x - crowd.from.x < 24) return;
    Label label;
    label.first = "×" + std::to_string(crowd.count);
    label.paint = text_of(arrow.tone);
    label.size = 11;
    label.rank = 4;
    const Point middle = between(between(crowd.from, crowd.last_from, 0.5), between(crowd.to, crowd.last_to, 0.5), 0.5);
    label.places = {{{middle.x, middle.y + 4}, Label::Anchor::centre}};
    want(std::move(label));
  }

  void draw_arrow(const Arrow& arrow, Point from, Point to, bool broken) {
    const bool thin = arrow.kind != ArrowKind::produce;
    const double width = thin ? 1 : 2;
    const Paint paint = paint_of(arrow.tone);
    const double dash = arrow.late ? 8 : arrow.kind == ArrowKind::setup || arrow.kind == ArrowKind::metadata ? 2 : 0;
    const std::string hint =
        arrow.text + (arrow.more.empty() ? "" : ", " + arrow.more) + (arrow.why.empty() ? "" : " (" + arrow.why + ")");
    const std::size_t first = out_.shapes.size();
    if (broken) {
      const Point stop = between(from, to, 0.55);
      line(from, stop, paint, width);
      line(stop, to, paint, width, 3);
      constexpr double arm = 5;
      line({stop.x - arm, stop.y - arm}, {stop.x + arm, stop.y + arm}, paint, 2.4);
      line({stop.x - arm, stop.y + arm}, {stop.x + arm, stop.y - arm}, paint, 2.4);
      labels_.take({stop.x - arm, stop.y - arm, 2 * arm, 2 * arm});
    } else {
      line(from, to, paint, width, dash);
    }
    head(from, to, paint, thin ? 6 : 8, !arrow.answer && !broken, width);
    for (std::size_t i = first; i < out_.shapes.size(); ++i) out_.shapes[i].hint = hint;
    if (arrow.attempt > 1 && !arrow.answer) badge(from, arrow.attempt);
  }

  /// Full for requests, open for answers and for what never arrives.
  void head(Point from, Point to, Paint paint, double size, bool full, double width) {
    const double dx = to.x - from.x;
    const double dy = to.y - from.y;
    // Length by a few steps of Newton's iteration: the same bits everywhere.
    const double square = dx * dx + dy * dy;
    double length = std::max(dx, dy < 0 ? -dy : dy);
    for (int i = 0; i < 8; ++i) length = (length + square / length) / 2;
    const Point along{dx / length * size, dy / length * size};
    const Point left{to.x - along.x - along.y * 0.45, to.y - along.y + along.x * 0.45};
    const Point right{to.x - along.x + along.y * 0.45, to.y - along.y - along.x * 0.45};
    if (full) {
      polygon({to, left, right}, paint);
    } else {
      line(left, to, paint, width);
      line(right, to, paint, width);
    }
  }

  void badge(Point at, std::int64_t attempt) {
    const std::string number = std::to_string(attempt);
    const double width = text_width(number, 11, true) + 8;
    out_.shapes.push_back(box(at.x - width / 2, at.y - 8, width, 16, Paint::orange, Paint::ink));
    labels_.take({at.x - width / 2, at.y - 8, width, 16});
    on_top_.push_back({{at.x - width / 2 + 4, at.y + 4}, number, Paint::ink, 11, true, false});
  }

  void label_arrow(const Arrow& arrow, Point from, Point to, bool broken) {
    Label label;
    label.first = arrow.text;
    label.second = arrow.more;
    label.paint = text_of(arrow.tone);
    label.bold = arrow.kind == ArrowKind::produce && (broken || !arrow.answer);
    label.size = arrow.kind == ArrowKind::produce ? 12 : 10;
    label.rank = broken                             ? 0
                 : arrow.attempt > 1                ? 1
                 : arrow.tone == Tone::lost         ? 0
                 : arrow.kind == ArrowKind::produce ? (arrow.answer ? 4 : 3)
                 : arrow.kind == ArrowKind::control ? 6
                                                    : 9;
    for (const double part : {0.5, 0.35, 0.65, 0.22, 0.78}) {
      const Point p = between(from, to, part);
      label.places.push_back({{p.x - 8, p.y + 4}, Label::Anchor::right});
      label.places.push_back({{p.x + 9, p.y + 4}, Label::Anchor::left});
    }
    want(std::move(label));
  }

  // ---- Marks

  void marks() {
    std::vector<bool> done(last_mark_, false);
    for (std::size_t i = first_mark_; i < last_mark_; ++i) {
      if (done[i]) continue;
      const Mark& mark = d_.marks[i];
      if (mark.number < 0) {
        if (run_ == nullptr && lost_in_crowd(mark)) continue;
        draw_mark(mark);
        hit(Hit::Kind::mark, i, {x(mark.at) - 7, rows_[mark.lane].base - 9, 14, 18});
        continue;
      }
      // Neighbours of one kind are one mark: "r0..r4".
      std::vector<const Mark*> group{&mark};
      std::vector<std::size_t> members{i};
      for (std::size_t j = i + 1; j < last_mark_; ++j) {
        const Mark& other = d_.marks[j];
        if (x(other.at) - x(group.back()->at) > 18) break;
        if (done[j] || other.lane != mark.lane || other.kind != mark.kind || other.verdict != mark.verdict ||
            other.more != mark.more)
          continue;
        done[j] = true;
        group.push_back(&other);
        members.push_back(j);
      }
      draw_records(group);
      hit(Hit::Kind::mark, i, {x(mark.at) - 8, rows_[mark.lane].base - 9, x(group.back()->at) - x(mark.at) + 16, 18});
      hits_.back().members = std::move(members);
    }
  }

  /// An ordinary mark that stands under three pixels from one of its kind on its lane says nothing more.
  bool lost_in_crowd(const Mark& mark) {
    if (mark.tone == Tone::lost || mark.tone == Tone::again || mark.tone == Tone::leadership ||
        mark.kind == MarkKind::duplicate || mark.kind == MarkKind::host)
      return false;
    const double at = x(mark.at);
    auto [found, is_new] = last_mark_at_.try_emplace({mark.lane, mark.kind}, at);
    if (is_new) return false;
    if (at - found->second < crowded) return true;
    found->second = at;
    return false;
  }

  void draw_records(const std::vector<const Mark*>& group) {
    const Mark& first = *group.front();
    const Row& row = rows_[first.lane];
    const double left = x(first.at);
    const double right = x(group.back()->at);
    std::vector<std::int64_t> numbers;
    std::vector<std::int64_t> offsets;
    bool one_partition = true;
    for (const Mark* mark : group) {
      numbers.push_back(mark->number);
      offsets.push_back(mark->offset);
      one_partition = one_partition && mark->partition == first.partition;
    }
    const std::string names = records_named(numbers);
    Label label;
    label.size = 12;
    if (first.kind == MarkKind::sent) {
      out_.shapes.push_back(box(left - 4, row.base - 4, right - left + 8, 8, Paint::blue, Paint::ink));
      label.first = "sends " + names;
      label.paint = Paint::ink;
      label.rank = 4;
    } else {
      const VerdictSign& sign = first.verdict ? sign_of(*first.verdict)
                                              : sign_of(first.kind == MarkKind::acked     ? 'A'
                                                        : first.kind == MarkKind::refused ? 'R'
                                                                                          : 'F');
      if (right > left) line({left, row.base}, {right, row.base}, sign.paint, 4);
      draw_sign(sign.letter, {right, row.base}, 13, out_.shapes);
      label.paint = sign.text;
      label.bold = true;
      label.rank = 2;
      label.first = std::string(1, sign.letter) + "  " + names;
      if (first.kind == MarkKind::acked) {
        const auto [low, high] = std::minmax_element(offsets.begin(), offsets.end());
        const bool in_a_row = *high - *low + 1 == static_cast<std::int64_t>(offsets.size());
        label.first += " acked";
        if (one_partition && in_a_row && *low >= 0)
          label.second = "at " + range(*low, *high) + (d_.several_partitions ? " of " + first.partition : "");
      } else {
        label.second = first.more;
      }
      if (const auto requests = main_lane(first.lane); requests && first.kind == MarkKind::acked)
        line({right, rows_[*requests].base}, {right, row.base + 8}, Paint::green, 0.8);
    }
    labels_.take({left - 7, row.base - 7, right - left + 14, 14});
    around(label, left, right, row.base);
    want(std::move(label));
  }
  /// The lane of requests of the producer whose application this lane is.
  std::optional<std::size_t> main_lane(std::size_t application) const {
    for (std::size_t i = 0; i < d_.lanes.size(); ++i) {
      if (d_.lanes[i].kind == LaneKind::requests && d_.lanes[i].host == d_.lanes[application].host) return i;
    }
    return std::nullopt;
  }

  static void around(Label& label, double left, double right, double y) {
    const double middle = (left + right) / 2;
    label.places = {{{right + 11, y + 4}, Label::Anchor::left}, {{left - 11, y + 4}, Label::Anchor::right},
                    {{right + 6, y - 11}, Label::Anchor::left}, {{left - 6, y - 11}, Label::Anchor::right},
                    {{right + 6, y + 19}, Label::Anchor::left}, {{left - 6, y + 19}, Label::Anchor::right},
                    {{middle, y - 13}, Label::Anchor::centre},  {{middle, y + 21}, Label::Anchor::centre},
                    {{right + 6, y - 24}, Label::Anchor::left}, {{left - 6, y - 24}, Label::Anchor::right},
                    {{right + 6, y + 31}, Label::Anchor::left}, {{left - 6, y + 31}, Label::Anchor::right}};
  }

  void draw_mark(const Mark& mark) {
    const Row& row = rows_[mark.lane];
    const double at = x(mark.at);
    const Paint paint = paint_of(mark.tone);
    Label label;
    label.first = mark.text;
    label.second = mark.more;
    label.paint = text_of(mark.tone);
    label.size = 11;
    const std::size_t first = out_.shapes.size();
    switch (mark.kind) {
      case MarkKind::appended:
      case MarkKind::replicated: {
        const double size = mark.kind == MarkKind::appended ? 5 : 3.5;
        out_.shapes.push_back(box(at - size * 0.7, row.base - size, size * 1.4, size * 2, Paint::blue, Paint::ink));
        label.paint = Paint::ink;
        label.rank = mark.kind == MarkKind::appended ? 5 : 8;
        break;
      }
      case MarkKind::duplicate:
        polygon({{at, row.base - 8}, {at + 8, row.base}, {at, row.base + 8}, {at - 8, row.base}}, Paint::green,
                Paint::ink);
        label.bold = true;
        label.rank = 1;
        break;
      case MarkKind::turned_away:
      case MarkKind::truncated:
      case MarkKind::gives_up:
        line({at - 5, row.base - 5}, {at + 5, row.base + 5}, paint, 2.4);
        line({at - 5, row.base + 5}, {at + 5, row.base - 5}, paint, 2.4);
        label.rank = 0;
        break;
      case MarkKind::high_watermark:
        line({at, row.base - 9}, {at, row.base + 9}, Paint::ink, 2);
        label.rank = 7;
        break;
      case MarkKind::leads:
      case MarkKind::elected:
        if (mark.kind == MarkKind::elected) line({at, lanes_top_}, {at, lanes_end_}, paint, 0.8, 4);
        polygon({{at, row.base - 15}, {at + 11, row.base - 10.5}, {at, row.base - 6}}, paint);
        line({at, row.base - 15}, {at, row.base}, paint, 1.5);
        label.bold = mark.kind == MarkKind::elected;
        label.rank = 2;
        break;
      case MarkKind::host:
        line({at, row.base - 12}, {at, row.base + 12}, paint, 2.4);
        label.bold = true;
        label.rank = 1;
        break;
      case MarkKind::retry:
      case MarkKind::note:
      default:
        line({at, row.base - 5}, {at, row.base + 5}, paint, 1.5);
        label.rank = mark.tone == Tone::lost ? 1 : 6;
        break;
    }
    for (std::size_t i = first; i < out_.shapes.size(); ++i)
      out_.shapes[i].hint = mark.text + (mark.more.empty() ? "" : ", " + mark.more);
    labels_.take({at - 5, row.base - 6, 10, 12});
    around(label, at, at, row.base);
    want(std::move(label));
  }

  // ---- Around the lanes

  void heading() {
    const scenarios::Scenario& plan = run_->setup->scenario;
    out_.title = plan.title.empty() ? run_->result.scenario : plan.title;
    out_.description = plan.cluster.profile + ", " + counted(plan.cluster.brokers, "broker") + ", seed " +
                       std::to_string(run_->result.seed) + ", fingerprint " +
                       fingerprint_in_words(run_->result.fingerprint);
    text({14, 28}, out_.title, Paint::ink, 18, true);
    text({14, 47}, out_.description, Paint::dim, 12);
  }

  void names() {
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const Lane& lane = d_.lanes[i];
      const double middle = lane.kind == LaneKind::faults ? rows_[i].base : rows_[i].top + rows_[i].height / 2;
      // A low lane has no room for a second line: its note stands behind the name.
      const bool two = !lane.note.empty() && rows_[i].height >= 34;
      text({14, middle + (two ? -2 : 4)}, lane.name, Paint::ink, 12, true);
      if (two)
        text({14, middle + 13}, lane.note, Paint::dim, 11);
      else if (!lane.note.empty())
        text({20 + text_width(say(lane.name), 12 + larger_, true), middle + 4}, lane.note, Paint::dim, 11);
    }
  }

  static std::string tick_label(std::int64_t ns, std::int64_t step) {
    if (step % 1'000'000 == 0) return std::to_string(ns / 1'000'000);
    return milliseconds(ns);
  }

  void time_axis() {
    const double y = axis_top_ + 34;
    line({gutter, y}, {out_.width - 6, y}, Paint::mid);
    Labels ticks({gutter - 20, axis_top_, out_.width - gutter + 16, 40});
    double labelled_until = 0;
    for (const Piece& piece : axis_.pieces) {
      if (!visible(piece)) continue;
      const double left = gutter + piece.left - pan_;
      const double right = gutter + piece.right - pan_;
      const double middle = (left + right) / 2;
      if (piece.folded) {
        if (run_ == nullptr && right - left < 44) continue;
        const std::string length = length_of_time(piece.until - piece.from);
        text({middle - text_width(length, 12 + larger_, true) / 2, axis_top_ + 12}, length, Paint::ink, 12, true);
        const std::string folded = say("folded");
        text({middle - text_width(folded, 10 + larger_, false) / 2, axis_top_ + 25}, folded, Paint::dim, 10);
        continue;
      }
      const auto tick = [&](SimTime at, std::int64_t step, int rank) {
        const double where = x(at);
        line({where, y - 5}, {where, y}, Paint::mid);
        Label label;
        label.first = tick_label(at.ns(), step) + (at == axis_.pieces.front().from ? " ms" : "");
        label.paint = Paint::dim;
        label.size = 11 + larger_;
        label.rank = rank;
        label.places.push_back({{where, y - 9}, Label::Anchor::centre});
        ticks.add(std::move(label));
      };
      if (axis_.per_ms == 0) {
        // Every step of an event axis has its own moment: as many labels as fit.
        if (left < labelled_until) continue;
        tick(piece.from, 100'000, 1);
        labelled_until = left + 76;
        continue;
      }
      std::int64_t step = 100'000;
      for (const std::int64_t factor :
           {2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10'000, 50'000, 100'000, 1'000'000}) {
        if (static_cast<double>(step) / 1e6 * axis_.per_ms >= 62) break;
        step = 100'000 * factor;
      }
      tick(piece.from, 100'000, 0);
      const std::int64_t first = std::max(piece.from, axis_.at(pan_)).ns();
      const std::int64_t last = std::min(piece.until, axis_.at(pan_ + out_.width - gutter)).ns();
      for (std::int64_t at = (first / step + 1) * step; at <= last; at += step) tick(SimTime::at_ns(at), step, 1);
    }
    for (Text& placed : ticks.place()) {
      placed.plate = false;
      out_.texts.push_back(std::move(placed));
    }
  }

  /// What the folds hide, under them, one line each.
  double folds_below(double top) {
    double bottom = top;
    for (const Piece& piece : axis_.pieces) {
      if (!piece.folded) continue;
      const double middle = gutter + (piece.left + piece.right) / 2;
      double y = top + 10;
      for (const std::string& words : piece.words) {
        text({middle - text_width(words, 10, false) / 2, y}, words, Paint::dim, 10);
        bottom = std::max(bottom, y);
        y += 13;
      }
    }
    return bottom + 16;
  }

  /// What the folds hide, inside them and in a line each.
  void fold_words() {
    for (const Piece& piece : axis_.pieces) {
      if (!piece.folded || !visible(piece) || piece.right - piece.left < 44) continue;
      const double middle = gutter + (piece.left + piece.right) / 2 - pan_;
      double y = lanes_end_ - 8;
      for (const std::string& words : hidden_in(d_, piece.from, piece.until)) {
        Label label;
        label.first = words;
        label.paint = Paint::dim;
        label.size = 10;
        label.rank = 3;
        label.places.push_back({{middle, y}, Label::Anchor::centre});
        want(std::move(label));
        y -= 15;
      }
    }
  }

  /// Numbers beside what is pointed at, placed before any label.
  void numbers(const std::vector<Pointed>& pointed) {
    constexpr double radius = 11;
    constexpr double apart = 19;
    for (std::size_t i = 0; i < pointed.size(); ++i) {
      const auto hit = std::find_if(hits_.begin(), hits_.end(), [&](const Hit& one) {
        return one.kind == pointed[i].kind && one.index == pointed[i].index;
      });
      if (hit == hits_.end()) continue;
      const Point middle{std::clamp((hit->from.x + hit->to.x) / 2, gutter + radius, out_.width - radius),
                         (hit->from.y + hit->to.y) / 2};
      std::vector<Point> places;
      for (const double far : {1.0, 1.4, 1.8}) {
        for (const auto& [dx, dy] : {std::pair{1.0, 0.0},
                                     {-1.0, 0.0},
                                     {0.0, -1.0},
                                     {0.0, 1.0},
                                     {0.8, -0.8},
                                     {-0.8, 0.8},
                                     {-0.8, -0.8},
                                     {0.8, 0.8}})
          places.push_back({middle.x + dx * far * apart, middle.y + dy * far * apart});
      }
      numbers_.push_back({i + 1, labels_.reserve(places, radius)});
    }
  }

  double footer(double y) {
    line({14, y}, {out_.width - 14, y}, Paint::rule);
    y += 24;
    const std::array<std::int64_t, 10> counts = tally(run_->result);
    double at = 14;
    for (std::size_t i = 0; i < verdict_signs.size(); ++i) {
      const VerdictSign& sign = verdict_signs[i];
      // Corrupted and wrong offset join only when there are any.
      if ((sign.letter == 'C' || sign.letter == 'W') && counts[i] == 0) continue;
      const std::string words =
          std::string(1, sign.letter) + " " + std::to_string(counts[i]) + "  " + std::string(sign.word);
      const bool some = counts[i] > 0;
      const double width = 24 + text_width(words, 12, some) + 18;
      if (at + width > out_.width) {
        at = 14;
        y += 22;
      }
      const std::size_t first = out_.shapes.size();
      draw_sign(sign.letter, {at + 8, y - 4}, 13, out_.shapes);
      if (!some) {
        for (std::size_t s = first; s < out_.shapes.size(); ++s) {
          if (out_.shapes[s].fill != Paint::none && out_.shapes[s].fill != Paint::ground)
            out_.shapes[s].fill = Paint::rule;
          out_.shapes[s].stroke = Paint::rule;
        }
      }
      text({at + 22, y}, words, some ? sign.text : Paint::dim, 12, some);
      at += width;
    }
    y = legend(y + 26);
    std::vector<std::string> left_out = d_.left_out;
    if (labels_.left_out() > 0)
      left_out.push_back(counted(static_cast<std::int64_t>(labels_.left_out()), "label") +
                         " for want of room: shown where the pointer rests on the mark");
    for (const std::string& sentence : left_out) {
      for (const std::string& row : wrapped("Not shown: " + sentence, out_.width - 28)) {
        text({14, y}, row, Paint::dim, 11);
        y += 16;
      }
    }
    return y + 4;
  }

  static std::vector<std::string> wrapped(const std::string& words, double width) {
    std::vector<std::string> rows{""};
    for (std::size_t at = 0; at < words.size();) {
      const std::size_t end = std::min(words.find(' ', at), words.size());
      const std::string word = words.substr(at, end - at);
      if (!rows.back().empty() && text_width(rows.back() + " " + word, 11, false) > width) rows.emplace_back();
      rows.back() += (rows.back().empty() ? "" : " ") + word;
      at = end + 1;
    }
    return rows;
  }

  double legend(double y) {
    double at = 14;
    const auto entry = [&](const std::string& words, const auto& draw) {
      const double width = 40 + text_width(words, 11, false) + 20;
      if (at + width > out_.width) {
        at = 14;
        y += 18;
      }
      draw(Point{at, y - 4}, Point{at + 34, y - 4});
      text({at + 41, y}, words, Paint::dim, 11);
      at += width;
    };
    entry("PRODUCE", [this](Point a, Point b) { line(a, b, Paint::blue, 2), head(a, b, Paint::blue, 8, true, 2); });
    entry("its answer",
          [this](Point a, Point b) { line(a, b, Paint::green, 2), head(a, b, Paint::green, 8, false, 2); });
    entry("lost on the way", [this](Point a, Point b) {
      const Point stop = between(a, b, 0.5);
      line(a, stop, Paint::vermillion, 2);
      line(stop, b, Paint::vermillion, 2, 3);
      line({stop.x - 4, stop.y - 4}, {stop.x + 4, stop.y + 4}, Paint::vermillion, 2);
      line({stop.x - 4, stop.y + 4}, {stop.x + 4, stop.y - 4}, Paint::vermillion, 2);
    });
    entry("replication, consumers, transactions",
          [this](Point a, Point b) { line(a, b, Paint::mid, 1), head(a, b, Paint::mid, 6, true, 1); });
    entry("set-up, metadata",
          [this](Point a, Point b) { line(a, b, Paint::mid, 1, 2), head(a, b, Paint::mid, 6, true, 1); });
    entry("attempt", [this](Point a, Point b) { badge(between(a, b, 0.6), 2); });
    entry("leads",
          [this](Point a, Point b) { out_.shapes.push_back(box(a.x, a.y - 2.5, b.x - a.x, 5, Paint::purple)); });
    entry("already there: nothing appended", [this](Point, Point b) {
      polygon({{b.x - 10, b.y - 7}, {b.x - 3, b.y}, {b.x - 10, b.y + 7}, {b.x - 17, b.y}}, Paint::green, Paint::ink);
    });
    out_.texts.insert(out_.texts.end(), on_top_.begin(), on_top_.end());
    return y + 24;
  }

  double axis_top_ = page.axis_top;
  double lanes_top_ = page.lanes_top;
  const Axis& axis_;
  const Diagram& d_;
  double margin_ = 0;
  const scenarios::Run* run_ = nullptr;  ///< null: a window, without heading and footer
  double pan_ = 0;
  mutable std::size_t piece_ = 0;  ///< of the axis, where the last moment was
  std::string (*translate_)(const std::string&) = nullptr;
  int larger_ = 0;
  std::size_t wanted_ = 0;  ///< labels so far
  double squeeze_ = 1;      ///< of the rows of bars, where lanes are lower than usual
  std::size_t first_arrow_ = 0, last_arrow_ = 0, first_mark_ = 0, last_mark_ = 0, first_bar_ = 0, last_bar_ = 0;
  std::vector<Hit> hits_;
  std::vector<Scene::Number> numbers_;
  std::map<std::pair<std::size_t, std::size_t>, double> last_bar_end_;  ///< by lane and row
  std::map<std::pair<std::size_t, MarkKind>, double> last_mark_at_;
  std::map<std::tuple<std::size_t, std::size_t, ArrowKind, bool>, Crowd> crowds_;
  Labels labels_;
  Drawing out_;
  std::vector<Row> rows_;
  double lanes_end_ = 0;
  std::map<std::size_t, std::size_t> row_of_bar_;
  std::vector<Text> on_top_;  ///< numbers on badges
};

}  // namespace

namespace {

double distance_to_line(Point point, Point from, Point to) {
  const double dx = to.x - from.x;
  const double dy = to.y - from.y;
  const double square = dx * dx + dy * dy;
  const double part =
      square == 0 ? 0 : std::clamp(((point.x - from.x) * dx + (point.y - from.y) * dy) / square, 0.0, 1.0);
  return std::hypot(point.x - from.x - part * dx, point.y - from.y - part * dy);
}

}  // namespace

std::string records_named(std::vector<std::int64_t> numbers) {
  std::sort(numbers.begin(), numbers.end());
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < numbers.size();) {
    std::size_t end = i + 1;
    while (end < numbers.size() && numbers[end] == numbers[end - 1] + 1) ++end;
    const std::string from = "r" + std::to_string(numbers[i]);
    if (end - i == 1)
      parts.push_back(from);
    else
      parts.push_back(from + (end - i == 2 ? ", r" : "..r") + std::to_string(numbers[end - 1]));
    i = end;
  }
  return listed(parts, 3);
}

Drawing lay_out(Diagram diagram, const scenarios::Run& run, const AxisLimits& limits) {
  const Axis axis = make_axis(diagram, limits);
  return Layout{diagram, axis, limits.margin, run}.lay_out();
}

Reach reach_of(const Diagram& diagram) {
  Reach reach;
  SimTime last;
  for (const Arrow& arrow : diagram.arrows) reach.arrows.push_back(last = std::max(last, arrow.ended_at));
  last = {};
  for (const Bar& bar : diagram.bars) reach.bars.push_back(last = std::max(last, bar.until));
  return reach;
}

Scene lay_out_window(const Diagram& diagram, const Reach& reach, const Axis& axis, const WindowFrame& frame) {
  return Layout{diagram, reach, axis, frame}.lay_out_window(frame);
}

const Hit* Scene::at(Point point) const {
  constexpr double near = 6;
  const auto rank = [](Hit::Kind kind) {
    switch (kind) {
      case Hit::Kind::mark:
        return 0;
      case Hit::Kind::arrow:
        return 1;
      case Hit::Kind::bar:
        return 2;
      case Hit::Kind::fold:
        return 3;
    }
    return 3;
  };
  const Hit* best = nullptr;
  double best_distance = 0;
  for (const Hit& hit : hits) {
    double distance = 0;
    if (hit.kind == Hit::Kind::arrow) {
      distance = distance_to_line(point, hit.from, hit.to);
      if (distance > near) continue;
    } else if (point.x < hit.from.x || point.x > hit.to.x || point.y < hit.from.y - 2 || point.y > hit.to.y + 2) {
      continue;
    }
    if (best == nullptr || rank(hit.kind) < rank(best->kind) || (hit.kind == best->kind && distance <= best_distance)) {
      best = &hit;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace linger::report

// Lanes from top to bottom, what is behind them, and their names.
#include <algorithm>
#include <map>

#include "ui/report/layout_parts.h"

namespace linger::report {
namespace {

constexpr std::size_t most_rows = 6;

/// Bars of a stack with where they are; neighbours that are too close to be told apart as one.
std::vector<StackedBar> bars_of(const Board& board, const Reach::Stack& stack) {
  std::vector<StackedBar> out;
  std::size_t first = 0;  // of `out`: where the neighbours begin that may become a crowd
  double reaches = 0;
  const auto close = [&] {
    if (out.size() < first + crowd_from) return;
    StackedBar crowd = out[first];
    crowd.count = static_cast<std::int64_t>(out.size() - first);
    crowd.crowd = true;
    crowd.last = out.back().index;
    crowd.last_place = out.back().last_place;
    for (std::size_t i = first; i < out.size(); ++i) crowd.right = std::max(crowd.right, out[i].right);
    out.resize(first);
    out.push_back(crowd);
  };
  for (std::size_t i = 0; i < stack.bars.size(); ++i) {
    const Spans::One& bar = stack.bars[i];
    const StackedBar one{bar.index, bar.index, 1, false, board.x(bar.from), board.x(bar.until), 0, &stack.bars, i, i};
    const bool narrow =
        !board.printed && stack.kind != BarKind::fault && !stack.again[i] && one.right - one.left < crowded;
    if (!narrow || (out.size() > first && one.left - reaches >= crowded)) {
      close();
      first = out.size();
    }
    out.push_back(one);
    reaches = out.size() == first + 1 ? one.right : std::max(reaches, one.right);
    if (!narrow) first = out.size();
  }
  close();
  return out;
}

/// Rows for bars that overlap, in the order of their beginning; those beyond the last row share it. All bars of the run
/// take part, so that panning moves none to another row. Returns how many rows there are.
std::size_t stack(std::vector<StackedBar>& bars) {
  constexpr double apart = 2;
  std::vector<double> rows;
  for (StackedBar& bar : bars) {
    std::size_t row = 0;
    while (row < rows.size() && rows[row] > bar.left - apart) ++row;
    if (row == rows.size() && rows.size() < most_rows) rows.push_back(bar.right);
    bar.row = std::min(row, rows.size() - 1);
    rows[bar.row] = std::max(rows[bar.row], bar.right);
  }
  return rows.size();
}

/// How many of a crowd's bars begin in what is in sight. They are narrow: where they end is as good as there.
std::int64_t in_sight(const Board& board, const StackedBar& crowd) {
  const auto at = [&](std::size_t place) { return crowd.list->begin() + static_cast<std::ptrdiff_t>(place); };
  const auto end = at(crowd.last_place + 1);
  const auto first = std::lower_bound(at(crowd.first_place), end, board.from,
                                      [](const Spans::One& one, sim::SimTime time) { return one.from < time; });
  const auto behind = std::upper_bound(first, end, board.until,
                                       [](sim::SimTime time, const Spans::One& one) { return time < one.from; });
  return std::max<std::int64_t>(1, behind - first);
}

/// A band with zigzag edges: time is left out here.
void draw_fold(Board& board, const Piece& piece) {
  const double left = Board::gutter + piece.left + board.margin - board.pan();
  const double right = Board::gutter + piece.right - board.margin - board.pan();
  // Narrow folds have straight edges: teeth would be all that is seen of them.
  const double tooth = right - left < 30 ? 0 : 5;
  constexpr double step = 10;
  std::vector<Point> edge;
  bool out = false;
  for (double y = board.axis_top + 34; y < board.lanes_end + step / 2; y += step, out = !out)
    edge.push_back({out ? tooth : 0, std::min(y, board.lanes_end)});
  std::vector<Point> around;
  for (const Point& p : edge) around.push_back({left + p.x, p.y});
  for (auto p = edge.rbegin(); p != edge.rend(); ++p) around.push_back({right + p->x, p->y});
  board.polygon({}, Paint::well, Paint::rule);
  board.out.shapes.back().points.assign(around.begin(), around.end());
  board.hit(Hit::Kind::fold, static_cast<std::size_t>(&piece - board.axis.pieces.data()),
            {left, board.axis_top, right - left, board.lanes_end - board.axis_top});
}

/// Where a fold was that the viewer has opened: a click closes it again.
void draw_opened(Board& board, const Piece& piece) {
  const double left = board.in_sight(Board::gutter + piece.left - board.pan());
  const double right = board.in_sight(Board::gutter + piece.right - board.pan());
  const double top = board.axis_top + 34;
  board.box(left, top, right - left, board.lanes_end - top, Paint::well).opacity = 0.4;
  board.hit(Hit::Kind::fold, static_cast<std::size_t>(&piece - board.axis.pieces.data()),
            {left, board.axis_top, right - left, board.lanes_end - board.axis_top});
}

Scene::Row row_of(LaneKind kind, double top, std::size_t bars) {
  const double stacked = static_cast<double>(bars);
  const double at_least_one = static_cast<double>(std::max<std::size_t>(1, bars));
  double height = 60;
  switch (kind) {
    case LaneKind::faults:
      height = 30 + batch_row * stacked;
      return {top, height, top + 15};
    case LaneKind::application:
      height = 62;
      return {top, height, top + 34};
    case LaneKind::accumulator:
      height = 26 + batch_row * at_least_one;
      return {top, height, top + height - 8};
    case LaneKind::requests:
      height = 54 + flight_row * at_least_one;
      return {top, height, top + height - 26};
    case LaneKind::broker:
      height = 74;
      return {top, height, top + 37};
    case LaneKind::controller:
    case LaneKind::consumer:
      return {top, height, top + 30};
  }
  return {top, height, top + 30};
}

}  // namespace

Stacking stack_bars(const Board& board) {
  Stacking out;
  for (const Reach::Stack& one : board.reach.stacks) {
    std::vector<StackedBar> bars = bars_of(board, one);
    std::size_t& rows = out.rows[one.lane];
    rows = std::max(rows, stack(bars));
    out.bars.insert(out.bars.end(), bars.begin(), bars.end());
  }
  std::sort(out.bars.begin(), out.bars.end(),
            [](const StackedBar& a, const StackedBar& b) { return a.index < b.index; });
  return out;
}

void place_lanes(Board& board, const Stacking& stacking) {
  for (StackedBar bar : stacking.bars) {
    bar.left -= board.pan();
    bar.right -= board.pan();
    if (!board.is_in_sight(bar.left, bar.right)) continue;
    if (bar.crowd) bar.count = in_sight(board, bar);
    board.stacked.push_back(bar);
  }
  double top = board.lanes_top;
  for (std::size_t i = 0; i < board.diagram.lanes.size(); ++i) {
    const auto bars = stacking.rows.find(i);
    board.rows.push_back(row_of(board.diagram.lanes[i].kind, top, bars == stacking.rows.end() ? 0 : bars->second));
    top += board.rows.back().height;
  }
  board.lanes_end = top;
}

void fit_lanes(Board& board, double height) {
  const double natural = board.lanes_end - board.lanes_top;
  if (natural <= 0) return;
  const double factor = std::clamp((height - board.lanes_top) / natural, 0.3, 1.35);
  for (Scene::Row& row : board.rows) {
    row.top = board.lanes_top + (row.top - board.lanes_top) * factor;
    row.base = board.lanes_top + (row.base - board.lanes_top) * factor;
    row.height *= factor;
  }
  board.lanes_end = board.lanes_top + natural * factor;
  board.squeeze = std::min(1.0, factor);
}

void draw_ground(Board& board) {
  const std::vector<Scene::Row>& rows = board.rows;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i % 2 == 1) board.box(0, rows[i].top, board.out.width, rows[i].height, Paint::lane);
  }
  for (const Piece& piece : board.pieces_in_sight()) {
    if (piece.folded) draw_fold(board, piece);
    if (piece.opened) draw_opened(board, piece);
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const LaneKind kind = board.diagram.lanes[i].kind;
    if (kind == LaneKind::faults || kind == LaneKind::accumulator) continue;
    const Point from{Board::gutter, rows[i].base};
    const Point to{board.out.width - 6, rows[i].base};
    board.line(from, to, Paint::rule);
    board.labels.cross(from, to);
  }
}

void draw_lane_names(Board& board) {
  for (std::size_t i = 0; i < board.rows.size(); ++i) {
    const Lane& lane = board.diagram.lanes[i];
    const Scene::Row& row = board.rows[i];
    const double middle = lane.kind == LaneKind::faults ? row.base : row.top + row.height / 2;
    // A low lane has no room for a second line: its note stands behind the name.
    const bool two = !lane.note.empty() && row.height >= 34;
    board.text({14, middle + (two ? -2 : 4)}, lane.name, Paint::ink, 12, true);
    if (two)
      board.text({14, middle + 13}, lane.note, Paint::dim, 11);
    else if (!lane.note.empty())
      board.text({20 + text_width(board.say(lane.name), 12 + board.larger(), true), middle + 4}, lane.note, Paint::dim,
                 11);
  }
}

}  // namespace linger::report

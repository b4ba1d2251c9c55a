#include "ui/report/layout.h"

#include <algorithm>
#include <utility>

#include "ui/report/layout_parts.h"
#include "ui/report/words.h"

namespace linger::report {
namespace {

constexpr double least_width = 860;  // the tally and the legend

void draw_lanes(Board& board) {
  board.labels = Labels(
      {Board::gutter, board.lanes_top - 4, board.out.width - Board::gutter - 4, board.lanes_end - board.lanes_top + 4});
  draw_ground(board);
  draw_bars(board);
  draw_arrows(board);
  draw_marks(board);
}

void append(std::vector<Text>& texts, const std::vector<Text>& more) {
  texts.insert(texts.end(), more.begin(), more.end());
}

/// Numbers beside what is pointed at, placed before any label.
std::vector<Scene::Number> numbers_of(Board& board, const std::vector<Pointed>& pointed) {
  constexpr double radius = 11;
  constexpr double apart = 19;
  std::vector<Scene::Number> numbers;
  for (std::size_t i = 0; i < pointed.size(); ++i) {
    const auto hit = std::find_if(board.hits.begin(), board.hits.end(), [&](const Hit& one) {
      return one.kind == pointed[i].kind && one.index == pointed[i].index;
    });
    if (hit == board.hits.end()) continue;
    const Point middle{std::clamp((hit->from.x + hit->to.x) / 2, Board::gutter + radius, board.out.width - radius),
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
    numbers.push_back({i + 1, board.labels.reserve(places, radius)});
  }
  return numbers;
}

/// "1,240": with a comma before each three digits.
std::string grouped(std::int64_t count) {
  std::string digits = std::to_string(count);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
  return digits;
}

std::string_view word_of(const Arrow& arrow) {
  switch (arrow.kind) {
    case ArrowKind::produce:
      return arrow.answer ? "answers" : "requests";
    case ArrowKind::replication:
      return arrow.answer ? "copies to a replica" : "confirmations of a replica";
    case ArrowKind::metadata:
      return "metadata updates";
    case ArrowKind::setup:
      return "set-up messages";
    case ArrowKind::control:
      return "control messages";
    case ArrowKind::reading:
      return "reads";
  }
  return "messages";
}

std::string_view word_of(const Mark& mark) {
  switch (mark.kind) {
    case MarkKind::appended:
      return "batches appended";
    case MarkKind::replicated:
      return "batches copied";
    case MarkKind::high_watermark:
      return "moves of the HW";
    default:
      return "marks";
  }
}

std::string_view word_of(const Bar& bar) {
  return bar.kind == BarKind::in_flight ? "requests in flight" : "batches";
}

}  // namespace

Drawing lay_out(Diagram diagram, const scenarios::Run& run, const AxisLimits& limits) {
  const Axis axis = make_axis(diagram, limits);
  const Reach reach = reach_of(diagram);
  Board board{diagram, reach, axis, nullptr};
  board.margin = limits.margin;
  place_lanes(board, stack_bars(board));
  board.out.width = std::max(least_width, Board::gutter + axis.width + 12);
  draw_lanes(board);
  const std::vector<Text> placed = board.labels.place();
  draw_heading(board, run);
  draw_time_axis(board);
  draw_lane_names(board);
  const double below = draw_words_below_folds(board, board.lanes_end + 8);
  board.out.height = draw_footer(board, run, below);
  append(board.out.texts, placed);
  Shape paper = board.box(0, 0, board.out.width, board.out.height, Paint::ground);
  board.out.shapes.pop_back();
  board.out.shapes.insert(board.out.shapes.begin(), std::move(paper));
  return std::move(board.out);
}

std::shared_ptr<const Stacking> stack_bars(const Diagram& diagram, const Reach& reach, const Axis& axis) {
  const WindowFrame not_panned;
  return std::make_shared<const Stacking>(stack_bars(Board{diagram, reach, axis, &not_panned}));
}

Scene lay_out_window(const Diagram& diagram, const Reach& reach, const Axis& axis, const WindowFrame& frame,
                     const Stacking* stacking) {
  Board board{diagram, reach, axis, &frame};
  place_lanes(board, stacking != nullptr ? *stacking : *stack_bars(diagram, reach, axis));
  fit_lanes(board, frame.height);
  board.out.width = frame.width;
  board.out.height = frame.height;
  draw_lanes(board);
  draw_time_axis(board);
  draw_lane_names(board);
  draw_fold_words(board);
  std::vector<Scene::Number> numbers = numbers_of(board, frame.pointed);
  append(board.out.texts, board.labels.place());
  append(board.out.texts, board.on_top);
  return {std::move(board.out),   std::move(board.hits), std::move(board.rows), std::move(numbers),
          std::move(board.flags), board.lanes_top,       board.lanes_end,       Board::gutter};
}

std::string crowd_in_words(const Diagram& diagram, const Hit& hit) {
  std::string_view word;
  switch (hit.kind) {
    case Hit::Kind::arrow:
      word = word_of(diagram.arrows[hit.index]);
      break;
    case Hit::Kind::mark:
      word = word_of(diagram.marks[hit.index]);
      break;
    case Hit::Kind::bar:
      word = word_of(diagram.bars[hit.index]);
      break;
    case Hit::Kind::fold:
      break;
  }
  return grouped(hit.count) + " " + std::string(word);
}

std::string records_named(std::vector<std::int64_t> numbers) {
  if (!std::is_sorted(numbers.begin(), numbers.end())) std::sort(numbers.begin(), numbers.end());
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

}  // namespace linger::report

// The time axis, its ticks, and what folds hide.
#include <algorithm>

#include "ui/report/layout_parts.h"
#include "ui/report/words.h"

namespace linger::report {
namespace {

using sim::SimTime;

constexpr double least_named_fold = 44;

class TimeAxis {
 public:
  explicit TimeAxis(Board& board)
      : board_(board),
        y_(board.axis_top + 34),
        ticks_({Board::gutter - 20, board.axis_top, board.out.width - Board::gutter + 16, 40}) {}

  void draw() {
    board_.line({Board::gutter, y_}, {board_.out.width - 6, y_}, Paint::mid);
    for (const Piece& piece : board_.pieces_in_sight()) {
      if (piece.folded)
        fold(piece);
      else if (board_.axis.per_ms == 0)
        step(piece);
      else
        stretch(piece);
    }
    for (Text& placed : ticks_.place()) {
      placed.plate = false;
      board_.out.texts.push_back(std::move(placed));
    }
  }

 private:
  /// The length of a fold over it; of neighbours without room for two the first has it.
  void fold(const Piece& piece) {
    if (!board_.printed && piece.right - piece.left < least_named_fold) return;
    const double middle = Board::gutter + (piece.left + piece.right) / 2 - board_.pan();
    const std::string length = length_of_time(piece.until - piece.from);
    const double half = text_width(length, 12 + board_.larger(), true) / 2;
    if (!board_.printed && middle - half < named_until_) return;
    constexpr double gap = 4;
    named_until_ = middle + half + gap;
    board_.text({middle - half, board_.axis_top + 12}, length, Paint::ink, 12, true);
    const std::string folded = board_.say("folded");
    if (!board_.printed) return add(middle, folded, 10, on_fold);
    board_.text({middle - text_width(folded, 10, false) / 2, board_.axis_top + axis_line}, folded, Paint::dim, 10);
  }

  /// Every step of an event axis has its own moment: as many labels as fit.
  void step(const Piece& piece) {
    const double left = Board::gutter + piece.left - board_.pan();
    if (left < labelled_until_) return;
    tick(piece.from, 100'000, within);
    labelled_until_ = left + 76;
  }

  void stretch(const Piece& piece) {
    std::int64_t step = 100'000;
    for (const std::int64_t factor :
         {2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10'000, 50'000, 100'000, 1'000'000}) {
      if (static_cast<double>(step) / 1e6 * board_.axis.per_ms >= 62) break;
      step = 100'000 * factor;
    }
    if (!piece.opened) tick(piece.from, 100'000, beginning);
    const double pan = board_.pan();
    const std::int64_t first = std::max(piece.from, board_.axis.at(pan)).ns();
    const std::int64_t last = std::min(piece.until, board_.axis.at(pan + board_.out.width - Board::gutter)).ns();
    for (std::int64_t at = (first / step + 1) * step; at <= last; at += step) tick(SimTime::at_ns(at), step, within);
  }

  static std::string in_words(std::int64_t ns, std::int64_t step) {
    if (step % 1'000'000 == 0) return std::to_string(ns / 1'000'000);
    return milliseconds(ns);
  }

  void tick(SimTime at, std::int64_t step, int rank) {
    const double where = board_.x(at);
    board_.line({where, y_ - 5}, {where, y_}, Paint::mid);
    add(where, in_words(at.ns(), step) + (at == board_.axis.pieces.front().from ? " ms" : ""), 11, rank);
  }

  /// Beginnings of stretches get a place before the word on a fold, and that before all other ticks.
  enum Rank : int { beginning, on_fold, within };
  /// From the axis' top to the base line of what stands along it.
  static constexpr double axis_line = 25;

  void add(double middle, std::string words, int size, int rank) {
    Label label;
    label.first = std::move(words);
    label.paint = Paint::dim;
    label.size = size + board_.larger();
    label.rank = rank;
    label.places.push_back({{middle, board_.axis_top + axis_line}, Label::Anchor::centre});
    ticks_.add(std::move(label));
  }

  Board& board_;
  double y_;
  Labels ticks_;
  double named_until_ = -1e9;
  double labelled_until_ = 0;
};

}  // namespace

void draw_time_axis(Board& board) {
  TimeAxis{board}.draw();
}

double draw_words_below_folds(Board& board, double top) {
  double bottom = top;
  for (const Piece& piece : board.axis.pieces) {
    if (!piece.folded) continue;
    const double middle = Board::gutter + (piece.left + piece.right) / 2;
    double y = top + 10;
    for (const std::string& words : piece.words) {
      board.text({middle - text_width(words, 10, false) / 2, y}, words, Paint::dim, 10);
      bottom = std::max(bottom, y);
      y += 13;
    }
  }
  return bottom + 16;
}

void draw_fold_words(Board& board) {
  for (const Piece& piece : board.pieces_in_sight()) {
    if (!piece.folded || piece.right - piece.left < least_named_fold) continue;
    const double middle = Board::gutter + (piece.left + piece.right) / 2 - board.pan();
    double y = board.lanes_end - 8;
    for (const std::string& words : hidden_in(board.diagram, piece.from, piece.until)) {
      Label label;
      label.first = words;
      label.paint = Paint::dim;
      label.size = 10;
      label.rank = 3;
      label.places.push_back({{middle, y}, Label::Anchor::centre});
      board.want(std::move(label));
      y -= 15;
    }
  }
}

}  // namespace linger::report

#pragma once

#include "ui/report/layout_board.h"

namespace linger::report {

// The parts of a layout, in the order in which they are painted.

/// Which bar goes into which row. Requires a board that is not panned.
Stacking stack_bars(const Board& board);
/// Rows of the lanes, and the bars in sight that share them.
void place_lanes(Board& board, const Stacking& stacking);
/// Gives the lanes the height that there is, within what is readable.
void fit_lanes(Board& board, double height);
void draw_ground(Board& board);
void draw_bars(Board& board);
void draw_arrows(Board& board);
void draw_marks(Board& board);
void draw_time_axis(Board& board);
void draw_lane_names(Board& board);
/// What the folds hide, inside them and in a line each.
void draw_fold_words(Board& board);
/// What the folds hide, under them, one line each. Returns where the picture goes on.
double draw_words_below_folds(Board& board, double top);

// Of a printed picture.
void draw_heading(Board& board, const scenarios::Run& run);
/// The tally of the records, the legend, what was left out. Returns where the picture ends.
double draw_footer(Board& board, const scenarios::Run& run, double top);

}  // namespace linger::report

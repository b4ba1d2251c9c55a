#pragma once

#include "scenarios/result.h"
#include "ui/gui/model/ledger_rows.h"
#include "ui/gui/views/view.h"

namespace linger::gui {

/// What became of every record: the tally, which filters, and a row a record.
void draw_ledger(Frame& frame, const Box& box);

/// The signs and words of a row's verdict, from the left of a box as far as it has room.
void draw_verdict(Frame& frame, const LedgerRow& row, const Box& box);

/// How many records have each sign that some have, in a line that ends at its right.
void draw_counts(Frame& frame, const scenarios::RunResult& result, Point right);

}  // namespace linger::gui

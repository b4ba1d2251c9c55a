#pragma once

#include "ui/gui/views/view.h"

namespace linger::gui {

/// What became of every record: the tally, which filters, and a row a record.
void draw_ledger(Frame& frame, const Box& box);

}  // namespace linger::gui

#pragma once

#include "ui/gui/views/view.h"

namespace linger::gui {

/// The producer at the cursor.
Panel producer_view();

}  // namespace linger::gui

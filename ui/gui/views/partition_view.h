#pragma once

#include "ui/gui/views/view.h"

namespace linger::gui {

/// The partition at the cursor, and large all partitions and the network.
Panel partition_view();

}  // namespace linger::gui

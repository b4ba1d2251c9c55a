#pragma once

#include "ui/gui/views/view.h"

namespace linger::gui {

/// The tree of branches.
Panel branches_view();

}  // namespace linger::gui

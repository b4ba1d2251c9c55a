#pragma once

#include "ui/gui/views/view.h"

namespace linger::gui {

/// Two runs under each other on one axis, where they part, and both ledgers.
Page compare_page();

}  // namespace linger::gui

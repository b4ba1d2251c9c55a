#pragma once

#include "ui/gui/views/view.h"

namespace linger::gui {

/// The chain of causes of what is selected.
Panel why_view();

}  // namespace linger::gui

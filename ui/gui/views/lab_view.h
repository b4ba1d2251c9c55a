#pragma once

#include "ui/gui/views/view.h"

namespace linger::gui {

/// One setting swept: what came of it, beside what a formula says.
Page lab_page();

}  // namespace linger::gui

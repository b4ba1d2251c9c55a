#pragma once

#include <vector>

#include "ui/gui/views/view.h"

namespace linger::gui {

/// All series of the run, one below the other on the diagram's axis.
Page plots_page();

/// Batch bytes, requests in flight, retries and outcomes: under the diagram, on its axis.
std::vector<Strip> plot_strips();

}  // namespace linger::gui

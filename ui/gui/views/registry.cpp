#include <array>
#include <vector>

#include "ui/gui/views/branches_view.h"
#include "ui/gui/views/compare_view.h"
#include "ui/gui/views/diagram_view.h"
#include "ui/gui/views/lab_view.h"
#include "ui/gui/views/partition_view.h"
#include "ui/gui/views/plots_view.h"
#include "ui/gui/views/producer_view.h"
#include "ui/gui/views/scenario_view.h"
#include "ui/gui/views/view.h"
#include "ui/gui/views/why_view.h"

namespace linger::gui {

std::span<const Page> pages() {
  static const std::array all{diagram_page(), scenario_page(), compare_page(), plots_page(), lab_page()};
  return all;
}

std::span<const Panel> panels() {
  static const std::vector<Panel> all{branches_view(), producer_view(), partition_view(), why_view()};
  return all;
}

std::span<const Strip> strips() {
  static const std::vector<Strip> all = plot_strips();
  return all;
}

}  // namespace linger::gui

#pragma once

#include <string>
#include <vector>

#include "sim/ids.h"
#include "sim/time.h"
#include "ui/gui/model/picture.h"
#include "ui/gui/model/session.h"
#include "ui/gui/model/state.h"
#include "ui/gui/model/strings.h"

namespace linger::gui {

/// One step of a chain of causes.
struct WhyLine {
  sim::SimTime at;
  sim::EventNumber event;
  std::string who, what;
  Paint paint = Paint::mid;  ///< of its dot
};

/// Why the selection is as it is: the shortest chain that explains it, in the order of time.
struct Why {
  std::string question, about;
  std::vector<WhyLine> lines;  ///< at most eight
};

/// Of a record: what made its fate. Of anything else: what the diagram shows of its causes, and the event itself. No
/// line where nothing is selected or there is nothing to tell.
Why why_of(const Session& session, const Selection& selection, Language language);

/// The chain as a panel. A click on a line picks its event and goes there.
PanelPicture why_panel(const Why& why, const Selection& selection, Language language, double width);

}  // namespace linger::gui

#pragma once

#include <string>
#include <vector>

#include "ui/gui/model/session.h"
#include "ui/gui/model/strings.h"

namespace linger::gui {

/// What to look at first: a number that stands beside something in the diagram, and what it says.
struct Callout {
  report::Hit::Kind kind = report::Hit::Kind::mark;
  std::size_t index = 0;  ///< among the diagram's arrows, marks or bars
  std::string title, text;
};

/// The four steps of the story of a lost answer, in the order of time: a batch, the answer that was lost, the retry,
/// the duplicate that was recognised. Nothing for a run in which that does not happen.
std::vector<Callout> callouts_of(const Session& session, Language language);

}  // namespace linger::gui

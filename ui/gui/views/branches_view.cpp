#include "ui/gui/views/branches_view.h"

#include <algorithm>

#include "scenarios/runner.h"
#include "ui/gui/views/picture_view.h"
#include "ui/gui/views/widgets.h"
#include "ui/report/words.h"

namespace linger::gui {
namespace {

constexpr double row_height = 40;
constexpr double head = 36;

double height(const Frame& frame, double /*width*/) {
  // Before the first branch there is nothing to choose from.
  return frame.branches.size() < 2 ? 0 : head + row_height * static_cast<double>(frame.branches.size()) + 8;
}

/// What a run came to, in the fewest words.
std::string outcome(const Frame& frame, const Session& session) {
  const scenarios::Counts& counts = session.run().result.counts;
  std::string words = std::to_string(counts.acked) + "/" + std::to_string(counts.sent) + " " +
                      std::string(frame.say(Str::branch_acked));
  const auto add = [&](std::int64_t count, Str what) {
    if (count > 0) words += " · " + std::to_string(count) + " " + std::string(frame.say(what));
  };
  add(counts.lost, Str::branch_lost);
  add(counts.duplicated, Str::verdict_d);
  add(counts.reordered, Str::verdict_o);
  return words;
}

void draw(Frame& frame, const Box& box) {
  Canvas& canvas = frame.canvas;
  canvas.text({box.x + 12, box.y + 24}, frame.say(Str::branches_title), Paint::ink, 15, Face::semibold);
  if (frame.branches.size() < 2) {
    canvas.text({box.x + 12, box.y + head + 20}, frame.say(Str::branch_none), Paint::dim);
    return;
  }
  canvas.text_right({box.x + box.width - 12, box.y + 24}, frame.say(Str::branch_name_hint), Paint::dim, 12);
  double y = box.y + head;
  for (const Branches::Row& row : frame.branches.rows()) {
    const Branch& branch = frame.branches[row.branch];
    const Box at{box.x + 4, y, box.width - 8, row_height};
    const bool shown = row.branch == frame.branches.shown();
    const Touch state = touch(("##branch" + std::to_string(row.branch)).c_str(), at);
    if (shown) canvas.fill(at, canvas.colour(Extra::highlight, 0.3), 3);
    if (state.hovered && !shown) canvas.fill(at, canvas.colour(Paint::well), 3);
    const double x = at.x + 10 + 14 * static_cast<double>(row.depth);
    if (row.depth > 0) {
      canvas.line({x - 9, y - 8}, {x - 9, y + 14}, canvas.colour(Paint::mid));
      canvas.line({x - 9, y + 14}, {x - 3, y + 14}, canvas.colour(Paint::mid));
    }
    canvas.text({x, y + 17}, branch.name, Paint::ink, 13, Face::semibold);
    const double name = canvas.width(branch.name, 13, Face::semibold) + 8;
    canvas.text_within({x + name, y + 17}, branch.change.say(frame.state.language), at.x + at.width - x - name - 8);
    std::string second = outcome(frame, *branch.session);
    if (branch.parent) second = frame.say(Str::branch_from, {report::milliseconds(branch.from.ns())}) + " · " + second;
    canvas.text_within({x, y + 34}, second, at.x + at.width - x - 8, Paint::dim, 12);
    if (state.clicked) frame.requests.emplace_back(ShowBranch{row.branch});
    y += row_height;
  }
}

}  // namespace

Panel branches_view() {
  return {"branches", Str::branches_title, height, draw};
}

}  // namespace linger::gui

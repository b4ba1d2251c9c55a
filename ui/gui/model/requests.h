#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "scenarios/scenario.h"
#include "sim/time.h"
#include "ui/gui/model/branches.h"
#include "ui/gui/model/commands.h"
#include "ui/gui/model/state.h"

namespace linger::gui {

/// A changed plan is to be run and shown.
struct NewBranch {
  scenarios::Scenario plan;
  Change change;
  sim::SimTime from;
};
struct ShowBranch {
  std::size_t index = 0;
};
struct RenameBranch {
  std::size_t index = 0;
  std::string name;
};
struct SaveBranch {
  std::size_t index = 0;
  std::string file;
};
/// A record of the run that is shown, as `r7` or `7`.
struct FindRecord {
  std::string words;
};
/// Another file takes the place of everything.
struct OpenFile {
  std::string file;
};

/// What a view asks for that changes which runs there are, or which one is shown: carried out between two frames, as
/// views hold on to the session of their frame.
using Request = std::variant<NewBranch, ShowBranch, RenameBranch, SaveBranch, FindRecord, OpenFile>;

/// Carries out everything but OpenFile. What came of it stands in state.notice; false if it could not be done.
bool carry_out(Request request, Branches& branches, State& state);

/// Runs the plan of a branch with one producer setting changed, for every producer, and shows it beside that branch on
/// the page Compare: behind what is asked for already.
void ask_to_compare(std::size_t base, const std::string& key, const std::string& value, const Branches& branches,
                    State& state, std::vector<Request>& requests);

/// What Enter in a prompt asks for.
Request request_of(const Prompt& prompt);
/// A prompt of this kind with what it begins with.
Prompt prompt_for(Prompt::Kind kind, const Branches& branches);

/// The prompt that a command opens, if it opens one.
std::optional<Prompt::Kind> prompt_of(Command command);

/// Brings what was chosen in another run into the bounds of this one.
void enter(const Session& session, State& state);

}  // namespace linger::gui

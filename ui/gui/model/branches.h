#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "scenarios/scenario.h"
#include "sim/time.h"
#include "ui/gui/model/session.h"
#include "ui/gui/model/strings.h"

namespace linger::gui {

/// What makes a run another one than its parent's, in words of any language.
struct Change {
  Str words = Str::branch_first;
  std::vector<std::string> values;
  std::string say(Language language) const { return text(language, words, values); }
};

/// One run beside others: a plan, what was changed in it, and all that came of it.
struct Branch {
  std::string name;  ///< unique in its tree
  std::optional<std::size_t> parent;
  Change change;
  sim::SimTime from;  ///< before this moment it is its parent's run
  std::unique_ptr<Session> session;
  std::string saved_as;  ///< the file that holds its plan; empty: not saved
  bool ours = false;     ///< this window wrote that file
};

/// The runs of a window: the one that was opened and all that were branched off. Nothing is thrown away.
class Branches {
 public:
  explicit Branches(std::unique_ptr<Session> first);

  std::size_t size() const { return branches_.size(); }
  const Branch& operator[](std::size_t index) const { return branches_.at(index); }
  std::size_t shown() const { return shown_; }
  Session& session() { return *branches_[shown_].session; }
  Session& session(std::size_t index) { return *branches_.at(index).session; }
  /// Requires a branch of that number.
  void show(std::size_t index);

  /// Runs a changed plan to its end and puts it under the run that is shown, which it then takes the place of. What the
  /// plan's author expected of the old one is dropped. The sentences that say what is wrong with the plan, or nothing.
  std::string add(scenarios::Scenario plan, Change change, sim::SimTime from);

  /// Names a branch; false if the name is empty or another branch has it.
  bool rename(std::size_t index, const std::string& name);
  /// Writes a branch's plan; the sentence that says why not, or nothing. A file that is there already is left alone
  /// unless this window wrote it for this branch.
  std::string save(std::size_t index, const std::string& file);
  /// A file name for it, made of the opened file's name and its own.
  std::string file_name(std::size_t index) const;

  /// The branches from top to bottom as a tree shows them, each after its parent.
  struct Row {
    std::size_t branch = 0;
    std::size_t depth = 0;
  };
  std::vector<Row> rows() const;

 private:
  void add_rows(std::size_t parent, std::size_t depth, std::vector<Row>& rows) const;

  std::vector<Branch> branches_;
  std::size_t shown_ = 0;
};

}  // namespace linger::gui

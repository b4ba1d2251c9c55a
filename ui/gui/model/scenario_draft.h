#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/json_tree.h"
#include "scenarios/scenario.h"
#include "scenarios/scenario_reader.h"
#include "ui/gui/model/branches.h"
#include "ui/gui/model/tree_differences.h"

namespace linger::gui {

/// A plan that is being edited: the tree of its file, and what a reader of that file says. Every change is read again
/// as a whole, so that what can be run is exactly what a saved file would give.
class ScenarioDraft {
 public:
  /// The plan of a branch as it was run.
  ScenarioDraft(std::size_t branch, const scenarios::Scenario& plan);

  /// The branch whose plan it began as.
  std::size_t branch() const { return branch_; }
  const scenarios::JsonNode& tree() const { return tree_; }
  /// What the tree says; nothing while there are mistakes.
  const std::optional<scenarios::Scenario>& plan() const { return read_.scenario; }
  const std::vector<scenarios::Mistake>& mistakes() const { return read_.mistakes; }
  /// Whether it says something else than the branch's plan.
  bool touched() const { return touched_; }
  /// Grows with every change: what was made of an older tree is stale.
  std::uint64_t revision() const { return revision_; }
  /// The signs beyond ASCII that its texts have, for the fonts.
  const std::string& signs() const { return signs_; }

  /// What stands at a pointer; null: nothing.
  const scenarios::JsonNode* at(std::string_view pointer) const;
  /// Writes a value as `--set` reads it. Empty words take the key away, so that the default holds again; `needed`: a
  /// key that must stay is left with an empty text. False, and nothing is done, where the place is gone.
  bool set(const std::string& pointer, const std::string& words, bool needed = false);
  /// Puts an element behind the last of a list; a list that is not there yet is made.
  bool append(const std::string& list, scenarios::JsonNode element);
  /// Puts another element into the place of one of a list. False if there is none.
  bool replace(const std::string& pointer, scenarios::JsonNode element);
  /// Takes an element out of its list.
  bool remove(const std::string& pointer);

  /// The one thing that differs from the branch's plan, or how many do.
  const Change& change() const { return change_; }

 private:
  scenarios::JsonNode* node(std::string_view pointer);
  bool erase(const std::string& pointer);
  void read();
  void judge();

  std::size_t branch_;
  scenarios::JsonNode begin_, tree_;
  std::optional<scenarios::Scenario> base_;
  scenarios::ReadResult read_;
  std::string signs_;
  bool touched_ = false;
  Change change_;
  std::uint64_t revision_ = 0;
};

/// What a field shows of a value: words that `set` reads back as the same value.
std::string words_of(const scenarios::JsonNode& node);

}  // namespace linger::gui

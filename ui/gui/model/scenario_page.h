#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ui/gui/model/requests.h"
#include "ui/gui/model/scenario_layout.h"

namespace linger::gui {

/// The page Scenario: a draft, and what the viewer looks at of it.
class ScenarioPage {
 public:
  explicit ScenarioPage(ScenarioDraft draft) : draft_(std::move(draft)) {}

  const ScenarioDraft& draft() const { return draft_; }
  FormSection section() const { return section_; }
  /// Shows a section from its beginning.
  void show(const FormSection& section);
  std::string filter;
  double top = 0;       ///< pixels that the form is scrolled by
  double list_top = 0;  ///< and the list of sections

  /// What is being typed into a row. It is not in the draft yet, and gets there when the field is left.
  struct Typing {
    std::string pointer, words;
    bool seen = false;  ///< in the last frame
  };
  std::optional<Typing> typing;

  /// Brings a draft that nobody touched, or that has just been run, to the plan of the branch that is shown.
  void follow(const Branches& branches);
  /// Drops all that was changed.
  void reset(const Branches& branches);

  const std::vector<FormSection>& sections();
  /// How many mistakes lie in each of the sections.
  const std::vector<std::size_t>& mistakes_by_section();
  const std::vector<FormRow>& rows();
  const FormLayout& layout(double width, Language language);
  const std::vector<scenarios::Mistake>& mistakes_without_row();

  // ---- What a click or Enter asks for
  void set(const FormRow& row, const std::string& words);
  void fold(const std::string& pointer);
  void add(const std::string& list, const std::string& word);
  void remove(const std::string& pointer);
  /// The fault or step at this pointer becomes one of another kind.
  void turn(const std::string& pointer, const std::string& word);

  /// The signs beyond ASCII that the fonts must have.
  std::string signs() const { return draft_.signs() + filter + (typing ? typing->words : std::string()); }

  bool can_run() const { return draft_.touched() && draft_.plan(); }
  /// A file is written of a branch, so what is not a branch yet cannot be saved.
  bool can_save(const Branches& branches) const;
  /// Puts what Run asks for behind the requests. Requires can_run().
  void run(const Branches& branches, std::vector<Request>& requests) const;

 private:
  void begin(const Branches& branches);
  void refresh();

  ScenarioDraft draft_;
  FormSection section_{FormSection::Kind::settings};
  std::set<std::string> open_;
  // Made of a draft and of what is open; kept as long as both stay.
  bool stale_ = true;
  std::uint64_t revision_ = 0;
  std::vector<FormSection> sections_;
  std::vector<std::size_t> by_section_;
  std::vector<FormRow> rows_;
  std::vector<scenarios::Mistake> without_row_;
  struct LaidOut {
    std::string filter;
    double width = 0;
    Language language = Language::en;
    friend bool operator==(const LaidOut&, const LaidOut&) = default;
  };
  std::optional<LaidOut> laid_out_;
  FormLayout layout_;
};

/// The page of this window, made when it is first shown, following the branches.
ScenarioPage& scenario_page_of(State& state, const Branches& branches);

/// Whose plan it is and what was changed in it, or where its mistakes are.
std::string state_of(ScenarioPage& page, const Branches& branches, Language language);

}  // namespace linger::gui

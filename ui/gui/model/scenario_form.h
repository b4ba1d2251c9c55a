#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "ui/gui/model/scenario_draft.h"
#include "ui/gui/model/strings.h"

namespace linger::gui {

/// A part of a plan that is edited on its own.
struct FormSection {
  enum class Kind : std::uint8_t { cluster, network, topics, producers, settings, workload, consumers, faults, rest };
  Kind kind = Kind::cluster;
  std::size_t producer = 0;  ///< settings, workload: whose
  friend bool operator==(const FormSection&, const FormSection&) = default;
};

/// The sections that a plan has, from top to bottom.
std::vector<FormSection> sections_of(const ScenarioDraft& draft);
std::string title_of(const FormSection& section, const ScenarioDraft& draft, Language language);
/// How many mistakes lie in each of these sections.
std::vector<std::size_t> mistakes_by_section(const std::vector<FormSection>& sections, const ScenarioDraft& draft);

/// A line of a form.
struct FormRow {
  enum class Kind : std::uint8_t {
    text,
    number,
    flag,     ///< true or false
    choice,   ///< one of `choices`
    group,    ///< the name of the rows under it
    element,  ///< of a list: folds its rows away, and can be taken out
    add,      ///< one of `choices` can be put behind the last of the list at `pointer`
    form,     ///< the element at `pointer` is of the kind `value` and can become one of `choices`
  };
  Kind kind = Kind::text;
  std::string pointer;   ///< JSON Pointer into the plan's file
  std::string label;     ///< the name that Kafka or the file's format has for it
  std::string value;     ///< what the file says; empty: nothing. element: its JSON on one line
  std::string fallback;  ///< what holds where the file says nothing; empty: there is no word for it
  std::string help;      ///< one sentence, from the table that the readers use
  std::string valid;     ///< which values there are, as Kafka's documentation writes it
  std::vector<std::string> choices;
  std::vector<std::string> mistakes;
  bool needed = false;     ///< cannot be left out
  bool no_effect = false;  ///< a setting that is checked and then left aside
  bool open = false;       ///< element: its rows follow
  std::size_t depth = 0;

  bool written() const { return !value.empty(); }
  bool differs() const { return !needed && written() && value != fallback; }
  bool is_field() const { return kind < Kind::group; }
};

/// The rows of a section, each mistake with the row it is about. `open`: pointers of the elements that are unfolded.
std::vector<FormRow> rows_of(const FormSection& section, const ScenarioDraft& draft, const std::set<std::string>& open);

/// What no row of this section says: mistakes about the file as a whole, and about what has no row here. Those of other
/// sections are theirs.
std::vector<scenarios::Mistake> mistakes_without_row(const FormSection& section, const ScenarioDraft& draft,
                                                     const std::vector<FormRow>& rows);

/// A new element of the list at this pointer, filled in so that the plan stays right where the cluster allows it:
/// `word` is one of the choices of the list's row.
scenarios::JsonNode new_element(const ScenarioDraft& draft, const std::string& list, const std::string& word);

/// The fault or step at this pointer as one of another kind: what both kinds have is kept. Requires that it is there.
scenarios::JsonNode as_another_kind(const ScenarioDraft& draft, const std::string& pointer, const std::string& word);

}  // namespace linger::gui

#pragma once

#include <set>
#include <string>
#include <vector>

#include "scenarios/runner.h"
#include "ui/gui/model/scenario_form.h"
#include "ui/gui/model/session.h"

namespace linger::gui {

inline const scenarios::Scenario& plan_of(const Session& session) {
  return session.run().setup->scenario;
}

inline std::vector<FormRow> all_rows(const ScenarioDraft& draft, const std::set<std::string>& open = {}) {
  std::vector<FormRow> rows;
  for (const FormSection& section : sections_of(draft)) {
    const auto some = rows_of(section, draft, open);
    rows.insert(rows.end(), some.begin(), some.end());
  }
  return rows;
}

/// Every element of every list, and those within them.
inline std::set<std::string> all_open(const ScenarioDraft& draft) {
  std::set<std::string> open;
  for (std::size_t before = 0;; before = open.size()) {
    for (const FormRow& row : all_rows(draft, open)) {
      if (row.kind == FormRow::Kind::element) open.insert(row.pointer);
    }
    if (open.size() == before) break;
  }
  return open;
}

/// The draft with everything that can be put into its lists, and then into theirs.
inline ScenarioDraft grown(ScenarioDraft draft) {
  for (int depth = 0; depth < 2; ++depth) {
    for (const FormRow& row : all_rows(draft, all_open(draft))) {
      if (row.kind != FormRow::Kind::add) continue;
      for (const std::string& word : row.choices) draft.append(row.pointer, new_element(draft, row.pointer, word));
    }
  }
  return draft;
}

}  // namespace linger::gui

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ui/gui/model/picture.h"
#include "ui/gui/model/scenario_form.h"

namespace linger::gui {

/// A button of a row, and the words that a click on it gives the row.
struct FormButton {
  Box box;
  std::string words;
  std::string shown;  ///< what stands on it
  bool on = false;
};

/// Where the parts of a row go, from the form's upper left corner. A part that a row does not have is empty.
struct FormPlace {
  std::size_t row = 0;
  Box box;                          ///< the whole row
  Box label;                        ///< text on one line in the middle of it
  Box editor;                       ///< a line of text
  std::vector<FormButton> buttons;  ///< values, or what can be added
  Box fallback;                     ///< what the default is
  std::string fallback_words;
  bool goes_back = false;  ///< a click on it brings the default back
  Box remove;
  std::vector<PictureText> texts;  ///< help and mistakes, each a line
};

struct FormLayout {
  std::vector<FormPlace> places;
  double height = 0;
};

/// Rows whose name holds `filter` (in any case), with the groups and elements that they stand in.
FormLayout lay_out_form(const std::vector<FormRow>& rows, std::string_view filter, double width, Language language);

}  // namespace linger::gui

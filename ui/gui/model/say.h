#pragma once

#include <initializer_list>
#include <string>

#include "ui/gui/model/strings.h"

namespace linger::gui {

/// Words in one language, for layouts that say much.
struct Say {
  Language language = Language::en;
  std::string operator()(Str string) const { return std::string(text(language, string)); }
  std::string operator()(Str string, std::initializer_list<std::string> values) const {
    return text(language, string, values);
  }
};

}  // namespace linger::gui

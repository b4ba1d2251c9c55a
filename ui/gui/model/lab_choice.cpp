// What the lab sweeps, as words of a command.
#include <algorithm>
#include <optional>

#include "ui/gui/model/lab.h"

namespace linger::gui {
namespace {

std::string without_blanks(std::string words) {
  std::erase(words, ' ');
  return words;
}

std::string name_in_command(LabSetting setting) {
  std::string name(lab_name(setting));
  std::replace(name.begin(), name.end(), ' ', '-');
  return name;
}

std::string value_in_command(const LabChoice& choice, std::size_t index) {
  return without_blanks(lab_value_words(choice.setting, lab_values(choice.setting)[index]));
}

}  // namespace

std::string lab_choice_words(const LabChoice& choice) {
  const std::string name = name_in_command(choice.setting);
  if (choice == whole_range(choice.setting)) return name;
  return name + "=" + value_in_command(choice, choice.first) + ".." + value_in_command(choice, choice.last);
}

std::optional<LabChoice> parse_lab_choice(const std::string& words) {
  const std::size_t equals = std::min(words.find('='), words.size());
  for (std::size_t i = 0; i < lab_setting_count; ++i) {
    LabChoice choice = whole_range(static_cast<LabSetting>(i));
    if (name_in_command(choice.setting) != words.substr(0, equals)) continue;
    if (equals == words.size()) return choice;
    const std::size_t dots = words.find("..", equals);
    if (dots == std::string::npos) return std::nullopt;
    const auto index_of = [&](const std::string& value) {
      std::size_t index = 0;
      while (index < lab_values(choice.setting).size() && value_in_command(choice, index) != value) ++index;
      return index;
    };
    const std::size_t count = lab_values(choice.setting).size();
    choice.first = index_of(words.substr(equals + 1, dots - equals - 1));
    choice.last = index_of(words.substr(dots + 2));
    if (choice.last >= count || choice.first >= choice.last) return std::nullopt;
    return choice;
  }
  return std::nullopt;
}

}  // namespace linger::gui

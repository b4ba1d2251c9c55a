#include "ui/gui/model/strings.h"

#include <array>

namespace linger::gui {
namespace {

struct Entry {
  std::string_view name, en, zh;
};

constexpr std::array<Entry, string_count> table{{
#define LINGER_STRING(name, en, zh) {#name, en, zh},
#include "ui/gui/model/strings.inc"
#undef LINGER_STRING
}};

}  // namespace

std::string_view text(Language language, Str string) {
  const Entry& entry = table.at(static_cast<std::size_t>(string));
  return language == Language::zh ? entry.zh : entry.en;
}

std::string text(Language language, Str string, std::span<const std::string> values) {
  const std::string_view pattern = text(language, string);
  std::string out;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const bool placeholder = pattern[i] == '{' && i + 2 < pattern.size() && pattern[i + 2] == '}' &&
                             pattern[i + 1] >= '0' && pattern[i + 1] <= '9';
    if (!placeholder) {
      out += pattern[i];
      continue;
    }
    const auto number = static_cast<std::size_t>(pattern[i + 1] - '0');
    if (number < values.size()) out += values[number];
    i += 2;
  }
  return out;
}

std::string_view string_name(Str string) {
  return table.at(static_cast<std::size_t>(string)).name;
}

}  // namespace linger::gui

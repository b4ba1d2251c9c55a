#include "ui/gui/model/translate.h"

#include <algorithm>
#include <array>

#include "ui/gui/model/word_pattern.h"

namespace linger::gui {
namespace {

constexpr Str first_pattern = Str::w_sends;

const std::vector<WordPattern>& patterns() {
  static const std::vector<WordPattern> all = [] {
    std::vector<WordPattern> list;
    for (auto i = static_cast<std::size_t>(first_pattern); i < string_count; ++i)
      list.emplace_back(text(Language::en, static_cast<Str>(i)));
    return list;
  }();
  return all;
}

}  // namespace

std::optional<PatternFound> find_pattern(const std::string& english) {
  // A whole sentence before one with places: "the message is lost" is no "{0} lost".
  for (const bool with_places : {false, true}) {
    for (std::size_t i = 0; i < patterns().size(); ++i) {
      if (patterns()[i].places().empty() == with_places) continue;
      if (auto values = patterns()[i].match(english))
        return PatternFound{static_cast<Str>(static_cast<std::size_t>(first_pattern) + i), std::move(*values)};
    }
  }
  return std::nullopt;
}

std::string translate(Language language, const std::string& english) {
  if (language == Language::en) return english;
  // A sign of a verdict stands before its text.
  const bool sign = english.size() > 3 && english[0] >= 'A' && english[0] <= 'Z' && english.substr(1, 2) == "  ";
  if (sign) return english.substr(0, 3) + translate(language, english.substr(3));
  const auto found = find_pattern(english);
  if (!found) return english;
  std::array<std::string, 4> values;
  for (std::size_t i = 0; i < std::min(values.size(), found->values.size()); ++i) {
    const std::string& value = found->values[i];
    // What stands in it may be a text of its own; a single word is a name.
    values[i] = value.find(' ') == std::string::npos ? value : translate(language, value);
  }
  return text(language, found->string, {values[0], values[1], values[2], values[3]});
}

}  // namespace linger::gui

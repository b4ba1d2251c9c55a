#include "ui/gui/model/translate.h"

#include <algorithm>
#include <array>

namespace linger::gui {
namespace {

constexpr Str first_pattern = Str::w_sends;

/// Splits a pattern at its placeholders: the words around them, and their numbers.
struct Pattern {
  std::vector<std::string> words;
  std::vector<std::size_t> numbers;
};
Pattern split(std::string_view pattern) {
  Pattern out{{""}, {}};
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '{' && i + 2 < pattern.size() && pattern[i + 2] == '}') {
      out.numbers.push_back(static_cast<std::size_t>(pattern[i + 1] - '0'));
      out.words.emplace_back();
      i += 2;
    } else {
      out.words.back() += pattern[i];
    }
  }
  return out;
}

const std::vector<Pattern>& patterns() {
  static const std::vector<Pattern> all = [] {
    std::vector<Pattern> list;
    for (auto i = static_cast<std::size_t>(first_pattern); i < string_count; ++i)
      list.push_back(split(text(Language::en, static_cast<Str>(i))));
    return list;
  }();
  return all;
}

/// What stands at the placeholders; a placeholder stands for one sign at least.
std::optional<std::vector<std::string>> match(const Pattern& pattern, const std::string& words) {
  if (!words.starts_with(pattern.words.front())) return std::nullopt;
  std::size_t at = pattern.words.front().size();
  std::vector<std::string> values(pattern.numbers.size());
  for (std::size_t i = 0; i < pattern.numbers.size(); ++i) {
    const std::string& next = pattern.words[i + 1];
    const bool last = i + 1 == pattern.numbers.size();
    std::size_t found = words.size();
    if (last) {
      if (words.size() < at + next.size() || !words.ends_with(next)) return std::nullopt;
      found = words.size() - next.size();
    } else {
      found = words.find(next, at);
      if (found == std::string::npos) return std::nullopt;
    }
    if (found <= at) return std::nullopt;
    values[pattern.numbers[i]] = words.substr(at, found - at);
    at = found + next.size();
  }
  if (at != words.size()) return std::nullopt;
  return values;
}

}  // namespace

std::optional<PatternFound> find_pattern(const std::string& english) {
  for (std::size_t i = 0; i < patterns().size(); ++i) {
    if (auto values = match(patterns()[i], english))
      return PatternFound{static_cast<Str>(static_cast<std::size_t>(first_pattern) + i), std::move(*values)};
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

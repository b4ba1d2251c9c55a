#include "ui/gui/model/scenario_words.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

#include "ui/gui/model/word_pattern.h"

namespace linger::gui {
namespace {

constexpr auto help_table = std::to_array<InChinese>({
#define LINGER_HELP(en, zh) {en, zh},
#include "ui/gui/model/help_zh.inc"
#undef LINGER_HELP
});

constexpr auto mistake_table = std::to_array<InChinese>({
#define LINGER_MISTAKE(en, zh) {en, zh},
#include "ui/gui/model/mistakes_zh.inc"
#undef LINGER_MISTAKE
});

/// Empty: there is no line for it.
std::string_view help_in_chinese(std::string_view english) {
  static const std::unordered_map<std::string_view, std::string_view> lines = [] {
    std::unordered_map<std::string_view, std::string_view> map;
    for (const InChinese& line : help_table) map.emplace(line.english, line.chinese);
    return map;
  }();
  const auto found = lines.find(english);
  return found == lines.end() ? std::string_view() : found->second;
}

struct Patterns {
  WordPattern english, chinese;
};
const std::vector<Patterns>& mistake_patterns() {
  static const std::vector<Patterns> all = [] {
    std::vector<Patterns> list;
    for (const InChinese& line : mistake_table) list.push_back({WordPattern(line.english), WordPattern(line.chinese)});
    return list;
  }();
  return all;
}

/// What a plan says of itself within a sentence: a quoted text, a number, true, false or null.
bool is_from_plan(std::string_view words) {
  if (words == "true" || words == "false" || words == "null") return true;
  if (words.size() >= 2 && words.front() == '"' && words.back() == '"') return true;
  return !words.empty() && words.find_first_not_of("0123456789+-.eE") == std::string_view::npos;
}

class Translation {
 public:
  ChineseMistake out;

  /// `depth`: names that a plan made up may read like sentences within sentences, and that without end.
  std::string say(const std::string& english, std::size_t depth) {
    if (const std::string_view help = help_in_chinese(english); !help.empty()) return std::string(help);
    constexpr std::size_t deepest = 4;
    const std::vector<Patterns>& patterns = mistake_patterns();
    for (std::size_t i = 0; depth < deepest && i < patterns.size(); ++i) {
      auto values = patterns[i].english.match(english);
      if (!values) continue;
      out.lines.push_back(i);
      for (const WordPattern::Place& place : patterns[i].english.places()) {
        std::string& value = (*values)[place.number];
        if (place.phrase && !is_from_plan(value)) value = say(value, depth + 1);
      }
      return patterns[i].chinese.fill(*values);
    }
    out.whole = false;
    return english;
  }
};

}  // namespace

std::string help_in(Language language, const std::string& english) {
  const std::string_view chinese = language == Language::zh ? help_in_chinese(english) : std::string_view();
  return chinese.empty() ? english : std::string(chinese);
}

ChineseMistake mistake_in_chinese(const std::string& english) {
  Translation translation;
  translation.out.words = translation.say(english, 0);
  return std::move(translation.out);
}

std::string mistake_in(Language language, const std::string& english) {
  return language == Language::zh ? mistake_in_chinese(english).words : english;
}

namespace {

/// "  POINTER  MESSAGE", or "  MESSAGE" about the file as a whole.
std::string line_in_chinese(const std::string& line) {
  constexpr std::string_view before = "  ";
  if (!line.starts_with(before)) return line;
  const std::size_t gap = line.size() > 2 && line[2] == '/' ? line.find(before, 2) : 0;
  if (gap == std::string::npos) return line;
  return line.substr(0, gap + 2) + mistake_in_chinese(line.substr(gap + 2)).words;
}

/// A mistake behind a file's name; unchanged where nothing behind it is one.
std::string file_in_chinese(const std::string& line) {
  for (std::size_t at = line.find(' '); at != std::string::npos; at = line.find(' ', at + 1)) {
    ChineseMistake said = mistake_in_chinese(line.substr(at + 1));
    if (said.whole && !said.lines.empty()) return line.substr(0, at + 1) + said.words;
  }
  return line;
}

/// "linger: FILE: 3 mistakes".
std::string heading_in_chinese(const std::string& line) {
  constexpr std::string_view before = "linger: ";
  const std::size_t count = line.rfind(": ");
  const std::size_t word = line.rfind(" mistake");
  if (!line.starts_with(before) || word == std::string::npos || count == std::string::npos || count < before.size() ||
      word < count)
    return file_in_chinese(line);
  return text(Language::zh, Str::mistakes_in_file,
              {line.substr(before.size(), count - before.size()), line.substr(count + 2, word - count - 2)});
}

}  // namespace

std::string mistakes_of_file_in(Language language, const std::string& english) {
  if (language != Language::zh) return english;
  std::string out;
  for (std::size_t at = 0; at < english.size();) {
    const std::size_t end = std::min(english.find('\n', at), english.size());
    const std::string line = english.substr(at, end - at);
    out += (at == 0 ? heading_in_chinese(line) : line_in_chinese(line)) + "\n";
    at = end + 1;
  }
  return out;
}

std::span<const InChinese> help_lines() {
  return help_table;
}
std::span<const InChinese> mistake_lines() {
  return mistake_table;
}

}  // namespace linger::gui

#include "ui/gui/model/word_pattern.h"

namespace linger::gui {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Where the text that begins with this quote ends; only the quote itself if nothing closes it.
std::size_t behind_quoted(std::string_view words, std::size_t quote) {
  for (std::size_t i = quote + 1; i < words.size(); ++i) {
    if (words[i] == '\\')
      ++i;
    else if (words[i] == '"')
      return i + 1;
  }
  return quote + 1;
}

std::size_t find_outside_quotes(std::string_view words, std::string_view wanted, std::size_t from) {
  for (std::size_t i = from; i + wanted.size() <= words.size();) {
    if (words.substr(i).starts_with(wanted)) return i;
    i = words[i] == '"' ? behind_quoted(words, i) : i + 1;
  }
  return std::string_view::npos;
}

bool ends_in_chinese(std::string_view words) {
  if (words.size() < 3) return false;
  const auto first = static_cast<unsigned char>(words[words.size() - 3]);
  return first >= 0xe4U && first <= 0xe9U;
}
bool begins_in_chinese(std::string_view words) {
  return words.size() >= 3 && ends_in_chinese(words.substr(0, 3));
}
bool is_letter_or_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

void append(std::string& out, std::string_view words) {
  if (out.empty() || words.empty()) return void(out += words);
  const bool apart = (ends_in_chinese(out) && is_letter_or_digit(words.front())) ||
                     (is_letter_or_digit(out.back()) && begins_in_chinese(words));
  if (apart) out += ' ';
  out += words;
}

}  // namespace

WordPattern::WordPattern(std::string_view pattern) : words_{""} {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const std::string_view three = pattern.substr(i, 3);
    const bool place = three.size() == 3 && is_digit(three[1]) &&
                       ((three[0] == '{' && three[2] == '}') || (three[0] == '<' && three[2] == '>'));
    if (!place) {
      words_.back() += pattern[i];
      continue;
    }
    places_.push_back({static_cast<std::size_t>(three[1] - '0'), three[0] == '<'});
    words_.emplace_back();
    i += 2;
  }
}

std::optional<std::vector<std::string>> WordPattern::match(std::string_view words) const {
  if (!words.starts_with(words_.front())) return std::nullopt;
  std::size_t at = words_.front().size();
  std::vector<std::string> values(places_.size());
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const std::string& next = words_[i + 1];
    const bool last = i + 1 == places_.size();
    if (last && (words.size() < at + next.size() || !words.ends_with(next))) return std::nullopt;
    const std::size_t found = last ? words.size() - next.size() : find_outside_quotes(words, next, at);
    if (found == std::string_view::npos || found <= at) return std::nullopt;
    values[places_[i].number] = words.substr(at, found - at);
    at = found + next.size();
  }
  if (at != words.size()) return std::nullopt;
  return values;
}

std::string WordPattern::fill(const std::vector<std::string>& values) const {
  std::string out = words_.front();
  for (std::size_t i = 0; i < places_.size(); ++i) {
    append(out, values.at(places_[i].number));
    append(out, words_[i + 1]);
  }
  return out;
}

}  // namespace linger::gui

#include "producer/properties.h"

#include <cstdint>
#include <optional>
#include <utility>

namespace linger {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\f';
}
bool is_line_end(char c) {
  return c == '\n' || c == '\r';
}

struct LogicalLine {
  std::string bytes;
  std::size_t number = 0;
};

/// Kafka reads with java.util.Properties.LineReader; the order of the checks below is that class's own, because it
/// decides odd cases: a comment sign after a line that holds nothing but a continuation still begins a comment, an
/// empty continuation line ends the logical line.
class LineReader {
 public:
  explicit LineReader(std::string_view bytes) : bytes_(bytes) {}

  std::optional<LogicalLine> next() {
    LogicalLine line;
    bool skip_blanks = true;
    bool continued_line_begins = false;
    bool after_backslash = false;
    while (at_ < bytes_.size()) {
      const char c = take();
      if (skip_blanks) {
        if (is_blank(c)) continue;
        if (!continued_line_begins && is_line_end(c)) continue;
        skip_blanks = false;
        continued_line_begins = false;
      }
      if (line.bytes.empty()) {
        if (c == '#' || c == '!') {
          skip_rest_of_line();
          skip_blanks = true;
          continue;
        }
        line.number = number_;
      }
      if (!is_line_end(c)) {
        line.bytes.push_back(c);
        after_backslash = c == '\\' && !after_backslash;
        continue;
      }
      if (line.bytes.empty()) {
        skip_blanks = true;
        continue;
      }
      if (!after_backslash) return line;
      line.bytes.pop_back();
      if (at_ == bytes_.size() && !two_byte_end_) return line;
      skip_blanks = true;
      continued_line_begins = true;
      after_backslash = false;
    }
    if (line.bytes.empty()) return std::nullopt;
    if (after_backslash) line.bytes.pop_back();
    return line;
  }

 private:
  /// The next byte, with \r\n taken as one \n. Counts the line on which the byte stands.
  char take() {
    if (line_ended_) ++number_;
    char c = bytes_[at_++];
    two_byte_end_ = c == '\r' && at_ < bytes_.size() && bytes_[at_] == '\n';
    if (two_byte_end_) c = bytes_[at_++];
    line_ended_ = is_line_end(c);
    return c;
  }
  void skip_rest_of_line() {
    while (at_ < bytes_.size() && !is_line_end(take())) {
    }
  }

  std::string_view bytes_;
  std::size_t at_ = 0;
  std::size_t number_ = 1;
  bool line_ended_ = false;
  bool two_byte_end_ = false;
};

void append_utf8(std::string& out, std::uint32_t code) {
  const auto byte = [&out](std::uint32_t bits) { out.push_back(static_cast<char>(static_cast<unsigned char>(bits))); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xc0 | code >> 6);
    byte(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    byte(0xe0 | code >> 12);
    byte(0x80 | (code >> 6 & 0x3f));
    byte(0x80 | (code & 0x3f));
  } else {
    byte(0xf0 | code >> 18);
    byte(0x80 | (code >> 12 & 0x3f));
    byte(0x80 | (code >> 6 & 0x3f));
    byte(0x80 | (code & 0x3f));
  }
}

std::string utf8_of_utf16(const std::u16string& units) {
  std::string out;
  for (std::size_t i = 0; i < units.size(); ++i) {
    const std::uint32_t unit = units[i];
    const bool high = unit >= 0xd800 && unit < 0xdc00;
    const bool low = unit >= 0xdc00 && unit < 0xe000;
    if (high && i + 1 < units.size() && units[i + 1] >= 0xdc00 && units[i + 1] < 0xe000) {
      append_utf8(out, 0x10000 + ((unit - 0xd800) << 10) + (std::uint32_t{units[i + 1]} - 0xdc00));
      ++i;
    } else {
      append_utf8(out, high || low ? 0xfffd : unit);
    }
  }
  return out;
}

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

/// Four hex digits at the beginning of text.
std::optional<char16_t> code_unit(std::string_view text) {
  if (text.size() < 4) return std::nullopt;
  unsigned value = 0;
  for (int i = 0; i < 4; ++i) {
    const auto digit = hex_digit(text[static_cast<std::size_t>(i)]);
    if (!digit) return std::nullopt;
    value = value << 4 | *digit;
  }
  return static_cast<char16_t>(value);
}

/// Resolves the escapes of a key or value; nothing if a \u escape is malformed.
std::optional<std::string> unescape(std::string_view text) {
  std::u16string units;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c != '\\' || i + 1 == text.size()) {
      units.push_back(static_cast<unsigned char>(c));
      continue;
    }
    c = text[++i];
    if (c == 'u') {
      const auto unit = code_unit(text.substr(i + 1));
      if (!unit) return std::nullopt;
      units.push_back(*unit);
      i += 4;
      continue;
    }
    if (c == 't') c = '\t';
    if (c == 'r') c = '\r';
    if (c == 'n') c = '\n';
    if (c == 'f') c = '\f';
    units.push_back(static_cast<unsigned char>(c));
  }
  return utf8_of_utf16(units);
}

struct KeyAndValue {
  std::string_view key;
  std::string_view value;
};

/// The key ends at the first `=`, `:` or blank that no backslash protects; blanks and one separator before the value
/// belong to neither.
KeyAndValue split(std::string_view line) {
  std::size_t key_end = 0;
  bool separator_seen = false;
  bool escaped = false;
  for (; key_end < line.size(); ++key_end) {
    const char c = line[key_end];
    if (!escaped && (c == '=' || c == ':')) separator_seen = true;
    if (!escaped && (c == '=' || c == ':' || is_blank(c))) break;
    escaped = c == '\\' && !escaped;
  }
  std::size_t value_begin = key_end < line.size() ? key_end + 1 : key_end;
  for (; value_begin < line.size(); ++value_begin) {
    const char c = line[value_begin];
    if (is_blank(c)) continue;
    if (separator_seen || (c != '=' && c != ':')) break;
    separator_seen = true;
  }
  return {line.substr(0, key_end), line.substr(value_begin)};
}

bool beyond_ascii(std::string_view bytes) {
  for (const char c : bytes) {
    if (static_cast<unsigned char>(c) >= 0x80) return true;
  }
  return false;
}

}  // namespace

Properties read_properties(std::string_view bytes) {
  Properties result;
  std::map<std::string, std::size_t> line_of_key;
  if (bytes.substr(0, 3) == "\xef\xbb\xbf") {
    result.warnings.push_back(
        {1, "the file begins with a byte order mark, which Java reads as part of the first key; save it without"});
  }
  LineReader lines(bytes);
  while (auto line = lines.next()) {
    if (beyond_ascii(line->bytes)) {
      result.warnings.push_back(
          {line->number, "bytes beyond ASCII are read as ISO-8859-1, as Java does; write \\uXXXX to be sure"});
    }
    const KeyAndValue raw = split(line->bytes);
    auto key = unescape(raw.key);
    auto value = unescape(raw.value);
    if (!key || !value) {
      result.mistakes.push_back({line->number, "malformed \\u escape: expected \\u and four hexadecimal digits"});
      continue;
    }
    const auto earlier = line_of_key.find(*key);
    if (earlier != line_of_key.end()) {
      result.warnings.push_back({line->number, *key + " was already set on line " + std::to_string(earlier->second) +
                                                   "; the later value counts, as in Java"});
    }
    line_of_key[*key] = line->number;
    result.entries.push_back({std::move(*key), std::move(*value), line->number});
  }
  return result;
}

std::map<std::string, std::string> Properties::settings() const {
  std::map<std::string, std::string> last;
  for (const Property& entry : entries) last[entry.key] = entry.value;
  return last;
}

}  // namespace linger

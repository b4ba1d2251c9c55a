#include "producer/config_def.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "producer/config_table.h"

namespace linger {
namespace {

/// java.lang.String.trim: everything up to U+0020 goes, at both ends.
std::string_view trim(std::string_view text) {
  const auto blank = [](char c) { return static_cast<unsigned char>(c) <= 0x20; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

/// Integer.parseInt and its kin: an optional sign, then digits, nothing else.
std::optional<std::int64_t> parse_integer(std::string_view text) {
  if (!text.empty() && text.front() == '+') {
    text.remove_prefix(1);
    if (!text.empty() && text.front() == '-') return std::nullopt;
  }
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Double.parseDouble, hexadecimal forms apart.
std::optional<double> parse_double(std::string_view text) {
  double sign = 1;
  if (!text.empty() && (text.front() == '+' || text.front() == '-')) {
    sign = text.front() == '-' ? -1 : 1;
    text.remove_prefix(1);
  }
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "Infinity") return sign * std::numeric_limits<double>::infinity();
  if (!text.empty() && std::string_view("fFdD").find(text.back()) != std::string_view::npos) text.remove_suffix(1);
  if (text.empty() || (text.front() != '.' && (text.front() < '0' || text.front() > '9'))) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size() || error == std::errc::invalid_argument) return std::nullopt;
  if (error == std::errc::result_out_of_range) return std::nullopt;
  return sign * value;
}

/// Splits at commas, white space around them dropped; an empty text is an empty list (Kafka: COMMA_WITH_WHITESPACE).
std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> out;
  if (text.empty()) return out;
  for (;;) {
    const std::size_t comma = text.find(',');
    out.emplace_back(trim(text.substr(0, comma)));
    if (comma == std::string_view::npos) return out;
    text.remove_prefix(comma + 1);
  }
}

std::vector<std::string> words_of(std::string_view words) {
  return split_list(words);
}

std::string number_text(double value, ConfigType type) {
  if (type != ConfigType::float64) return std::to_string(static_cast<std::int64_t>(value));
  char buffer[64];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  std::string text(buffer, end);
  return text.find('.') == std::string::npos ? text + ".0" : text;
}

std::string_view noun(ConfigType type) {
  switch (type) {
    case ConfigType::int16:
      return "a 16-bit integer";
    case ConfigType::int32:
      return "a 32-bit integer";
    case ConfigType::int64:
      return "a 64-bit integer";
    case ConfigType::float64:
      return "a number";
    default:
      return "text";
  }
}

std::string expected_number(const ConfigKey& key) {
  std::string text = "expected " + std::string(noun(key.type));
  const ConfigRule& rule = key.rule;
  if (rule.kind == ConfigRule::Kind::at_least) text += " of at least " + number_text(rule.min, key.type);
  const bool spans_the_type = key.type == ConfigType::int32 && rule.max == std::numeric_limits<std::int32_t>::max();
  if (rule.kind == ConfigRule::Kind::between && spans_the_type)
    text += " of at least " + number_text(rule.min, key.type);
  if (rule.kind == ConfigRule::Kind::between && !spans_the_type) {
    text += " from " + number_text(rule.min, key.type) + " to " + number_text(rule.max, key.type);
  }
  if (rule.kind == ConfigRule::Kind::gzip_level) text = "expected an integer from 1 to 9, or -1";
  return text;
}

bool number_allowed(const ConfigRule& rule, double value) {
  switch (rule.kind) {
    case ConfigRule::Kind::at_least:
      return !(value < rule.min);
    case ConfigRule::Kind::between:
      return !(value < rule.min) && !(value > rule.max);
    case ConfigRule::Kind::gzip_level:
      return value == -1 || (value >= 1 && value <= 9);
    default:
      return true;
  }
}

ParsedSetting parse_number(const ConfigKey& key, std::string_view text) {
  if (key.type == ConfigType::float64) {
    const auto value = parse_double(text);
    if (!value || !number_allowed(key.rule, *value)) return {std::nullopt, expected_number(key), {}};
    return {ConfigValue{*value}, {}, {}};
  }
  const auto value = parse_integer(text);
  const auto fits = [&value](auto limits) { return *value >= limits.min() && *value <= limits.max(); };
  bool good = value.has_value();
  if (good && key.type == ConfigType::int16) good = fits(std::numeric_limits<std::int16_t>{});
  if (good && key.type == ConfigType::int32) good = fits(std::numeric_limits<std::int32_t>{});
  if (!good || !number_allowed(key.rule, static_cast<double>(*value))) return {std::nullopt, expected_number(key), {}};
  return {ConfigValue{*value}, {}, {}};
}

ParsedSetting parse_text(const ConfigKey& key, std::string_view text) {
  const auto words = words_of(key.rule.words);
  const auto is_word = [&](auto same) { return std::any_of(words.begin(), words.end(), same); };
  if (key.rule.kind == ConfigRule::Kind::one_of && !is_word([&](const std::string& w) { return w == text; })) {
    return {std::nullopt, "expected one of " + std::string(key.rule.words), {}};
  }
  if (key.rule.kind == ConfigRule::Kind::one_of_any_case &&
      !is_word([&](const std::string& w) { return upper(w) == upper(text); })) {
    return {std::nullopt, "expected one of " + std::string(key.rule.words) + ", in any case", {}};
  }
  if (key.rule.kind == ConfigRule::Kind::non_empty && text.empty()) {
    return {std::nullopt, "expected text that is not empty", {}};
  }
  return {ConfigValue{std::string(text)}, {}, {}};
}

ParsedSetting parse_list(const ConfigKey& key, std::string_view text) {
  std::vector<std::string> distinct;
  const auto given = split_list(text);
  for (const std::string& element : given) {
    if (std::find(distinct.begin(), distinct.end(), element) == distinct.end()) distinct.push_back(element);
  }
  if (key.rule.kind == ConfigRule::Kind::non_empty_list && distinct.empty()) {
    return {std::nullopt, "expected a list with at least one element", {}};
  }
  if (std::find(distinct.begin(), distinct.end(), std::string()) != distinct.end()) {
    return {std::nullopt, "expected a list without empty elements", {}};
  }
  ParsedSetting result{ConfigValue{distinct}, {}, {}};
  if (distinct.size() != given.size()) result.adjusted = "elements that stand there twice are taken once";
  return result;
}

}  // namespace

const std::vector<ConfigKey>& producer_config_keys() {
  static const std::vector<ConfigKey> keys = [] {
    auto all = config_table::client_keys();
    const auto security = config_table::security_keys();
    all.insert(all.end(), security.begin(), security.end());
    std::sort(all.begin(), all.end(), [](const ConfigKey& a, const ConfigKey& b) { return a.name < b.name; });
    return all;
  }();
  return keys;
}

const ConfigKey* find_config_key(std::string_view name) {
  const auto& keys = producer_config_keys();
  const auto at = std::lower_bound(keys.begin(), keys.end(), name,
                                   [](const ConfigKey& key, std::string_view wanted) { return key.name < wanted; });
  return at != keys.end() && at->name == name ? &*at : nullptr;
}

std::string_view describe(ConfigType type) {
  switch (type) {
    case ConfigType::boolean:
      return "BOOLEAN";
    case ConfigType::string:
      return "STRING";
    case ConfigType::int16:
      return "SHORT";
    case ConfigType::int32:
      return "INT";
    case ConfigType::int64:
      return "LONG";
    case ConfigType::float64:
      return "DOUBLE";
    case ConfigType::list:
      return "LIST";
    case ConfigType::class_name:
      return "CLASS";
    case ConfigType::password:
      return "PASSWORD";
  }
  return {};
}

std::string_view describe(Importance importance) {
  switch (importance) {
    case Importance::high:
      return "HIGH";
    case Importance::medium:
      return "MEDIUM";
    case Importance::low:
      return "LOW";
  }
  return {};
}

std::string describe(const ConfigRule& rule, ConfigType type) {
  switch (rule.kind) {
    case ConfigRule::Kind::at_least:
      return "[" + number_text(rule.min, type) + ",...]";
    case ConfigRule::Kind::between:
      return "[" + number_text(rule.min, type) + ",...," + number_text(rule.max, type) + "]";
    case ConfigRule::Kind::one_of:
      return "[" + std::string(rule.words) + "]";
    case ConfigRule::Kind::one_of_any_case:
      return "(case insensitive) [" + std::string(rule.words) + "]";
    case ConfigRule::Kind::non_empty:
      return "non-empty string";
    case ConfigRule::Kind::gzip_level:
      return "[1,...,9] or -1";
    case ConfigRule::Kind::any:
    case ConfigRule::Kind::list:
    case ConfigRule::Kind::non_empty_list:
      return {};
  }
  return {};
}

ParsedSetting parse_setting(const ConfigKey& key, std::string_view given) {
  const std::string_view text = trim(given);
  switch (key.type) {
    case ConfigType::boolean:
      if (upper(text) == "TRUE") return {ConfigValue{true}, {}, {}};
      if (upper(text) == "FALSE") return {ConfigValue{false}, {}, {}};
      return {std::nullopt, "expected true or false", {}};
    case ConfigType::int16:
    case ConfigType::int32:
    case ConfigType::int64:
    case ConfigType::float64:
      return parse_number(key, text);
    case ConfigType::list:
      return parse_list(key, text);
    case ConfigType::string:
    case ConfigType::class_name:
    case ConfigType::password:
      return parse_text(key, text);
  }
  return {};
}

}  // namespace linger

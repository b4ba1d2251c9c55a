#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace linger::cli {

/// What a shell may offer behind an option.
enum class Offers : std::uint8_t { nothing, files, folders, words };

/// One option as help, parser and completion know it.
struct OptionInfo {
  std::string_view name;      ///< `--set`
  std::string_view argument;  ///< what stands behind it, for help; empty: a switch
  std::string_view meaning;   ///< half a sentence
  Offers offers = Offers::nothing;
  bool repeats = false;
};

/// One verb as help, parser and completion know it.
struct VerbInfo {
  std::string_view name;
  std::string_view operand;  ///< `FILE`, `[FILE]` if it may be left out, `FILE...` if there may be several; empty: none
  std::string_view summary;
  std::vector<std::string_view> options;  ///< names, in the order of the help
  Offers offers = Offers::nothing;        ///< for the operand
  std::vector<std::string_view> words = {};  ///< the operand's words, if `offers` says so
};

/// Every option of every verb, once.
std::span<const OptionInfo> all_options();
const OptionInfo* find_option(std::string_view name);
std::span<const VerbInfo> all_verbs();
const VerbInfo* find_verb(std::string_view name);

/// A command line that has been understood.
struct Arguments {
  const VerbInfo* verb = nullptr;  ///< null: only --help or --version were given
  std::optional<std::string> operand;  ///< the first
  std::vector<std::string> operands;
  std::map<std::string, std::vector<std::string>, std::less<>> values;  ///< by option; a switch has one empty value
  std::vector<std::string> words;  ///< as they were given, for the line that repeats the run

  bool has(std::string_view option) const { return values.contains(option); }
  /// The last value given, or null.
  const std::string* value(std::string_view option) const;
  const std::vector<std::string>& all(std::string_view option) const;
};

/// The words behind the program's name, or the sentence that says what is wrong with them and names the nearest right word.
std::variant<Arguments, std::string> parse_arguments(std::span<const std::string> words);

/// A whole number of at least `least`, or nothing.
std::optional<std::uint64_t> parse_count(std::string_view text, std::uint64_t least);

}  // namespace linger::cli

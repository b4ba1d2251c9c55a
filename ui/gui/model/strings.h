#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace linger::gui {

enum class Language : std::uint8_t { en, zh };

/// The name of every sentence and word that the window shows; strings.inc holds them, one line each, grouped by view.
enum class Str : std::uint16_t {
#define LINGER_STRING(name, en, zh) name,
#include "ui/gui/model/strings.inc"
#undef LINGER_STRING
  count
};

inline constexpr std::size_t string_count = static_cast<std::size_t>(Str::count);

/// The string as the table has it, with its placeholders {0}, {1}, …
std::string_view text(Language language, Str string);
/// The string with its placeholders filled in, in the order of their numbers.
std::string text(Language language, Str string, std::span<const std::string> values);
inline std::string text(Language language, Str string, std::initializer_list<std::string> values) {
  return text(language, string, std::span(values.begin(), values.size()));
}
/// Its name in the table, for tests.
std::string_view string_name(Str string);

}  // namespace linger::gui

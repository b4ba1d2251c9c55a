#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ui/gui/model/strings.h"

namespace linger::gui {

/// What a form says in another language than the tables and the reader that it is made from. Words that have no line in
/// help_zh.inc stay as they are.
std::string help_in(Language language, const std::string& english);
/// A sentence of the reader of plans, or which values a setting takes: patterns of mistakes_zh.inc.
std::string mistake_in(Language language, const std::string& english);
/// What describe_mistakes says of a file: its heading, then a line for each mistake behind its JSON Pointer.
std::string mistakes_of_file_in(Language language, const std::string& english);

// ---- For tests

struct InChinese {
  std::string_view english, chinese;
};
std::span<const InChinese> help_lines();
std::span<const InChinese> mistake_lines();

/// A mistake in Chinese, and how it came about.
struct ChineseMistake {
  std::string words;
  bool whole = true;               ///< no phrase in it stayed English
  std::vector<std::size_t> lines;  ///< those of mistake_lines() that it is made of
};
ChineseMistake mistake_in_chinese(const std::string& english);

}  // namespace linger::gui

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "ui/cli/story_line.h"

namespace linger::cli {

/// What the output can show.
struct Look {
  std::size_t width = 0;  ///< columns; 0: as many as it takes
  bool colour = false;
  bool ascii = false;  ///< no signs beyond ASCII
};

/// Lines of text under each other in columns: when, who, what, why. Below the width that all of them take the reasons
/// fall away; what happened is broken at blanks, never inside a number.
std::string lay_out(const std::vector<StoryLine>& lines, const Look& look);

/// A text in the colour of its tone, or as it is.
std::string painted(std::string_view text, Tone tone, const Look& look);
/// Lines that are too long for the look broken at blanks.
std::string wrapped(std::string_view text, const Look& look);
/// Signs replaced if the look asks for it.
std::string spelled(std::string_view text, const Look& look);

}  // namespace linger::cli

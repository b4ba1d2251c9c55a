#pragma once

#include <cstddef>
#include <vector>

#include "ui/cli/story_line.h"

namespace linger::cli {

/// Puts a line into every stretch of time in which nothing is told: "… 29.999 s: p1 waits for request.timeout.ms …".
std::vector<StoryLine> with_quiet_stretches(std::vector<StoryLine> lines);

/// Shortens a story to about `most` lines by folding the middle of stretches of ordinary lines: "… 37 more batches like
/// this …". Telling lines stay, so a run in which much goes wrong stays long; lines of one moment in the same words
/// become one, "…, 40 times".
std::vector<StoryLine> folded(std::vector<StoryLine> lines, std::size_t most);

}  // namespace linger::cli

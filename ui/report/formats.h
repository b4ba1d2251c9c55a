#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "scenarios/runner.h"
#include "sim/time.h"

namespace linger::report {

/// Which part of a run is wanted; what is not said is the format's own choice.
struct Window {
  std::optional<sim::SimTime> from, until;
};

/// One format that a run can be exported to.
struct Format {
  std::string_view name;     ///< the word behind --to
  std::string_view meaning;  ///< half a sentence
  bool frames = false;       ///< needs the bytes of messages: RunOptions::keep_frames
  bool window = false;       ///< can show a part of the run
  std::string (*write)(const scenarios::Run& run, const Window& window) = nullptr;
};

std::span<const Format> all_formats();
const Format* find_format(std::string_view name);

}  // namespace linger::report

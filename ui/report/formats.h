#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "scenarios/runner.h"
#include "sim/time.h"

namespace linger::report {

/// What is wanted of a run; what is not said is the format's own choice.
struct Wanted {
  std::optional<sim::SimTime> from, until;
  std::optional<std::set<sim::EventNumber>> events;  ///< pictures: only what these events did or sent
  std::string story;  ///< told in words by whoever asks, for pages
};

/// One format that a run can be exported to.
struct Format {
  std::string_view name;     ///< the word behind --to
  std::string_view meaning;  ///< half a sentence
  bool frames = false;       ///< needs the bytes of messages: RunOptions::keep_frames
  bool old_dialect =
      false;            ///< its readers know old versions of messages: clients speak Kafka 2.5's unless the plan says
  bool window = false;  ///< can show a part of the run
  std::string (*write)(const scenarios::Run& run, const Wanted& wanted) = nullptr;
};

std::span<const Format> all_formats();
const Format* find_format(std::string_view name);

}  // namespace linger::report

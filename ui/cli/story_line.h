#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/time.h"

namespace linger::cli {

/// What a line is about, for its colour: each says what a sign or a word in the line says too.
enum class Tone : std::uint8_t { plain, quiet, lost, duplicate, failed, leadership, fine };

/// Whether a line may be folded into "… 37 more batches like this".
enum class Weight : std::uint8_t {
  ordinary,  ///< sends, appends, acknowledgements as they should be
  telling,   ///< errors, losses, retries, elections, faults: never folded
};

/// One line of a story. Text is UTF-8; the layout replaces signs and cuts columns.
struct StoryLine {
  sim::SimTime at;
  bool timed = true;  ///< false: a quiet stretch or a fold, which has no moment of its own
  std::string who;    ///< `p1 → b1`
  std::string what;
  std::string why;  ///< dim, on wide terminals only
  Tone tone = Tone::plain;
  Weight weight = Weight::ordinary;
  std::uint64_t record = 0;       ///< index of the trace record that the line stands for
  std::string waited_for;         ///< what a quiet stretch before this line was waiting for
  std::int64_t batches = 0;       ///< appended to a leader's log in this line
  std::int64_t acknowledged = 0;  ///< records that the application heard of
};

}  // namespace linger::cli

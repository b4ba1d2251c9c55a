#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "scenarios/runner.h"
#include "ui/cli/story_layout.h"
#include "ui/cli/story_line.h"

namespace linger::cli {

/// About how many lines a story may have before ordinary stretches are folded.
inline constexpr std::size_t story_lines_at_most = 55;

/// The title, the cluster, the producers with the settings that matter.
std::string story_header(const scenarios::Setup& setup, const Look& look);
/// What happened, from the run's trace: folded, with quiet stretches. Requires a run that kept its trace.
std::string story_body(const scenarios::Run& run, const Look& look);
/// Every trace record, one a line.
void print_every_event(const scenarios::Run& run, std::ostream& out);
/// What became of the records, whether that was allowed, whether the faults hit, the fingerprint.
std::string story_verdict(const scenarios::Run& run, const Look& look);
/// What to try next: a question and a command.
std::string story_suggestion(const scenarios::Run& run, const std::string& file);

/// "r0, r1": records by their number in their producer, with the producer's name if there are several.
std::string record_name(const scenarios::Run& run, scenarios::RecordIndex record);
/// The records with something in their fate, at most five of them by name: "r0 r1".
std::string records_in_words(const scenarios::Run& run, bool (*concerned)(const scenarios::RecordFate&));

}  // namespace linger::cli

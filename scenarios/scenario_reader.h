#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/json_tree.h"
#include "scenarios/overrides.h"
#include "scenarios/scenario.h"

namespace linger::scenarios {

/// What reading a plan gives: the plan, or everything that is wrong with it, in the order of the file.
struct ReadResult {
  std::optional<Scenario> scenario;  ///< absent if there are mistakes
  std::vector<Mistake> mistakes;
  std::vector<Mistake> warnings;  ///< settings without effect, classes that are not here, values that Java adjusts
  bool ok() const { return scenario.has_value(); }
};

/// Reads a plan from the text of a file, with what the command line changes. Never throws; every mistake at once (at
/// most 1,000). `folder` is where `lines of a file` values are looked for.
ReadResult read_scenario(std::string_view text, const Overrides& overrides = {}, const std::string& folder = {});

/// The same from a file: an unreadable, oversized, binary or empty file or a directory is one mistake.
ReadResult read_scenario_file(const std::string& path, const Overrides& overrides = {});

/// Checks a plan that was made in another way (drawn, shrunk): what the reader checks beyond the form.
std::vector<Mistake> check_scenario(const Scenario& scenario);

/// The lines that a person sees: `linger: incident.json: 3 mistakes`, then one line each. `what` is "mistake" or
/// "warning".
std::string describe_mistakes(const std::string& file, const std::vector<Mistake>& mistakes,
                              std::string_view what = "mistake");

/// "5ms" → 5,000,000 ns: a whole number and ns, us, ms, s, m or h, with a minus in front if it may be negative. Nothing
/// if it is no such text or too large.
std::optional<Duration> parse_time(std::string_view text, bool may_be_negative = false);
/// The shortest text that parse_time reads back as the same time.
std::string time_text(Duration time);

/// The bytes of a file of at most ScenarioLimits::file_bytes, or the sentence that says why there are none.
struct FileText {
  std::optional<std::string> bytes;
  std::string error;
};
FileText read_file(const std::string& path);

}  // namespace linger::scenarios

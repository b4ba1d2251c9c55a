#pragma once

#include <iosfwd>
#include <optional>
#include <string>

#include "scenarios/overrides.h"
#include "scenarios/scenario.h"
#include "ui/cli/options.h"

namespace linger::cli {

/// Reads what `--set`, `--producer-property`, `--producer-config`, `--input`, `--behaviour`, `--seed` and `--strict`
/// say. Warnings about their files go to `err`, and so does every mistake; nothing is returned then.
std::optional<scenarios::Overrides> read_overrides(const Arguments& arguments, std::ostream& err);

/// The scenario of a file with these changes; its mistakes or warnings go to `err`.
std::optional<scenarios::Scenario> load_scenario(const std::string& file, const scenarios::Overrides& overrides,
                                                 std::ostream& err);

/// The command that gives this run again, with words quoted for a shell where they need it.
std::string command_line(const std::vector<std::string>& words);

/// What the command line changes, for headings: `enable.idempotence=false`, `broker.deduplication=false`.
std::string changes_in_words(const scenarios::Overrides& overrides);

}  // namespace linger::cli

#pragma once

#include <optional>
#include <string>

#include "ui/report/divergence.h"

namespace linger::cli {

using report::Divergence;
using report::Parting;

/// Why that record fared so, for a parting that is about one which did not fare as it should: a sentence or two of
/// `linger explain`; else what the parting says itself. Requires a run made with options_to_explain.
std::string explained(const scenarios::Run& run, const Parting& parting);

/// report::first_different_outcome in the story's own words.
std::optional<Divergence> different_outcome_in_words(const scenarios::Run& one, const scenarios::Run& other);

}  // namespace linger::cli

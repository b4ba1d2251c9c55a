#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ui/gui/model/strings.h"

namespace linger::gui {

/// What ui/report writes into diagrams, in another language: the words of the string table's last group. Texts that are
/// Kafka's own (APIs, errors, settings, names of hosts) stay.
std::string translate(Language language, const std::string& english);

/// The pattern that a text has, and what stands at its placeholders in order; nothing if it has none of them.
struct PatternFound {
  Str string;
  std::vector<std::string> values;
};
std::optional<PatternFound> find_pattern(const std::string& english);

}  // namespace linger::gui

#pragma once

#include <string>

#include "ui/report/formats.h"

namespace linger::report {

/// The run as a Mermaid sequence diagram: what the picture shows, in the order of time; folded stretches are notes.
std::string export_mermaid(const scenarios::Run& run, const Wanted& wanted);

/// Text as it may stand in a message or a note of Mermaid: its own signs become entity codes, line ends spaces.
std::string mermaid_text(const std::string& text);

}  // namespace linger::report

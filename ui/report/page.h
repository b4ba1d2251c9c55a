#pragma once

#include <string>

#include "ui/report/formats.h"

namespace linger::report {

/// The run as one page that needs nothing else: story, picture, ledger, faults, trace. For screens of any size, light
/// and dark, and for paper.
std::string export_html(const scenarios::Run& run, const Wanted& wanted);

}  // namespace linger::report

#pragma once

#include <string>
#include <string_view>

#include "scenarios/runner.h"
#include "ui/report/drawing.h"
#include "ui/report/formats.h"

namespace linger::report {

/// A drawing as an SVG element that stands alone, or within a page when `inside`. Light, and dark where the reader's
/// system is.
std::string svg_of(const Drawing& drawing, bool inside = false);

/// The run's time-space diagram.
std::string export_svg(const scenarios::Run& run, const Wanted& wanted);

/// Text for XML and HTML: what has a meaning there is escaped, what may not be there is left out.
std::string escaped(std::string_view text);

}  // namespace linger::report

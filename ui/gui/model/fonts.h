#pragma once

#include <string>
#include <vector>

namespace linger::gui {

enum class Face : unsigned char { regular, semibold, mono, mono_bold, chinese };

/// The file of a face, from Debian's font packages; empty if it is not installed.
std::string font_file(Face face);

/// One sentence for each face that is missing and the package that has it.
std::vector<std::string> missing_fonts();

}  // namespace linger::gui

#pragma once

#include <string>
#include <string_view>

namespace linger::report {

/// Head and style of a page that needs nothing else, up to where its content begins: for screens of any size, light and
/// dark, and for paper. Classes: `dim`, `bad`, `good`; `wide` for what may be broader than a phone.
std::string begin_page(std::string_view title);
std::string end_page();

}  // namespace linger::report

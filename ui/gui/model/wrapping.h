#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace linger::gui {

/// How many bytes the UTF-8 sign has that begins with this one.
std::size_t length_of_sign(char first);

/// The lines of a text none of which is wider than `room`, as far as its words allow; Chinese breaks between any two
/// signs, but not before a mark of punctuation. `width` measures a line.
std::vector<std::string> wrapped(std::string_view words, double room,
                                 const std::function<double(const std::string&)>& width);

}  // namespace linger::gui

#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace linger::gui {

/// A picture's rows from top to bottom, four bytes a pixel: red, green, blue, and one that is not looked at.
struct Picture {
  int width = 0, height = 0;
  std::vector<std::uint8_t> pixels;
};

/// The bytes of a PNG file: the same for the same picture.
std::string png_of(const Picture& picture);

}  // namespace linger::gui

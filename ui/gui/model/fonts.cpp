#include "ui/gui/model/fonts.h"

#include <array>
#include <filesystem>

namespace linger::gui {
namespace {

struct Place {
  Face face;
  const char* package;
  std::array<const char*, 3> files;
};

// Debian's packages first; the other names are those of other distributions.
constexpr std::array<Place, 5> places{{
    {Face::regular,
     "fonts-inter",
     {"/usr/share/fonts/opentype/inter/Inter-Regular.otf", "/usr/share/fonts/truetype/inter/Inter-Regular.ttf",
      "/usr/share/fonts/inter/Inter-Regular.ttf"}},
    {Face::semibold,
     "fonts-inter",
     {"/usr/share/fonts/opentype/inter/Inter-SemiBold.otf", "/usr/share/fonts/truetype/inter/Inter-SemiBold.ttf",
      "/usr/share/fonts/inter/Inter-SemiBold.ttf"}},
    {Face::mono,
     "fonts-jetbrains-mono",
     {"/usr/share/fonts/truetype/jetbrains-mono/JetBrainsMono-Regular.ttf",
      "/usr/share/fonts/jetbrains-mono/JetBrainsMono-Regular.ttf", ""}},
    {Face::mono_bold,
     "fonts-jetbrains-mono",
     {"/usr/share/fonts/truetype/jetbrains-mono/JetBrainsMono-SemiBold.ttf",
      "/usr/share/fonts/jetbrains-mono/JetBrainsMono-SemiBold.ttf", ""}},
    {Face::chinese,
     "fonts-wqy-microhei",
     {"/usr/share/fonts/truetype/wqy/wqy-microhei.ttc", "/usr/share/fonts/wqy-microhei/wqy-microhei.ttc", ""}},
}};

const Place& place_of(Face face) {
  for (const Place& place : places) {
    if (place.face == face) return place;
  }
  return places.front();
}

}  // namespace

std::string font_file(Face face) {
  for (const char* file : place_of(face).files) {
    std::error_code ignored;
    if (*file != '\0' && std::filesystem::is_regular_file(file, ignored)) return file;
  }
  return {};
}

std::vector<std::string> missing_fonts() {
  std::vector<std::string> sentences;
  std::string last;
  for (const Place& place : places) {
    if (!font_file(place.face).empty() || last == place.package) continue;
    last = place.package;
    sentences.push_back(
        std::string("the package ") + place.package + " is missing: " +
        (place.face == Face::chinese ? "Chinese cannot be shown" : "texts look plainer than they should"));
  }
  return sentences;
}

}  // namespace linger::gui

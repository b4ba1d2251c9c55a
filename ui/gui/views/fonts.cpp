#include "ui/gui/views/fonts.h"

#include <array>
#include <cmath>
#include <vector>

#include "ui/gui/model/scenario_words.h"
#include "ui/gui/model/strings.h"

namespace linger::gui {
namespace {

// Every logical size that something is drawn in.
constexpr std::array regular_sizes{11, 12, 13, 15};
constexpr std::array semibold_sizes{12, 13, 15, 18, 20};
constexpr std::array mono_sizes{11, 12, 13, 15};

/// Signs beyond Latin that texts of Linger have.
constexpr const char* signs = "→←×–…·“”≥≤βλµ×";

void add_face(Face face, double size, double scale, const ImWchar* ranges,
              std::map<std::pair<Face, int>, ImFont*>& out) {
  ImFontAtlas& atlas = *ImGui::GetIO().Fonts;
  const auto pixels = static_cast<float>(std::round(size * scale));
  ImFontConfig config;
  config.OversampleH = 2;
  config.OversampleV = 1;
  config.PixelSnapH = false;
  const std::string file = font_file(face);
  ImFont* font = nullptr;
  if (file.empty()) {
    config.SizePixels = pixels;
    font = atlas.AddFontDefault(&config);
  } else {
    font = atlas.AddFontFromFileTTF(file.c_str(), pixels, &config, ranges);
  }
  if (const std::string chinese = font_file(Face::chinese); !chinese.empty()) {
    ImFontConfig merge = config;
    merge.MergeMode = true;
    atlas.AddFontFromFileTTF(chinese.c_str(), pixels, &merge, ranges);
  }
  out[{face, static_cast<int>(size)}] = font;
}

}  // namespace

bool FontAtlas::prepare(double scale, const std::string& texts) {
  if (scale == scale_ && texts == texts_) return false;
  scale_ = scale;
  texts_ = texts;
  ImFontAtlas& atlas = *ImGui::GetIO().Fonts;
  atlas.Clear();
  fonts_.clear();
  ImFontGlyphRangesBuilder builder;
  builder.AddRanges(atlas.GetGlyphRangesDefault());
  builder.AddText(signs);
  builder.AddText(texts.c_str());
  for (std::size_t i = 0; i < string_count; ++i)
    builder.AddText(std::string(text(Language::zh, static_cast<Str>(i))).c_str());
  for (const InChinese& line : help_lines()) builder.AddText(std::string(line.chinese).c_str());
  for (const InChinese& line : mistake_lines()) builder.AddText(std::string(line.chinese).c_str());
  ranges_.clear();
  builder.BuildRanges(&ranges_);
  for (const int size : regular_sizes) add_face(Face::regular, size, scale, ranges_.Data, fonts_);
  for (const int size : semibold_sizes) add_face(Face::semibold, size, scale, ranges_.Data, fonts_);
  for (const int size : mono_sizes) add_face(Face::mono, size, scale, ranges_.Data, fonts_);
  for (const int size : mono_sizes) add_face(Face::mono_bold, size, scale, ranges_.Data, fonts_);
  atlas.Build();
  // Layout is in logical pixels; the glyphs are baked in physical ones.
  for (auto& [key, font] : fonts_) font->Scale = static_cast<float>(1 / scale);
  return true;
}

ImFont* FontAtlas::find(Face face, double size) const {
  ImFont* best = nullptr;
  double distance = 0;
  for (const auto& [key, font] : fonts_) {
    if (key.first != face) continue;
    const double apart = std::abs(key.second - size);
    if (best != nullptr && apart >= distance) continue;
    best = font;
    distance = apart;
  }
  return best;
}

}  // namespace linger::gui

#include "ui/gui/model/wrapping.h"

namespace linger::gui {

std::size_t length_of_sign(char first) {
  const auto byte = static_cast<unsigned char>(first);
  return byte < 0x80U ? 1 : byte < 0xe0U ? 2 : byte < 0xf0U ? 3 : 4;
}

std::vector<std::string> wrapped(std::string_view words, double room,
                                 const std::function<double(const std::string&)>& width) {
  std::vector<std::string> lines{""};
  std::string word;
  const auto put = [&](bool space) {
    if (!lines.back().empty() && width(lines.back() + word) > room) {
      while (!lines.back().empty() && lines.back().back() == ' ') lines.back().pop_back();
      lines.emplace_back();
    }
    lines.back() += word + (space ? " " : "");
    word.clear();
  };
  for (std::size_t i = 0; i < words.size();) {
    const std::size_t length = length_of_sign(words[i]);
    const std::string sign(words.substr(i, length));
    i += length;
    if (sign == " ") {
      put(true);
      continue;
    }
    const bool closes = sign == "，" || sign == "。" || sign == "：" || sign == "；" || sign == "）" || sign == "、" ||
                        sign == "？" || sign == "”";
    const bool opened = word.ends_with("（") || word.ends_with("“");
    if (length == 3 && !closes && !opened && !word.empty()) put(false);
    word += sign;
  }
  put(false);
  return lines;
}

}  // namespace linger::gui

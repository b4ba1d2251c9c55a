#include "ui/cli/story_layout.h"

#include <algorithm>

#include "ui/cli/story_words.h"

namespace linger::cli {
namespace {

/// Pieces of at most `width` columns, broken at blanks.
std::vector<std::string> broken(std::string_view text, std::size_t width) {
  std::vector<std::string> pieces(1);
  while (!text.empty()) {
    const std::size_t blank = text.find(' ');
    const std::string_view word = text.substr(0, blank);
    const std::string gap = pieces.back().empty() ? "" : " ";
    if (!pieces.back().empty() && columns(pieces.back()) + 1 + columns(word) > width) {
      pieces.emplace_back(word);
    } else {
      pieces.back().append(gap).append(word);
    }
    text.remove_prefix(blank == std::string_view::npos ? text.size() : blank + 1);
  }
  return pieces;
}

}  // namespace

std::string painted(std::string_view text, Tone tone, const Look& look) {
  if (!look.colour || text.empty()) return std::string(text);
  const char* code = "";
  switch (tone) {
    case Tone::plain:
      return std::string(text);
    case Tone::quiet:
      code = "2";
      break;
    case Tone::lost:
    case Tone::failed:
      code = "31";
      break;
    case Tone::duplicate:
      code = "33";
      break;
    case Tone::leadership:
      code = "35";
      break;
    case Tone::fine:
      code = "32";
      break;
  }
  return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

std::string spelled(std::string_view text, const Look& look) {
  return look.ascii ? as_ascii(text) : std::string(text);
}

std::string wrapped(std::string_view text, const Look& look) {
  if (look.width == 0) return std::string(text);
  std::string out;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    for (const std::string& piece : broken(text.substr(0, end), look.width)) (out += out.empty() ? "" : "\n") += piece;
    if (end == std::string_view::npos) return out;
    text.remove_prefix(end + 1);
  }
  return out + "\n";
}

std::string lay_out(const std::vector<StoryLine>& lines, const Look& look) {
  std::size_t when_width = 8;
  std::size_t who_width = 7;
  for (const StoryLine& line : lines) {
    if (line.timed) when_width = std::max(when_width, milliseconds(line.at.ns()).size());
    const std::size_t who = columns(spelled(line.who, look));
    if (who <= 16) who_width = std::max(who_width, who);
  }
  const std::size_t what_at = 2 + when_width + 3 + 2 + who_width + 2;
  std::size_t what_width = 30;
  for (const StoryLine& line : lines) {
    const std::size_t what = columns(spelled(line.what, look));
    if (!line.why.empty() && what <= 60) what_width = std::max(what_width, what);
  }
  const std::size_t room =
      look.width == 0 ? 0 : std::max<std::size_t>(look.width > what_at ? look.width - what_at : 0, 24);
  std::string out;
  for (const StoryLine& line : lines) {
    const std::string when = line.timed ? milliseconds(line.at.ns()) : "";
    const std::string who = spelled(line.who, look);
    std::string what = spelled(line.what, look);
    const std::string why = spelled(line.why, look);
    out += "  " + std::string(when_width - when.size(), ' ') + when + (line.timed ? " ms" : "   ") + "  ";
    const Tone who_tone = line.tone == Tone::quiet ? Tone::quiet : line.tone == Tone::lost ? Tone::lost : Tone::plain;
    out += painted(who, who_tone, look) + std::string(who_width + 2 - std::min(who_width, columns(who)), ' ');
    if (line.tone == Tone::failed) what = "! " + what;
    if (line.tone == Tone::duplicate) what = spelled("◆ ", look) + what;
    const std::vector<std::string> pieces = room == 0 ? std::vector<std::string>{what} : broken(what, room);
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      if (i > 0) out += "\n" + std::string(what_at + 2, ' ');
      out += painted(pieces[i], line.tone, look);
    }
    const std::size_t why_at = std::max(what_width, columns(pieces.back())) + 2;
    if (!why.empty() && (room == 0 || (pieces.size() == 1 && why_at + columns(why) <= room))) {
      out += std::string(why_at - columns(pieces.back()), ' ') + painted(why, Tone::quiet, look);
    }
    while (!look.colour && !out.empty() && out.back() == ' ') out.pop_back();
    out += '\n';
  }
  return out;
}

}  // namespace linger::cli

#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "ui/gui/model/commands.h"
#include "ui/gui/model/palette.h"
#include "ui/gui/model/strings.h"

using namespace linger::gui;

namespace {

std::multiset<std::string> placeholders(std::string_view words) {
  std::multiset<std::string> found;
  for (std::size_t i = 0; i + 2 < words.size(); ++i) {
    if (words[i] == '{' && words[i + 2] == '}') found.insert(std::string(words.substr(i, 3)));
  }
  return found;
}

}  // namespace

TEST_CASE("every string is there in both languages, with the same placeholders") {
  for (std::size_t i = 0; i < string_count; ++i) {
    const auto string = static_cast<Str>(i);
    INFO(string_name(string));
    CHECK_FALSE(text(Language::en, string).empty());
    CHECK_FALSE(text(Language::zh, string).empty());
    CHECK(placeholders(text(Language::en, string)) == placeholders(text(Language::zh, string)));
  }
}

TEST_CASE("placeholders are filled in by their number, whatever their order") {
  CHECK(text(Language::en, Str::truth_copies, {"7", "2"}) == "offset 7, 2 times");
  CHECK(text(Language::zh, Str::truth_copies, {"7", "2"}) == "位移 7，共 2 次");
}

TEST_CASE("texts can be read on every ground of both themes") {
  using linger::report::Paint;
  for (const Theme theme : {Theme::light, Theme::dark}) {
    for (const Paint paint : {Paint::dim, Paint::ink, Paint::blue_text, Paint::green_text, Paint::vermillion_text,
                              Paint::orange_text, Paint::purple_text}) {
      INFO(static_cast<int>(paint));
      CHECK(contrast(colour(theme, paint), colour(theme, Paint::ground)) >= 4.5);
      CHECK(contrast(colour(theme, paint), colour(theme, Paint::well)) >= 4.5);
      CHECK(contrast(colour(theme, paint), colour(theme, Extra::panel)) >= 4.5);
    }
    CHECK(contrast(colour(theme, Extra::cursor), colour(theme, Extra::cursor_text)) >= 4.5);
  }
}

TEST_CASE("no two commands share a key") {
  std::set<std::tuple<Key, bool, bool>> seen;
  for (const KeyBinding& binding : key_bindings()) {
    INFO(static_cast<int>(binding.command));
    CHECK(seen.insert({binding.key, binding.shift, binding.control}).second);
  }
}

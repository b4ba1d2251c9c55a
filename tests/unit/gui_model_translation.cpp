#include <algorithm>
#include <catch2/catch.hpp>
#include <cctype>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "scenarios/random_plan.h"
#include "scenarios/runner.h"
#include "tests/unit/gui_sessions.h"
#include "ui/gui/model/translate.h"
#include "ui/gui/model/why.h"
#include "ui/report/axis.h"

using namespace linger;
using namespace linger::gui;

namespace {

/// Lower-case words of a text that are neither names of things in a plan nor Kafka's own.
std::vector<std::string> english_words(const std::string& words, const std::set<std::string>& names) {
  static const std::set<std::string> kafkas{"seq",      "pid",    "epoch",      "leader",
                                            "producer", "broker", "controller", "marker"};
  std::vector<std::string> out;
  std::string word;
  const auto end = [&] {
    const bool plain =
        word.size() > 2 && std::all_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; });
    if (plain && !kafkas.contains(word) && !names.contains(word)) out.push_back(word);
    word.clear();
  };
  for (const char c : words) {
    const bool part = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' || c == '_';
    if (part)
      word += c;
    else
      end();
  }
  end();
  return out;
}

/// Everything that a run's diagram says.
std::set<std::string> texts_of(const report::Diagram& diagram) {
  std::set<std::string> texts;
  for (const report::Lane& lane : diagram.lanes) texts.insert({lane.name, lane.note});
  for (const report::Arrow& arrow : diagram.arrows) texts.insert({arrow.text, arrow.more, arrow.why});
  for (const report::Mark& mark : diagram.marks) texts.insert({mark.text, mark.more});
  for (const report::Bar& bar : diagram.bars) texts.insert(bar.text);
  for (const std::string& hidden : report::hidden_in(diagram, diagram.from, diagram.until)) texts.insert(hidden);
  return texts;
}

/// What panels say of why records fared as they did.
std::set<std::string> reasons_in_chinese(const Session& session) {
  std::set<std::string> texts;
  const std::size_t records = std::min<std::size_t>(session.run().result.fates.size(), 8);
  for (std::size_t i = 0; i < records; ++i) {
    const Why why = why_of(session, {static_cast<scenarios::RecordIndex>(i), std::nullopt, std::nullopt}, Language::zh);
    texts.insert({why.question, why.about});
    for (const WhyLine& line : why.lines) texts.insert(line.what);
  }
  return texts;
}

void check_all_chinese(const Session& session) {
  const scenarios::Setup& setup = *session.run().setup;
  std::set<std::string> names{setup.hosts.begin(), setup.hosts.end()};
  for (const auto& topic : setup.scenario.cluster.topics) names.insert(topic.name);
  for (const auto& fault : session.run().result.faults) names.insert(fault.id);
  for (const std::string& words : reasons_in_chinese(session)) {
    INFO(words);
    CHECK(english_words(words, names).empty());
  }
  for (const std::string& words : texts_of(session.diagram())) {
    const std::string chinese = translate(Language::zh, words);
    INFO(words << " -> " << chinese);
    CHECK(english_words(chinese, names) == std::vector<std::string>{});
  }
}

}  // namespace

TEST_CASE("nothing of a library scenario's diagram stays English in Chinese") {
  for (const auto& entry : std::filesystem::directory_iterator(std::string(LINGER_SOURCE_DIR) + "/scenarios/library")) {
    if (entry.path().extension() != ".json") continue;
    INFO(entry.path().filename());
    check_all_chinese(*session_of(entry.path().filename()));
  }
}

TEST_CASE("nothing of a random plan's diagram stays English in Chinese") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    INFO(seed);
    check_all_chinese(Session{scenarios::random_plan(seed), ""});
  }
}

TEST_CASE("a text within a text is translated too, and names stay") {
  CHECK(translate(Language::zh, "finds nothing: b1 crashes") == "未命中：b1 崩溃");
  CHECK(translate(Language::zh, "a-0: ok, offset 1, b-0: ok, offset 2") == "a-0：成功，位移 1, b-0：成功，位移 2");
  CHECK(translate(Language::zh, "the message is lost") == "消息丢失");
  CHECK(translate(Language::zh, "sends ok") == "发送 ok");
  CHECK(translate(Language::zh, "nobody knows this") == "nobody knows this");
  CHECK(translate(Language::en, "b1 crashes") == "b1 crashes");
}

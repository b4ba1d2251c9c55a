// The command line's words: what is understood, and the sentence for what is not.
#include <catch2/catch.hpp>
#include <sstream>
#include <string>
#include <variant>
#include <vector>

#include "ui/cli/help.h"
#include "ui/cli/inputs.h"
#include "ui/cli/options.h"

using namespace linger::cli;

namespace {

Arguments understood(const std::vector<std::string>& words) {
  const auto parsed = parse_arguments(words);
  if (const auto* sentence = std::get_if<std::string>(&parsed)) FAIL(*sentence);
  return std::get<Arguments>(parsed);
}

std::string sentence(const std::vector<std::string>& words) {
  const auto parsed = parse_arguments(words);
  return std::holds_alternative<std::string>(parsed) ? std::get<std::string>(parsed) : "";
}

}  // namespace

TEST_CASE("values stand behind their option or behind an equals sign") {
  const Arguments arguments = understood({"run", "--set", "/a=1", "plan.json", "--set=/b=2=3", "--json"});
  CHECK(arguments.verb->name == "run");
  CHECK(arguments.operand == "plan.json");
  CHECK(arguments.all("--set") == std::vector<std::string>{"/a=1", "/b=2=3"});
  CHECK(arguments.has("--json"));
  CHECK_FALSE(arguments.has("--strict"));
  CHECK(understood({"run", "--", "--plan.json"}).operand == "--plan.json");
}

TEST_CASE("a wrong word is named with the nearest right one") {
  CHECK(sentence({"comapre", "x"}).find("did you mean compare?") != std::string::npos);
  CHECK(sentence({"sweep", "--seed", "1"}).find("did you mean --seeds?") != std::string::npos);
  CHECK(sentence({"run", "--input"}).find("--input FILE") != std::string::npos);
  CHECK(sentence({"--jsn"}).find("linger has no option --jsn") != std::string::npos);
}

TEST_CASE("every option that a verb names exists, and completion and help know each of them") {
  const std::string fish = *completion_script("fish");
  for (const VerbInfo& verb : all_verbs()) {
    for (const std::string_view name : verb.options) {
      INFO(verb.name << " " << name);
      REQUIRE(find_option(name) != nullptr);
      CHECK(help_text(verb).find(name) != std::string::npos);
      CHECK(fish.find("-l " + std::string(name.substr(2))) != std::string::npos);
    }
    CHECK(help_text().find(verb.name) != std::string::npos);
    CHECK(find_verb(verb.name) == &verb);
  }
  CHECK_FALSE(completion_script("tcsh"));
}

TEST_CASE("counts are whole numbers up to 2^53 - 1") {
  CHECK(parse_count("20000", 1) == 20000U);
  CHECK(parse_count("9007199254740991", 0) == 9007199254740991U);
  for (const char* text : {"9007199254740992", "0", "-1", "1e3", "", "12 ", "x"}) CHECK_FALSE(parse_count(text, 1));
}

TEST_CASE("the line that repeats a run can be pasted into a shell") {
  CHECK(command_line({"run", "a b.json", "--set", "/title=it's"}) == "linger run 'a b.json' --set '/title=it'\\''s'");
}

TEST_CASE("changes are named by what they change") {
  std::ostringstream err;
  const auto overrides =
      read_overrides(understood({"compare", "x", "--set", "/producers/0/config/acks=1", "--producer-property",
                                 "linger.ms=0", "--behaviour", "broker.deduplication=false"}),
                     err);
  REQUIRE(overrides);
  CHECK(changes_in_words(*overrides) == "linger.ms=0, acks=1, broker.deduplication=false");
  CHECK(err.str().empty());
}

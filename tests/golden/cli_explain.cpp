#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "ui/cli/verbs.h"

using namespace linger;

namespace {

const std::filesystem::path source = LINGER_SOURCE_DIR;

struct Case {
  const char* scenario;
  std::vector<std::string> more = {};
  const char* name = "";  ///< of the file, if not the scenario's
};

/// What linger explain says, without the line that repeats the command: it holds a path.
std::string explained(const Case& one) {
  std::vector<std::string> words{"explain",
                                 (source / "scenarios" / "library" / (std::string(one.scenario) + ".json")).string()};
  words.insert(words.end(), one.more.begin(), one.more.end());
  std::ostringstream out;
  std::ostringstream err;
  const cli::ExitStatus status = cli::run_command_line(words, {out, err, false, false, 0, false});
  CHECK(err.str().empty());
  CHECK(static_cast<int>(status) == 0);
  const std::string text = out.str();
  return text.substr(0, text.find("\nAgain:"));
}

}  // namespace

TEST_CASE("Explanations of the library's scenarios read as written down") {
  const std::vector<Case> cases{
      {"acks1-loss-on-leader-crash"},
      {"unclean-election-truncates"},
      {"last-replica-standing-power-loss"},
      {"lost-ack",
       {"--producer-property", "enable.idempotence=false", "--record", "1"},
       "lost-ack-without-idempotence"},
      {"reorder-without-idempotence"},
      {"producer-restart-duplicates"},
      {"delivery-timeout-but-present"},
      {"buffer-memory-exhausted"},
      {"kafka-14034-known-defect"},
      {"outage-too-long"},
      {"lost-ack", {"--record", "0"}, "lost-ack-late"},
      {"zombie-leader-one-way-cut"},
  };
  for (const Case& one : cases) {
    const std::string name = *one.name == '\0' ? one.scenario : one.name;
    const std::filesystem::path file = source / "tests" / "golden" / "explain" / (name + ".txt");
    const std::string text = explained(one);
    if (std::getenv("LINGER_REWRITE") != nullptr) {
      std::filesystem::create_directories(file.parent_path());
      std::ofstream(file, std::ios::binary) << text;
    }
    std::ifstream stream(file, std::ios::binary);
    const std::string golden{std::istreambuf_iterator<char>(stream), {}};
    INFO(name);
    CHECK(text == golden);
  }
}

// The producer's core driven by the scripts of the Java judge: one JSON command a line in, one line of observable state
// out, byte for byte what the real Java classes answer. A "config" line begins a new producer.

#include <algorithm>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>

#include "tests/differential/script.h"

namespace linger::differential {
namespace {

bool is_blank(const std::string& line) {
  return std::all_of(line.begin(), line.end(), [](char c) { return c == ' ' || c == '\t' || c == '\r'; });
}

int play(std::istream& in, std::ostream& out) {
  std::unique_ptr<Script> script;
  std::string line;
  for (std::int64_t line_number = 1; std::getline(in, line); ++line_number) {
    if (is_blank(line) || line.front() == '#') {
      continue;
    }
    Json answer;
    try {
      const Json command = Json::parse(line);
      answer["n"] = line_number;
      answer["op"] = command.at("op");
      if (command.at("op") == "config") {
        script = std::make_unique<Script>(command);
      } else if (!script) {
        throw Unsupported{"The first command must be \"config\"."};
      }
      try {
        script->run(command, answer);
      } catch (const JavaThrow& thrown) {
        answer["error"] = thrown.error().exception;
      }
    } catch (const Unsupported& unsupported) {
      out.flush();
      std::cerr << "line " << line_number << ": " << unsupported.sentence << '\n';
      return 2;
    } catch (const std::exception& error) {
      out.flush();
      std::cerr << "line " << line_number << ": this is no command: " << error.what() << '\n';
      return 2;
    }
    script->show_state(answer);
    out << answer.dump() << '\n';
  }
  return 0;
}

}  // namespace
}  // namespace linger::differential

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  if (argc <= 1) {
    return linger::differential::play(std::cin, std::cout);
  }
  std::ifstream file(argv[1]);
  if (!file) {
    std::cerr << argv[1] << ": cannot be read\n";
    return 2;
  }
  return linger::differential::play(file, std::cout);
}
